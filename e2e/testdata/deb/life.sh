#!/bin/sh
# life.sh OLD.deb NEW.deb DIR: installs, upgrades, removes and purges the package in a copy of this machine that is thrown away (an overlay in DIR), and
# says what it sees, a word and a value a line. Run it by `unshare --mount --pid --fork --kill-child`: what it starts and mounts ends with it.
# systemd does not run in the copy; systemctl there is a script that notes how it was called, and starts and stops the unit's program.
set -eu
old=$1 new=$2 dir=$3

mount -t tmpfs tmpfs "$dir"
mkdir "$dir/upper" "$dir/work" "$dir/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
root=$dir/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for place in run tmp var/log; do mount -t tmpfs tmpfs "$root/$place"; done
mkdir -p "$root/run/systemd/system" "$root/run/lock" "$root/srv/site"
cp "$old" "$root/srv/old.deb"
cp "$new" "$root/srv/new.deb"
echo '<?php echo "PHP answers";' >"$root/srv/site/page.php"
rm -f "$root/usr/sbin/policy-rc.d"

cat >"$root/usr/bin/systemctl.new" <<'SYSTEMCTL'
#!/bin/sh
echo "$*" >>/srv/calls
for word; do last=$word; done
case "$*" in
*list-units*) cat /srv/fpm 2>/dev/null ;;
*is-active*) [ -e /srv/pid ] ;;
*is-enabled*) [ ! -e "/etc/systemd/system/multi-user.target.wants/$last" ] || echo enabled ;;
*daemon-reload*) ;;
*--root=*) exec /usr/bin/systemctl.real "$@" ;; # files only, no systemd needed
*start*howdah.service* | *restart*howdah.service*)
	[ ! -e /srv/pid ] || systemctl stop howdah.service
	mkdir -p /run/howdah
	$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/howdah.service) >>/srv/journal 2>&1 &
	echo $! >/srv/pid
	while [ ! -S /run/howdah/www.sock ]; do kill -0 "$(cat /srv/pid)" && sleep 0.1; done
	;;
*reload*howdah.service*) kill -USR2 "$(cat /srv/pid)" ;;
*stop*howdah.service*)
	[ -e /srv/pid ] || exit 0
	kill "$(cat /srv/pid)"
	while [ -e "/proc/$(cat /srv/pid)/exe" ]; do sleep 0.1; done
	rm /srv/pid
	;;
esac
SYSTEMCTL
chmod 755 "$root/usr/bin/systemctl.new"
mv "$root/usr/bin/systemctl" "$root/usr/bin/systemctl.real"
mv "$root/usr/bin/systemctl.new" "$root/usr/bin/systemctl"

inside() { chroot "$root" "$@"; }
page() {
	inside env REQUEST_METHOD=GET SCRIPT_NAME=/page.php SCRIPT_FILENAME=/srv/site/page.php cgi-fcgi -bind -connect /run/howdah/www.sock | tail -n 1
}
files() { inside find /etc /usr /var/lib/systemd /var/log -xdev -path '*howdah*' | sort | tr '\n' ' '; }
calls() { [ ! -e "$root/srv/calls" ] || grep -E '^(start|restart|reload|stop|--.* (start|restart|reload|stop)) ' "$root/srv/calls" | tr '\n' ';'; rm -f "$root/srv/calls"; }

echo "before: $(files)"
inside dpkg -i /srv/old.deb >/dev/null
echo "installed: $(inside howdah version)"
echo "install calls: $(calls)"
echo "page: $(page)"
echo "# edited by the operator" >>"$root/etc/howdah/pool.toml"
inside dpkg -i /srv/new.deb >/dev/null
echo "upgraded: $(inside howdah version)"
echo "upgrade calls: $(calls)"
echo "conffile: $(tail -n 1 "$root/etc/howdah/pool.toml")"
echo "page: $(page)"
inside dpkg-trigger --by-package=php8.2-cgi /etc/php/8.2/cgi/conf.d
inside dpkg --triggers-only howdah
echo "trigger calls: $(calls)"
inside dpkg -r howdah >/dev/null
echo "remove calls: $(calls)"
echo "running after remove: $([ ! -e "$root/srv/pid" ] && echo none)"
echo "conffile after remove: $(tail -n 1 "$root/etc/howdah/pool.toml")"
inside dpkg -P howdah >/dev/null 2>&1
echo "after: $(files)"
echo "php8.2-fpm.service loaded active running" >"$root/srv/fpm"
echo "beside php-fpm: $(inside dpkg -i /srv/new.deb | grep '^howdah: php-fpm runs')"
echo "calls beside php-fpm: $(calls)"
echo "enabled beside php-fpm: $([ -e "$root/etc/systemd/system/multi-user.target.wants/howdah.service" ] || echo no)"
