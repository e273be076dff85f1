package config

import (
	"slices"
	"strings"
	"testing"
)

func TestSpareServersAreCheckedAsInPhpFpm(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"pm_max_children = 5\npm_max_spare_servers = 8", "6: pool.www.pm_max_spare_servers: 8 is more than pm_max_children (5, line 5)"},
		{"pm_min_spare_servers = 11", "5: pool.www.pm_min_spare_servers: 11 is more than pm_max_children (10 by default)"},
		{"pm_min_spare_servers = 4\npm_max_spare_servers = 3", "5: pool.www.pm_min_spare_servers: 4 is more than pm_max_spare_servers (3, line 6)"},
		{"pm_start_servers = 9\npm_max_spare_servers = 3", "5: pool.www.pm_start_servers: 9 is more than pm_max_spare_servers (3, line 6)"},
		{"pm_start_servers = 1\npm_min_spare_servers = 2", "5: pool.www.pm_start_servers: 1 is less than pm_min_spare_servers (2, line 6)"},
		{"pm = \"static\"\npm_start_servers = 11", "6: pool.www.pm_start_servers: 11 is more than pm_max_children (10 by default)"},
		{"pm_max_children = 0", "5: pool.www.pm_max_children: 0 is less than 1"},
		{"pm_process_idle_timeout = 0", `5: pool.www.pm_process_idle_timeout: "0s" is less than "1s"`},
	} {
		wantProblems(t, machine(), minimal+c.lines, c.want)
	}
}

func TestDefaultsOfSpareServersFollowWhatIsGiven(t *testing.T) {
	for _, c := range []struct {
		lines            string
		start, low, high int
	}{
		{"", 3, 1, 5},
		{"pm_max_children = 1", 1, 1, 1},
		{"pm_max_children = 3", 1, 1, 2},
		{"pm_min_spare_servers = 8", 8, 8, 8},
		{"pm_start_servers = 9", 9, 1, 9},
		{"pm_max_spare_servers = 9", 5, 1, 9},
		{`pm = "static"`, 10, 1, 5},
		{`pm = "ondemand"`, 0, 1, 5},
		{"pm = \"static\"\npm_min_spare_servers = 500", 10, 500, 10}, // php-fpm does not look at them either
	} {
		p, _ := wantPool(t, c.lines)
		got := []int{p.PMStartServers, p.PMMinSpareServers, p.PMMaxSpareServers}
		if want := []int{c.start, c.low, c.high}; !slices.Equal(got, want) {
			t.Errorf("%q gives start, min, max %v, want %v", c.lines, got, want)
		}
	}
}

func TestRootNeedsAUserThatIsNotRoot(t *testing.T) {
	const listen = "[pool.www]\nlisten = \"9000\"\n"
	s := machine()
	wantProblems(t, s, listen, `1: pool.www.user: please specify user and group other than root (write user = "www-data")`)
	wantProblems(t, s, listen+`user = "root"`, `3: pool.www.user: please specify user and group other than root`)
	wantProblems(t, s, listen+"user = 33\ngroup = \"root\"", `4: pool.www.group: please specify user and group other than root`)
	wantProblems(t, s, listen+"user = \"ghost\"\ngroup = \"ghosts\"",
		`3: pool.www.user: there is no user "ghost" (write its number if it is not in /etc/passwd)`,
		`4: pool.www.group: there is no group "ghosts" (write its number if it is not in /etc/group)`)
	wantProblems(t, s, listen+"user = 4711", `1: pool.www.group: please specify user and group other than root`)
	s.AllowRoot = true
	if c := wantConfig(t, s, listen); c.Pools[0].RunAs != nil {
		t.Errorf("a pool without user runs as %v", c.Pools[0].RunAs)
	}
	if c := wantConfig(t, s, listen+`user = "root"`); c.Pools[0].RunAs == nil || c.Pools[0].RunAs.UID != 0 {
		t.Errorf("a pool of root runs as %v", c.Pools[0].RunAs)
	}
}

func TestWorkersGetTheGroupsOfTheirUserAndTheGroupOfThePool(t *testing.T) {
	for _, c := range []struct {
		lines  string
		gid    uint32
		groups []uint32
	}{
		{`user = "alice"`, 1000, []uint32{27, 1000}},
		{"user = \"alice\"\ngroup = \"www-data\"", 33, []uint32{27, 33}},
		{"user = 4711\ngroup = 4711", 4711, []uint32{4711}},
	} {
		got := wantConfig(t, machine(), "[pool.www]\nlisten = \"9000\"\n"+c.lines).Pools[0].RunAs
		if got.GID != c.gid || !slices.Equal(got.Groups, c.groups) {
			t.Errorf("%q runs with group %d and %v, want %d and %v", c.lines, got.GID, got.Groups, c.gid, c.groups)
		}
	}
}

func TestWithoutRootUserAndGroupAreIgnoredWithOneNotice(t *testing.T) {
	s := machine()
	s.UID = 1000
	c := wantConfig(t, s, `[global]
runtime_dir = "/srv/run"
process_priority = -5
[pool.a]
user = "ghost"
group = "root"
listen = "9000"
process_priority = 1
[pool.b]
user = "www-data"
listen = "9001"
`)
	want := []string{
		"[global] process_priority is ignored when Howdah is not running as root",
		"[pool a] process_priority is ignored when Howdah is not running as root",
		"user and group are ignored when Howdah is not running as root (pool a, b)",
	}
	if !slices.Equal(c.Notices, want) {
		t.Errorf("notices:\n%s\nwant:\n%s", strings.Join(c.Notices, "\n"), strings.Join(want, "\n"))
	}
	if a := c.Pools[0]; a.User != "" || a.Group != "" || a.RunAs != nil || a.ProcessPriority != nil || c.Global.ProcessPriority != nil {
		t.Errorf("something is left of what is ignored: %+v", a)
	}
}

func TestRuntimeDirIsPrivateWithoutRoot(t *testing.T) {
	s := machine()
	s.UID = 1000
	text := "[pool.www]\nlisten = \"9000\"\n"
	if got := wantConfig(t, s, text).Global.RuntimeDir; got != "/tmp/howdah-1000" {
		t.Errorf("without XDG_RUNTIME_DIR it is %s", got)
	}
	s.LookupEnv = func(name string) (string, bool) { return "/run/user/1000", name == "XDG_RUNTIME_DIR" }
	if got := wantConfig(t, s, text).Global.RuntimeDir; got != "/run/user/1000/howdah" {
		t.Errorf("with XDG_RUNTIME_DIR it is %s", got)
	}
	s.Stat = func(string) (File, error) { return File{Dir: true, UID: 33}, nil }
	wantProblems(t, s, text, `1: global.runtime_dir: /run/user/1000/howdah belongs to user 33 (Howdah must own it, or root)`)
}

func TestPathsThatCannotHoldASocketAreRefused(t *testing.T) {
	long := "/run/" + strings.Repeat("x", 100)
	wantProblems(t, machine(), minimal+`client_listen = "`+long+`.sock"`,
		`5: pool.www.client_listen: "`+long+`.sock" has 110 bytes, more than the 107 that a Unix socket can have`)
	wantProblems(t, machine(), "[global]\nruntime_dir = \"/"+strings.Repeat("x", 80)+"\"\n"+minimal,
		`2: global.runtime_dir: the Unix sockets in /`+strings.Repeat("x", 80)+`/www need paths of 108 bytes, more than the 107 that they can have (choose a shorter runtime_dir)`)
	wantProblems(t, machine(), minimal+`client_listen = "/missing/www.sock"`,
		`5: pool.www.client_listen: directory /missing: file does not exist`)
}

func TestRuntimeDirNeedNotExistForSocketsInIt(t *testing.T) {
	c := wantConfig(t, machine(), "[global]\nruntime_dir = \"/run/missing\"\n[pool.www]\nuser = 33\nlisten_owner = 33\nlisten = \"/run/missing/www.sock\"\n")
	if c.Pools[0].ClientListen != "/run/missing/www.client.sock" {
		t.Errorf("client_listen is %s", c.Pools[0].ClientListen)
	}
}

func TestTwoPoolsCannotListenOnOneAddress(t *testing.T) {
	text := func(a, b string) string {
		return "[pool.a]\nuser = 33\nlisten_owner = 33\nlisten = \"" + a + "\"\n[pool.b]\nuser = 33\nlisten_owner = 33\nlisten = \"" + b + "\"\n"
	}
	for _, c := range []struct{ a, b, want string }{
		{"/run/x.sock", "/run//x.sock", `8: pool.b.listen: "/run/x.sock" is taken by pool.a.listen (line 4)`},
		{"127.0.0.1:9000", "127.0.0.1:9000", `8: pool.b.listen: "127.0.0.1:9000" is taken by pool.a.listen (line 4)`},
		{"[::1]:9000", "[0:0::1]:9000", `8: pool.b.listen: "[0:0::1]:9000" overlaps "[::1]:9000" of pool.a.listen (line 4)`},
		{"127.0.0.1:9000", "9000", `8: pool.b.listen: "9000" overlaps "127.0.0.1:9000" of pool.a.listen (line 4)`},
		{"/run/x.sock", "/run/y.sock\"\npm_status_listen = \"/run/x.sock", `9: pool.b.pm_status_listen: "/run/x.sock" is taken by pool.a.listen (line 4)`},
		{"/run/howdah/b.client.sock", "9000", `5: pool.b.client_listen: "/run/howdah/b.client.sock" is taken by pool.a.listen (line 4)`},
	} {
		wantProblems(t, machine(), text(c.a, c.b), c.want)
	}
	for _, c := range [][2]string{{"127.0.0.1:9000", "127.0.0.1:9001"}, {"127.0.0.1:9000", "127.0.0.2:9000"}, {"127.0.0.1:0", "127.0.0.1:0"}, {"/a/9000", "9000"}} {
		wantConfig(t, machine(), text(c[0], c[1]))
	}
}

func TestNoticesSayWhatNginxOrAnOperatorWouldStumbleOver(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[pool.www]\nuser = 33\nlisten = \"/run/www.sock\"", "[pool www] only root can connect to /run/www.sock: set listen_owner to the user that nginx runs as"},
		{minimal + `listen_acl_users = ["alice"]`, "[pool www] ACL set, listen_owner and listen_group are ignored"},
		{minimal + `pm_status_listen = "127.0.0.1:9001"`, "[pool www] pm_status_listen serves nothing without pm_status_path or ping_path"},
		{minimal + `listen_allowed_clients = ["10.0.0.1"]`, "[pool www] listen_allowed_clients is ignored on a Unix socket"},
		{minimal + `env.TOKEN = "$TOKEN"`, "env TOKEN: $TOKEN is not set in Howdah's own environment, PHP sees an empty value"},
		{"[global]\nemergency_restart_threshold = 3\n" + minimal, "[global] emergency_restart_threshold has no effect without emergency_restart_interval"},
	} {
		if got := wantConfig(t, machine(), c.text).Notices; !slices.Equal(got, []string{c.want}) {
			t.Errorf("notices %q, want %q", got, c.want)
		}
	}
}

func TestProcessMaxBoundsAllPoolsTogether(t *testing.T) {
	wantProblems(t, machine(), "[global]\nprocess_max = 12\n"+minimal+"[pool.b]\nuser = 33\nlisten = \"9000\"\n",
		"2: global.process_max: 12 is less than the pm_max_children of all pools together (20) (Howdah forks them all at start)")
}

func TestHTTPFrontNeedsAddressAndReadableRoot(t *testing.T) {
	wantProblems(t, machine(), minimal+"[pool.www.http]\nindex = []",
		`5: pool.www.http.listen: is missing (write listen = "127.0.0.1:8080")`,
		`5: pool.www.http.root: is missing (write root = "/var/www/html")`)
	s := machine()
	s.Enter = func(dir string, as *Account) string {
		if as.Name == "www-data" {
			return "/home/alice"
		}
		return ""
	}
	wantProblems(t, s, minimal+"[pool.www.http]\nlisten = \"8080\"\nroot = \"/home/alice/site\"",
		`7: pool.www.http.root: www-data cannot enter /home/alice (mode 0755, owner 0), which is on the way to /home/alice/site`+
			` (setfacl -m u:33:x /home/alice, or chmod o+x /home/alice, or move the site, for example to /var/www)`)
	c := wantConfig(t, machine(), "[pool.www]\nuser = 33\n[pool.www.http]\nlisten = \"8080\"\nroot = \"/srv\"")
	if c.Pools[0].Listen != "" || c.Pools[0].HTTP.Root != "/srv" {
		t.Errorf("a pool with nothing but a front: %+v", c.Pools[0])
	}
}

func TestFlagAndValueOfOneNameAreRefused(t *testing.T) {
	wantProblems(t, machine(), minimal+"php_value = { a.b = 1, c = 2 }\nphp_flag.a.b = true\nphp_flag.\"c\" = true",
		"6: pool.www.php_flag.a.b: is set by php_value too (leave one of them out)",
		"7: pool.www.php_flag.c: is set by php_value too (leave one of them out)")
}
