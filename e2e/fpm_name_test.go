package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const realFPM = "/usr/sbin/php-fpm8.2"

// fpmLink is a link of php-fpm's name to howdah.
func fpmLink(t *testing.T, sb *sandbox) string {
	t.Helper()
	link := sb.path("php-fpm8.2")
	if !exists(link) {
		if err := os.Symlink(binary, link); err != nil {
			t.Fatal(err)
		}
	}
	return link
}

// fpmFile writes a configuration for php-fpm; lines replace or extend those of the pool.
func fpmFile(t *testing.T, sb *sandbox, name string, global []string, lines ...string) string {
	t.Helper()
	pool := override([]string{"user = www-data", "group = www-data", "listen = " + sb.path("fpm.sock"), "listen.owner = www-data",
		"pm = static", "pm.max_children = 2"}, lines)
	global = override([]string{"error_log = " + sb.path("log/"+name+".log")}, global)
	path := sb.path(name)
	write(t, path, "[global]\n"+strings.Join(global, "\n")+"\n[www]\n"+strings.Join(pool, "\n")+"\n")
	return path
}

// ended is what a finished program showed, without time stamps.
type ended struct {
	code                int
	stdout, stderr, log string
}

var missing = regexp.MustCompile(`\[root\.conf:3\] `)

var lineTime = regexp.MustCompile(`(?m)^\[\d\d-\w{3}-\d{4} \d\d:\d\d:\d\d\] `)

// runFPM runs a program of php-fpm's name to its end; log is a file that it may write.
func runFPM(t *testing.T, sb *sandbox, program, log string, args ...string) ended {
	t.Helper()
	remove(log)
	cmd := exec.Command(program, args...)
	cmd.Dir = sb.dir
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(log) // none: nothing was logged
	bare := func(s string) string { return lineTime.ReplaceAllString(s, "") }
	return ended{cmd.ProcessState.ExitCode(), bare(stdout.String()), bare(stderr.String()), bare(string(text))}
}

func TestTheCommandLineIsAnsweredAsPHPFPMAnswersIt(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	good := fpmFile(t, sb, "good.conf", nil)
	fpmFile(t, sb, "bad.conf", nil, "nonsense = 1")
	fpmFile(t, sb, "root.conf", nil, "user =", "group =")
	fpmFile(t, sb, "front.conf", []string{"daemonize = no"})
	mkdir(t, sb.path("etc"), 0o755)
	write(t, sb.path("etc/php-fpm.conf"), read(t, good))
	log := sb.path("log/good.conf.log")
	for _, args := range [][]string{
		{"-h"}, {"-?"}, {"--help"}, {"--usage"}, {"-v"}, {"--version"}, {"-v", "-x"}, {"-nv"}, {"-h", "extra"},
		{"-C"}, {"-x"}, {"--nope"}, {"extra"}, {"-y"}, {"--fpm-config"}, {"-t", "-y", "good.conf", "extra"}, {"-"}, {"-:"}, {"-F", "--", "extra"},
		{"-t", "-y", "good.conf"}, {"-t", "-y", good}, {"-tygood.conf"}, {"-t", "-y=good.conf"}, {"--test", "--fpm-config=good.conf"},
		{"-t", "--fpm-config", "good.conf"}, {"-t", "-F", "-y", "good.conf"}, {"-t", "-F", "-O", "-y", "good.conf"}, {"-t", "-D", "-y", "good.conf"},
		{"-t", "-y", "front.conf"}, {"-tt", "-y", "good.conf"}, {"-t", "-t", "-y", "good.conf"},
		{"-tt", "-g", "x.pid", "-y", "good.conf"}, {"-tt", "-p", sb.dir, "-g", "x.pid", "-y", "good.conf"}, {"-t", "-p", sb.dir},
		{"-t", "-d", "fpm.config=" + good}, {"-n", "-t", "-y", "good.conf"},
		{"-t", "-y", "bad.conf"}, {"-y", "bad.conf"}, {"-D", "-y", "bad.conf"}, {"-F", "-y", "bad.conf"}, {"-F", "-O", "-y", "bad.conf"},
		{"-t", "-y", "none.conf"}, {"-t", "-p", "/nowhere", "-y", "good.conf"},
		{"-t", "-y", "root.conf"}, {"-t", "-R", "-y", "root.conf"}, {"-t", "--allow-to-run-as-root", "-y", "root.conf"},
		{"-t"},
	} {
		t.Run(strings.ReplaceAll(strings.Join(args, " "), sb.dir, "DIR"), func(t *testing.T) {
			want := runFPM(t, sb, realFPM, log, args...)
			got := runFPM(t, sb, fpmLink(t, sb), log, args...)
			got.stderr = missing.ReplaceAllString(got.stderr, "") // Howdah names the pool's place for what is not there
			if got != want {
				t.Errorf("howdah: exit %d, stdout %q\nstderr %q\nlog %q\nphp-fpm: exit %d, stdout %q\nstderr %q\nlog %q",
					got.code, got.stdout, got.stderr, got.log, want.code, want.stdout, want.stderr, want.log)
			}
		})
	}
	t.Run("howdah fpm -t", func(t *testing.T) {
		want := runFPM(t, sb, realFPM, log, "-t", "-y", "good.conf")
		if got := runFPM(t, sb, binary, log, "fpm", "-t", "-y", "good.conf"); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestModulesAndInformationAreThoseOfPHPUnderPHPFPMsName(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	lines := func(args ...string) (ours, theirs []string) {
		return strings.Split(runFPM(t, sb, fpmLink(t, sb), "", args...).stdout, "\n"), strings.Split(runFPM(t, sb, realFPM, "", args...).stdout, "\n")
	}
	// Debian builds pcntl into php-cgi only.
	ours, theirs := lines("-m")
	if got := slices.DeleteFunc(ours, func(l string) bool { return l == "pcntl" }); !slices.Equal(got, theirs) {
		t.Errorf("-m: %q, want %q", got, theirs)
	}
	own := regexp.MustCompile(`^(cgi\.check_shebang_line|fastcgi\.error_header|fpm\.config|pcntl.*|Interned .*|.*PHP_INI_SCAN_DIR.*|_|\$_SERVER\[.*|) => |^pcntl$|^_ => `)
	rows := func(all []string) []string {
		all = slices.DeleteFunc(all, func(l string) bool { return strings.TrimSpace(l) == "" || own.MatchString(l) })
		for i := range all { // php-cgi's HTML has a space behind every value, so one of its own can't be told
			all[i] = strings.TrimRight(all[i], " ")
		}
		return all
	}
	for _, args := range [][]string{{"-i"}, {"-n", "-d", "memory_limit=77M", "-i"}, {"-i", "-c", sb.dir}} {
		ours, theirs = lines(args...)
		got, want := rows(ours), rows(theirs)
		if i := slices.Index(want, "PHP License"); i > 0 { // a paragraph in lines
			want = want[:i]
		}
		if i := slices.Index(got, "PHP License"); i > 0 {
			got = got[:i]
		}
		diffLines(t, strings.Join(args, " "), got, want)
	}
}

// master is a php-fpm, or howdah by its name, in the foreground, with the lines that it said.
func startMaster(t *testing.T, sb *sandbox, program string, args ...string) *daemon {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = sb.dir
	return startDaemon(t, program, syscall.SIGTERM, cmd)
}

var (
	linePID    = regexp.MustCompile(`pid \d+`)
	lineSocket = regexp.MustCompile(`fd=\d+`)
	lineExec   = regexp.MustCompile(`reloading: .*`)
)

// bareLines are lines without what differs from run to run.
func bareLines(lines []string) []string {
	var bare []string
	for _, line := range lines {
		line = lineTime.ReplaceAllString(line, "")
		line = lineSocket.ReplaceAllString(linePID.ReplaceAllString(line, "pid N"), "fd=N")
		bare = append(bare, lineExec.ReplaceAllString(line, "reloading: ..."))
	}
	return bare
}

// life starts a master, opens its log again, reloads and stops it, each step when the line of the one before is there.
func life(t *testing.T, sb *sandbox, program, config string, stop syscall.Signal) []string {
	t.Helper()
	d := startMaster(t, sb, program, "-F", "-O", "-y", config)
	last := "systemd monitor interval set to 10000ms"
	d.wantLogged(0, 20*time.Second, last)
	for _, step := range []struct {
		sig  syscall.Signal
		line string
	}{{syscall.SIGUSR1, "access log file re-opened"}, {syscall.SIGUSR2, last}} {
		since := d.mark()
		d.signal(step.sig)
		d.wantLogged(since, 20*time.Second, step.line)
	}
	if code := d.stop(stop, 15*time.Second); code != 0 {
		t.Errorf("%s: exit code %d after %v", program, code, stop)
	}
	d.wantLogged(0, 5*time.Second, "exiting, bye-bye!")
	return bareLines(d.tail(100))
}

func TestStartReloadAndStopSayWhatPHPFPMSaysLineAfterLine(t *testing.T) {
	t.Parallel()
	for _, stop := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
		t.Run(stop.String(), func(t *testing.T) {
			sb := newSandbox(t)
			config := fpmFile(t, sb, "php-fpm.conf", nil, "access.log = "+sb.path("log/access.log"))
			want := life(t, sb, realFPM, config, stop)
			if got := life(t, sb, fpmLink(t, sb), config, stop); !slices.Equal(got, want) {
				t.Errorf("howdah says\n%s\nphp-fpm says\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestWithoutATerminalTheLinesGoToErrorLog(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	config := fpmFile(t, sb, "php-fpm.conf", nil)
	log := sb.path("log/php-fpm.conf.log")
	shown := func(program string) (stderr, file []string) {
		remove(log)
		d := startMaster(t, sb, program, "-F", "-y", config)
		wantWithin(t, 20*time.Second, "ready in "+log, func() bool {
			text, _ := os.ReadFile(log)
			return strings.Contains(string(text), "systemd monitor")
		})
		d.stop(syscall.SIGTERM, 15*time.Second)
		return bareLines(d.tail(100)), bareLines(strings.Split(read(t, log), "\n"))
	}
	wantErr, want := shown(realFPM)
	gotErr, got := shown(fpmLink(t, sb))
	if !slices.Equal(got, want) || !slices.Equal(gotErr, wantErr) {
		t.Errorf("howdah: log %q, stderr %q\nphp-fpm: log %q, stderr %q", got, gotErr, want, wantErr)
	}
}

// background is what can be seen of a master in the background.
type background struct {
	start, second, inFront ended
	parent, session, group bool // of init or a subreaper; a session and a group of its own
	title, name, pidFile   string
	files                  [3]string
	left                   []string // after its end
	log                    []string
}

func seeBackground(t *testing.T, sb *sandbox, program, config string) (b background) {
	t.Helper()
	log, pidFile := sb.path("log/php-fpm.conf.log"), sb.path("fpm.pid")
	b.start = runFPM(t, sb, program, log, "-y", config)
	b.start.log = linePID.ReplaceAllString(b.start.log, "pid N")
	pid := atoi(t, read(t, pidFile))
	defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }()
	b.pidFile = linePID.ReplaceAllString("pid "+read(t, pidFile), "pid N")
	p, _ := inspect(pid)
	b.parent = p.parent != os.Getpid()
	if sid, err := getsid(pid); err == nil {
		b.session = sid == pid
	}
	if pgid, err := syscall.Getpgid(pid); err == nil {
		b.group = pgid == pid
	}
	b.title = p.command
	b.name = strings.TrimSpace(read(t, filepath.Join(procDir(pid), "comm")))
	for fd := range b.files {
		b.files[fd], _ = os.Readlink(filepath.Join(procDir(pid), "fd", string(rune('0'+fd))))
	}
	logged := func() string { text, _ := os.ReadFile(log); return string(text) }
	kept := logged()
	b.second = runFPM(t, sb, program, sb.path("log/none"), "-y", config)
	b.inFront = runFPM(t, sb, program, sb.path("log/none"), "-F", "-O", "-y", config)
	if !strings.HasPrefix(logged(), kept) {
		t.Errorf("%s: a second start has changed the log of the first", program)
	}
	wantWithin(t, 10*time.Second, "the last line of the start", func() bool { return strings.Contains(logged(), "systemd monitor") })
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	wantWithin(t, 15*time.Second, "the end of "+program, func() bool { return !alive(pid) })
	for _, path := range []string{pidFile, sb.path("fpm.sock")} {
		if exists(path) {
			b.left = append(b.left, path)
		}
	}
	b.log = bareLines(strings.Split(logged(), "\n"))
	return b
}

func TestInTheBackgroundItIsWherePHPFPMIs(t *testing.T) {
	t.Parallel()
	sb := newSandbox(t)
	config := fpmFile(t, sb, "php-fpm.conf", []string{"pid = " + sb.path("fpm.pid")})
	want := seeBackground(t, sb, realFPM, config)
	got := seeBackground(t, sb, fpmLink(t, sb), config)
	if want.start.code != 0 || want.second.code != 70 || want.inFront.code != 78 || want.title != "php-fpm: master process ("+config+")" {
		t.Errorf("php-fpm is not as expected: %+v", want)
	}
	if !equal(got, want) {
		t.Errorf("howdah:\n%+v\nphp-fpm:\n%+v", got, want)
	}
}
