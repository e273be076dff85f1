package wsbridge

import (
	"hash/maphash"
	"regexp"
	"strconv"
	"sync"
)

// channelName is what a channel may be called; Pusher's rule, and ':' and '/'.
var channelName = regexp.MustCompile(`^[A-Za-z0-9_\-=@,.;:/]{1,200}$`)

// shards is how many parts the channels are divided into, each with its own lock.
const shards = 64

// shard is a part of the channels.
type shard struct {
	mu       sync.Mutex
	channels map[string]*channel
}

// channel is one with subscribers in this hub, and its order.
type channel struct {
	offset      uint64
	subscribers map[*Session]*subscription
}

// subscription is one session in one channel. Its presence is what others may know of the subscriber.
type subscription struct {
	channel string
	since   uint64 // offset at which it began, read together with subscribing
}

var shardSeed = maphash.MakeSeed()

func (h *Hub) shard(channel string) *shard {
	return &h.shards[maphash.String(shardSeed, channel)%shards]
}

// Deliver gives a publication to the subscribers in this hub. Its place in the channel's order and the places in the outboxes are
// given under one lock, so that all subscribers see the same order. Broker calls it.
func (h *Hub) Deliver(p *Publication) {
	exclude := h.byID(p.Exclude)
	message := prepare(p.Data, p.Binary)
	sh := h.shard(p.Channel)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	c := sh.channels[p.Channel]
	if c == nil {
		h.counters.Unheard.Add(1)
		return
	}
	c.offset++
	p.Offset, p.Epoch = c.offset, h.epoch
	for s := range c.subscribers {
		if s != exclude {
			s.deliver(message)
		}
	}
}

// subscribe puts a session into channels. What it may not is logged and left out.
func (h *Hub) subscribe(s *Session, names []string) {
	for _, name := range names {
		if !channelName.MatchString(name) {
			h.bridge.warn("channel", "a script named the channel %.80q, which is not a name for one", name)
			continue
		}
		sh := h.shard(name)
		sh.mu.Lock()
		first := h.subscribeLocked(sh, s, name)
		sh.mu.Unlock()
		if first {
			if err := h.broker.Subscribe(name); err != nil {
				h.bridge.warn("broker", "cannot subscribe to %s: %v", name, err)
			}
		}
	}
}

func (h *Hub) subscribeLocked(sh *shard, s *Session, name string) (first bool) {
	c := sh.channels[name]
	if c != nil && c.subscribers[s] != nil {
		return false
	}
	limit := h.bridge.opts().Subscriptions
	s.mu.Lock()
	ended, many := s.phase == ended, len(s.subscriptions) >= limit
	sub := &subscription{channel: name}
	if !ended && !many {
		s.subscriptions = append(s.subscriptions, sub)
	}
	s.mu.Unlock()
	if many {
		h.bridge.warn("subscriptions", "connection %s has %d subscriptions: %s is left out", s.ID(), limit, name)
	}
	if ended || many {
		return false
	}
	if c == nil {
		c = &channel{subscribers: map[*Session]*subscription{}}
		sh.channels[name], first = c, true
	}
	sub.since = c.offset
	c.subscribers[s] = sub
	return first
}

// unsubscribe takes a session out of a channel.
func (h *Hub) unsubscribe(s *Session, name string) {
	sh := h.shard(name)
	sh.mu.Lock()
	c := sh.channels[name]
	if c == nil || c.subscribers[s] == nil {
		sh.mu.Unlock()
		return
	}
	delete(c.subscribers, s)
	last := len(c.subscribers) == 0
	if last {
		delete(sh.channels, name)
	}
	sh.mu.Unlock()
	s.forget(name)
	if last {
		if err := h.broker.Unsubscribe(name); err != nil {
			h.bridge.warn("broker", "cannot unsubscribe from %s: %v", name, err)
		}
	}
}

// Subscribers returns the ids of the sessions in a channel, at most limit.
func (h *Hub) Subscribers(name string, limit int) []string {
	sh := h.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	var ids []string
	if c := sh.channels[name]; c != nil {
		for s := range c.subscribers {
			if len(ids) == limit {
				break
			}
			ids = append(ids, s.ID())
		}
	}
	return ids
}

// parseID takes an id apart: the number of the node and that of the connection.
func parseID(id string) (node, serial uint64, ok bool) {
	dot := -1
	for i := range len(id) {
		if id[i] == '.' {
			dot = i
			break
		}
	}
	if dot < 0 {
		return 0, 0, false
	}
	node, err1 := strconv.ParseUint(id[:dot], 10, 64)
	serial, err2 := strconv.ParseUint(id[dot+1:], 10, 64)
	return node, serial, err1 == nil && err2 == nil
}
