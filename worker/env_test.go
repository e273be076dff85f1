package worker

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
)

func TestWithoutIniFilesPHPReadsNoneOrOurFileAlone(t *testing.T) {
	s := &ZygoteSpec{NoIni: true, PHPIni: "/etc/php.ini", PHPIniScanDir: "/etc/conf.d"}
	if args := s.iniFileArgs(nil); !slices.Equal(args, []string{"-n"}) {
		t.Errorf("arguments %q", args)
	}
	if env := s.iniEnv(""); env != nil {
		t.Errorf("environment %q", env)
	}
	if env := s.iniEnv("/run/www/ini"); !slices.Equal(env, []string{"PHP_INI_SCAN_DIR="}) {
		t.Errorf("environment with a file of our own %q", env)
	}
}

func TestTheEnvironmentIsPhpFpmsWithItsPrecedence(t *testing.T) {
	t.Setenv("HOWDAH_TEST", "from outside")
	t.Setenv("PHP_FCGI_CHILDREN", "99")
	u := &User{Name: "joe", Home: "/home/joe"}
	for _, test := range []struct {
		name string
		spec ZygoteSpec
		want string
	}{
		{"cleared", ZygoteSpec{ClearEnv: true, User: u}, "HOME=/home/joe USER=joe"},
		{"not root", ZygoteSpec{ClearEnv: true}, ""},
		{"env[] wins", ZygoteSpec{ClearEnv: true, User: u, Env: []Setting{{"HOME", "/h"}, {"A", "1"}, {"A", "2"}}}, "HOME=/h USER=joe A=2"},
		{"copied", ZygoteSpec{ClearEnv: true, Env: []Setting{{"X", "$HOWDAH_TEST"}, {"Y", "$HOWDAH_NOT_SET"}}}, "X=from outside Y="},
	} {
		if got := strings.Join(test.spec.Environment(), " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	all := (&ZygoteSpec{User: u}).Environment()
	if !slices.Contains(all, "HOWDAH_TEST=from outside") || !slices.Contains(all, "HOME=/home/joe") || slices.Contains(all, "PHP_FCGI_CHILDREN=99") {
		t.Errorf("inherited: %v", all)
	}
}

// php-cgi's own variables cannot be hidden from a script. A second difference is php-cgi's, too: getenv() without a name does not
// list the request's variables, and having been called it lets HTTP_PROXY into $_SERVER.
var ownVariables = []string{"PHP_FCGI_CHILDREN", "PHP_FCGI_MAX_REQUESTS", "PHP_FCGI_BACKLOG", "PHP_INI_SCAN_DIR"}

func TestServerVariablesAndEnvironmentEqualPhpFpms(t *testing.T) {
	needPHP(t)
	u := wwwData(t)
	fpm, err := exec.LookPath("php-fpm8.2")
	if err != nil {
		t.Skip("no php-fpm here")
	}
	dir := site(t, map[string]string{"env.php": `<?php echo json_encode(['server' => $_SERVER, 'env' => $_ENV,
		'getenv' => array_map('getenv', ['FOO' => 'FOO', 'HOME' => 'HOME', 'USER' => 'USER', 'PATH' => 'PATH', 'HTTP_HOST' => 'HTTP_HOST', 'HTTP_PROXY' => 'HTTP_PROXY', 'FCGI_ROLE' => 'FCGI_ROLE']), 'cwd' => getcwd(), 'ids' => [posix_getuid(), posix_getgid(), posix_getgroups()]]);`})
	socket := filepath.Join(dir, "fpm.sock")
	conf := filepath.Join(dir, "fpm.conf")
	text := fmt.Sprintf("[global]\nerror_log=%s/fpm.log\n[www]\nlisten=%s\nuser=www-data\ngroup=www-data\npm=static\npm.max_children=1\nenv[FOO]=bar baz\nenv[HOME]=/h\n", dir, socket)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(fpm, "-F", "-y", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Signal(unix.SIGTERM); cmd.Wait() }() // it ends its worker first
	var conn net.Conn
	if !eventually(func() bool { conn, err = net.Dial("unix", socket); return err == nil }) {
		t.Fatal(err)
	}
	defer conn.Close()
	params := []string{"QUERY_STRING", "a=1&b", "REQUEST_URI", "/env.php?a=1&b", "HTTP_HOST", "example.org", "HTTP_X_Y", "é", "HTTP_PROXY", "evil", "REDIRECT_STATUS", "200", "PATH_INFO", ""}
	theirs := (&client{t, conn, fcgi.NewReader(conn)}).get(dir+"/env.php", params...).body()

	z := startZygote(t, u, func(s *ZygoteSpec) { s.Env = []Setting{{"FOO", "bar baz"}, {"HOME", "/h"}} })
	ours := dial(t, z).get(dir+"/env.php", params...).body()
	want, got := variables(t, theirs), variables(t, ours)
	for key := range maps.Keys(merged(want, got)) {
		if got[key] != want[key] {
			t.Errorf("%s is %s, php-fpm has %s", key, got[key], want[key])
		}
	}
}

// variables flattens what env.php says, without what differs from request to request.
func variables(t *testing.T, body string) map[string]string {
	t.Helper()
	var groups map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &groups); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	all := map[string]string{}
	for group, raw := range groups {
		var values map[string]json.RawMessage
		if json.Unmarshal(raw, &values) != nil {
			all[group] = string(raw)
			continue
		}
		for name, value := range values {
			if !strings.HasPrefix(name, "REQUEST_TIME") && !slices.Contains(ownVariables, name) {
				all[group+" "+name] = string(value)
			}
		}
	}
	return all
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
