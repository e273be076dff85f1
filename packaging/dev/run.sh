#!/bin/sh
# run.sh HOWDAH SITE LISTEN: what `make run` does when everything is built: it serves SITE until Ctrl-C.
#
# As root Howdah runs PHP as the owner of SITE, or as www-data when root owns it. In a checkout below /root, which nobody else may enter,
# www-data could not read the site. Then a copy is served, so that the first look works everywhere.
set -eu
howdah=$1
site=$2
listen=$3

if [ "$(id -u)" -eq 0 ] && [ -d "$site" ]; then
	user=$(stat -c %U "$site")
	[ "$user" != root ] || user=www-data
	whole=$(cd "$site" && pwd) # a relative path would lead past the directories above
	if ! runuser -u "$user" -- test -r "$whole" -a -x "$whole" 2>/dev/null; then
		copy=$(mktemp -d)
		trap 'rm -rf "$copy"' EXIT
		trap : INT TERM # Howdah gets them too; wait for it
		cp -R "$site/." "$copy"
		chown -R "$user": "$copy"
		chmod 755 "$copy"
		echo "$user can't read $whole: serving a copy, changes to the original don't show"
		"$howdah" serve --root "$copy" --listen "$listen"
		exit
	fi
fi
exec "$howdah" serve --root "$site" --listen "$listen"
