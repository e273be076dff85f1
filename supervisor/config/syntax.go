package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// syntaxProblem says what the parser found. It stops at the first error, so there is one only.
func syntaxProblem(name string, text []byte, err error) Problem {
	p := Problem{File: name, Line: 1, Text: strings.TrimPrefix(err.Error(), "toml: ")}
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return p
	}
	p.Line = max(1, parse.Position.Line)
	p.Text = strings.TrimSuffix(parse.Message, ".")
	lines := strings.SplitAfter(string(text), "\n")
	if p.Line > len(lines) {
		p.Line = len(lines)
	}
	before := indexLines([]byte(strings.Join(lines[:p.Line-1], "")))
	p.Hint = syntaxHint(lines[p.Line-1])
	if defined := strings.TrimPrefix(p.Text, "Key '"); defined != p.Text && p.Hint == "" {
		for path, at := range before.places {
			if strings.HasPrefix(defined, toml.Key(strings.Split(path, "\x00")).String()+"' ") {
				p.Hint = "in line " + strconv.Itoa(at.line)
			}
		}
	}
	return p
}

var (
	phpArray  = regexp.MustCompile(`^\s*((?:php_(?:admin_)?(?:value|flag)|env)\[)([^\]]*)\]`)
	bareWord  = regexp.MustCompile(`^\s*[\w.-]+\s*=\s*([^\s"'\[{#;][^#;]*?)\s*(?:[#;].*)?$`)
	dottedKey = regexp.MustCompile(`^\s*([\w-]+(?:\.[\w-]+)+)\s*=`)
)

// syntaxHint looks at the line of a syntax error for what people bring along from php-fpm.
func syntaxHint(line string) string {
	line = strings.TrimRight(line, "\r\n")
	if strings.HasPrefix(strings.TrimSpace(line), ";") {
		return "comments begin with '#'"
	}
	if m := phpArray.FindStringSubmatch(line); m != nil {
		return write(fmt.Sprintf("%s.%s = ...", strings.TrimSuffix(m[1], "["), m[2]))
	}
	if m := dottedKey.FindStringSubmatch(line); m != nil {
		plain := strings.ReplaceAll(m[1], ".", "_")
		for _, h := range []home{globalHome(), poolHome()} {
			if slices.Contains(h.names, plain) {
				return hintFor(h, m[1])
			}
		}
	}
	if m := bareWord.FindStringSubmatch(line); m != nil {
		if _, err := strconv.ParseFloat(m[1], 64); err != nil && m[1] != "true" && m[1] != "false" {
			return "text stands in quotes: " + basicString(m[1])
		}
	}
	return ""
}
