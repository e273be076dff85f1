package php

import (
	_ "embed"
	"strings"
)

//go:embed preload.php
var template string

//go:embed websocket.php
var websocket string

// Probe is probe.php: the request that proves that preload.php has done its work.
//
//go:embed probe.php
var Probe string

// Placeholders in preload.php.
const (
	tokenMark  = "@HOWDAH_TOKEN@"
	socketMark = "@HOWDAH_SOCKET@"
	afterMark  = "/*@HOWDAH_AFTER@*/"
)

// Preload returns preload.php with its token, a word of letters and digits, the path of the pool's client socket ("": there is none),
// and with PHP statements to run after it.
func Preload(template, token, socket, after string) string {
	return strings.NewReplacer(tokenMark, token, "'"+socketMark+"'", Quote(socket), afterMark, after).Replace(template)
}

// Template returns what a pool's scripts have, as it stands in the repository: preload.php, and websocket.php behind it.
func Template() string {
	_, rest, _ := strings.Cut(websocket, "<?php")
	before, last, _ := strings.Cut(template, "\nnamespace {\n    "+afterMark)
	return before + rest + "\nnamespace {\n    " + afterMark + last
}

// Quote returns s as a PHP string literal.
func Quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
