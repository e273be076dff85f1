package worker

import "bytes"

// A FinishMark is what fastcgi_finish_request() put between the output and what follows: php/preload.php writes it, with a
// secret token, as a message on FastCGI's STDERR, because a STDERR record keeps its place between the STDOUT records.
type FinishMark int

// Values of FinishMark.
const (
	NoMark      FinishMark = iota
	Finished               // what came on STDOUT before the mark is the whole response
	FinishedNUL            // so too, but its body is one NUL byte, made to have PHP send the header: drop the body (at HEAD there is none)
)

// finishPrefix is followed by '0' or '1' and finishSuffix; the newline is PHP's.
const (
	finishPrefix = "<howdah:finish:"
	finishSuffix = ">\n"
)

// A FinishScanner finds the mark in the STDERR stream of one request. PHP cuts and joins records as it likes, so the mark may
// come in pieces or in the middle of other messages. It holds back less than one mark.
type FinishScanner struct {
	prefix []byte // of a mark, up to the digit
	held   []byte // the end of the stream so far, if it may be the beginning of a mark
}

// NewFinishScanner returns a scanner for the marks of a zygote's preload.php.
func NewFinishScanner(token string) *FinishScanner {
	return &FinishScanner{prefix: []byte(finishPrefix + token + ":")}
}

// Next takes the next piece of the stream. text is what the log should have, valid until the piece is reused or Next is
// called again; mark is the first mark that ends in the piece. Later ones are dropped.
func (s *FinishScanner) Next(piece []byte) (text []byte, mark FinishMark) {
	rest := piece
	if len(s.held) > 0 {
		rest = append(s.held, piece...)
		s.held = nil
	}
	for {
		at := s.find(rest)
		if at < 0 {
			break
		}
		size := len(s.prefix) + 1 + len(finishSuffix)
		if len(rest)-at < size {
			s.held = bytes.Clone(rest[at:])
			rest = rest[:at]
			break
		}
		if mark == NoMark {
			mark = Finished
			if rest[at+len(s.prefix)] == '1' {
				mark = FinishedNUL
			}
		}
		rest = append(bytes.Clone(rest[:at]), rest[at+size:]...)
	}
	return rest, mark
}

// find returns where the first mark begins, or what may become one when more arrives; -1 if there is none.
func (s *FinishScanner) find(b []byte) int {
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], s.prefix[0])
		if i < 0 {
			return -1
		}
		if s.begins(b[from+i:]) {
			return from + i
		}
		from += i + 1
	}
}

// begins reports whether b begins with a mark, or is the beginning of one.
func (s *FinishScanner) begins(b []byte) bool {
	n := min(len(b), len(s.prefix))
	if !bytes.Equal(b[:n], s.prefix[:n]) {
		return false
	}
	if b = b[n:]; len(b) == 0 {
		return true
	}
	if b[0] != '0' && b[0] != '1' {
		return false
	}
	b = b[1:]
	n = min(len(b), len(finishSuffix))
	return string(b[:n]) == finishSuffix[:n]
}

// End returns what was held back, at the end of the request.
func (s *FinishScanner) End() []byte {
	held := s.held
	s.held = nil
	return held
}
