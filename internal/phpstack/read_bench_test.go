package phpstack

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkAStackIsRead says what one look costs the reader; the process that is looked at runs on.
func BenchmarkAStackIsRead(b *testing.B) {
	path, err := filepath.Abs("testdata/class.php")
	if err != nil {
		b.Fatal(err)
	}
	c := exec.Command("php-cgi", "-q", path)
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Kill()
	var im *Image
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if im, err = Open(c.Process.Pid); err == nil {
			if t, err := im.Read(c.Process.Pid, 20); err == nil && strings.HasPrefix(t.String(), "#0 usleep()") {
				break
			}
		}
		if time.Now().After(deadline) {
			b.Fatal(err)
		}
	}
	for name, look := range map[string]func() error{
		"read": func() error { _, err := im.Read(c.Process.Pid, 20); return err },
		"open": func() error { _, err := Open(c.Process.Pid); return err },
	} {
		b.Run(name, func(b *testing.B) {
			before := cpu(b)
			for b.Loop() {
				if err := look(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(time.Microsecond)/float64(b.N), "cpu-µs/op")
		})
	}
}

// cpu is the processor time of this process so far; on a busy machine it says more than the clock.
func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
