package supervisor

import (
	"io"
	"os"
	"syscall"
	"testing"
)

func TestSignalsMeanWhatTheHelpSays(t *testing.T) {
	for _, c := range []struct {
		signal            os.Signal
		running, stopping SignalEvent
	}{
		{syscall.SIGTERM, SignalStop, SignalKill},
		{syscall.SIGQUIT, SignalStop, SignalKill},
		{syscall.SIGINT, SignalKill, SignalKill},
		{syscall.SIGHUP, SignalReload, SignalNothing},
		{syscall.SIGUSR2, SignalReload, SignalNothing},
		{syscall.SIGUSR1, SignalReopen, SignalReopen},
		{syscall.SIGCHLD, SignalNothing, SignalNothing},
	} {
		if got := signalEvent(c.signal, false); got != c.running {
			t.Errorf("%v while running: %v", c.signal, got)
		}
		if got := signalEvent(c.signal, true); got != c.stopping {
			t.Errorf("%v while stopping: %v", c.signal, got)
		}
	}
}

func TestSecondStopIsAtOnceWhateverCameBetween(t *testing.T) {
	s := &Signals{}
	for _, c := range []struct {
		signal syscall.Signal
		want   string
	}{
		{syscall.SIGHUP, "reload"}, {syscall.SIGUSR1, "reopen"}, {syscall.SIGTERM, "stop"},
		{syscall.SIGHUP, "nothing"}, {syscall.SIGUSR1, "reopen"}, {syscall.SIGQUIT, "kill"}, {syscall.SIGTERM, "kill"},
	} {
		wantText(t, s.Event(c.signal).String(), c.want)
	}
}

func TestSignalsArriveAndNoneEndsTheProcess(t *testing.T) {
	if os.Getenv("HOWDAH_TEST_SIGNALS") == "" {
		leaks(t)
		passes(t, again(t, "HOWDAH_TEST_SIGNALS=yes"))
		return
	}
	s := CatchSignals()
	for sig, meaning := range signalEvents {
		if err := syscall.Kill(os.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
		if got := <-s.C; got != sig || signalEvent(got, false) != meaning.running {
			t.Errorf("%v arrived as %v", sig, got)
		}
	}
	for range signalQueue + 10 { // nobody receives: they are dropped, and nothing waits
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
}

func TestStderrThatNobodyReadsIsNotTheEnd(t *testing.T) {
	if os.Getenv("HOWDAH_TEST_SIGNALS") == "" {
		leaks(t)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		defer w.Close()
		cmd := again(t, "HOWDAH_TEST_SIGNALS=yes")
		cmd.Stderr = w
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	s := CatchSignals()
	l := openLog(t, LogOptions{})
	l.Logger().Info("into the void")
	if err := l.Close(); err == nil {
		t.Error("the write succeeded")
	}
	if _, err := io.WriteString(os.Stderr, "x"); err == nil {
		t.Error("the write succeeded")
	}
	s.Close()
}
