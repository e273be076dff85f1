package worker

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/process"
)

const phpCGI = "/usr/bin/php-cgi"

// asUsers runs a test as www-data, as root would, and as who we are.
func asUsers(t *testing.T, test func(t *testing.T, u *User)) {
	needPHP(t)
	t.Run("as www-data", func(t *testing.T) { test(t, wwwData(t)) })
	t.Run("as ourselves", func(t *testing.T) { test(t, nil) })
}

func needPHP(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(phpCGI); err != nil {
		t.Skip("no php-cgi here")
	}
}

func wwwData(t *testing.T) *User {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	u, err := user.Lookup("www-data")
	if err != nil {
		t.Skip(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &User{Name: u.Username, Home: u.HomeDir, UID: uint32(uid), GID: uint32(gid), Groups: []uint32{uint32(gid)}}
}

// openDir makes a directory with a short name that every user can enter and write to.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// site writes scripts, and returns the directory that they are in.
func site(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir := openDir(t)
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// logged collects the lines of a zygote's stderr.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

func spawner(t *testing.T) *process.Spawner {
	t.Helper()
	sp, err := process.NewSpawner(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sp.Close)
	return sp
}

// startZygote starts php-cgi for one test, and ends it with its group afterwards. change, if not nil, alters the spec.
func startZygote(t *testing.T, u *User, change func(*ZygoteSpec)) *Zygote {
	t.Helper()
	log := &logged{}
	spec := ZygoteSpec{
		Pool: "www", Generation: 1, Binary: phpCGI, Children: 2, User: u, ClearEnv: true,
		Dir: filepath.Join(openDir(t), "www"), PreloadFile: BuiltinPreload, Log: log.add,
	}
	if change != nil {
		change(&spec)
	}
	z, err := StartZygote(spawner(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		z.KillGroup()
		z.Exit()
		z.Release()
		if !eventually(func() bool { return len(adopted(z.PID())) == 0 }) {
			t.Errorf("not reaped: %v", adopted(z.PID()))
		}
		if t.Failed() {
			t.Logf("php-cgi said: %s", log)
		}
	})
	return z
}

// adopted lists our children that are members of a group.
func adopted(group int) (pids []int) {
	children, _ := process.Children(os.Getpid())
	for _, pid := range children {
		if st, err := process.ReadStat(pid); err == nil && st.PGID == group {
			pids = append(pids, pid)
		}
	}
	return pids
}

// A client is one connection to a worker.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *fcgi.Reader
}

// dial connects as soon as the zygote listens.
func dial(t *testing.T, z *Zygote) *client {
	t.Helper()
	var conn net.Conn
	var err error
	if !eventually(func() bool {
		conn, err = net.Dial("unix", z.Socket())
		return err == nil || process.Exited(z.Pidfd())
	}) || err != nil {
		t.Fatalf("php-cgi does not listen: %v; it said %q", err, z.LastLine())
	}
	t.Cleanup(func() { conn.Close() })
	return &client{t, conn, fcgi.NewReader(bufio.NewReader(conn))}
}

// A reply is what came back, the records of each stream joined.
type reply struct {
	stdout, stderr []byte
	beforeMark     []byte // what had come on STDOUT when the finish mark came on STDERR
}

func (a reply) body() string {
	_, body, _ := bytes.Cut(a.stdout, []byte("\r\n\r\n"))
	return string(body)
}

// get requests a script on the kept connection. params are names and values that come on top.
func (c *client) get(script string, params ...string) reply {
	c.t.Helper()
	return c.do("GET", script, "", params...)
}

func (c *client) do(method, script, body string, params ...string) reply {
	c.t.Helper()
	a, err := c.try(method, script, body, params...)
	if err != nil {
		c.t.Fatalf("%s: %v; so far %q %q", script, err, a.stdout, a.stderr)
	}
	return a
}

func (c *client) try(method, script, body string, params ...string) (a reply, err error) {
	b := fcgi.AppendBeginRequest(nil, 1, fcgi.RoleResponder, fcgi.FlagKeepConn)
	w := fcgi.NewParamsWriter(b, 1)
	all := append([]string{
		"SCRIPT_FILENAME", script, "SCRIPT_NAME", "/" + filepath.Base(script), "REQUEST_METHOD", method,
		"SERVER_NAME", "localhost", "REMOTE_ADDR", "127.0.0.1", "CONTENT_LENGTH", strconv.Itoa(len(body)),
	}, params...)
	for i := 0; i < len(all); i += 2 {
		w.Add([]byte(all[i]), []byte(all[i+1]))
	}
	if b, err = w.End(); err != nil {
		return a, err
	}
	if body != "" {
		b = fcgi.AppendStream(b, fcgi.TypeStdin, 1, []byte(body))
	}
	b = fcgi.AppendHeader(b, fcgi.TypeStdin, 1, 0, 0)
	c.conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.conn.Write(b); err != nil {
		return a, err
	}
	for {
		h, content, err := c.r.Next()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return a, err
		}
		switch h.Type {
		case fcgi.TypeStdout:
			a.stdout = append(a.stdout, content...)
		case fcgi.TypeStderr:
			a.stderr = append(a.stderr, content...)
			if bytes.Contains(content, []byte(finishPrefix)) {
				a.beforeMark = bytes.Clone(a.stdout)
			}
		case fcgi.TypeEndRequest:
			return a, nil
		}
	}
}

// A message is what came on PHP's descriptor 1, with the pid that the kernel says sent it.
type message struct {
	text string
	pid  int
}

// messages reads what lies on descriptor 1.
func messages(t *testing.T, z *Zygote) (all []message) {
	t.Helper()
	buf, oob := make([]byte, 200_000), make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	for {
		n, oobn, _, _, err := unix.Recvmsg(z.HostCalls(), buf, oob, unix.MSG_DONTWAIT)
		if err == unix.EAGAIN || err == nil && n == 0 {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, message{string(buf[:n]), credentialPID(oob[:oobn])})
	}
}
