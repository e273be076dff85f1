package httpfront

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// errBadPath is the error for a path that no honest client sends: 400.
var errBadPath = errors.New("malformed path")

// urlPath is the path of a request, decoded once and cut at its slashes. Empty segments are gone, as nginx merges slashes.
type urlPath struct {
	segments []string
	slash    bool // a slash ends it
}

// parsePath reads a path as it stands in the request line, still escaped. Segments are cut before they are decoded, so an
// encoded slash stays inside its segment (and keeps that from naming a file).
//
// Errors: errBadPath for a path that is not absolute, a bad escape, a NUL, and for "." or ".." between slashes of any kind:
// clients resolve those themselves (RFC 3986 §5.2.4), so here they are an attempt at something.
func parsePath(escaped string) (urlPath, error) {
	if !strings.HasPrefix(escaped, "/") {
		return urlPath{}, errBadPath
	}
	p := urlPath{slash: strings.HasSuffix(escaped, "/")}
	for raw := range strings.SplitSeq(escaped, "/") {
		segment, err := url.PathUnescape(raw)
		if err != nil || strings.IndexByte(segment, 0) >= 0 {
			return urlPath{}, errBadPath
		}
		for part := range strings.FieldsFuncSeq(segment, isSlash) {
			if part == "." || part == ".." {
				return urlPath{}, errBadPath
			}
		}
		if segment != "" {
			p.segments = append(p.segments, segment)
		}
	}
	return p, nil
}

// rawPath is the path of a request as the client wrote it. (url.URL.EscapedPath re-encodes one that is not well escaped, and
// then an encoded slash is a slash.)
func rawPath(r *http.Request) string {
	if !strings.HasPrefix(r.RequestURI, "/") {
		return r.URL.EscapedPath()
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	return path
}

// isSlash tells what some file system or script may take for a separator.
func isSlash(r rune) bool { return r == '/' || r == '\\' }

// until is the decoded path of the first n segments.
func (p urlPath) until(n int) string { return "/" + strings.Join(p.segments[:n], "/") }

// after is what follows the first n segments: "", or the rest with its slashes.
func (p urlPath) after(n int) string {
	var rest strings.Builder
	for _, segment := range p.segments[n:] {
		rest.WriteByte('/')
		rest.WriteString(segment)
	}
	if p.slash {
		rest.WriteByte('/')
	}
	return rest.String()
}

// directory is the escaped path with one slash at each end: where a request for a directory without it is sent. It starts
// with exactly one slash, so that it is never taken for a host.
func (p urlPath) directory() string {
	var b strings.Builder
	for _, segment := range p.segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(segment))
	}
	b.WriteByte('/')
	return b.String()
}
