package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func getsid(pid int) (int, error) { return unix.Getsid(pid) }

func procDir(pid int) string { return filepath.Join("/proc", strconv.Itoa(pid)) }

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// startNamed runs howdah by php-fpm's name and waits until it serves.
func startNamed(t *testing.T, sb *sandbox, config string, args ...string) *daemon {
	t.Helper()
	d := startMaster(t, sb, fpmLink(t, sb), append([]string{"-F", "-O", "-y", config}, args...)...)
	d.wantLogged(0, 30*time.Second, "ready to handle connections")
	return d
}

func TestDebiansStockTreeServesUnchangedButForItsPaths(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	const stock = "/etc/php/8.2/fpm"
	socket, run := sb.path("run-php/php8.2-fpm.sock"), sb.path("run-php")
	mkdir(t, run, 0o755)
	mkdir(t, sb.path("fpm/pool.d"), 0o755)
	moved := strings.NewReplacer("/run/php", run, "/var/log/php8.2-fpm.log", sb.path("log/php8.2-fpm.log"), stock, sb.path("fpm"))
	for _, name := range []string{"php-fpm.conf", "pool.d/www.conf"} {
		write(t, sb.path("fpm", name), moved.Replace(read(t, filepath.Join(stock, name))))
	}
	d := startNamed(t, sb, sb.path("fpm/php-fpm.conf"))
	n := startNginx(t, sb, server{name: "stock", backend: socket, location: debianLocation})
	sb.page(t, "ini.php", `<?php echo php_ini_loaded_file();`)
	for path, want := range map[string]string{"/hello.php": "hello", "/ini.php": stock + "/php.ini"} {
		a, err := exchange(n.socket("stock"), "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 20*time.Second)
		if err != nil || !strings.Contains(a.status, "200") || a.body != want {
			t.Errorf("%s: %v, %v, want %q", path, a, err, want)
		}
	}
	if got := atoi(t, read(t, filepath.Join(run, "php8.2-fpm.pid"))); got != d.pid() {
		t.Errorf("pid file says %d, want %d", got, d.pid())
	}
}

// shownBy asks a page for settings, through nginx.
func shownBy(t *testing.T, sb *sandbox, code string) string {
	t.Helper()
	sb.page(t, "asked.php", "<?php "+code)
	n := startNginx(t, sb, server{name: "asked", backend: sb.path("fpm.sock"), location: plainLocation})
	a, err := exchange(n.socket("asked"), "GET /asked.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 20*time.Second)
	if err != nil || !strings.Contains(a.status, "200") {
		t.Fatalf("%v, %v", a, err)
	}
	return a.body
}

func TestIniOptionsReachThePHPThatRunsTheScripts(t *testing.T) {
	t.Parallel()
	const code = `echo json_encode([php_ini_loaded_file(), php_ini_scanned_files() == '', ini_get('memory_limit'), ini_set('memory_limit', '99M'), ini_get('precision')]);`
	for _, c := range []struct {
		name string
		pool []string
		args []string
	}{
		{"none", nil, nil},
		{"no ini files", nil, []string{"-n", "-d", "memory_limit=77M"}},
		{"a definition that the pool overrides", []string{"php_value[memory_limit] = 66M"}, []string{"-d", "memory_limit=77M", "-dprecision=5"}},
		{"another php.ini", nil, []string{"-c", "other.ini"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := map[string]string{}
			for _, program := range []string{"theirs", "ours"} {
				sb := newSandbox(t)
				write(t, sb.path("other.ini"), "memory_limit = 55M\n")
				config := fpmFile(t, sb, "php-fpm.conf", nil, c.pool...)
				if program == "ours" {
					startNamed(t, sb, config, c.args...)
				} else {
					d := startMaster(t, sb, realFPM, append([]string{"-F", "-O", "-y", config}, c.args...)...)
					d.wantLogged(0, 20*time.Second, "ready to handle connections")
				}
				said[program] = strings.ReplaceAll(shownBy(t, sb, code), strings.ReplaceAll(sb.dir, "/", `\/`), "DIR")
			}
			// php-fpm finds a relative -c from where it was started, and so does howdah, but it tells PHP the whole path.
			if got := strings.ReplaceAll(said["ours"], `DIR\/other.ini`, "other.ini"); got != strings.ReplaceAll(said["theirs"], `DIR\/other.ini`, "other.ini") {
				t.Errorf("howdah: %s, php-fpm: %s", said["ours"], said["theirs"])
			}
		})
	}
}

func TestAdminValuesHoldWithoutIniFiles(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	config := fpmFile(t, sb, "php-fpm.conf", nil, "php_admin_value[memory_limit] = 44M")
	startNamed(t, sb, config, "-n")
	if got := shownBy(t, sb, `echo json_encode([ini_get('memory_limit'), ini_set('memory_limit', '99M'), extension_loaded('curl')]);`); got != `["44M",false,false]` {
		t.Errorf("a script sees %s", got)
	}
}

func TestAReloadByPHPFPMsNameReadsTheFileAgainAndABadOneChangesNothing(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	config := fpmFile(t, sb, "php-fpm.conf", nil, "php_value[memory_limit] = 66M")
	d := startNamed(t, sb, config)
	fpmFile(t, sb, "php-fpm.conf", nil, "nonsense = 1")
	since := d.mark()
	d.signal(syscall.SIGHUP)
	d.wantLogged(since, 20*time.Second, fmt.Sprintf("[%s:", config), "unknown entry 'nonsense'")
	d.wantLogged(since, 20*time.Second, "ready to handle connections")
	fpmFile(t, sb, "php-fpm.conf", nil, "php_value[memory_limit] = 67M")
	since = d.mark()
	d.signal(syscall.SIGUSR2)
	d.wantLogged(since, 20*time.Second, "ready to handle connections")
	if got := shownBy(t, sb, `echo ini_get('memory_limit');`); got != "67M" {
		t.Errorf("after the reload memory_limit is %s", got)
	}
}

func TestAnExplicitProcessControlTimeoutOfZeroStopsAtOnce(t *testing.T) {
	t.Parallel()
	for _, explicit := range []bool{true, false} {
		t.Run(fmt.Sprint(explicit), func(t *testing.T) {
			sb := newSandbox(t)
			var global []string
			if explicit {
				global = append(global, "process_control_timeout = 0")
			}
			d := startNamed(t, sb, fpmFile(t, sb, "php-fpm.conf", global))
			sb.page(t, "long.php", `<?php file_put_contents($_SERVER['DOCUMENT_ROOT'].'/../scratch/begun', 'yes'); while (!file_exists($_SERVER['DOCUMENT_ROOT'].'/../scratch/go')) { usleep(5000); clearstatcache(); } echo 'finished';`)
			n := startNginx(t, sb, server{name: "long", backend: sb.path("fpm.sock"), location: plainLocation})
			body := make(chan string, 1)
			go func() {
				a, _ := exchange(n.socket("long"), "GET /long.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 30*time.Second)
				body <- a.body
			}()
			sb.wantWord(t, 20*time.Second, "begun")
			d.signal(syscall.SIGTERM)
			d.wantLogged(0, 10*time.Second, "Terminating ...")
			if !explicit {
				touch(sb.path("scratch/go"))
			}
			if code := d.wait(15 * time.Second); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if got := <-body; (got == "finished") == explicit {
				t.Errorf("the running request got %.100q", got)
			}
		})
	}
}

func TestAnAddressInUseIsSaidInPHPFPMsWords(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	other := startMaster(t, sb, realFPM, "-F", "-O", "-y", fpmFile(t, sb, "first.conf", nil))
	other.wantLogged(0, 20*time.Second, "ready to handle connections")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, listen := range []string{sb.path("fpm.sock"), l.Addr().String()} {
		config := fpmFile(t, sb, "second.conf", nil, "listen = "+listen)
		for _, args := range [][]string{{"-F", "-O", "-y", config}, {"-F", "-y", config}, {"-D", "-y", config}} {
			log := sb.path("log/second.conf.log")
			want := runFPM(t, sb, realFPM, log, args...)
			if got := runFPM(t, sb, fpmLink(t, sb), log, args...); got != want {
				t.Errorf("%s %v: %+v, php-fpm: %+v", listen, args, got, want)
			}
		}
	}
	if _, err := os.Stat(sb.path("fpm.sock")); err != nil {
		t.Errorf("the socket of the first: %v", err)
	}
}
