package httpfront

import (
	"net/http"
	"strconv"
	"strings"
)

// encodings are the compressed siblings that a file may have, the smallest first.
var encodings = []struct{ token, suffix string }{
	{"br", ".br"},
	{"gzip", ".gz"},
}

// accepts tells whether a client takes a content coding, by its Accept-Encoding. Weights only tell yes from no: the server
// chooses among what is accepted. Source: RFC 9110 §12.5.3.
func accepts(header http.Header, token string) bool {
	star := false
	for _, line := range header.Values("Accept-Encoding") {
		for item := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(item, ";")
			coding = strings.TrimSpace(coding)
			yes := weight(params) > 0
			if strings.EqualFold(coding, token) || (token == "gzip" && strings.EqualFold(coding, "x-gzip")) {
				return yes
			}
			if coding == "*" {
				star = yes
			}
		}
	}
	return star
}

// weight reads "q=0.5"; 1 without one, 0 for nonsense. Source: RFC 9110 §12.4.2.
func weight(params string) float64 {
	q := strings.TrimSpace(params)
	if q == "" {
		return 1
	}
	if len(q) < 2 || !strings.EqualFold(q[:2], "q=") {
		return 0
	}
	value, err := strconv.ParseFloat(q[2:], 64)
	if err != nil || value > 1 {
		return 0
	}
	return value
}
