package worker

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"howdah/internal/fcgi"
)

const answerHead = "Content-type: text/html; charset=UTF-8\r\n\r\n"

// cut gives an answer to a worker in every three pieces, and byte by byte, and has check look at the job each time: it says
// what is wrong.
func cut(t *testing.T, answer []byte, check func(j *recorder) string) {
	t.Helper()
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		wrong := 0
		give := func(name string, pieces ...[]byte) {
			j := &recorder{}
			b.submit(j)
			php.heard()
			for _, piece := range pieces {
				if len(piece) > 0 {
					php.says(piece)
				}
			}
			said := check(j)
			if php.w.state != Idle || b.gen.busy != 0 || b.gen.idle.len != 1 {
				said += fmt.Sprintf(", the worker is %s, %d busy, %d idle", php.w.state, b.gen.busy, b.gen.idle.len)
				php = b.php()
			}
			if said != "" {
				if wrong++; wrong <= 5 {
					t.Errorf("cut %s: %s", name, said)
				}
			}
		}
		for i := range len(answer) + 1 {
			for k := i; k <= len(answer); k++ {
				give(fmt.Sprintf("at %d and %d", i, k), answer[:i], answer[i:k], answer[k:])
			}
		}
		give("byte by byte", slices.Collect(slices.Chunk(answer, 1))...)
		if wrong > 5 {
			t.Errorf("and %d more cuts", wrong-5)
		}
	})
}

// wants is what takes a job's answer apart and compares it.
func wants(out, messages string) func(j *recorder) string {
	return func(j *recorder) string {
		got := takeApart(j.records)
		if j.outcome() != "end " || got.wrong != "" || !got.end || string(got.stdout) != out || string(got.stderr) != messages {
			return fmt.Sprintf("%s%s, output %q, messages %q", j.outcome(), got.wrong, got.stdout, got.stderr)
		}
		return ""
	}
}

func TestAnAnswerArrivesWholeHoweverItIsCut(t *testing.T) {
	cut(t, join(stdout(answerHead+"0123456789"), stdout("second"), phpRecord(fcgi.TypeStdout, ""), endRequest()), wants(answerHead+"0123456789second", ""))
}

func TestMessagesAmongTheOutputKeepTheirPlaceHoweverTheyAreCut(t *testing.T) {
	answer := join(stdout(answerHead+"one"), stderr("a\n"), stdout("two"), stdout("three"), stderr("b\n"), phpRecord(fcgi.TypeStderr, ""), endRequest())
	cut(t, answer, wants(answerHead+"onetwothree", "PHP message: a; PHP message: b"))
}

func TestAFinishedAnswerEndsAtItsMarkHoweverItIsCut(t *testing.T) {
	cut(t, join(stdout(answerHead+"before"), stderr(mark(0)), stdout("after"), stderr("m\n"+mark(0)), endRequest()), wants(answerHead+"before", ""))
}

func TestAMarkInPiecesOfSeveralRecordsIsFound(t *testing.T) {
	m := mark(1)
	cut(t, join(stdout(answerHead+"\x00"), stderr("m\n"+m[:9]), stderr(m[9:]), endRequest()), wants(answerHead, "PHP message: m"))
}

func TestTheByteThatMadePHPSendItsHeadIsDroppedHoweverItIsCut(t *testing.T) {
	cut(t, join(stdout("A: b\r\n"), stdout(answerHead+"\x00"), stderr(mark(1)), stdout("after"), endRequest()), wants("A: b\r\n"+answerHead, ""))
}

func TestTheHeadMayBeCutIntoRecordsAnywhere(t *testing.T) {
	head := "A: b\r\n\r\n"
	for i := 1; i <= len(head); i++ {
		cut(t, join(stdout(head[:i]), stdout(head[i:]+"\x00"), stderr(mark(1)), endRequest()), wants(head, ""))
	}
}

func TestABodyThatIsOneByteOfZeroIsKeptWithoutAMark(t *testing.T) {
	cut(t, join(stdout(answerHead+"\x00"), endRequest()), wants(answerHead+"\x00", ""))
	cut(t, join(stdout(answerHead+"\x00"), stdout("more"), endRequest()), wants(answerHead+"\x00more", ""))
	cut(t, join(stdout(answerHead+"\x00"), stderr("m\n"+mark(0)), endRequest()), wants(answerHead+"\x00", "PHP message: m"))
}

func TestALongBodyBeforeAMessageIsCutAnywhereAroundIt(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 4096)[:fcgi.MaxContent-300]
	answer := join(stdout(answerHead+long), stderr("PHP Warning:  a\n"), stdout("end"), endRequest())
	around := len(answer) - 80
	onBench(t, Options{}, func(b *bench) {
		php := b.php()
		for i := around; i < len(answer); i++ {
			j := &recorder{}
			b.submit(j)
			php.heard()
			php.says(answer[:40000])
			php.says(answer[40000:i])
			php.says(answer[i:])
			if said := wants(answerHead+long+"end", "PHP message: PHP Warning:  a")(j); said != "" {
				t.Fatalf("cut at %d: %.200s", i, said)
			}
		}
	})
}
