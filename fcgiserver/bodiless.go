package fcgiserver

import "strings"

// bodiless reports whether the request whose params are complete has no body, although the end of its STDIN has not come: some
// clients never send one, and php-fpm answers them. A body of unknown length, which nginx sends on as it comes, is waited for.
func (c *conn) bodiless() bool {
	p := &c.srv.params
	if p.parse(c.assembly.params) != nil {
		return false
	}
	if _, chunked := p.get(transferEncoding); chunked {
		return false
	}
	length, _ := p.get(contentLength)
	return strings.Trim(string(length), "0 ") == ""
}
