package supervisor

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"howdah/fcgiserver"
	"howdah/internal/statuspage"
	"howdah/supervisor/client"
	"howdah/supervisor/config"
)

// clientSide is a pool's client socket: what PHP asks Howdah comes in here.
type clientSide struct {
	pool     *pool
	address  string
	listener *fcgiserver.Listener
	server   *client.Server // nil: nobody is answered yet
}

// newClientSide listens where c says, or goes on at the same place.
func (p *pool) newClientSide(c config.Pool) (*clientSide, error) {
	if p.client != nil && p.client.address == c.ClientListen {
		return p.client, nil
	}
	spec, _ := clientSpec(c)
	l, err := p.service.inherited.Listen(spec)
	if err != nil {
		return nil, fmt.Errorf("client_listen: %w", err)
	}
	return &clientSide{pool: p, address: c.ClientListen, listener: l}, nil
}

// clientSpec is the socket of a pool's user, and who that is.
func clientSpec(c config.Pool) (spec fcgiserver.ListenSpec, uid int) {
	spec, uid = fcgiserver.ListenSpec{Address: c.ClientListen, Backlog: -1, Mode: 0o660}, os.Geteuid()
	if c.RunAs != nil {
		uid = int(c.RunAs.UID)
		spec.Owner, spec.Group = strconv.Itoa(uid), strconv.Itoa(int(c.RunAs.GID))
	}
	return spec, uid
}

// putClientSide puts a client socket in the place of the one there is, for the user of c, and answers on it.
func (p *pool) putClientSide(s *clientSide, c config.Pool) error {
	if before := p.client; before != s {
		p.client = s
		before.close()
	}
	spec, uid := clientSpec(c)
	if s.server != nil {
		s.server.SetUID(uid)
		return s.listener.Apply(spec)
	}
	l, err := netListener(s.listener)
	if err != nil {
		return fmt.Errorf("client_listen: %w", err)
	}
	s.server = client.Serve(client.Options{Listener: l, UID: uid, Log: p.log, Calls: map[string]client.Call{
		"fpm_get_status": func(json.RawMessage) (json.RawMessage, error) { return p.statusArray() },
	}})
	return nil
}

func (s *clientSide) close() {
	if s == nil {
		return
	}
	if s.server != nil {
		s.server.Close()
	}
	s.pool.service.warn(s.listener.Close())
}

// statusArray is what fpm_get_status() returns. Any goroutine may call it.
func (p *pool) statusArray() (answer json.RawMessage, err error) {
	e := p.loop.Call(func() { answer = statuspage.Array(p.picture(p.zygote.Load(), true)) })
	return answer, e
}
