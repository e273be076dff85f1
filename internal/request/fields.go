package request

import (
	"bytes"
	"encoding/base64"
)

// Fields are what there is to say about a request, as parts of its bytes: they are worth nothing once it has ended.
type Fields struct {
	Method        []byte // REQUEST_METHOD
	URI           []byte // SCRIPT_NAME, after path info was taken off; not REQUEST_URI
	Query         []byte // QUERY_STRING
	Script        []byte // the file that runs
	Authorization []byte // the client's Authorization header
	ContentLength int64  // bytes of body that arrived
}

// Info are the same fields in strings of their own.
type Info struct {
	Method, URI, Query, Script string
	User                       string // of HTTP basic authentication; "": none
	ContentLength              int64
}

// Info copies the fields.
func (f *Fields) Info() Info {
	return Info{Method: string(f.Method), URI: string(f.URI), Query: string(f.Query), Script: string(f.Script),
		User: string(f.AppendUser(nil)), ContentLength: f.ContentLength}
}

// maxAuthorization bounds the header that a user is looked for in: nobody's name and password are longer.
const maxAuthorization = 4 << 10

// AppendUser appends the user of "Basic dXNlcjpwYXNzd29yZA==" to dst. Source: php_handle_auth_data in main/main.c.
func (f *Fields) AppendUser(dst []byte) []byte {
	const scheme = "Basic "
	a := f.Authorization
	if len(a) <= len(scheme) || len(a) > maxAuthorization || !bytes.EqualFold(a[:len(scheme)], []byte(scheme)) {
		return dst
	}
	plain, err := base64.StdEncoding.AppendDecode(nil, bytes.TrimSpace(a[len(scheme):]))
	if user, _, ok := bytes.Cut(plain, []byte(":")); ok && err == nil {
		return append(dst, user...)
	}
	return dst
}
