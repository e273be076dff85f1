package httpfront

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// serveFile sends a file, or its compressed sibling. Ranges and conditional requests are net/http's (RFC 9110 §13, §14).
func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, t *tree, found route) {
	header := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		h.refuse(w, http.StatusMethodNotAllowed)
		return
	}
	e, token := found.entry, ""
	if sibling, coding := findSibling(t, found, header, r.Header); sibling != nil {
		defer sibling.close()
		e, token = sibling, coding
	}
	file, err := e.reader()
	if err != nil {
		h.refuse(w, h.failed(r, err))
		return
	}
	defer file.Close()
	header.Set("Content-Type", mediaType(found.name))
	header.Set("Etag", etag(e.mtime, e.size, token))
	if token != "" {
		header.Set("Content-Encoding", token)
		w = &sizedWriter{w, e.size}
	}
	http.ServeContent(w, r, "", e.mtime, file)
}

// findSibling finds the compressed file to send instead: one that the client accepts and that is not older than the
// original. It says Vary wherever there is any, whether or not this client gets it.
func findSibling(t *tree, found route, answer, request http.Header) (best *entry, token string) {
	for _, coding := range encodings {
		if strings.HasSuffix(found.name, coding.suffix) {
			return nil, ""
		}
	}
	varies := false
	for _, coding := range encodings {
		e, err := t.lookup(found.name + coding.suffix)
		if err != nil {
			continue
		}
		if !mayShow(e, found.name+coding.suffix) || e.mtime.Unix() < found.entry.mtime.Unix() {
			e.close()
			continue
		}
		varies = true
		if best != nil || !accepts(request, coding.token) {
			e.close()
			continue
		}
		best, token = e, coding.token
	}
	if varies {
		answer.Add("Vary", "Accept-Encoding")
	}
	return best, token
}

// etag is a strong validator, different for each coding of a file. Source: RFC 9110 §8.8.3.
func etag(mtime time.Time, size int64, token string) string {
	tag := fmt.Sprintf("%x-%x", mtime.UnixNano(), size)
	if token != "" {
		tag += "-" + token
	}
	return strconv.Quote(tag)
}

// sizedWriter says the length of a whole encoded file, which http.ServeContent leaves out.
type sizedWriter struct {
	http.ResponseWriter
	size int64
}

func (w *sizedWriter) WriteHeader(status int) {
	if status == http.StatusOK {
		w.Header().Set("Content-Length", strconv.FormatInt(w.size, 10))
	}
	w.ResponseWriter.WriteHeader(status)
}

// ReadFrom keeps the way from file to socket open for sendfile(2).
func (w *sizedWriter) ReadFrom(src io.Reader) (int64, error) { return io.Copy(w.ResponseWriter, src) }

func (w *sizedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
