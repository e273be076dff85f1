package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRootIsOnePoolBehindAFront(t *testing.T) {
	c, err := machine().ForRoot("/srv/site", "")
	if err != nil {
		t.Fatal(err)
	}
	p := c.Pools[0]
	got := []any{len(c.Pools), p.Name, p.Listen, p.HTTP.Listen, p.HTTP.Root, p.HTTP.Fallback, p.HTTP.AccessLog, c.Global.ErrorLog, p.RunAs.Name, len(c.Notices)}
	want := []any{1, "root", "", DefaultListen, "/srv/site", "/index.php", "stderr", "stderr", "www-data", 0}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if dir := c.Global.RuntimeDir; !strings.HasPrefix(dir, "/run/howdah-root-") {
		t.Errorf("runtime_dir is %s", dir)
	}
}

func TestRootsDoNotShareARuntimeDir(t *testing.T) {
	seen := map[string]string{}
	for _, c := range [][2]string{{"/srv/a", ""}, {"/srv/b", ""}, {"/srv/a", "8081"}, {"/srv/a", "127.0.0.1:0"}} {
		cfg, err := machine().ForRoot(c[0], c[1])
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[cfg.Global.RuntimeDir]; taken {
			t.Errorf("%s shares %s with %s", c, cfg.Global.RuntimeDir, other)
		}
		seen[cfg.Global.RuntimeDir] = strings.Join(c[:], " ")
	}
}

func TestRootListensOnLoopbackForAPortAlone(t *testing.T) {
	for listen, want := range map[string]string{"": "127.0.0.1:8080", "9000": "127.0.0.1:9000", ":9000": "9000", "[::1]:80": "[::1]:80", "/run/x.sock": "/run/x.sock"} {
		c, err := machine().ForRoot("/srv", listen)
		if err != nil || c.Pools[0].HTTP.Listen != want {
			t.Errorf("--listen %q listens on %v (%v), want %s", listen, c, err, want)
		}
	}
}

func TestRootRunsPHPAsTheOwnerOfTheFolder(t *testing.T) {
	for _, c := range []struct {
		owner    uint32
		uid, gid uint32
	}{{0, 33, 33}, {1000, 1000, 1000}, {33, 33, 33}, {4711, 4711, 4711}} {
		s := machine()
		stat := s.Stat
		s.Stat = func(path string) (File, error) {
			f, err := stat(path)
			if path == "/srv/site" {
				f.UID, f.GID = c.owner, c.owner
			}
			return f, err
		}
		cfg, err := s.ForRoot("/srv/site", "")
		if err != nil {
			t.Fatal(err)
		}
		if as := cfg.Pools[0].RunAs; as.UID != c.uid || as.GID != c.gid {
			t.Errorf("a folder of %d is served by %d:%d, want %d:%d", c.owner, as.UID, as.GID, c.uid, c.gid)
		}
	}
}

func TestRootWithoutRootStaysWhoItIs(t *testing.T) {
	s := machine()
	s.UID = 1000
	c, err := s.ForRoot("/srv/site", "")
	if err != nil || c.Pools[0].RunAs != nil || len(c.Notices) > 0 {
		t.Errorf("%v, %v", c, err)
	}
}

func TestRootThatCannotBeServedSaysWhatToDo(t *testing.T) {
	blocked := machine()
	blocked.Enter = func(string, *Account) string { return "/root" }
	poor := machine()
	poor.User = func(string) (Account, error) { return Account{}, errors.New("unknown user") }
	for _, c := range []struct {
		s                 System
		dir, listen, want string
	}{
		{machine(), "/missing", "", "--root /missing: directory /missing: file does not exist"},
		{machine(), "/srv/a.php", "", "--root /srv/a.php: /srv/a.php is not a directory"},
		{machine(), "/srv", "nowhere", `--listen nowhere: "nowhere" is not an address (write "/path/of.sock", "ADDRESS:PORT" or "PORT")`},
		{machine(), "/srv", "/missing/x.sock", "--root /srv: directory /missing: file does not exist"},
		{poor, "/srv", "", "--root /srv: /srv belongs to root and there is no user www-data (chown it to the user that PHP shall run as)"},
		{blocked, "/root/site", "", "--root /root/site: www-data cannot enter /root (mode 0755, owner 0), which is on the way to /root/site" +
			" (setfacl -m u:33:x /root, or chmod o+x /root, or move the site, for example to /var/www)"},
	} {
		_, err := c.s.ForRoot(c.dir, c.listen)
		var problems Problems
		if !errors.As(err, &problems) || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestKernelSaysWhichDirectoryKeepsAUserOut(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	nobody := &Account{Name: "nobody", UID: 65534, GID: 65534}
	top, err := os.MkdirTemp("/tmp", "howdah-enter-") // t.TempDir is closed to others further up
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	site := filepath.Join(top, "home", "site")
	link := filepath.Join(top, "link")
	if err := os.MkdirAll(site, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(site, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		top, home, site os.FileMode
		dir, want       string
	}{
		{0o755, 0o755, 0o755, site, ""},
		{0o711, 0o711, 0o755, site, ""},
		{0o711, 0o711, 0o755, link, ""},
		{0o700, 0o755, 0o755, site, top},
		{0o755, 0o700, 0o755, site, filepath.Join(top, "home")},
		{0o755, 0o755, 0o700, site, site},
		{0o755, 0o755, 0o711, site, site}, // can be entered, not listed
		{0o755, 0o755, 0o711, link, site},
	} {
		for dir, mode := range map[string]os.FileMode{top: c.top, filepath.Join(top, "home"): c.home, site: c.site} {
			if err := os.Chmod(dir, mode); err != nil {
				t.Fatal(err)
			}
		}
		if got := enter(c.dir, nobody); got != c.want {
			t.Errorf("with modes %o/%o/%o %s keeps nobody out of %s, want %q", c.top, c.home, c.site, got, c.dir, c.want)
		}
		if got := enter(c.dir, nil); got != "" {
			t.Errorf("root is kept out of %s by %s: the thread did not come back", c.dir, got)
		}
	}
}
