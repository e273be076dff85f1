package worker

import (
	"bytes"
	"testing"

	"howdah/internal/fcgi"
	"howdah/internal/reactor"
)

// FuzzAnswer gives a worker's bytes in pieces to the pool. Whatever they are, the job ends at most once and gets nothing
// afterwards; and if they are an answer it gets exactly its output.
func FuzzAnswer(f *testing.F) {
	whole := join(stdout(answerHead+"one"), stderr("m\n"), stdout("two"), stderr(mark(0)), stdout("three"), endRequest())
	f.Add(whole, uint8(1))
	f.Add(whole, uint8(3))
	f.Add(join(stdout(answerHead+"\x00"), stderr(mark(1)), endRequest()), uint8(7))
	f.Add(join(stdout(answerHead), endRequest(), []byte{0}), uint8(200))
	f.Add(join(stdout(answerHead), phpRecord(fcgi.TypeData, "x")), uint8(0))
	dir := f.TempDir()
	loop, err := reactor.Start()
	if err != nil {
		f.Fatal(err)
	}
	// The loop stands still, so that the test may do its work: coverage is the same each time then.
	stands, release := make(chan struct{}), make(chan struct{})
	loop.Post(func() {
		close(stands)
		<-release
	})
	<-stands
	f.Cleanup(func() {
		close(release)
		loop.Stop()
		loop.Wait()
	})
	f.Fuzz(func(t *testing.T, answer []byte, size uint8) {
		if len(answer) > 64<<10 {
			return
		}
		b := newBench(t, loop, dir, Options{MaxChildren: 1, QueueMax: 1})
		b.gen.orphans = true // nothing is connected to in the place of a worker that ends
		defer b.close()
		php := b.php()
		j := &recorder{}
		late := false
		j.output = func([]byte) bool {
			late = late || j.outcome() != ""
			return true
		}
		b.submit(j)
		php.heard()
		for rest := answer; len(rest) > 0 && php.w.task != nil && php.w.fd >= 0; {
			n := min(int(size)+1, len(rest))
			php.says(rest[:n])
			rest = rest[n:]
		}
		if late || j.ends+len(j.fails) > 1 {
			t.Fatalf("outcome %q, output after it: %v", j.outcome(), late)
		}
		got := takeApart(j.records)
		if j.ends == 1 && got.wrong != "" {
			t.Fatalf("ended, and the records are wrong: %s", got.wrong)
		}
		want, end, more := model(answer)
		if end != (j.ends == 1) && !more { // what comes after the end may come in time to spoil it, or later
			t.Fatalf("ended: %v, want %v", j.ends == 1, end)
		}
		if j.ends == 1 && !bytes.Equal(got.stdout, want) {
			t.Fatalf("output %q, want %q", got.stdout, want)
		}
		php.exits()
		if j.ends+len(j.fails) != 1 || b.gen.busy != 0 {
			t.Fatalf("outcome %q, %d busy", j.outcome(), b.gen.busy)
		}
	})
}

// model reads an answer record by record: what output the job must have got, whether it must have ended, and whether more
// comes after the end.
func model(b []byte) (out []byte, end, more bool) {
	scanner := NewFinishScanner(benchToken)
	long := false // a record of the head is too long to be looked into
	for len(b) >= fcgi.HeaderLen {
		h, err := fcgi.ParseHeader(b)
		if err != nil {
			return out, false, false
		}
		content := b[fcgi.HeaderLen:min(fcgi.HeaderLen+h.ContentLength, len(b))]
		whole := len(b) >= h.Len()
		switch h.Type {
		case fcgi.TypeStdout:
			out = append(out, content...)
			if end := bytes.Index(out, headEnd); h.Len() > maxHeld && (end < 0 || end+len(headEnd) >= len(out)-len(content)) {
				long = true
			}
		case fcgi.TypeStderr:
			if !whole && h.Len() <= maxHeld {
				return out, false, false
			}
			if _, mark := scanner.Next(bytes.Clone(content)); mark != NoMark {
				if end := bytes.Index(out, headEnd); mark == FinishedNUL && !long && end >= 0 && string(out[end:]) == "\r\n\r\n\x00" {
					out = out[:len(out)-1]
				}
				return out, true, false
			}
		case fcgi.TypeEndRequest:
			end = whole && h.Len() <= maxEnd
			return out, end, end && len(b) > h.Len()
		default:
			return out, false, false
		}
		if !whole {
			return out, false, false
		}
		b = b[h.Len():]
	}
	return out, false, false
}
