package worker

import (
	"fmt"
	"strings"
)

// parseINI reads lines of NAME=VALUE as PHP's own parser does (Zend/zend_ini_scanner.l, INI_SCANNER_NORMAL), as far as php-fpm
// takes them from a web server. Not read are constants and operators, but for error_reporting, and ${NAME}: what needs them is
// left out, with a problem, and never taken for something else.
func parseINI(text string) (settings []Setting, problems []string) {
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.Trim(line, " \t")
		if line == "" || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			problems = append(problems, "only classic entries are allowed")
			continue
		}
		name, raw, ok := strings.Cut(line, "=")
		name = strings.TrimRight(name, " \t")
		switch {
		case name == "":
			problems = append(problems, "empty key")
			continue
		case strings.HasSuffix(name, "]"):
			problems = append(problems, "only classic entries are allowed")
			continue
		case !iniName.MatchString(name):
			problems = append(problems, fmt.Sprintf("unable to set '%s'", name))
			continue
		case !ok:
			problems = append(problems, fmt.Sprintf("empty value for key '%s'", name))
			continue
		}
		raw = strings.Trim(raw, " \t")
		if name == "error_reporting" && errorLevel.MatchString(raw) {
			settings = append(settings, Setting{name, raw})
			continue
		}
		value, err := iniText(raw)
		if err != nil {
			problems = append(problems, fmt.Sprintf("unable to set '%s': %v", name, err))
			continue
		}
		settings = append(settings, Setting{name, value})
	}
	return settings, problems
}

// iniText is the text that stands for itself in an ini file's value.
func iniText(raw string) (string, error) {
	var b strings.Builder
	plain := true // nothing of it is quoted
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"' || c == '\'':
			n := quotedLen(raw[i:])
			if n == 0 {
				return "", fmt.Errorf("the quote %c is not closed", c)
			}
			text := raw[i+1 : i+n-1]
			if c == '"' {
				if strings.Contains(text, "${") {
					return "", fmt.Errorf("${ is not read here")
				}
				text = unescaped(text)
			}
			b.WriteString(text)
			plain = false
			i += n
		case c == ';':
			i = len(raw)
		case strings.IndexByte("=&|^~()!{", c) >= 0 || strings.HasPrefix(raw[i:], "${"):
			return "", fmt.Errorf("%q stands for more than itself there: put the value in quotes", c)
		case c == 0:
			return "", fmt.Errorf("it holds a NUL")
		default:
			b.WriteByte(c)
			i++
		}
	}
	if !plain {
		return strings.TrimRight(b.String(), " \t"), nil
	}
	text := strings.TrimRight(b.String(), " \t")
	switch strings.ToLower(text) {
	case "true", "on", "yes":
		return "1", nil
	case "false", "off", "no", "none", "null":
		return "", nil
	}
	return text, nil
}

// quotedLen is the length of the quoted text that s begins with, quotes included; 0 if it does not end.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return i + 1
		case s[i] == '\\' && s[0] == '"':
			i++
		}
	}
	return 0
}

// unescaped takes away the backslash before a quote or another backslash.
func unescaped(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
