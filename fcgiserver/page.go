package fcgiserver

import (
	"fmt"

	"howdah/internal/reactor"
)

// A Page makes an answer of the server's own, in PHP's name, which no worker has a hand in: php-fpm's status and ping. query is
// QUERY_STRING; header is whole lines, without the empty one; the body is left out for HEAD. It is called on the loop.
type Page func(query string, head bool) (header string, body []byte)

// maxPageConns is how many connections a listener for pages may have open at once. More are closed at once: who watches a server
// is one or two, and must never be kept out by the crowd that max_connections is about.
const maxPageConns = 64

// ListenForPages accepts from l, for pages only: what is not one of Options.Pages is not found. Its connections do not count
// for max_connections. The listener stays the caller's, who calls Unlisten before he closes it.
func (s *Server) ListenForPages(l *Listener) error {
	s.pagesOnly[l] = struct{}{}
	if err := s.Listen(l); err != nil {
		delete(s.pagesOnly, l)
		return err
	}
	return nil
}

// attachForPages takes over a connection that was accepted from l.
func (s *Server) attachForPages(fd int, l *Listener) {
	if s.pageConns >= maxPageConns {
		s.quiet.warn("pages", fmt.Sprintf("%d connections for status and ping are open on %s: one more was closed", s.pageConns, l.Address()))
		reactor.Close(fd)
		return
	}
	s.attach(fd, l.Network() == "tcp", false, true)
}

// hasRoom tells whether max_connections allows one more connection from l.
func (s *Server) hasRoom(l *Listener) bool {
	if _, ok := s.pagesOnly[l]; ok {
		return true
	}
	return len(s.conns)-s.pageConns < s.opts.MaxConnections
}

// page answers the request if its SCRIPT_NAME, as the web server sent it, is that of a page. Like php-fpm it wants a method and a
// script to be named, and does not mind whether there is such a script.
func (r *Request) page() bool {
	c := r.conn
	s := c.srv
	page := s.opts.Pages[string(r.fields.URI)]
	if page == nil {
		return false
	}
	if _, ok := s.params.get(requestMethod); !ok {
		return false
	}
	head := string(r.fields.Method) == "HEAD"
	header, body := page(string(r.fields.Query), head)
	if p := s.opts.PoweredBy; p != "" {
		header = "X-Powered-By: " + p + "\r\n" + header
	}
	if head {
		body = nil
	}
	r.answer(header+"\r\n"+string(body), "")
	return true
}
