package wsbridge

import "time"

// bucket is a rate with a burst of twice as much.
//
// Concurrency: none, it belongs to its caller. Times are those of the bridge's clock.
type bucket struct {
	tokens  float64
	last    time.Duration
	begun   bool
	owing   bool
	owingAt time.Duration
}

// fill adds what has come together since the last call.
func (b *bucket) fill(rate int, now time.Duration) {
	burst := 2 * float64(rate)
	if !b.begun {
		b.begun, b.tokens = true, burst
	} else {
		b.tokens = min(burst, b.tokens+float64(rate)*(now-b.last).Seconds())
	}
	b.last = now
}

// allow takes one token if there is one; else it says how long until there will be.
func (b *bucket) allow(rate int, now time.Duration) (wait time.Duration) {
	b.fill(rate, now)
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) / float64(rate) * float64(time.Second))
	}
	b.tokens--
	return 0
}

// spend takes n tokens, there or not, and says how long to wait until the debt is paid, and how long there has been debt at each
// call without a break.
func (b *bucket) spend(n, rate int, now time.Duration) (wait, owing time.Duration) {
	b.fill(rate, now)
	b.tokens -= float64(n)
	if b.tokens >= 0 {
		b.owing = false
		return 0, 0
	}
	if !b.owing {
		b.owing, b.owingAt = true, now
	}
	return time.Duration(-b.tokens / float64(rate) * float64(time.Second)), now - b.owingAt
}
