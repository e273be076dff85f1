package phpfpm

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// installed is the PHP that a name of php-fpm stands for.
type installed struct {
	binary  string // php-cgi
	ini     string // php-fpm's php.ini, or the directory where it would be; "": php-cgi's own
	scanDir string // of further ini files; "": php-cgi's own
	config  string // where php-fpm looks for its configuration
}

// layout is how a distribution lays php-fpm out; %s is the version in php-fpm's name.
type layout struct{ directory, config string }

var layouts = []layout{
	{"/etc/php/%s/fpm", "/etc/php/%s/fpm/php-fpm.conf"}, // Debian
	{"/etc/php%s", "/etc/php%s/php-fpm.conf"},           // Alpine, openSUSE
	{"", "/etc/php-fpm.conf"},                           // Fedora
	{"", "/usr/local/etc/php-fpm.conf"},                 // the official container images
}

// searched are the directories of programs beside those of PATH, which a daemon may not have.
var searched = []string{"/usr/bin", "/usr/local/bin", "/bin"}

// find looks for the php-cgi that belongs to name: php-fpm8.2 runs php-cgi8.2, and php-fpm whatever php-cgi is a link to. root
// is "/", but in tests.
func findInstalled(name, root string) installed {
	version, _ := strings.CutPrefix(filepath.Base(name), "php-fpm")
	if !Named(name) {
		version = ""
	}
	p := installed{binary: findProgram("php-cgi"+version, root)}
	if version == "" {
		if target, err := filepath.EvalSymlinks(p.binary); err == nil {
			version, _ = strings.CutPrefix(filepath.Base(target), "php-cgi")
		}
	}
	in := func(path string) string { return filepath.Join(root, strings.ReplaceAll(path, "%s", version)) }
	for _, l := range layouts {
		if version == "" && strings.Contains(l.config, "%s/") || !exists(in(l.config)) {
			continue
		}
		p.config = in(l.config)
		if l.directory != "" {
			p.ini, p.scanDir = in(l.directory), in(l.directory+"/conf.d")
		}
		break
	}
	if p.config == "" {
		p.config = in(layouts[0].config)
		if version == "" {
			p.config = in(layouts[2].config)
		}
	}
	if exists(filepath.Join(p.ini, "php.ini")) {
		p.ini = filepath.Join(p.ini, "php.ini")
	}
	if !exists(p.scanDir) {
		p.scanDir = ""
	}
	return p
}

// findProgram returns the program's path, or its bare name if it is nowhere: what needs it will say so.
func findProgram(name, root string) string {
	if path, err := exec.LookPath(name); err == nil && root == "/" {
		return path
	}
	for _, dir := range searched {
		if path := filepath.Join(root, dir, name); exists(path) {
			return path
		}
	}
	return name
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return path != "" && err == nil
}
