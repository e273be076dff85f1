package statuspage

import (
	"strings"
	"unicode/utf8"
)

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// escapeMarkup is htmlspecialchars with ENT_COMPAT: of a text that is not UTF-8 nothing is left.
func escapeMarkup(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	return markup.Replace(s)
}

const hex = "0123456789abcdef"

// escapeJSON is json_encode without its quotes: slashes escaped, everything ASCII. Bytes that are not UTF-8 are left out.
func escapeJSON(s string) string {
	var b strings.Builder
	unit := func(u rune) {
		b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(hex[u>>shift&0xf])
		}
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
		case r == '"' || r == '\\' || r == '/':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r > 0x7f && r <= 0xffff:
			unit(r)
		case r > 0xffff:
			unit(0xd800 + (r-0x10000)>>10)
			unit(0xdc00 + (r-0x10000)&0x3ff)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func asIs(s string) string { return s }
