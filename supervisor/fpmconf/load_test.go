package fpmconf

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"howdah/supervisor/config"
)

// machine is one on which root has the users www-data and alice, and every directory that does not begin with /no is there.
func machine() config.System {
	users := map[string]config.Account{"www-data": {Name: "www-data", UID: 33, GID: 33}, "alice": {Name: "alice", UID: 1000, GID: 1000}, "root": {Name: "root"}}
	return config.System{
		LookupEnv: func(name string) (string, bool) {
			v, ok := map[string]string{"HOME": "/root", "EMPTY": ""}[name]
			return v, ok
		},
		User: func(name string) (config.Account, error) {
			if a, ok := users[name]; ok {
				return a, nil
			}
			return config.Account{}, errors.New("unknown user")
		},
		Group: func(name string) (uint32, error) {
			if a, ok := users[name]; ok {
				return a.GID, nil
			}
			return 0, errors.New("unknown group")
		},
		Stat: func(path string) (config.File, error) {
			if strings.HasPrefix(path, "/no") {
				return config.File{}, os.ErrNotExist
			}
			return config.File{Dir: filepath.Ext(path) == "", Mode: 0o755}, nil
		},
		FindProgram: func(name string) (string, error) { return "/usr/bin/" + name, nil },
		Enter:       func(string, *config.Account) string { return "" },
	}
}

// minimal is a pool that php-fpm takes.
const minimal = "[www]\nuser = www-data\nlisten = /run/x.sock\npm = static\npm.max_children = 2\n"

// loadText loads files that are given by name; the first one is php-fpm.conf.
func loadText(t *testing.T, o Options, files map[string]string) (*Loaded, []Problem, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if o.System.Stat == nil {
		o.System = machine()
	}
	loaded, problems := Load(filepath.Join(dir, "php-fpm.conf"), o)
	return loaded, problems, dir
}

// wantProblems loads text, which is php-fpm.conf, and compares its problems without the directory and the last one.
func wantProblems(t *testing.T, text string, want ...string) {
	t.Helper()
	_, problems, dir := loadText(t, Options{}, map[string]string{"php-fpm.conf": text})
	var got []string
	for _, p := range problems {
		got = append(got, strings.ReplaceAll(p.String(), dir+"/", ""))
	}
	if len(got) > 0 {
		got = got[:len(got)-1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems of\n%s\n%s\nwant\n%s", text, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// wantLoaded loads text and wants no problem.
func wantLoaded(t *testing.T, text string) *Loaded {
	t.Helper()
	loaded, problems, _ := loadText(t, Options{}, map[string]string{"php-fpm.conf": text})
	if len(problems) > 0 {
		t.Fatalf("problems of\n%s\n%v", text, problems)
	}
	return loaded
}

func TestIncludesAreFollowedInTheOrderOfTheirNamesAndSectionsAreMerged(t *testing.T) {
	loaded, problems, _ := loadText(t, Options{}, map[string]string{
		"php-fpm.conf":      "[GLOBAL]\nlog_level = WARN\ninclude = DIR/pool.d/*.conf\n",
		"pool.d/b.conf":     "[WWW]\npm.max_children = 7\n[global]\nprocess.max = 9\n[two]\n" + strings.TrimPrefix(minimal, "[www]\n") + "listen = 9000\n",
		"pool.d/a.conf":     minimal,
		"pool.d/.hidden":    "[nonsense",
		"pool.d/.h.conf":    "[nonsense",
		"pool.d/c.conf.bak": "[nonsense",
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c := loaded.Config
	if len(c.Pools) != 2 || c.Pools[0].Name != "two" || c.Pools[1].Name != "www" || c.Pools[1].PMMaxChildren != 7 {
		t.Errorf("pools %+v", c.Pools)
	}
	if c.Global.ProcessMax != 9 {
		t.Errorf("process.max %d, want 9", c.Global.ProcessMax)
	}
	// The current section is not restored behind an include, as in php-fpm: "log_level = error" is one of the pool's lines there.
	_, problems, _ = loadText(t, Options{}, map[string]string{
		"php-fpm.conf":  "[global]\ninclude = DIR/pool.d/*.conf\nlog_level = error\n",
		"pool.d/a.conf": minimal,
	})
	if len(problems) == 0 || problems[0].Line != 3 || problems[0].Text != "unknown entry 'log_level'" {
		t.Errorf("a line behind an include belongs to the included file's last section: %v", problems)
	}
}
