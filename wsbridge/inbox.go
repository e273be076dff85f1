package wsbridge

import "time"

// kind is what an event is about.
type kind uint8

const (
	openEvent kind = iota
	messageEvent
	closeEvent
)

func (k kind) String() string { return [...]string{"open", "message", "close"}[k] }

// event is one thing that PHP is told.
type event struct {
	kind   kind
	binary bool
	data   []byte
	code   int // of a close
	text   string
}

// inbox is the events of a session that wait for PHP. Its session's mu guards it.
type inbox struct {
	events []event
	bytes  int
	busy   bool          // the handler has the session
	room   chan struct{} // has a token when the reader should look again; nil: it does not wait
}

// push adds an event and tells the handler, unless that has the session already. Events after the close event are no more.
func (s *Session) push(e event) {
	s.mu.Lock()
	i := &s.inbox
	i.events = append(i.events, e)
	i.bytes += len(e.data)
	tell := !i.busy
	i.busy = true
	s.mu.Unlock()
	if tell {
		s.route.handler.ready(s)
	}
}

// take returns the next event. Only the handler calls it, which then calls done.
func (s *Session) take() event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbox.events[0]
}

// done drops the event that take returned, and tells whether another waits: then the handler keeps the session.
func (s *Session) done() (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := &s.inbox
	i.bytes -= len(i.events[0].data)
	i.events[0] = event{}
	i.events = i.events[1:]
	if len(i.events) == 0 {
		i.events = nil
	}
	i.busy = len(i.events) > 0
	i.wakeReader()
	return i.busy
}

// wakeReader has a waiting reader look again. mu is held.
func (i *inbox) wakeReader() {
	if i.room != nil {
		select {
		case i.room <- struct{}{}:
		default:
		}
	}
}

// fits tells whether a message has room; one larger than the whole inbox is taken alone. mu is held.
func (i *inbox) fits(size int, o *Options) bool {
	return len(i.events) == 0 || len(i.events) < o.InboxMessages && i.bytes+size <= o.InboxBytes
}

// awaitRoom waits until the inbox has room for a message, or nobody wants it any more. Meanwhile nothing is read from the client,
// so no pong can come: the time of being stalled counts instead (clock.go).
func (s *Session) awaitRoom(size int) (wanted bool) {
	o := s.bridge.opts()
	s.mu.Lock()
	for s.phase == open && !s.inbox.fits(size, o) {
		if s.inbox.room == nil {
			s.inbox.room = make(chan struct{}, 1)
			s.paused.Store(int64(s.bridge.now()))
		}
		room := s.inbox.room
		s.mu.Unlock()
		select {
		case <-room:
		case <-s.over:
		}
		s.mu.Lock()
	}
	if s.inbox.room != nil {
		s.inbox.room = nil
		s.resumed()
	}
	wanted = s.phase == open
	s.mu.Unlock()
	return wanted
}

// resumed notes that the client is read from again: what it owes counts from now on.
func (s *Session) resumed() {
	s.paused.Store(0)
	s.pinged.Store(0)
}

// pause waits before the client is read from again.
func (s *Session) pause(d time.Duration) {
	s.paused.Store(int64(s.bridge.now()))
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.over:
	}
	s.resumed()
}
