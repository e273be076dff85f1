package phpfpm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// machine makes files in an empty root; "a -> b" is a link.
func machine(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		name, target, link := strings.Cut(f, " -> ")
		path := filepath.Join(root, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil && link {
			err = os.Symlink(target, path)
		} else if err == nil {
			err = os.WriteFile(path, nil, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAnFPMRunsThePHPOfItsName(t *testing.T) {
	debian := []string{"usr/bin/php-cgi8.2", "usr/bin/php-cgi8.4", "usr/bin/php-cgi -> php-cgi8.4",
		"etc/php/8.2/fpm/php-fpm.conf", "etc/php/8.2/fpm/php.ini", "etc/php/8.2/fpm/conf.d/10-x.ini",
		"etc/php/8.4/fpm/php-fpm.conf", "etc/php/8.4/fpm/conf.d/10-x.ini"}
	for _, c := range []struct {
		title, name string
		files       []string
		want        installed
	}{
		{"Debian, by version", "/usr/sbin/php-fpm8.2", debian,
			installed{"/usr/bin/php-cgi8.2", "/etc/php/8.2/fpm/php.ini", "/etc/php/8.2/fpm/conf.d", "/etc/php/8.2/fpm/php-fpm.conf"}},
		{"Debian, without a version and a php.ini", "php-fpm", debian,
			installed{"/usr/bin/php-cgi", "/etc/php/8.4/fpm", "/etc/php/8.4/fpm/conf.d", "/etc/php/8.4/fpm/php-fpm.conf"}},
		{"howdah fpm", "howdah", debian,
			installed{"/usr/bin/php-cgi", "/etc/php/8.4/fpm", "/etc/php/8.4/fpm/conf.d", "/etc/php/8.4/fpm/php-fpm.conf"}},
		{"Alpine", "php-fpm83", []string{"usr/bin/php-cgi83", "etc/php83/php-fpm.conf", "etc/php83/php.ini"},
			installed{"/usr/bin/php-cgi83", "/etc/php83/php.ini", "", "/etc/php83/php-fpm.conf"}},
		{"Fedora", "php-fpm", []string{"usr/bin/php-cgi", "etc/php-fpm.conf", "etc/php.ini"},
			installed{"/usr/bin/php-cgi", "", "", "/etc/php-fpm.conf"}},
		{"a container image", "php-fpm", []string{"usr/local/bin/php-cgi", "usr/local/etc/php-fpm.conf"},
			installed{"/usr/local/bin/php-cgi", "", "", "/usr/local/etc/php-fpm.conf"}},
		{"nothing", "php-fpm8.1", nil, installed{"php-cgi8.1", "", "", "/etc/php/8.1/fpm/php-fpm.conf"}},
	} {
		root := machine(t, c.files...)
		got := findInstalled(c.name, root)
		for _, path := range []*string{&got.binary, &got.ini, &got.scanDir, &got.config} {
			*path = strings.TrimPrefix(*path, root)
		}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.title, got, c.want)
		}
	}
}
