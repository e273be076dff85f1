package fpmconf

import "strings"

// The character classes of zend_ini_scanner.l.

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isLabel is LABEL_CHAR.
func isLabel(c byte) bool { return strings.IndexByte("=\n\r\t;&|^$~(){}!\"[\x00", c) < 0 }

// isValue is VALUE_CHARS but for the dollar.
func isValue(c byte) bool { return strings.IndexByte("$= \t\n\r;&|^~()!\"'\x00", c) < 0 }

// isBracketed is SECTION_VALUE_CHARS but for dollar and backslash.
func isBracketed(c byte) bool { return strings.IndexByte("$\n\r;\"']\\", c) < 0 }

// span is how many bytes at the start of s are in the class.
func span(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

// runOf is span for the classes with LITERAL_DOLLAR, which takes whatever follows it but a '{', and with escapes in brackets.
func runOf(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) {
		switch {
		case in(s[n]):
			n++
		case s[n] == '$' && n+1 < len(s) && s[n+1] == '\\' && n+2 < len(s):
			n += 3
		case s[n] == '$' && n+1 < len(s) && s[n+1] != '{' && s[n+1] != 0:
			n += 2
		case s[n] == '\\' && n+1 < len(s): // only in brackets: it is an ordinary character of a value
			n += 2
		default:
			return n
		}
	}
	return n
}

// lineEnd is the length of the NEWLINE at the start of s, or 0.
func lineEnd(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case strings.HasPrefix(s, "\n"), strings.HasPrefix(s, "\r"):
		return 1
	}
	return 0
}

// commentEnd is the length of the comment at the start of s with the newline that closes it, or 0.
func commentEnd(s string) int {
	if !strings.HasPrefix(s, ";") {
		return 0
	}
	n := strings.IndexAny(s, "\r\n")
	if n < 0 {
		return 0
	}
	return n + lineEnd(s[n:])
}

// wordToken finds one of the words that are values of their own, with the blanks behind it.
func wordToken(s string) (token, int) {
	n := span(s, func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' })
	t := token{kind: falseToken}
	switch strings.ToLower(s[:n]) {
	case "true", "on", "yes":
		t = token{kind: trueToken, text: "1"}
	case "false", "off", "no", "none":
	case "null":
		t.kind = nullToken
	default:
		return token{}, 0
	}
	return t, n + span(s[n:], isBlank)
}

func isConstant(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' || i > 0 && '0' <= c && c <= '9') {
			return false
		}
	}
	return s != ""
}

// isNumber is NUMBER: an integer, or a fraction without a sign.
func isNumber(s string) bool {
	whole, fraction, dot := strings.Cut(s, ".")
	if dot {
		return whole+fraction != "" && isDigits(whole+fraction)
	}
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && isDigits(digits)
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
