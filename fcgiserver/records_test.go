package fcgiserver

import (
	"howdah/internal/fcgi"
)

// records is what a client sends, built one record after the other.
type records []byte

func (r records) begin(id uint16, flags uint8) records {
	return fcgi.AppendBeginRequest(r, id, fcgi.RoleResponder, flags)
}

// params are names and values in turn, and the end of the stream. As php-fpm wants it no pair is cut, unless it is too long.
func (r records) params(id uint16, pairs ...string) records {
	w := fcgi.NewParamsWriter(r, id)
	for i := 0; i < len(pairs); i += 2 {
		w.Add([]byte(pairs[i]), []byte(pairs[i+1]))
	}
	whole, err := w.End()
	if err != nil {
		return records(fcgi.AppendStream(r, fcgi.TypeParams, id, pairStream(pairs...))).end(fcgi.TypeParams, id)
	}
	return whole
}

// stdin is a body, and its end.
func (r records) stdin(id uint16, body string) records {
	r = fcgi.AppendStream(r, fcgi.TypeStdin, id, []byte(body))
	return r.end(fcgi.TypeStdin, id)
}

// end is the empty record that ends a stream.
func (r records) end(typ uint8, id uint16) records { return fcgi.AppendHeader(r, typ, id, 0, 0) }

// raw is one record of any type, with padding.
func (r records) raw(typ uint8, id uint16, content string, padding int) records {
	r = fcgi.AppendHeader(r, typ, id, len(content), padding)
	r = append(r, content...)
	return append(r, make([]byte, padding)...)
}

// get is a whole request without a body.
func (r records) get(id uint16, flags uint8, script string, pairs ...string) records {
	return r.post(id, flags, script, "", pairs...)
}

// post is a whole request.
func (r records) post(id uint16, flags uint8, script, body string, pairs ...string) records {
	pairs = append([]string{"SCRIPT_FILENAME", script, "REQUEST_METHOD", "GET", "SCRIPT_NAME", "/x.php"}, pairs...)
	return r.begin(id, flags).params(id, pairs...).stdin(id, body)
}

func pairStream(pairs ...string) (b []byte) {
	for i := 0; i < len(pairs); i += 2 {
		b = fcgi.AppendPair(b, pairs[i], pairs[i+1])
	}
	return b
}
