package statuspage

import (
	"bytes"
	"strconv"
	"strings"
)

// Array is what fpm_get_status() returns, as JSON that json_decode gives the same types: numbers with a fraction keep it. Bytes
// that are not UTF-8, which JSON cannot carry, are replaced.
func Array(p *Pool) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	members(&b, p.fields())
	b.WriteString(`,"procs":[`)
	for i := range p.Processes {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		members(&b, p.Processes[i].members(p))
		b.WriteByte('}')
	}
	b.WriteString("]}")
	return b.Bytes()
}

// members are the fields of a process in fpm_get_status(): the query stands apart, and the length has another name.
func (p *Process) members(pool *Pool) []field {
	var all []field
	for _, f := range p.fields(pool.Now) {
		switch f.name {
		case requestURI:
			all = append(all, field{requestURI, text(orDash(p.URI))}, field{"query string", text(p.Query)})
		case "content length":
			all = append(all, field{"request length", f.value})
		default:
			all = append(all, f)
		}
	}
	return all
}

func members(b *bytes.Buffer, fields []field) {
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + dashed(f.name) + `":`)
		switch f.value.kind {
		case isText:
			b.WriteString(`"` + escapeJSON(strings.ToValidUTF8(f.value.text, "\uFFFD")) + `"`)
		case isReal:
			shown := strconv.FormatFloat(f.value.real, 'f', -1, 64)
			if !strings.Contains(shown, ".") {
				shown += ".0"
			}
			b.WriteString(shown)
		default:
			b.WriteString(f.value.epoch(escapeJSON))
		}
	}
}
