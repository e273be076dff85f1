#!/bin/sh
# build.sh GO NFPM VERSION OUT BINARY: makes OUT/howdah_VERSION_ARCH.deb of the program and the documents. Called by make deb.
set -eu
go=$1 nfpm=$2 version=$3 out=$4 binary=$5

# A Debian version begins with a digit; what git describe says of a tree without a tag does not.
version=${version#v}
case $version in
[0-9]*.[0-9]*) ;;
*) version="0.0~git.$version" ;;
esac
VERSION=$(printf %s "$version" | tr -- - +)
ARCH=$("$go" env GOARCH)
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT
export VERSION ARCH STAGE

doc=$STAGE/usr/share/doc/howdah
install -D -m 755 "$binary" "$STAGE/usr/bin/howdah"
for unit in howdah.service howdah.socket; do
	install -D -m 644 "packaging/$unit" "$STAGE/usr/lib/systemd/system/$unit"
done
for php in 8.1 8.2 8.3 8.4 8.5; do
	mkdir -p "$STAGE/usr/lib/howdah"
	ln -s ../../bin/howdah "$STAGE/usr/lib/howdah/php-fpm$php"
done
mkdir -p "$doc"
for text in README.md pool.toml.example docs/*.md; do
	install -m 644 "$text" "$doc/"
done
cp -r packaging/nginx packaging/apache packaging/lighttpd packaging/caddy packaging/migrate packaging/howdah.service.d "$doc/"
chmod -R u=rwX,go=rX "$doc"
{
	echo 'Howdah, PHP workers behind nginx in the place of php-fpm.'
	echo
	cat LICENSE
} >"$doc/copyright"
{
	echo "howdah ($VERSION) unstable; urgency=medium"
	echo
	echo '  * See CHANGELOG.md.'
	echo
	echo " -- The Howdah developers <howdah@howdah.example>  $(date -R -u -r CHANGELOG.md)"
} | gzip -9n >"$doc/changelog.gz"
gzip -9n <CHANGELOG.md >"$doc/CHANGELOG.md.gz"

install -d "$STAGE/usr/share/lintian/overrides"
cat >"$STAGE/usr/share/lintian/overrides/howdah" <<'EOF'
# Go without cgo: nothing to link to.
howdah: statically-linked-binary [usr/bin/howdah]
# For those who may read logs.
howdah: non-standard-dir-perm 0750 != 0755 [var/log/howdah/]
EOF

"$STAGE/usr/bin/howdah" man "$STAGE/usr/share/man/man1"
gzip -9n "$STAGE"/usr/share/man/man1/*
for shell in bash:bash-completion/completions/howdah zsh:zsh/vendor-completions/_howdah fish:fish/vendor_completions.d/howdah.fish; do
	mkdir -p "$STAGE/usr/share/$(dirname "${shell#*:}")"
	"$STAGE/usr/bin/howdah" completion "${shell%%:*}" >"$STAGE/usr/share/${shell#*:}"
done

mkdir -p "$out"
"$go" run "$nfpm" package --config packaging/deb/nfpm.yaml --packager deb --target "$out/"
