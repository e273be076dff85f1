package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"howdah/fcgiserver"
	"howdah/supervisor/config"
	"howdah/wsbridge"
)

// socketSide is the WebSockets of a pool: the bridge that holds them, and perhaps an address of their own. nil: the pool has none.
type socketSide struct {
	pool   *pool
	bridge *wsbridge.Bridge
	way    *socketWay // nil: only the embedded front
	ctx    context.Context
	stop   context.CancelFunc
}

// socketWay is an address on which a bridge takes connections.
type socketWay struct {
	address  string // as configured
	listener *fcgiserver.Listener
	front    *wsbridge.Listener
	served   sync.WaitGroup
}

// newSocketSide makes the WebSockets that c asks for, and takes their address; serve answers on it.
func newSocketSide(p *pool, c config.Pool) (*socketSide, error) {
	if err := routesFit(c); err != nil {
		return nil, err
	}
	s := &socketSide{pool: p}
	s.ctx, s.stop = context.WithCancel(context.Background())
	way, err := s.newWay(c)
	if err != nil {
		return nil, err
	}
	dial := func(context.Context) (net.Conn, error) { return p.dial(true) }
	s.bridge = wsbridge.New(p.name, p.log, dial, s.options(c))
	s.setWay(way)
	return s, nil
}

// routesFit looks for what this version of Howdah does not do.
func routesFit(c config.Pool) error {
	if c.WebSocket == nil {
		return nil
	}
	var problems []error
	for _, r := range c.WebSocket.Routes {
		if r.Handler == "resident" {
			problems = append(problems, fmt.Errorf(`websocket: route %s: handler = "resident" is not there yet in this version of Howdah (use handler = "event")`, r.Path))
		}
	}
	return errors.Join(problems...)
}

// newWay listens where c says, or goes on where the address is the same.
func (s *socketSide) newWay(c config.Pool) (*socketWay, error) {
	address := c.WebSocket.Listen
	switch {
	case address == "":
		return nil, nil
	case s.way != nil && s.way.address == address:
		return s.way, nil
	}
	l, err := s.pool.service.inherited.Listen(fcgiserver.ListenSpec{Address: address, Backlog: -1, Owner: c.ListenOwner, Group: c.ListenGroup,
		Mode: c.ListenMode, ACLUsers: c.ListenACLUsers, ACLGroups: c.ListenACLGroups})
	if err != nil {
		return nil, fmt.Errorf("websocket: %w", err)
	}
	return &socketWay{address: address, listener: l}, nil
}

// setWay puts a way in the place of the one there is.
func (s *socketSide) setWay(way *socketWay) {
	if before := s.way; before != way {
		s.way = way
		before.close(s.pool)
	}
}

func (w *socketWay) close(p *pool) {
	if w == nil {
		return
	}
	if w.front != nil {
		w.front.Close()
		w.served.Wait()
	}
	p.service.warn(w.listener.Close())
}

// serve begins to accept.
func (s *socketSide) serve() error {
	if s == nil || s.way == nil || s.way.front != nil {
		return nil
	}
	n, err := netListener(s.way.listener)
	if err != nil {
		return fmt.Errorf("websocket: %w", err)
	}
	front := wsbridge.NewListener(s.bridge, n)
	s.way.front = front
	s.way.served.Go(func() { _ = front.Serve() }) // it returns nil
	return nil
}

// options turns the configuration into the bridge's values.
func (s *socketSide) options(c config.Pool) wsbridge.Options {
	w := c.WebSocket
	o := wsbridge.Options{
		Origins: w.Origins, TrustedProxies: w.TrustedProxies.Prefixes, TrustUnix: w.TrustedProxies.Unix, RealIPHeader: w.RealIPHeader,
		EventWorkers: w.EventWorkers, HandshakeBytes: int(w.HandshakeBytes), HandshakeTimeout: w.HandshakeTimeout, OpenTimeout: w.OpenTimeout,
		OpensPerSecond: w.OpensPerSecond, OpensPending: w.OpensPending, MaxConnections: w.MaxConnections, ConnectionsPerIP: w.ConnectionsPerIP,
		MessageBytes: int(w.MessageBytes), MessagesPerSecond: w.MessagesPerSecond, BytesPerSecond: int(w.BytesPerSecond),
		InboxMessages: w.InboxMessages, InboxBytes: int(w.InboxBytes), OutboxBytes: int(w.OutboxBytes), Subscriptions: w.Subscriptions,
		StateBytes: int(w.StateBytes), Deflate: w.Deflate, HandlerTimeout: w.HandlerTimeout, StalledTimeout: w.StalledTimeout,
		WriteTimeout: w.WriteTimeout, PingInterval: w.PingInterval, PongTimeout: w.PongTimeout, IdleTimeout: w.IdleTimeout, Lifetime: w.Lifetime,
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = max(int(s.pool.service.files)-reservedFDs, 16)
	}
	for _, r := range w.Routes {
		route := wsbridge.Route{Path: r.Path, Subprotocols: r.Subprotocols, Script: r.Script, Reply: wsbridge.Reply(r.Reply), ContentType: r.ContentType,
			KeepOnError: r.OnError == "keep", SerialCookie: strings.TrimPrefix(r.Serialize, "cookie:")}
		route.ScriptName, route.DocumentRoot = scriptPlace(c, r.Script)
		o.Routes = append(o.Routes, route)
	}
	return o
}

// scriptPlace is what SCRIPT_NAME and DOCUMENT_ROOT of a route's script are: as a page of the embedded front has them where the script
// lies in its root, else as if the script's directory were the root.
func scriptPlace(c config.Pool, script string) (name, root string) {
	if c.HTTP != nil {
		if below, ok := strings.CutPrefix(script, strings.TrimSuffix(c.HTTP.Root, "/")+"/"); ok {
			return "/" + below, c.HTTP.Root
		}
	}
	return "/" + filepath.Base(script), filepath.Dir(script)
}

// Serve answers what is for the pool's WebSockets. The embedded front asks it first.
func (p *pool) Serve(w http.ResponseWriter, r *http.Request) bool {
	b := p.bridge.Load()
	return b != nil && b.Serve(w, r)
}

// called takes a call from PHP of the pool. It runs on the pool's loop.
func (p *pool) called(_ int, kind string, payload []byte) {
	if b := p.bridge.Load(); b != nil {
		b.Hub().Call(kind, payload)
	}
	if others := p.sharing.Load(); others != nil && kind == wsbridge.CallPublish {
		for _, hub := range *others {
			hub.Call(kind, payload)
		}
	}
}

// newSockets returns the WebSockets that c asks for: the side there is, if there is one, nil if there are to be none.
func (p *pool) newSockets(c config.Pool) (*socketSide, error) {
	switch {
	case c.WebSocket == nil:
		return nil, nil
	case p.sockets != nil:
		return p.sockets, routesFit(c)
	}
	return newSocketSide(p, c)
}

// putSockets puts the side that newSockets returned in the place of the one there is, and c in force on it. What is connected stays
// connected.
func (p *pool) putSockets(s *socketSide, c config.Pool) error {
	before := p.sockets
	p.setSockets(s)
	if before != nil && s == nil {
		before.shutdown(p.conf.WebSocket.DrainTimeout, false)
		before.close()
	}
	if s == nil {
		return nil
	}
	s.bridge.Apply(s.options(c))
	way, err := s.newWay(c)
	if err != nil {
		return err
	}
	s.setWay(way)
	if p.serving {
		return s.serve()
	}
	return nil
}

// setSockets makes s the pool's.
func (p *pool) setSockets(s *socketSide) {
	p.sockets = s
	var b *wsbridge.Bridge
	if s != nil {
		b = s.bridge
	}
	p.bridge.Store(b)
}

// shareSockets lets the pools publish to each other's WebSockets as share_with says.
func shareSockets(pools map[string]*pool) {
	for name, p := range pools {
		var others []*wsbridge.Hub
		for _, other := range pools {
			if other != p && other.sockets != nil && other.conf.WebSocket != nil && slices.Contains(other.conf.WebSocket.ShareWith, name) {
				others = append(others, other.sockets.bridge.Hub())
			}
		}
		p.sharing.Store(&others)
	}
}

// farewell is how long the clients' goodbyes may take where there is no time for anything.
const farewell = time.Second

// shutdown says goodbye to the clients, within limit.
func (s *socketSide) shutdown(limit time.Duration, restart bool) {
	if s == nil {
		return
	}
	limit = max(limit, farewell)
	if s.way != nil && s.way.front != nil {
		s.way.front.Close()
	}
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	s.bridge.Shutdown(ctx, restart)
}

// kill ends a shutdown that waits.
func (s *socketSide) kill() {
	if s != nil {
		s.stop()
	}
}

// close gives everything back. It may be called on a side that never served.
func (s *socketSide) close() {
	if s == nil {
		return
	}
	s.stop()
	s.setWay(nil)
	s.bridge.Close()
}

// address is where the pool's WebSockets have an address of their own; "" if they have none.
func (s *socketSide) address() string {
	if s == nil || s.way == nil {
		return ""
	}
	return s.way.listener.Address()
}
