#!/bin/sh
# fuzz.sh GO TIME: runs every fuzz target of the module for TIME, one after the other, and stops at the first that fails.
set -eu
go=$1
time=$2

packages=$("$go" list ./...)
for package in $packages; do
	targets=$("$go" test -list '^Fuzz' "$package")
	for target in $targets; do
		case "$target" in
		Fuzz*)
			echo "== $package $target"
			"$go" test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
			;;
		esac
	done
done
