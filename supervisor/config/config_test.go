package config

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// machine is a Debian as the checks see it, with Howdah running as root: www-data and alice exist, and so does every path that does
// not contain "missing".
func machine() System {
	users := []Account{
		{Name: "root", Home: "/root"},
		{Name: "www-data", Home: "/var/www", UID: 33, GID: 33},
		{Name: "alice", Home: "/home/alice", UID: 1000, GID: 1000, Groups: []uint32{27}},
	}
	byName := func(name string) (Account, error) {
		for _, u := range users {
			if u.Name == name || strconv.Itoa(int(u.UID)) == name {
				return u, nil
			}
		}
		if id, err := strconv.ParseUint(name, 10, 32); err == nil {
			return Account{UID: uint32(id)}, nil
		}
		return Account{}, errors.New("unknown user")
	}
	return System{
		LookupEnv: func(name string) (string, bool) { return "/usr/bin:/bin", name == "PATH" },
		User:      byName,
		Group: func(name string) (uint32, error) {
			if name == "adm" {
				return 4, nil
			}
			a, err := byName(name)
			if a.Name == "" {
				a.GID = a.UID
			}
			return a.GID, err
		},
		Stat: func(path string) (File, error) {
			if strings.Contains(path, "missing") {
				return File{}, &fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}
			}
			last := path[strings.LastIndexByte(path, '/')+1:]
			return File{Dir: !strings.Contains(last, ".") || strings.HasSuffix(last, ".d"), Mode: 0o755}, nil
		},
		FindProgram: func(name string) (string, error) { return "/usr/bin/" + name, nil },
		Enter:       func(string, *Account) string { return "" },
	}
}

// minimal is what a pool needs.
const minimal = `[pool.www]
user = "www-data"
listen = "/run/howdah/www.sock"
listen_owner = "www-data"
`

// wantPool reads minimal with lines added to its pool, without a problem.
func wantPool(t *testing.T, lines ...string) (Pool, []string) {
	t.Helper()
	c := wantConfig(t, machine(), minimal+strings.Join(lines, "\n"))
	return c.Pools[0], c.Notices
}

func wantConfig(t *testing.T, s System, text string) *Config {
	t.Helper()
	c, err := s.Parse("pool.toml", []byte(text))
	if err != nil {
		t.Fatalf("%s\nin:\n%s", err, text)
	}
	return c
}

// wantProblems reads text and compares what is wrong with it, line by line and without the name of the file.
func wantProblems(t *testing.T, s System, text string, want ...string) {
	t.Helper()
	_, err := s.Parse("pool.toml", []byte(text))
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error is %v, not Problems; in:\n%s", err, text)
	}
	var got []string
	for _, p := range problems {
		got = append(got, strings.TrimPrefix(p.String(), "pool.toml:"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s\nin:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), text)
	}
}

func TestMinimalPoolIsComplete(t *testing.T) {
	p, notices := wantPool(t)
	if len(notices) > 0 {
		t.Errorf("notices %q", notices)
	}
	got := []any{p.Name, p.PM, p.PMMaxChildren, p.PMStartServers, p.PMMinSpareServers, p.PMMaxSpareServers, p.ListenMode.String(), p.QueueMax,
		p.QueueTimeout.String(), p.ResponseBuffer, p.BodyBuffer, p.ClientListen, p.PHPBinary, p.Chdir, p.RunAs.Name, p.HTTP == nil}
	want := []any{"www", "dynamic", 10, 3, 1, 5, "-rw-rw----", 1024,
		"30s", MiB, 256 * KiB, "/run/howdah/www.client.sock", "/usr/bin/php-cgi", "/", "www-data", true}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if !slices.Equal(p.SecurityLimitExtensions, []string{".php", ".phar"}) {
		t.Errorf("security_limit_extensions is %q", p.SecurityLimitExtensions)
	}
}

func TestAllProblemsAreReportedTogetherInTheOrderOfLines(t *testing.T) {
	wantProblems(t, machine(), `[global]
log_level = "loud"
rutime_dir = "/run/howdah"

[pool.www]
user = "nobody-here"
listen = "www.sock"
pm = "dinamic"
pm_max_children = 5
pm_max_spare_servers = 8
queue_timeout = 30
request_terminate_timout = "30s"
`,
		`2: global.log_level: "loud" is none of "alert", "error", "warning", "notice", "debug"`,
		`3: global.rutime_dir: unknown key (did you mean runtime_dir?)`,
		`6: pool.www.user: there is no user "nobody-here" (write its number if it is not in /etc/passwd)`,
		`7: pool.www.listen: "www.sock" is not an address (write "/path/of.sock", "ADDRESS:PORT" or "PORT")`,
		`8: pool.www.pm: "dinamic" is none of "static", "dynamic", "ondemand" (did you mean "dynamic"?)`,
		`11: pool.www.queue_timeout: 30 has no unit (write "30s" if you mean seconds)`,
		`12: pool.www.request_terminate_timout: unknown key (did you mean request_terminate_timeout?)`,
	)
}

func TestPoolsAreSortedByName(t *testing.T) {
	c := wantConfig(t, machine(), `
[pool.b]
user = "alice"
listen = "9000"
[pool.a]
user = "alice"
listen = "127.0.0.1:9001"
[pool."a.example.org"]
user = "alice"
listen = "[::1]:9002"
`)
	var names []string
	for _, p := range c.Pools {
		names = append(names, p.Name)
	}
	if want := []string{"a", "a.example.org", "b"}; !slices.Equal(names, want) {
		t.Errorf("pools %q, want %q", names, want)
	}
}

func TestFileThatCannotBeReadIsAProblem(t *testing.T) {
	_, err := machine().Load("/nonexistent/pool.toml")
	var problems Problems
	want := "/nonexistent/pool.toml: cannot read the configuration: no such file or directory"
	if !errors.As(err, &problems) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
