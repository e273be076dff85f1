package phpstack

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := im.Read(c.Process.Pid, 20); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := Open(c.Process.Pid); err != nil {
				b.Fatal(err)
			}
		}
	})
}
