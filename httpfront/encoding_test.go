package httpfront

import (
	"net/http"
	"testing"
)

func TestAcceptEncodingTellsWhatAClientTakes(t *testing.T) {
	for _, c := range []struct {
		header   string
		br, gzip bool
	}{
		{"", false, false},
		{"gzip, deflate, br, zstd", true, true},
		{"GZIP", false, true},
		{"x-gzip", false, true},
		{"br;q=0, gzip;q=0.5", false, true},
		{"br; q=0.001", true, false},
		{"*", true, true},
		{"gzip;q=0, *", true, false},
		{"*;q=0", false, false},
		{"identity", false, false},
		{"br;q=nonsense", false, false},
		{"brotli, gzipped", false, false},
	} {
		header := http.Header{"Accept-Encoding": {c.header}}
		if br, gzip := accepts(header, "br"), accepts(header, "gzip"); br != c.br || gzip != c.gzip {
			t.Errorf("%q: br %v, gzip %v", c.header, br, gzip)
		}
	}
}
