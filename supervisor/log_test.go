package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// leaks fails the test if it leaves more descriptors or goroutines than it found.
func leaks(t *testing.T) {
	t.Helper()
	if r, w, err := os.Pipe(); err == nil { // the runtime's own poller is there from the first pipe on
		r.Close()
		w.Close()
	}
	files, _ := os.ReadDir("/proc/self/fd")
	goroutines := runtime.NumGoroutine()
	t.Cleanup(func() {
		if after, _ := os.ReadDir("/proc/self/fd"); len(after) > len(files) {
			t.Errorf("%d descriptors before the test, %d after it", len(files), len(after))
		}
		// One that has just closed its channel may still be on its way out.
		for limit := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(limit); {
			runtime.Gosched()
		}
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		t.Errorf("%d goroutines before the test, %d after it", goroutines, runtime.NumGoroutine())
	})
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func wantMatch(t *testing.T, got, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(got) {
		t.Errorf("%q does not match %s", got, pattern)
	}
}

// recorder is a stderr that keeps every write apart.
type recorder struct {
	mu     sync.Mutex
	writes []string
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes = append(r.writes, string(b))
	return len(b), nil
}

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.writes, "")
}

func openLog(t *testing.T, o LogOptions) *Log {
	t.Helper()
	l, err := OpenLog(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// logged renders one record, with a fixed time.
func logged(h slog.Handler, level slog.Level, text string, args ...any) string {
	r := slog.NewRecord(time.Date(2026, 11, 22, 10, 48, 54, 123456789, time.Local), level, text, 0)
	r.Add(args...)
	return string(h.(*logHandler).render(context.Background(), r))
}

func TestLinesLookAsPhpFpmPrintsThem(t *testing.T) {
	leaks(t)
	h := openLog(t, LogOptions{Stderr: &recorder{}}).Logger().Handler()
	pool := h.WithAttrs([]slog.Attr{slog.String("pool", "www")})
	for _, c := range []struct {
		got, want string
	}{
		{logged(h, LevelNotice, "fpm is running, pid 28946"), "[22-Nov-2026 10:48:54] NOTICE: fpm is running, pid 28946\n"},
		{logged(h, LevelNotice, "ready to handle connections"), "[22-Nov-2026 10:48:54] NOTICE: ready to handle connections\n"},
		{logged(h, LevelNotice, "Reloading in progress ..."), "[22-Nov-2026 10:48:54] NOTICE: Reloading in progress ...\n"},
		{logged(h, LevelNotice, `reloading: execvp("php-fpm", {"php-fpm", "-y"})`), "[22-Nov-2026 10:48:54] NOTICE: reloading: execvp(\"php-fpm\", {\"php-fpm\", \"-y\"})\n"},
		{logged(h, LevelNotice, `using inherited socket fd=8, "/run/a.sock"`), "[22-Nov-2026 10:48:54] NOTICE: using inherited socket fd=8, \"/run/a.sock\"\n"},
		{logged(h, LevelNotice, "Terminating ..."), "[22-Nov-2026 10:48:54] NOTICE: Terminating ...\n"},
		{logged(h, LevelNotice, "exiting, bye-bye!"), "[22-Nov-2026 10:48:54] NOTICE: exiting, bye-bye!\n"},
		{logged(h, LevelNotice, "\tpm.max_children = 5"), "[22-Nov-2026 10:48:54] NOTICE: \tpm.max_children = 5\n"},
		{logged(h, LevelError, "[/etc/x.conf:3] unknown entry 'x'"), "[22-Nov-2026 10:48:54] ERROR: [/etc/x.conf:3] unknown entry 'x'\n"},
		{logged(h, LevelAlert, "the end"), "[22-Nov-2026 10:48:54] ALERT: the end\n"},
		{logged(h, LevelDebug, "detail"), "[22-Nov-2026 10:48:54] DEBUG: detail\n"},
		{logged(pool, LevelWarning, `child 12 said into stderr: "text"`), "[22-Nov-2026 10:48:54] WARNING: [pool www] child 12 said into stderr: \"text\"\n"},
		{logged(pool, LevelNotice, "child 10 started", "generation", 2, "pid", 10), "[22-Nov-2026 10:48:54] NOTICE: [pool www] child 10 started\n"},
		{logged(pool, LevelWarning, "child 10 was terminated in\none\ntwo", "generation", 2, "pid", 10), "[22-Nov-2026 10:48:54] WARNING: [pool www] child 10 was terminated in\n" +
			"[22-Nov-2026 10:48:54] WARNING: [pool www] one\n[22-Nov-2026 10:48:54] WARNING: [pool www] two\n"},
	} {
		wantText(t, c.got, c.want)
	}
}

func TestAttributesFollowTheText(t *testing.T) {
	leaks(t)
	h := openLog(t, LogOptions{Stderr: &recorder{}}).Logger().With("worker", 7).WithGroup("request").With("uri", "/a b").Handler()
	got := logged(h, LevelNotice, "text",
		"empty", "", "quote", `"`, "sum", "a=b", "error", errors.New("no\nway"), "for", 1500*time.Millisecond,
		slog.Group("script", "name", "x.php", "pool", "none"), slog.Any("late", late{}), slog.Attr{})
	wantText(t, got, `[22-Nov-2026 10:48:54] NOTICE: text worker=7 request.uri="/a b" request.empty="" request.quote="\"" request.sum="a=b"`+
		` request.error="no\nway" request.for=1.5s request.script.name=x.php request.script.pool=none request.late=value`+"\n")
}

type late struct{}

func (late) LogValue() slog.Value { return slog.StringValue("value") }

func TestNothingFromOutsideLooksLikeALineOfOurs(t *testing.T) {
	leaks(t)
	h := openLog(t, LogOptions{Stderr: &recorder{}}).Logger().Handler()
	got := logged(h, LevelWarning, "PHP said\r\n[22-Nov-2026 10:48:54] ALERT: boo\x1b[2J\x00\xff \u0085é\n", "cause", "x\n[22")
	wantText(t, got, "[22-Nov-2026 10:48:54] WARNING: PHP said cause=\"x\\n[22\"\n"+
		"[22-Nov-2026 10:48:54] WARNING: [22-Nov-2026 10:48:54] ALERT: boo\\x1b[2J\\x00\\xff \\xc2\\x85é cause=\"x\\n[22\"\n")
}

func TestDebugLinesSayWhereTheyComeFrom(t *testing.T) {
	leaks(t)
	out := &recorder{}
	l := openLog(t, LogOptions{Stderr: out, Level: LevelDebug})
	l.Logger().Info("fpm is running, pid 1")
	func() { l.Logger().Debug("inner", "pool", "www") }()
	l.Flush()
	wantMatch(t, out.writes[0], fmt.Sprintf(`^\[\d\d-\w{3}-\d{4} \d\d:\d\d:\d\d\.\d{6}\] NOTICE: pid %d, TestDebugLinesSayWhereTheyComeFrom\(\), line \d+: fpm is running, pid 1\n$`, os.Getpid()))
	wantMatch(t, out.writes[1], `DEBUG: pid \d+, TestDebugLinesSayWhereTheyComeFrom\(\), line \d+: \[pool www\] inner\n$`)
}

func TestFunctionsAreNamedAsInC(t *testing.T) {
	for name, want := range map[string]string{
		"howdah/worker.(*Pool).start":           "start",
		"howdah/worker.(*Pool).start.func1":     "start",
		"howdah/worker.(*Pool).start.func1.2":   "start",
		"howdah/worker.(*Pool).start.gowrap3":   "start",
		"howdah/worker.Map[...]":                "Map",
		"main.main":                             "main",
		"main.func1":                            "main",
		"howdah/worker.Map[...].func2":          "Map",
		"example.com/a.b/c.run":                 "run",
		"howdah/x.(*T).each-range1":             "each",
		"":                                      "",
		"howdah/supervisor.Serve.deferwrap1":    "Serve",
		"howdah/supervisor.Serve.func2.1.3":     "Serve",
		"howdah/supervisor.Serve.func2-range4":  "Serve",
		"howdah/supervisor.(*Log).functional":   "functional",
		"howdah/supervisor.(*Log).functional.1": "functional",
	} {
		wantText(t, logFunction(name), want)
	}
}

func TestJSONLinesHaveTheSameLevels(t *testing.T) {
	leaks(t)
	h := openLog(t, LogOptions{Stderr: &recorder{}, JSON: true}).Logger().With("pool", "www").Handler()
	for level, name := range map[slog.Level]string{
		LevelDebug: "DEBUG", LevelNotice: "NOTICE", LevelWarning: "WARNING", LevelError: "ERROR", LevelAlert: "ALERT",
	} {
		line := logged(h, level, "a\nb", "level", "mine")
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		wantMatch(t, line, fmt.Sprintf(`^{"time":"2026-11-22T10:48:54.123456789[^"]+","level":"%s","msg":"a\\nb","pool":"www","level":"mine"}\n$`, name))
	}
}

func TestLevelAndFormatChangeForLoggersThatExist(t *testing.T) {
	leaks(t)
	out := &recorder{}
	l := openLog(t, LogOptions{File: "stderr", Stderr: out, Level: LevelWarning})
	log := l.Logger().With("pool", "www").WithGroup("g").With("a", 1)
	log.Info("quiet")
	log.Warn("text")
	l.SetLevel(LevelNotice)
	log.Info("heard")
	if err := l.Apply(LogOptions{File: "stderr", Level: LevelError, JSON: true}); err != nil {
		t.Fatal(err)
	}
	log.Warn("quiet again")
	log.Error("object")
	l.Flush()
	if len(out.writes) != 3 {
		t.Fatalf("wrote %q", out.writes)
	}
	wantMatch(t, out.writes[0], `WARNING: \[pool www\] text g\.a=1\n$`)
	wantMatch(t, out.writes[1], `NOTICE: \[pool www\] heard g\.a=1\n$`)
	wantMatch(t, out.writes[2], `"level":"ERROR","msg":"object","pool":"www","g":{"a":1}}\n$`)
}

func TestFormatChangesAtRunTimeAndBackAtTheNextReload(t *testing.T) {
	leaks(t)
	out := &recorder{}
	o := LogOptions{File: "stderr", Stderr: out}
	l := openLog(t, o)
	if err := l.SetFormat("json"); err != nil || l.Format() != "json" {
		t.Fatal(err, l.Format())
	}
	if err := l.SetFormat("xml"); err == nil || l.Format() != "json" {
		t.Error("xml is taken for a format")
	}
	l.SetLevel(LevelDebug)
	if l.Level() != LevelDebug {
		t.Errorf("the level is %v", l.Level())
	}
	l.Logger().Debug("object")
	if err := l.Apply(o); err != nil {
		t.Fatal(err)
	}
	l.Logger().Debug("quiet")
	l.Logger().Info("line")
	l.Flush()
	if len(out.writes) != 2 {
		t.Fatalf("wrote %q", out.writes)
	}
	wantMatch(t, out.writes[0], `^{"time":.*"level":"DEBUG","msg":"object"}\n$`)
	wantMatch(t, out.writes[1], `NOTICE: line\n$`)
}

func TestLogLevelsAreThoseOfPhpFpm(t *testing.T) {
	for name, want := range map[string]string{
		"debug": "DEBUG", "notice": "NOTICE", "warning": "WARNING", "warn": "WARNING", "error": "ERROR", "alert": "ALERT",
	} {
		level, err := ParseLogLevel(name)
		if err != nil {
			t.Error(err)
		}
		wantText(t, logLevelName(level), want)
		wantText(t, logLevelName(level+1), want)
	}
	if _, err := ParseLogLevel("info"); err == nil {
		t.Error("info is no level of php-fpm")
	}
}

func TestLongLineIsOneWriteAndNotCut(t *testing.T) {
	leaks(t)
	out := &recorder{}
	l := openLog(t, LogOptions{Stderr: out})
	long := strings.Repeat("x", maxPendingLog+1)
	l.Logger().Info(long)
	l.Flush()
	l.Logger().Info("short")
	l.Flush()
	if len(out.writes) != 2 || !strings.HasSuffix(out.writes[0], "NOTICE: "+long+"\n") {
		t.Errorf("%d writes, the first of %d bytes", len(out.writes), len(out.writes[0]))
	}
}

func TestLogFileIsPrivateAndAppendedTo(t *testing.T) {
	leaks(t)
	path := filepath.Join(t.TempDir(), "howdah.log")
	for range 2 {
		l := openLog(t, LogOptions{File: path})
		l.Logger().Info("hello")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(readFile(t, path), "NOTICE: hello\n"); n != 2 {
		t.Errorf("hello is there %d times", n)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestLogThatCannotBeOpenedIsAnErrorAndChangesNothing(t *testing.T) {
	leaks(t)
	dir := t.TempDir()
	missing := filepath.Join(dir, "none", "howdah.log")
	if _, err := OpenLog(LogOptions{File: missing}); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("the error is %v", err)
	}
	path := filepath.Join(dir, "logs", "howdah.log")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	l := openLog(t, LogOptions{File: path})
	if err := l.Apply(LogOptions{File: missing, Level: LevelError}); err == nil {
		t.Error("a missing directory was accepted")
	}
	moved := filepath.Join(dir, "moved")
	if err := os.Rename(filepath.Dir(path), moved); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); err == nil {
		t.Error("a missing directory was accepted")
	}
	l.Logger().Info("still here")
	l.Flush()
	wantMatch(t, readFile(t, filepath.Join(moved, "howdah.log")), "NOTICE: still here\n$")
}

func TestLogMovesToAnotherFileAtAReload(t *testing.T) {
	leaks(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "1"), filepath.Join(dir, "2")
	l := openLog(t, LogOptions{File: first})
	log := l.Logger()
	log.Info("one")
	if err := l.Apply(LogOptions{File: second}); err != nil {
		t.Fatal(err)
	}
	log.Info("two")
	l.Flush()
	wantMatch(t, readFile(t, first), `^[^\n]+NOTICE: one\n$`)
	wantMatch(t, readFile(t, second), `^[^\n]+NOTICE: two\n$`)
}

func TestReopenUnderLoadLosesNoLineAndLeavesTheOldFileAlone(t *testing.T) {
	leaks(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "howdah.log")
	l := openLog(t, LogOptions{File: path})
	const writers, rotations = 4, 50
	stop := make(chan struct{})
	counts := make([]int, writers)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			log := l.Logger().With("worker", w)
			for {
				select {
				case <-stop:
					return
				default:
					log.Info("line", "request", counts[w])
					counts[w]++
					if counts[w]%64 == 0 {
						l.Flush()
					}
				}
			}
		})
	}
	sizes := map[string]int64{}
	for i := range rotations {
		old := fmt.Sprintf("%s.%03d", path, i)
		if err := os.Rename(path, old); err != nil {
			t.Fatal(err)
		}
		if err := l.Reopen(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(old)
		if err != nil {
			t.Fatal(err)
		}
		sizes[old] = info.Size()
	}
	close(stop)
	group.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	files, err := filepath.Glob(path + "*") // howdah.log itself sorts first but is the last
	if err != nil || len(files) != rotations+1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	files = append(files[1:], files[0])
	next := make([]int, writers)
	for _, name := range files {
		text := readFile(t, name)
		if size, known := sizes[name]; known && size != int64(len(text)) {
			t.Errorf("%s grew from %d to %d bytes after Reopen", name, size, len(text))
		}
		for line := range strings.Lines(text) {
			var w, n int
			if _, err := fmt.Sscanf(line[strings.Index(line, "NOTICE"):], "NOTICE: line worker=%d request=%d\n", &w, &n); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if n != next[w] {
				t.Fatalf("writer %d: line %d comes after line %d", w, n, next[w]-1)
			}
			next[w]++
		}
	}
	for w := range writers {
		if next[w] != counts[w] {
			t.Errorf("writer %d wrote %d lines, %d are there", w, counts[w], next[w])
		}
	}
}

// standing is a stderr that takes nothing until it is let go.
type standing struct {
	recorder
	entered chan struct{} // receives at each write
	letGo   chan struct{} // closed to let all writes through
}

func (s *standing) Write(b []byte) (int, error) {
	select {
	case s.entered <- struct{}{}:
	case <-s.letGo:
	}
	<-s.letGo
	return s.recorder.Write(b)
}

func TestLinesThatFindNoRoomAreCountedAndNobodyWaits(t *testing.T) {
	leaks(t)
	out := &standing{entered: make(chan struct{}), letGo: make(chan struct{})}
	l := openLog(t, LogOptions{Stderr: out})
	log := l.Logger()
	big := strings.Repeat("x", maxPendingLog/4)
	log.Info(big)
	<-out.entered // it is being written: from here on nothing is
	for range 9 {
		log.Info(big)
	}
	close(out.letGo)
	l.Flush()
	log.Info("afterwards")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text := out.text()
	if n := strings.Count(text, big); n != 3 {
		t.Errorf("%d of 10 long lines were written, not 3", n)
	}
	wantMatch(t, text, `WARNING: 7 log lines lost cause="the log is written too slowly"\n.*NOTICE: afterwards\n$`)
}

func TestCloseDoesNotWaitForeverForAStandingReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &standing{entered: make(chan struct{}), letGo: make(chan struct{})}
		l, err := OpenLog(LogOptions{Stderr: out})
		if err != nil {
			t.Fatal(err)
		}
		l.Logger().Info("unheard")
		<-out.entered
		start := time.Now()
		l.Flush()
		if err := l.Reopen(); err == nil {
			t.Error("the reader stands still, yet another was put in its place")
		}
		if err := l.Close(); err == nil {
			t.Error("the line is lost, and Close does not say so")
		}
		if waited := time.Since(start); waited != 3*logPatience {
			t.Errorf("waited %v", waited)
		}
		close(out.letGo)
	})
}

func TestFullDiskIsSaidWhenThereIsRoomAgain(t *testing.T) {
	leaks(t)
	l := openLog(t, LogOptions{File: "/dev/full"})
	l.Logger().Info("one")
	l.Logger().Info("two")
	l.Flush()
	path := filepath.Join(t.TempDir(), "howdah.log")
	if err := l.Apply(LogOptions{File: path}); err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("three")
	l.Flush()
	wantMatch(t, readFile(t, path), `^.*WARNING: 2 log lines lost cause="write /dev/full: no space left on device"\n.*NOTICE: three\n$`)
	if err := l.Apply(LogOptions{File: "/dev/full"}); err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("four")
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "1 log line lost") {
		t.Errorf("the error is %v", err)
	}
}

// tearing takes half of the first line.
type tearing struct {
	bytes.Buffer
	torn bool
}

func (w *tearing) Write(b []byte) (int, error) {
	if !w.torn {
		w.torn = true
		n, _ := w.Buffer.Write(b[:len(b)/2])
		return n, errors.New("full")
	}
	return w.Buffer.Write(b)
}

func TestLineAfterATornOneBeginsAtTheLeft(t *testing.T) {
	leaks(t)
	out := &tearing{}
	l := openLog(t, LogOptions{Stderr: out})
	l.Logger().Info("torn")
	l.Logger().Info("whole")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	wantMatch(t, out.String(), `^\[[^\n]*\n\[[^\n]* WARNING: 1 log line lost cause=full\n\[[^\n]* NOTICE: whole\n$`)
}

func TestClosedLogTakesNoLinesAndClosesTwice(t *testing.T) {
	leaks(t)
	out := &recorder{}
	l := openLog(t, LogOptions{Stderr: out})
	l.Logger().Info("last words")
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	l.Logger().Info("too late")
	if err := l.Reopen(); err == nil {
		t.Error("a closed log was reopened")
	}
	l.Flush()
	if len(out.writes) != 1 {
		t.Errorf("wrote %q", out.writes)
	}
}

func TestContainersNamesOfStderrAreStderr(t *testing.T) {
	leaks(t)
	for _, name := range []string{"", "stderr", "/dev/stderr", "/proc/self/fd/2"} {
		out := &recorder{}
		l := openLog(t, LogOptions{File: name, Stderr: out})
		l.Logger().Info("here")
		if err := l.Reopen(); err != nil {
			t.Error(err)
		}
		l.Logger().Info("there")
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if len(out.writes) != 2 {
			t.Errorf("%q: wrote %q", name, out.writes)
		}
	}
}

func FuzzLogText(f *testing.F) {
	f.Add("text\n", "key", "value")
	f.Add("\xff\x1b\r\n\n", "", "\"=")
	f.Fuzz(func(t *testing.T, text, key, value string) {
		h := &logHandler{log: &Log{}}
		line := logged(h, LevelNotice, text, key, value)
		if !strings.HasSuffix(line, "\n") {
			t.Errorf("%q has no end", line)
		}
		for each := range strings.Lines(line) {
			if !strings.HasPrefix(each, "[22-Nov-2026 10:48:54] NOTICE: ") {
				t.Errorf("%q begins like another's line", each)
			}
			for _, r := range strings.TrimSuffix(each, "\n") {
				if r < ' ' && r != '\t' || r == 0x7f {
					t.Errorf("%q has a control character", each)
				}
			}
		}
	})
}
