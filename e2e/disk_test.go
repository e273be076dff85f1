package e2e

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of a few megabytes on a folder of the sandbox.
func smallDisk(t *testing.T, sb *sandbox, name, size string) string {
	t.Helper()
	path := sb.path(name)
	mkdir(t, path, 0o755)
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "size="+size+",mode=1777"); err != nil {
		t.Fatalf("cannot mount a small tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Errorf("cannot unmount %s: %v", path, err)
		}
	})
	return path
}

func TestFullDiskForBodiesRefusesOnlyThoseBodies(t *testing.T) {
	sb := newSandbox(t)
	disk := smallDisk(t, sb, "disk", "2m")
	h := prepareHowdah(t, sb, append([]string{"[global]", `runtime_dir = "` + disk + `/run"`}, bigLimits...)...)
	h.run = disk + "/run"
	cmd := h.command()
	cmd.Env = append(cmd.Env, "TMPDIR="+disk)
	h.start(cmd)
	s := behindNginx(t, h)
	l := s.kept.startLoad(2, "/hello.php", "hello")
	since := s.mark()
	for range 3 {
		p := s.plain.post("/input.php", "text/plain", noise(1, 5<<20))
		if p.status < 500 || strings.Contains(p.body, "POST '") {
			t.Errorf("a body larger than the disk: %d %.100q", p.status, p.body)
		}
	}
	s.wantLogged(since, 5e9, "no space left on device")
	// What fits still fits, and afterwards the disk is empty again.
	if p := s.plain.post("/input.php", "text/plain", noise(2, 1<<20)); p.status != 200 || !strings.Contains(p.body, "POST '1048576' 1048576 ") {
		t.Errorf("a body that fits: %d %q", p.status, p.body)
	}
	if c := l.stop(); c.bad() > 0 {
		t.Errorf("small requests beside: %v", c)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(disk, &fs); err != nil {
		t.Fatal(err)
	}
	if used := (fs.Blocks - fs.Bfree) * uint64(fs.Bsize); used > 1<<20 {
		t.Errorf("%d kB of the disk are still in use", used>>10)
	}
	if _, err := os.Stat(disk); err != nil {
		t.Error(err)
	}
}
