#!/bin/sh
# deps.sh PACKAGE...: installs the Debian packages that are missing, and does and says nothing when none is.
# A service that comes with a package (nginx, php8.2-fpm) is not started now; it is enabled for the next boot as Debian does.
set -eu

missing=
for package in "$@"; do
	case "$package" in
	ca-certificates) # Go fetches modules by https; any way to have the certificates will do
		if [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ]; then
			continue
		fi
		;;
	esac
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing:$missing (Debian's names): install them with this system's package manager and run make again" >&2
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "missing:$missing; install them and run make again:  sudo sh packaging/dev/deps.sh$missing" >&2
	exit 1
fi

echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive

# Debian starts a service as soon as its package is installed, unless policy-rc.d forbids it. Ours is gone when this script ends.
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d} # the variable is for the test of this script
if [ ! -e "$policy" ]; then
	trap 'rm -f "$policy"' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

log=$(mktemp)
install() {
	# shellcheck disable=SC2086 # $missing is a list of words
	apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 $missing >"$log" 2>&1 </dev/null
}
# The first try spares the update: on most machines the lists are fresh enough.
if ! install; then
	if ! apt-get update -q >"$log" 2>&1 </dev/null || ! install; then
		tail -n 20 "$log" >&2
		echo "could not install$missing; apt-get's last lines are above, all of them in $log" >&2
		exit 1
	fi
fi
rm -f "$log"
