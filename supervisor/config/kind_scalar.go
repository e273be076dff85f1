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

// whole is a whole number from low to high.
func whole(low, high int) kind[int] {
	return kind[int]{
		word: "number",
		read: func(_ System, raw any) (int, error) {
			n, ok := raw.(int64)
			if !ok {
				return 0, wrongType(raw, "a whole number", unquoted(raw))
			}
			if n < int64(low) {
				return 0, &fault{fmt.Sprintf("%d is less than %d", n, low), ""}
			}
			if n > int64(high) {
				return 0, &fault{fmt.Sprintf("%d is more than %d", n, high), ""}
			}
			return int(n), nil
		},
		write: strconv.Itoa,
	}
}

// unquoted hints at a number that stands in quotes.
func unquoted(raw any) string {
	if s, ok := raw.(string); ok {
		if _, err := strconv.Atoi(s); err == nil {
			return write(s + " without quotes")
		}
	}
	return ""
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

// duration is a time of at least low; when low is 0, "off" means 0.
func duration(low time.Duration) kind[time.Duration] {
	return kind[time.Duration]{
		word: "duration",
		read: func(_ System, raw any) (time.Duration, error) {
			var d time.Duration
			switch raw := raw.(type) {
			case int64:
				if raw != 0 {
					return 0, &fault{fmt.Sprintf("%d has no unit", raw), write(fmt.Sprintf("%q if you mean seconds", fmt.Sprint(raw)+"s"))}
				}
			case string:
				if raw == "off" && low == 0 {
					return 0, nil
				}
				var err error
				if d, err = parseDuration(raw); err != nil {
					return 0, &fault{err.Error(), `write for example "500ms", "30s", "5m", "2h" or "1d"`}
				}
			default:
				return 0, wrongType(raw, "a duration", `write for example "30s"`)
			}
			if d < low {
				return 0, &fault{fmt.Sprintf("%q is less than %q", formatDuration(d), formatDuration(low)), ""}
			}
			return d, nil
		},
		write: func(d time.Duration) string { return quote(formatDuration(d)) },
	}
}

// size is a number of bytes of at least low; when low is 0, "off" means 0.
func size(low ByteSize) kind[ByteSize] {
	return kind[ByteSize]{
		word: "size",
		read: func(_ System, raw any) (ByteSize, error) {
			var b ByteSize
			switch raw := raw.(type) {
			case int64:
				if raw != 0 {
					return 0, &fault{fmt.Sprintf("%d has no unit", raw), write(fmt.Sprintf("%q if you mean bytes", fmt.Sprint(raw)+"B"))}
				}
			case string:
				if raw == "off" && low == 0 {
					return 0, nil
				}
				var err error
				if b, err = parseByteSize(raw); err != nil {
					return 0, &fault{err.Error(), `write for example "512B", "256K", "1M" or "2G"`}
				}
			default:
				return 0, wrongType(raw, "a size", `write for example "256K"`)
			}
			if b < low {
				return 0, &fault{fmt.Sprintf("%q is less than %q", b, low), ""}
			}
			return b, nil
		},
		write: func(b ByteSize) string { return quote(b.String()) },
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

// nice is a process priority; nil leaves it as it is.
func nice() kind[*int] {
	number := whole(-20, 19)
	return kind[*int]{
		word: "number",
		read: func(s System, raw any) (*int, error) {
			n, err := number.read(s, raw)
			return &n, err
		},
		write: func(n *int) string {
			if n == nil {
				return ""
			}
			return strconv.Itoa(*n)
		},
	}
}

// rlimit is a resource limit; nil (written 0, as in php-fpm) leaves it as it is.
func rlimit() kind[*uint64] {
	return kind[*uint64]{
		word: `number or "unlimited"`,
		read: func(_ System, raw any) (*uint64, error) {
			n, ok := raw.(int64)
			limit := uint64(n)
			switch {
			case raw == "unlimited":
				limit = Unlimited
			case !ok:
				return nil, wrongType(raw, `a whole number or "unlimited"`, unquoted(raw))
			case n < 0:
				return nil, &fault{fmt.Sprintf("%d is less than 0", n), ""}
			case n == 0:
				return nil, nil
			}
			return &limit, nil
		},
		write: func(n *uint64) string {
			switch {
			case n == nil:
				return "0"
			case *n == Unlimited:
				return `"unlimited"`
			}
			return strconv.FormatUint(*n, 10)
		},
	}
}
