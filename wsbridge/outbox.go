package wsbridge

import "sync"

// outbox is what waits for a client: whole frames, in order. Its session's mu guards it.
type outbox struct {
	frames  [][]byte
	bytes   int  // of them, and of those being written
	ready   bool // the handshake is over
	writing bool // a goroutine writes
	ended   bool // nothing may follow
	flushed chan struct{}
}

// batchSize is how many bytes of small frames leave in one system call.
const batchSize = 16 << 10

var batches = sync.Pool{New: func() any { b := make([]byte, 0, batchSize); return &b }}

// deliver puts a message into the outbox. A client that does not take its messages is closed.
func (s *Session) deliver(m *prepared) {
	s.bridge.hub.counters.DeliveredEntries.Add(1)
	s.spoken.Store(int64(s.bridge.now()))
	s.put(m.frame(s.deflate))
}

// put queues a frame.
func (s *Session) put(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.outbox
	if o.ended || s.phase > open {
		return
	}
	if o.bytes > 0 && o.bytes+len(frame) > s.bridge.opts().OutboxBytes {
		s.goodbye(slow, slow.code(), slow.String(), true)
		return
	}
	o.frames = append(o.frames, frame)
	o.bytes += len(frame)
	o.start(s)
}

// end puts the last frame into the outbox, nil if there is none to say. mu is held.
func (o *outbox) end(s *Session, last []byte, drop bool) {
	if o.ended {
		return
	}
	o.ended = true
	if drop {
		o.frames = nil
	}
	if last != nil {
		o.frames = append(o.frames, last)
	}
	o.flushed = make(chan struct{})
	if len(o.frames) == 0 && !o.writing {
		close(o.flushed)
		return
	}
	o.start(s)
}

// start has a goroutine write, if none does. mu is held.
func (o *outbox) start(s *Session) {
	if o.ready && !o.writing && len(o.frames) > 0 {
		o.writing = true
		s.bridge.background.Go(s.write)
	}
}

// begin lets the frames go that came during the handshake.
func (s *Session) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase, s.outbox.ready = open, true
	s.outbox.start(s)
	if v := s.verdict; v.close != 0 {
		s.goodbye(v.why, v.close, v.reason, false)
	}
}

// write writes what waits, small frames together, until nothing does.
func (s *Session) write() {
	batch := batches.Get().(*[]byte)
	defer batches.Put(batch)
	stall := s.bridge.opts().WriteTimeout
	for {
		frames, ok := s.takeFrames()
		if !ok {
			return
		}
		buffered, bytes := (*batch)[:0], 0
		var err error
		for _, f := range frames {
			bytes += len(f)
			if len(buffered)+len(f) > batchSize && len(buffered) > 0 && err == nil {
				err = s.wire.send(buffered, stall)
				buffered = buffered[:0]
			}
			if len(f) > batchSize && err == nil {
				err = s.wire.send(f, stall)
				continue
			}
			buffered = append(buffered, f...)
		}
		if err == nil {
			err = s.wire.send(buffered, stall)
		}
		s.mu.Lock()
		s.outbox.bytes -= bytes
		s.mu.Unlock()
		if err != nil {
			s.unwritable()
		}
	}
}

// takeFrames returns what is to be written now. ok is false when there is nothing: the writer ends.
func (s *Session) takeFrames() (frames [][]byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.outbox
	frames, o.frames = o.frames, nil
	if len(frames) > 0 {
		return frames, true
	}
	o.writing, o.bytes = false, 0
	if o.ended {
		close(o.flushed)
	}
	return nil, false
}

// unwritable gives up a client that took nothing for write_timeout, or that has gone.
func (s *Session) unwritable() {
	s.mu.Lock()
	if s.phase == open {
		s.phase, s.ours, s.why = closing, true, slow
		s.closeCode, s.closeText = slow.code(), slow.String()
		s.outbox.end(s, nil, true)
	}
	s.outbox.frames = nil
	s.mu.Unlock()
	_ = s.wire.Close()
}
