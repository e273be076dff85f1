package supervisor

import (
	"bytes"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"howdah/supervisor/config"
)

func TestNoticesOfTheStartGoToStderrTooUntilTheEchoEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	var stderr bytes.Buffer
	l, err := OpenLog(LogOptions{File: file, Level: LevelDebug, Stderr: &stderr, Echo: true})
	if err != nil {
		t.Fatal(err)
	}
	l.Logger().Debug("low")
	l.Logger().Info("early")
	l.EndEcho()
	l.Logger().Error("late")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if said := stderr.String(); !strings.HasSuffix(said, "early\n") || strings.Count(said, "\n") != 1 {
		t.Errorf("stderr has %q, want the line of the start", said)
	}
	if text := readFile(t, file); strings.Count(text, "\n") != 3 {
		t.Errorf("the file has %q, want three lines", text)
	}
}

func TestAsPHPFPMAStopBeginsWithItsWord(t *testing.T) {
	fpm, own := &service{options: Options{FPM: &FPM{}}}, &service{}
	for _, c := range []struct {
		s      *service
		sig    syscall.Signal
		atOnce bool
		want   string
	}{
		{fpm, syscall.SIGTERM, false, "Terminating ..."},
		{fpm, syscall.SIGQUIT, false, "Finishing ..."},
		{fpm, syscall.SIGINT, true, "Terminating ..."},
		{own, syscall.SIGTERM, false, "Finishing ..."},
		{own, syscall.SIGINT, true, "Terminating ..."},
	} {
		if got := c.s.stopWord(c.sig, c.atOnce); got != c.want {
			t.Errorf("%v (at once %v): %q, want %q", c.sig, c.atOnce, got, c.want)
		}
	}
}

func TestAnotherLoaderReadsTheFileOfTheOptions(t *testing.T) {
	want := &config.Config{}
	o := Options{ConfigFile: "php-fpm.conf", Load: func(file string) (*config.Config, error) {
		if file != "php-fpm.conf" {
			t.Errorf("asked for %q", file)
		}
		return want, nil
	}}
	if got, err := o.load(); got != want || err != nil {
		t.Errorf("got %p, %v", got, err)
	}
}
