package wsbridge

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"sync"
	"sync/atomic"
)

// HubCounters are totals since the hub was made.
type HubCounters struct {
	Calls            atomic.Uint64 // from PHP
	CallsMalformed   atomic.Uint64
	PublishOverflow  atomic.Uint64 // calls that found no room in the queue
	Published        atomic.Uint64
	Unheard          atomic.Uint64 // publications to channels without a subscriber
	UnknownIDs       atomic.Uint64 // calls for a connection that is not here
	DeliveredEntries atomic.Uint64 // messages put into outboxes
}

// Hub knows the sessions of a pool by id, by user and by channel, and does what PHP asks for.
//
// Concurrency: any goroutine. Locks, in this order: running, a shard's, sessions', a Session's.
type Hub struct {
	bridge   *Bridge
	broker   Broker
	node     uint64 // 53 bits, so that JavaScript can take it for a number
	epoch    string
	counters HubCounters
	shards   [shards]shard

	mu       sync.RWMutex // the registry
	sessions map[uint64]*Session
	users    map[string]map[*Session]struct{}

	calls   callQueue
	running sync.Mutex // held while calls are obeyed, so that they keep their order
}

func newHub(b *Bridge) *Hub {
	h := &Hub{bridge: b, node: random() >> 11, sessions: map[uint64]*Session{}, users: map[string]map[*Session]struct{}{}}
	h.epoch = strconv.FormatUint(random(), 36)
	h.broker = local{h}
	h.calls.wake = make(chan struct{}, 1)
	for i := range h.shards {
		h.shards[i].channels = map[string]*channel{}
	}
	return h
}

// random is 64 bits that nobody can guess.
func random() uint64 {
	var b [8]byte
	rand.Read(b[:]) // it never fails
	return binary.LittleEndian.Uint64(b[:])
}

// Counters are the hub's own, still counting.
func (h *Hub) Counters() *HubCounters { return &h.counters }

// add makes a session known, and gives it its number.
func (h *Hub) add(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s.serial == 0 || h.sessions[s.serial] != nil {
		s.serial = random() >> 1
	}
	h.sessions[s.serial] = s
}

// setUser notes whose a session is, once.
func (h *Hub) setUser(s *Session, user string) {
	if user == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users[user] == nil {
		h.users[user] = map[*Session]struct{}{}
	}
	h.users[user][s] = struct{}{}
}

// remove forgets a session that has ended.
func (h *Hub) remove(s *Session) {
	s.mu.Lock()
	s.phase = ended
	subscriptions, user := s.subscriptions, s.user
	s.mu.Unlock()
	for _, sub := range subscriptions {
		h.unsubscribe(s, sub.channel)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s.serial)
	if of := h.users[user]; of != nil {
		if delete(of, s); len(of) == 0 {
			delete(h.users, user)
		}
	}
}

// byID returns the session called id, nil if it is not here.
func (h *Hub) byID(id string) *Session {
	if id == "" {
		return nil
	}
	node, serial, ok := parseID(id)
	if !ok || node != h.node {
		return nil
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.sessions[serial]
}

// byUser returns the sessions of a user.
func (h *Hub) byUser(user string) []*Session {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var all []*Session
	for s := range h.users[user] {
		all = append(all, s)
	}
	return all
}

// all returns every session.
func (h *Hub) all() []*Session {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]*Session, 0, len(h.sessions))
	for _, s := range h.sessions {
		all = append(all, s)
	}
	return all
}

// Len is how many sessions there are.
func (h *Hub) Len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.sessions)
}
