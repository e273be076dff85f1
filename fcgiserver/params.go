package fcgiserver

import (
	"bytes"
	"hash/maphash"

	"howdah/internal/fcgi"
)

// param is one variable of a request. Its slices point into the assembled PARAMS stream, or to a replacement.
type param struct {
	name, value []byte
	chain       int32 // the next with the same hash, plus one; 0 ends the chain
	removed     bool
}

const hashBuckets = 512

// params are the variables of a request, each name once: of duplicates the last value counts, at the place of the first, as
// PHP's own table has it. The known ones are found without a search.
type params struct {
	list    []param
	buckets [hashBuckets]int32 // first with this hash, plus one
	known   [knownCount]int32  // index plus one
}

// known names the variables that Howdah looks at.
type known uint8

const (
	scriptFilename known = iota
	scriptName
	pathInfo
	pathTranslated
	documentRoot
	contentLength
	requestMethod
	requestURI
	queryString
	redirectURL
	serverSoftware
	httpAuthorization
	transferEncoding
	requestBodyFile
	phpValue
	phpAdminValue
	knownCount
)

func knownName(name []byte) (known, bool) {
	switch string(name) {
	case "SCRIPT_FILENAME":
		return scriptFilename, true
	case "SCRIPT_NAME":
		return scriptName, true
	case "PATH_INFO":
		return pathInfo, true
	case "PATH_TRANSLATED":
		return pathTranslated, true
	case "DOCUMENT_ROOT":
		return documentRoot, true
	case "CONTENT_LENGTH":
		return contentLength, true
	case "REQUEST_METHOD":
		return requestMethod, true
	case "REQUEST_URI":
		return requestURI, true
	case "QUERY_STRING":
		return queryString, true
	case "REDIRECT_URL":
		return redirectURL, true
	case "SERVER_SOFTWARE":
		return serverSoftware, true
	case "HTTP_AUTHORIZATION":
		return httpAuthorization, true
	case "HTTP_TRANSFER_ENCODING":
		return transferEncoding, true
	case "REQUEST_BODY_FILE":
		return requestBodyFile, true
	case "PHP_VALUE":
		return phpValue, true
	case "PHP_ADMIN_VALUE":
		return phpAdminValue, true
	}
	return 0, false
}

// hashSeed is made anew in each process, so that nobody can choose names that collide.
var hashSeed = maphash.MakeSeed()

// parse reads the PARAMS stream b, of which the list then holds parts.
//
// Errors: a pair is cut short, or there are too many.
func (p *params) parse(b []byte) error {
	p.list = p.list[:0]
	clear(p.buckets[:])
	clear(p.known[:])
	for n := 0; len(b) > 0; n++ {
		name, value, rest, err := fcgi.NextPair(b)
		if err != nil {
			return err
		}
		b = rest
		if n == maxParams {
			return errTooManyParams
		}
		p.set(name, value)
	}
	return nil
}

// set gives name a value, in the place that it has or at the end.
func (p *params) set(name, value []byte) {
	bucket := &p.buckets[maphash.Bytes(hashSeed, name)%hashBuckets]
	for i := *bucket; i != 0; i = p.list[i-1].chain {
		if !p.list[i-1].removed && bytes.Equal(p.list[i-1].name, name) {
			p.list[i-1].value = value
			return
		}
	}
	p.list = append(p.list, param{name: name, value: value, chain: *bucket})
	*bucket = int32(len(p.list))
	if k, ok := knownName(name); ok {
		p.known[k] = *bucket
	}
}

// find returns the variable called name; nil if it is absent.
func (p *params) find(name string) []byte {
	for i := p.buckets[maphash.String(hashSeed, name)%hashBuckets]; i != 0; i = p.list[i-1].chain {
		if v := &p.list[i-1]; !v.removed && string(v.name) == name {
			return v.value
		}
	}
	return nil
}

// remove takes a known variable away.
func (p *params) remove(k known) {
	if i := p.known[k]; i != 0 {
		p.list[i-1].removed, p.known[k] = true, 0
	}
}

// get returns a known variable; ok tells one that is empty from one that is absent.
func (p *params) get(k known) (value []byte, ok bool) {
	if i := p.known[k]; i != 0 {
		return p.list[i-1].value, true
	}
	return nil, false
}

// str is get for a log line: "" if absent.
func (p *params) str(k known) string {
	v, _ := p.get(k)
	return string(v)
}
