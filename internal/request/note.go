package request

// What php-fpm 8.2 keeps of a request in its process table, in bytes: the sizes of the arrays of fpm_scoreboard_proc_s, less
// the zero at their end.
const (
	maxMethod = 15
	maxURI    = 127
	maxQuery  = 511
	maxUser   = 31
	maxScript = 255
)

// Note is what stays of a request after its bytes have gone: the fields, each cut to php-fpm's length. It is written for every
// request, into memory that is used again, and read when somebody asks.
type Note struct {
	text          []byte // the fields, one behind the other
	ends          [5]uint16
	contentLength int64
}

// Set replaces what was noted.
func (n *Note) Set(f *Fields) {
	b := n.text[:0]
	put := func(i int, field []byte, limit int) {
		b = append(b, field[:min(len(field), limit)]...)
		n.ends[i] = uint16(len(b))
	}
	put(0, f.Method, maxMethod)
	put(1, f.URI, maxURI)
	put(2, f.Query, maxQuery)
	put(3, f.Script, maxScript)
	if len(f.Authorization) > 0 {
		start := len(b)
		b = f.AppendUser(b)
		b = b[:min(len(b), start+maxUser)]
	}
	n.ends[4] = uint16(len(b))
	n.text, n.contentLength = b, f.ContentLength
}

// Info copies out what was noted.
func (n *Note) Info() Info {
	field := func(i int) string {
		start := uint16(0)
		if i > 0 {
			start = n.ends[i-1]
		}
		return string(n.text[start:n.ends[i]])
	}
	return Info{Method: field(0), URI: field(1), Query: field(2), Script: field(3), User: field(4), ContentLength: n.contentLength}
}
