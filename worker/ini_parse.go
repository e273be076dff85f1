package worker

import (
	"fmt"
	"regexp"
	"strings"
)

// iniVariable is ${NAME} at the begin of a text.
var iniVariable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// parseINI reads lines of NAME=VALUE as PHP's own parser does (Zend/zend_ini_scanner.l, INI_SCANNER_NORMAL), as far as php-fpm
// takes them from a web server. ${NAME} stands for a variable of env, lines of NAME=VALUE; one that is not there is a problem, since
// for PHP it would be nothing at all. Not read are constants and operators, but for error_reporting: what needs them is left out,
// with a problem, and never taken for something else.
func parseINI(text string, env []string) (settings []Setting, problems []string) {
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
		value, err := iniText(raw, env)
		if err != nil {
			problems = append(problems, fmt.Sprintf("unable to set '%s': %v", name, err))
			continue
		}
		settings = append(settings, Setting{name, value})
	}
	return settings, problems
}

// iniText is the text that an ini file's value stands for.
func iniText(raw string, env []string) (string, error) {
	var b strings.Builder
	fixed := 0 // so much is quoted or a variable's: it keeps its spaces, and the whole is no word with a meaning
	plain := true
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"' || c == '\'':
			n := quotedLen(raw[i:])
			if n == 0 {
				return "", fmt.Errorf("the quote %c is not closed", c)
			}
			text := raw[i+1 : i+n-1]
			if c == '"' {
				var err error
				if text, err = iniQuoted(text, env); err != nil {
					return "", err
				}
			}
			b.WriteString(text)
			plain, fixed = false, b.Len()
			i += n
		case c == ';':
			i = len(raw)
		case strings.HasPrefix(raw[i:], "${"):
			if _, ok := iniWord(b.String()); plain && ok || strings.HasSuffix(b.String(), `\`) {
				return "", fmt.Errorf("${ can't stand there: put the value in quotes")
			}
			value, n, err := iniExpand(raw[i:], env)
			if err != nil {
				return "", err
			}
			b.WriteString(value)
			plain, fixed = false, b.Len()
			i += n
		case strings.IndexByte("=&|^~()!{", c) >= 0:
			return "", fmt.Errorf("%q stands for more than itself there: put the value in quotes", c)
		case c == 0:
			return "", fmt.Errorf("it holds a NUL")
		case c == '$' && i+1 < len(raw) && raw[i+1] == '$': // the second does not begin a variable
			b.WriteString("$$")
			i += 2
		default:
			b.WriteByte(c)
			i++
		}
	}
	text := b.String()
	text = text[:fixed] + strings.TrimRight(text[fixed:], " \t")
	if word, ok := iniWord(text); plain && ok {
		return word, nil
	}
	return text, nil
}

// iniWord is what a word with a meaning of its own stands for.
func iniWord(text string) (value string, ok bool) {
	switch strings.ToLower(strings.TrimRight(text, " \t")) {
	case "true", "on", "yes":
		return "1", true
	case "false", "off", "no", "none", "null":
		return "", true
	}
	return "", false
}

// iniExpand is the value of the variable that s begins with, and the length of its mention.
func iniExpand(s string, env []string) (value string, n int, err error) {
	m := iniVariable.FindStringSubmatch(s)
	if m == nil {
		return "", 0, fmt.Errorf("${ begins no ${NAME}")
	}
	for _, e := range env {
		if name, value, _ := strings.Cut(e, "="); name == m[1] {
			return value, len(m[0]), nil
		}
	}
	return "", 0, fmt.Errorf("the workers' environment has no %s", m[1])
}

// iniQuoted is the text that stands between double quotes: a backslash is taken away before a quote, another backslash and $.
func iniQuoted(s string, env []string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, `\"`) || strings.HasPrefix(rest, `\\`) || strings.HasPrefix(rest, `\$`):
			b.WriteByte(s[i+1])
			i++
		case strings.HasPrefix(rest, "${"):
			value, n, err := iniExpand(rest, env)
			if err != nil {
				return "", err
			}
			b.WriteString(value)
			i += n - 1
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), nil
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
