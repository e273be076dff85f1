package wsbridge

import (
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// phase is where a session stands in its life. It only moves forward.
type phase uint8

const (
	opening phase = iota // PHP is being asked
	open                 // frames pass
	closing              // a close frame was queued; nothing but the client's goodbye is awaited
	ended                // the connection has gone
)

// Session is one WebSocket, from the question to PHP whether it may be to its close event.
//
// Concurrency: the first paragraph does not change once the session reads; what mu guards is for any goroutine.
type Session struct {
	bridge      *Bridge
	route       *route
	serial      uint64
	address     string // of the client; "" where it is not known
	params      []byte // the variables of the upgrade request, as FastCGI pairs
	turn        string // events with the same turn run one after the other; "": no matter
	subprotocol string
	opened      time.Duration
	deflate     bool
	ws          *websocket.Conn
	wire        wire
	over        chan struct{} // closed when the connection has gone
	from        netip.Addr    // what the admission counts it by
	answered    chan outcome  // brings what PHP says to the open event
	openBy      time.Duration // later nobody waits for that any more

	// Of the reader.
	messages, bytes bucket

	// Times of the bridge's clock in ns, for the clock's look at the session; 0: not so.
	pinged  atomic.Int64 // a ping was sent then
	paused  atomic.Int64 // reading waits for the inbox since then
	spoken  atomic.Int64 // last message either way
	closeBy atomic.Int64 // the connection is cut then

	mu            sync.Mutex
	phase         phase
	user          string
	state         []byte // JSON; nil: empty
	offered       []byte // a state that holds if the event ends well
	subscriptions []*subscription
	verdict       verdict
	inbox         inbox
	outbox        outbox
	closeCode     int // what the close event says
	closeText     string
	why           reason // of the close, if it was ours
	ours          bool
}

// ID is what PHP calls the connection: two numbers, as Pusher's socket ids are.
func (s *Session) ID() string {
	return strconv.FormatUint(s.bridge.hub.node, 10) + "." + strconv.FormatUint(s.serial, 10)
}

// verdict is what the open script has said so far.
type verdict struct {
	accepted    bool
	subprotocol string
	refused     int // status or close code; 0: not
	text        string

	close  int // somebody closed it meanwhile, with this code; 0: not
	why    reason
	reason string
}

func (s *Session) acceptBy(user, subprotocol string) {
	s.mu.Lock()
	first := s.phase == opening && !s.verdict.accepted && s.verdict.refused == 0
	if first {
		s.verdict.accepted, s.verdict.subprotocol, s.user = true, subprotocol, user
	}
	s.mu.Unlock()
	if first {
		s.bridge.hub.setUser(s, user)
	}
}

func (s *Session) refuseBy(code int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == opening {
		s.verdict.accepted, s.verdict.refused, s.verdict.text = false, code, text
	}
}

// offerState keeps a state until the event that it comes from has ended.
func (s *Session) offerState(state []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offered = state
}

// settleState puts what the event offered in force, or forgets it.
func (s *Session) settleState(well bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if well && s.offered != nil {
		s.state = s.offered
	}
	s.offered = nil
}

// forget drops the record of a subscription.
func (s *Session) forget(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, sub := range s.subscriptions {
		if sub.channel == channel {
			last := len(s.subscriptions) - 1
			s.subscriptions[i] = s.subscriptions[last]
			s.subscriptions[last] = nil
			s.subscriptions = s.subscriptions[:last]
			return
		}
	}
}

// close begins the closing handshake: what waits for the client goes out first. Source: RFC 6455 §7.1.2.
func (s *Session) close(why reason, code int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == opening { // begin does it, if the client is let in
		s.verdict.close, s.verdict.why, s.verdict.reason = code, why, text
		return
	}
	s.goodbye(why, code, text, false)
}

// fail closes for a reason of our own.
func (s *Session) fail(why reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.goodbye(why, why.code(), why.String(), why == slow)
}

// goodbye needs mu. With drop, what waits for the client is thrown away.
func (s *Session) goodbye(why reason, code int, text string, drop bool) {
	if s.phase != open {
		return
	}
	s.phase, s.why, s.ours = closing, why, true
	s.closeCode, s.closeText = code, text
	s.closeBy.Store(int64(s.bridge.now() + s.bridge.closeTime()))
	s.outbox.end(s, closeFrame(code, text), drop)
	s.inbox.wakeReader()
}

// answerClose answers a client's close frame with the same code. Source: RFC 6455 §5.5.1.
func (s *Session) answerClose(code int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == open {
		s.phase, s.closeCode, s.closeText = closing, code, text
		s.closeBy.Store(int64(s.bridge.now() + s.bridge.closeTime()))
		s.outbox.end(s, closeFrame(code, ""), false)
	}
}

// vanished notes that the connection has gone without a goodbye.
func (s *Session) vanished() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == open {
		s.phase, s.closeCode = closing, codeAbnormal
		s.outbox.end(s, nil, true)
	}
}
