package fcgiserver

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"howdah/internal/fsuser"
)

// bodyFile returns the file that holds the request's body in place of STDIN, and how much of it is the body; 0 where there is
// none. nginx names one with client_body_in_file_only and fastcgi_pass_request_body off. Source: sapi_cgi_read_post in fpm_main.c.
func (p *params) bodyFile() (name string, sizeBytes int64) {
	file, ok := p.get(requestBodyFile)
	if !ok || len(file) == 0 {
		return "", 0
	}
	length, _ := p.get(contentLength)
	size, err := strconv.ParseInt(string(length), 10, 64)
	if err != nil {
		return "", 0
	}
	return string(file), size
}

// fetchBody opens a body's file off the loop, with the access of the workers' user, who would open it under php-fpm, and then
// goes on. Without it the request has an empty body, as there.
func (r *Request) fetchBody(name string, size int64) {
	s := r.conn.srv
	turn, user := r.turn, s.opts.LookAs
	r.conn.state = locating
	s.watch.Enter(&r.conn.limit)
	s.background.Go(func() {
		var file *os.File
		var err error
		s.scripts.looks <- struct{}{}
		fsuser.Do(user, func() { file, size, err = openBody(name, size) })
		<-s.scripts.looks
		if !s.loop.Post(func() {
			if r.turn != turn { // the client has gone meanwhile
				closeBody(file)
				return
			}
			r.fetched(file, size, err)
		}) {
			closeBody(file)
		}
	})
}

// openBody opens a body's file. A body is what the file has of it.
func openBody(name string, size int64) (*os.File, int64, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", name)
	}
	if err != nil {
		closeBody(file)
		return nil, 0, err
	}
	return file, min(size, info.Size()), nil
}

func closeBody(file *os.File) {
	if file != nil {
		_ = file.Close()
	}
}

// fetched goes on with the body that was found.
func (r *Request) fetched(file *os.File, size int64, err error) {
	c := r.conn
	c.limit.Leave()
	if err != nil {
		c.srv.quiet.warn("body file", fmt.Sprintf("REQUEST_BODY_FILE: %v: the request goes on without its body", err))
	}
	_ = c.srv.params.parse(c.assembly.params) // it was parsed before
	body := &c.assembly.body
	body.reset()
	body.file, body.size = file, size
	r.submit()
}
