package config

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// typeName says what toml made of a value, in words.
func typeName(raw any) string {
	switch raw.(type) {
	case string:
		return "a string"
	case int64:
		return "a whole number"
	case float64:
		return "a number with a fraction"
	case bool:
		return "true or false"
	case time.Time:
		return "a date"
	case map[string]any:
		return "a table"
	}
	return "a list"
}

// wrongType is the fault of a value that should have been what wanted says.
func wrongType(raw any, wanted, hint string) *fault {
	value := ""
	switch raw := raw.(type) {
	case string:
		value = strconv.Quote(raw) + " "
	case int64, float64:
		value = fmt.Sprint(raw) + " "
	case bool:
		return &fault{fmt.Sprintf("%v is not %s", raw, wanted), hint}
	}
	return &fault{fmt.Sprintf("%sis %s, not %s", value, typeName(raw), wanted), hint}
}

func write(hint string) string { return "write " + hint }

// plainString wants a string that is not empty and holds no control characters.
func plainString(raw any, hint string) (string, error) {
	s, ok := raw.(string)
	if !ok {
		return "", wrongType(raw, "a string", hint)
	}
	if s == "" {
		return "", &fault{"is empty", "leave the key out, or give it a value"}
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", &fault{strconv.Quote(s) + " holds a control character", ""}
	}
	return s, nil
}

// quote writes s as a TOML string; "" stays "", as it means unset.
func quote(s string) string {
	if s == "" {
		return ""
	}
	return basicString(s)
}

// basicString writes s as a TOML basic string.
func basicString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// oneOf is one of a few words.
func oneOf(words ...string) kind[string] {
	choice := `"` + strings.Join(words, `", "`) + `"`
	return kind[string]{
		word: strings.Join(words, ", "),
		read: func(_ System, raw any) (string, error) {
			s, err := plainString(raw, "one of "+choice)
			if err != nil {
				return "", err
			}
			for _, w := range words {
				if s == w {
					return s, nil
				}
			}
			if near := nearest(s, words); near != "" {
				return "", &fault{strconv.Quote(s) + " is none of " + choice, fmt.Sprintf("did you mean %q?", near)}
			}
			return "", &fault{strconv.Quote(s) + " is none of " + choice, ""}
		},
		write: quote,
	}
}

// toggle is true or false.
func toggle() kind[bool] {
	return kind[bool]{
		word: "true or false",
		read: func(_ System, raw any) (bool, error) {
			if on, ok := raw.(bool); ok {
				return on, nil
			}
			return false, wrongType(raw, "true or false", "write true or false without quotes")
		},
		write: strconv.FormatBool,
	}
}

// mode is file permissions in octal, as a string: a TOML number would be decimal.
func mode() kind[os.FileMode] {
	return kind[os.FileMode]{
		word: "octal string",
		read: func(_ System, raw any) (os.FileMode, error) {
			if n, ok := raw.(int64); ok {
				return 0, wrongType(n, "an octal string", `write for example "0660"`)
			}
			s, err := plainString(raw, `write for example "0660"`)
			if err != nil {
				return 0, err
			}
			n, err := strconv.ParseUint(s, 8, 32)
			if err != nil || n > 0o777 {
				return 0, &fault{strconv.Quote(s) + " is not an octal mode", `write for example "0660"`}
			}
			return os.FileMode(n), nil
		},
		write: func(m os.FileMode) string { return fmt.Sprintf(`"%04o"`, uint32(m)) },
	}
}
