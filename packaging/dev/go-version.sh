#!/bin/sh
# go-version.sh GO: prints nothing when GO is new enough to build Howdah, else one line that says what is wrong and what to do.
# The Makefile asks it before anything else. It uses only the shell, since a fresh machine has nothing more.
set -u
go=${1:-}
need_minor=25
cure="get it from https://go.dev/dl/, put its bin directory on PATH and run make again"

if [ -z "$go" ] || ! command -v "$go" >/dev/null 2>&1; then
	echo "Howdah needs Go 1.$need_minor or later and there is no go on PATH: $cure"
	exit 0
fi

# From / and with GOTOOLCHAIN=local: inside the module Go 1.21 to 1.24 would go and download another Go to answer.
said=$(cd / && GOTOOLCHAIN=local "$go" version 2>&1)
version=${said#go version go}       # "1.26.8 linux/amd64", "1.25rc1 linux/amd64"
version=${version%% *}
major=${version%%.*}
minor=${version#*.}
minor=${minor%%[!0-9]*}
case "$major:$minor" in
*[!0-9:]* | :* | *:)
	# A Go built from source says "go version devel go1.27-abcdef"; anything else is no Go at all.
	case "$said" in
	"go version devel "*) exit 0 ;;
	esac
	echo "Howdah needs Go 1.$need_minor or later and \"$go version\" does not answer like Go: $cure"
	;;
*)
	if [ "$major" -lt 1 ] || { [ "$major" -eq 1 ] && [ "$minor" -lt "$need_minor" ]; }; then
		echo "Howdah needs Go 1.$need_minor or later and $(command -v "$go") is Go $version: $cure"
	fi
	;;
esac
