package statuspage

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// clock is how people are told a time: strftime's %d/%b/%Y:%H:%M:%S %z.
const clock = "02/Jan/2006:15:04:05 -0700"

// show writes a value for people, its text escaped.
func (v value) show(escape func(string) string) string {
	switch v.kind {
	case isNumber:
		return strconv.FormatInt(v.number, 10)
	case isReal:
		return strconv.FormatFloat(v.real, 'f', 2, 64)
	case isTime:
		return v.at.Format(clock)
	}
	return escape(v.text)
}

// epoch is show for machines: a time is seconds since 1970.
func (v value) epoch(escape func(string) string) string {
	if v.kind == isTime {
		return strconv.FormatInt(v.at.Unix(), 10)
	}
	return v.show(escape)
}

// shown is the value of a field of a process, whose URI is made of two.
func (p *Process) shown(f field, escape func(string) string, show func(value, func(string) string) string) string {
	if f.name == requestURI {
		return p.uri(escape)
	}
	return show(f.value, escape)
}

func writeText(p *Pool, full bool) []byte {
	var b bytes.Buffer
	line := func(name, value string) { fmt.Fprintf(&b, "%-21s %s\n", name+":", value) }
	for _, f := range p.fields() {
		line(f.name, f.value.show(asIs))
	}
	for i := 0; full && i < len(p.Processes); i++ {
		b.WriteString("\n************************\n")
		for _, f := range p.Processes[i].fields(p.Now) {
			line(strings.Replace(f.name, requestURI, "request URI", 1), p.Processes[i].shown(f, asIs, value.show))
		}
	}
	return b.Bytes()
}

func writeHTML(p *Pool, full bool) []byte {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\n" +
		"<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n" +
		"<head><title>PHP-FPM Status Page</title></head>\n<body>\n<table>\n")
	for _, f := range p.fields() {
		fmt.Fprintf(&b, "<tr><th>%s</th><td>%s</td></tr>\n", f.name, f.value.show(escapeMarkup))
	}
	b.WriteString("</table>\n")
	if full {
		b.WriteString("<table border=\"1\">\n<tr>")
		for _, f := range (&Process{}).fields(time.Time{}) {
			b.WriteString("<th>" + f.name + "</th>")
		}
		b.WriteString("</tr>\n")
		for i := range p.Processes {
			b.WriteString("<tr>")
			for _, f := range p.Processes[i].fields(p.Now) {
				b.WriteString("<td>" + p.Processes[i].shown(f, escapeMarkup, value.show) + "</td>")
			}
			b.WriteString("</tr>\n")
		}
		b.WriteString("</table>")
	}
	b.WriteString("</body></html>")
	return b.Bytes()
}
