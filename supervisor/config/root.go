package config

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// DefaultListen is where serve --root listens unless told otherwise.
const DefaultListen = "127.0.0.1:8080"

// ForRoot is what "howdah serve --root DIR --listen ADDR" runs: one pool behind the embedded front, in a runtime directory of its
// own, so that it runs beside the service. listen "" is DefaultListen; a port alone is one of 127.0.0.1. As root, PHP runs as the
// owner of the directory, or as www-data if that is root. The error is Problems.
func ForRoot(dir, listen string) (*Config, error) { return Here().ForRoot(dir, listen) }

// ForRoot is ForRoot on this machine.
func (s System) ForRoot(dir, listen string) (*Config, error) {
	var problems Problems
	fail := func(option string, err error) {
		p := Problem{File: option, Text: err.Error()}
		if f, ok := err.(*fault); ok {
			p.Hint = f.hint
		}
		problems = append(problems, p)
	}
	site, err := filepath.Abs(dir)
	if err != nil {
		fail("--root "+dir, err)
		return nil, problems
	}
	address, err := rootAddress(listen)
	if err != nil {
		fail("--listen "+listen, err)
	}
	if err := needDirectory(s, site); err != nil {
		fail("--root "+dir, err)
		return nil, problems
	}
	identity := ""
	if s.root() {
		owner, group, err := s.siteOwner(site)
		if err != nil {
			fail("--root "+dir, err)
		}
		identity = fmt.Sprintf("user = %s\ngroup = %s\n", basicString(owner), basicString(group))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	fallback := ""
	if f, err := s.Stat(filepath.Join(site, "index.php")); err == nil && !f.Dir {
		fallback = "fallback = \"/index.php\"\n"
	}
	text := fmt.Sprintf(rootText, basicString(s.RuntimeDir(rootName(site, address))), identity, basicString(address), basicString(site), fallback)
	c, err := s.Parse("--root "+dir, []byte(text))
	if p, ok := err.(Problems); ok {
		for i := range p {
			p[i].Line, p[i].Key = 0, "" // of a file that nobody has seen
		}
	}
	return c, err
}

// rootText is the file that --root stands for.
const rootText = `[global]
runtime_dir = %s

[pool.root]
%spm = "dynamic"
pm_max_children = 8
pm_min_spare_servers = 1
pm_max_spare_servers = 4
catch_workers_output = true

[pool.root.http]
listen = %s
root = %s
%saccess_log = "stderr"
`

func rootAddress(listen string) (string, error) {
	switch {
	case listen == "":
		return DefaultListen, nil
	case isDigits(listen):
		listen = "127.0.0.1:" + listen
	}
	return cleanAddress(listen)
}

// siteOwner is who PHP runs as for a site in dir.
func (s System) siteOwner(dir string) (user, group string, err error) {
	const common = "www-data"
	f, err := s.Stat(dir)
	if err != nil {
		return "", "", err
	}
	if f.UID == 0 {
		a, err := s.User(common)
		if err != nil {
			return "", "", &fault{dir + " belongs to root and there is no user " + common, "chown it to the user that PHP shall run as"}
		}
		return common, strconv.FormatUint(uint64(a.GID), 10), nil
	}
	id := strconv.FormatUint(uint64(f.UID), 10)
	a, err := s.User(id)
	if err != nil {
		return "", "", err
	}
	if a.GID != 0 {
		return id, strconv.FormatUint(uint64(a.GID), 10), nil
	}
	return id, id, nil // no account has this number, as in a container with a mounted directory
}

// rootName names the runtime directory after site and address. With port 0 the address may be used many times at once.
func rootName(site, address string) string {
	sum := sha256.Sum256([]byte(site + "\x00" + address))
	name := fmt.Sprintf("howdah-root-%x", sum[:4])
	if strings.HasSuffix(address, ":0") {
		name += "-" + strconv.Itoa(os.Getpid())
	}
	return name
}
