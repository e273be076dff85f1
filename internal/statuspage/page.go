package statuspage

import (
	"net/url"
	"strings"
)

// Page is a form of the page.
type Page struct {
	ContentType string // the whole header line
	Write       func(p *Pool, full bool) []byte
	Full        bool // with the processes
}

// Content types as php-fpm writes them.
const (
	typeText        = "Content-type: text/plain;charset=UTF-8"
	typeHTML        = "Content-type: text/html;charset=UTF-8"
	typeXML         = "Content-type: text/xml;charset=UTF-8"
	typeJSON        = "Content-Type: application/json"
	typeOpenMetrics = "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"
)

// Asked is the form that a query string asks for, as $_GET has it: the value of a key means nothing.
func Asked(query string) Page {
	keys := keysOf(query)
	full := keys["full"]
	switch {
	case keys["html"]:
		return Page{typeHTML, writeHTML, full}
	case keys["xml"]:
		return Page{typeXML, writeXML, full}
	case keys["json"]:
		return Page{typeJSON, writeJSON, full}
	case keys["openmetrics"]:
		return Page{typeOpenMetrics, writeOpenMetrics, full}
	}
	return Page{typeText, writeText, full}
}

// Body is the page about p.
func (f Page) Body(p *Pool) []byte { return f.Write(p, f.Full) }

// keysOf returns the keys of $_GET, as far as letters alone go: what stands before "=" and "[", decoded.
func keysOf(query string) map[string]bool {
	keys := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		name, _, _ = strings.Cut(strings.TrimLeft(name, " "), "[")
		name, _, _ = strings.Cut(name, "\x00")
		keys[name] = true
	}
	return keys
}
