package phpfpm

import (
	"html"
	"regexp"
	"strings"
)

// infoParts are the elements of phpinfo()'s HTML that have a text form: headings, rows, the ends of tables, boxes, rules.
var infoParts = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>|<h2>(.*?)</h2>|<tr class="h"><th>(.*?)</th></tr>|<tr class="h"><th colspan="\d+">(.*?)</th></tr>|` +
	`<tr class="[hv]"><td>(.*?)</td></tr>|<tr>(<td.*?)</td></tr>|(</table>)|(<hr />)`)

var (
	infoCell = regexp.MustCompile(`</t[hd]><t[hd][^>]*>`)
	infoTag  = regexp.MustCompile(`</?(a|i|p|pre|img|td|th)\b[^>]*>`) // <font> is part of a value

	infoVersion = regexp.MustCompile(`<h1 [^>]*>PHP Version ([^<]*)</h1>`)
)

// infoText makes of phpinfo()'s HTML what phpinfo() prints where output is text. Source: ext/standard/info.c.
func infoText(page string) string {
	_, body, _ := strings.Cut(page, "<body>")
	var b strings.Builder
	b.WriteString("phpinfo()\n")
	for _, m := range infoParts.FindAllStringSubmatch(body, -1) {
		switch {
		case m[7] != "":
			b.WriteString("\n")
		case m[8] != "":
			b.WriteString("\n _______________________________________________________________________\n\n")
		case strings.HasPrefix(m[0], "<h1"):
			b.WriteString("\n" + plain(m[1]) + "\n\n")
		case strings.HasPrefix(m[0], "<h2"):
			b.WriteString(plain(m[2]) + "\n\n")
		case m[3] != "":
			b.WriteString(row(m[3]) + "\n")
		case m[4] != "":
			b.WriteString(centred(plain(m[4])) + "\n")
		case m[5] != "":
			if version := infoVersion.FindStringSubmatch(m[5]); version != nil {
				b.WriteString("PHP Version => " + version[1] + "\n")
			} else if text := plain(box(m[5])); strings.TrimSpace(text) != "" {
				b.WriteString(strings.TrimSpace(text) + "\n")
			}
		case m[6] != "":
			b.WriteString(row(m[6]) + "\n")
		}
	}
	return b.String()
}

// row joins the cells of a row.
func row(cells string) string {
	parts := infoCell.Split(cells, -1)
	for i, part := range parts {
		parts[i] = plain(part)
		if len(parts) < 3 { // not a directive, whose value stands as it is
			parts[i] = strings.TrimSuffix(parts[i], " ")
		}
	}
	return strings.Join(parts, " => ")
}

// box breaks the text of a box where HTML does.
func box(text string) string {
	text = strings.ReplaceAll(text, "<br />", "\n")
	return strings.ReplaceAll(text, "</p>", "\n")
}

// centred is a heading over a table, in the middle of 74 columns.
func centred(text string) string {
	indent := strings.Repeat(" ", max(0, 74-len(text))/2)
	return indent + text + indent
}

func plain(text string) string {
	return strings.ReplaceAll(html.UnescapeString(infoTag.ReplaceAllString(text, "")), "\u00a0", " ")
}
