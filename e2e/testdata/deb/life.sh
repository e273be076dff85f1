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
unit=
for word; do
	last=$word
	case "$word" in howdah.service | php*-fpm.service) unit=$word ;; esac
done
pid=/srv/pid.$unit
case "$unit" in
php8.2-fpm.service) file=/usr/share/doc/howdah/migrate/php-fpm.service.d.conf socket=/run/php/php8.2-fpm.sock ;;
*) file=/usr/lib/systemd/system/howdah.service socket=/run/howdah/www.sock ;;
esac
case "$*" in
*list-units*) cat /srv/fpm 2>/dev/null ;;
*"show --property=MainPID --value"*) cat "$pid" ;;
*is-active*) [ -e "$pid" ] ;;
*is-enabled*) [ ! -e "/etc/systemd/system/multi-user.target.wants/$last" ] || echo enabled ;;
*daemon-reload*) ;;
*--root=*) exec /usr/bin/systemctl.real "$@" ;; # files only, no systemd needed
*start*.service*)
	[ ! -e "$pid" ] || systemctl stop "$unit"
	mkdir -p "${socket%/*}"
	$(sed -n 's,^ExecStart=/,/,p' "$file") >>/srv/journal 2>&1 &
	echo $! >"$pid"
	while [ ! -S "$socket" ]; do kill -0 "$(cat "$pid")" && sleep 0.1; done
	;;
*reload*.service*) kill -USR2 "$(cat "$pid")" ;;
*stop*howdah.service* | *stop*php8.2-fpm.service*)
	[ -e "$pid" ] || exit 0
	kill "$(cat "$pid")"
	while [ -e "/proc/$(cat "$pid")/exe" ]; do sleep 0.1; done
	rm "$pid"
	;;
esac
SYSTEMCTL
chmod 755 "$root/usr/bin/systemctl.new"
mv "$root/usr/bin/systemctl" "$root/usr/bin/systemctl.real"
mv "$root/usr/bin/systemctl.new" "$root/usr/bin/systemctl"

inside() { chroot "$root" "$@"; }
page() {
	inside env REQUEST_METHOD=GET SCRIPT_NAME=/page.php SCRIPT_FILENAME=/srv/site/page.php cgi-fcgi -bind -connect "$1" | tail -n 1
}
files() { inside find /etc /usr /var/lib/systemd /var/log -xdev -path '*howdah*' | sort | tr '\n' ' '; }
calls() { [ ! -e "$root/srv/calls" ] || grep -E '^(start|restart|reload|stop|--.* (start|restart|reload|stop)) ' "$root/srv/calls" | tr '\n' ';'; rm -f "$root/srv/calls"; }

echo "before: $(files)"
inside dpkg -i /srv/old.deb >/dev/null
echo "installed: $(inside howdah version)"
echo "install calls: $(calls)"
echo "page: $(page /run/howdah/www.sock)"
echo "# edited by the operator" >>"$root/etc/howdah/pool.toml"
# Of three units of php-fpm one runs Howdah by the drop-in, one another program, and one's process has gone.
inside systemctl start php8.2-fpm.service
sleep 1000 &
echo $! >"$root/srv/pid.php8.3-fpm.service"
echo 0 >"$root/srv/pid.php8.4-fpm.service"
printf 'php8.%s-fpm.service loaded active running\n' 2 3 4 >"$root/srv/fpm"
echo "page of the drop-in: $(page /run/php/php8.2-fpm.sock)"
before=$(cat "$root/srv/pid.php8.2-fpm.service")
rm "$root/srv/calls"
inside dpkg -i /srv/new.deb >/dev/null
echo "upgraded: $(inside howdah version)"
echo "upgrade calls: $(calls)"
echo "conffile: $(tail -n 1 "$root/etc/howdah/pool.toml")"
echo "page: $(page /run/howdah/www.sock)"
inside dpkg-trigger --by-package=php8.2-cgi /etc/php/8.2/cgi/conf.d
inside dpkg --triggers-only howdah
echo "trigger calls: $(calls)"
echo "page of the drop-in: $(page /run/php/php8.2-fpm.sock)"
echo "process of the drop-in: $([ "$before" = "$(cat "$root/srv/pid.php8.2-fpm.service")" ] || echo another)"
inside systemctl stop php8.2-fpm.service
rm "$root/srv/calls" "$root/srv/fpm"
inside dpkg -r howdah >/dev/null
echo "remove calls: $(calls)"
echo "running after remove: $([ ! -e "$root/srv/pid.howdah.service" ] && echo none)"
echo "conffile after remove: $(tail -n 1 "$root/etc/howdah/pool.toml")"
inside dpkg -P howdah >/dev/null 2>&1
echo "after: $(files)"
echo "php8.2-fpm.service loaded active running" >"$root/srv/fpm"
echo "beside php-fpm: $(inside dpkg -i /srv/new.deb | grep '^howdah: php-fpm runs')"
echo "calls beside php-fpm: $(calls)"
echo "enabled beside php-fpm: $([ -e "$root/etc/systemd/system/multi-user.target.wants/howdah.service" ] || echo no)"
