#!/bin/sh
# run.sh HOWDAH SITE LISTEN: what `make run` does when everything is built.
set -eu
howdah=$1
site=$2
listen=$3

echo "http://$listen shows $site (Ctrl-C stops it)"
exec "$howdah" serve --root "$site" --listen "$listen"
