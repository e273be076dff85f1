package wsbridge

import (
	"time"
)

// A storm of opens leaves the memory of its handshakes behind, which Go would give back after minutes.
const (
	stormSize  = 500             // handshakes that make a storm
	stormCalm  = 5 * time.Second // without a handshake: it is over
	stormLimit = time.Minute     // a storm that does not end is tidied up after, too
)

// tidy gives memory back to the system after storms. It belongs to the clock's goroutine.
type tidy struct {
	done uint64        // handshakes whose memory has been given back
	seen uint64        // handshakes at the last look
	at   time.Duration // when there were more than at the look before
	from time.Duration // when the storm began
}

// due tells, from the number of handshakes so far, whether it is time.
func (t *tidy) due(handshakes uint64, now time.Duration) bool {
	if t.seen == t.done && handshakes > t.seen {
		t.from = now
	}
	if handshakes > t.seen {
		t.seen, t.at = handshakes, now
	}
	if t.seen-t.done < stormSize || now-t.at < stormCalm && now-t.from < stormLimit {
		return false
	}
	t.done = t.seen
	return true
}
