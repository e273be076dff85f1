package fcgiserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"howdah/internal/fcgi"
	"howdah/internal/fsuser"
)

// phpVersions are tried in turn: php-fpm and php-cgi must be of the same.
var phpVersions = []string{"8.2", "8.3", "8.4", "8.5", "8.1"}

// phpBinaries finds php-fpm and php-cgi, or skips the test.
func phpBinaries(t *testing.T) (fpm, cgi string) {
	t.Helper()
	for _, v := range phpVersions {
		fpm, errFPM := exec.LookPath("php-fpm" + v)
		if errFPM != nil {
			fpm, errFPM = exec.LookPath("/usr/sbin/php-fpm" + v)
		}
		cgi, errCGI := exec.LookPath("php-cgi" + v)
		if errFPM == nil && errCGI == nil {
			return fpm, cgi
		}
	}
	t.Skip("php-fpm and php-cgi of one version are not installed")
	return "", ""
}

// livePHP is a real php-fpm, and a real php-cgi behind a server of ours, on the same site.
type livePHP struct {
	t        *testing.T
	fpm, cgi string // sockets
	front    *front
	client   *client
}

// startPHP starts both. With root's rights PHP runs as www-data. sites may be entered by everyone.
func startPHP(t *testing.T, site string) *livePHP {
	t.Helper()
	fpmBinary, cgiBinary := phpBinaries(t)
	dir := sockets(t)
	p := &livePHP{t: t, fpm: filepath.Join(dir, "fpm"), cgi: filepath.Join(dir, "cgi")}
	conf := fmt.Sprintf("[global]\ndaemonize = no\nerror_log = %s/log\n[www]\nlisten = %s\npm = static\npm.max_children = 1\n", dir, p.fpm)
	cgi := exec.Command(cgiBinary, "-n", "-b", p.cgi)
	cgi.Dir = "/"
	var lookAs *fsuser.User
	if os.Geteuid() == 0 {
		conf += "user = www-data\ngroup = www-data\n"
		www, err := user.Lookup("www-data")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(www.Uid)
		gid, _ := strconv.Atoi(www.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
		cgi.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		cgi.Env = []string{"USER=www-data", "HOME=" + www.HomeDir}
		lookAs = &fsuser.User{UID: uint32(uid), GID: uint32(gid)}
	} else {
		cgi.Env = []string{"USER=" + os.Getenv("USER"), "HOME=" + os.Getenv("HOME")}
	}
	file := filepath.Join(dir, "conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	fpm := exec.Command(fpmBinary, "-n", "-y", file, "-F", "-O")
	fpm.Dir = "/"
	runPHP(t, fpm, p.fpm)
	runPHP(t, cgi, p.cgi)

	p.front = startFront(t, func(o *Options) { o.LookAs, o.PoweredBy = lookAs, p.poweredBy() })
	p.front.submit = p.submit
	p.client = p.front.client()
	return p
}

// runPHP starts cmd and waits until it listens on socket.
func runPHP(t *testing.T, cmd *exec.Cmd, socket string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	ready := func() bool {
		c, err := net.Dial("unix", socket)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	if !eventually(ready) {
		t.Fatalf("%s does not listen on %s", cmd.Path, socket)
	}
}

// submit has php-cgi run a request. It is called on the loop.
func (p *livePHP) submit(r *Request) Ticket {
	wire, id := bytes.Clone(r.Wire()), r.RequestID()
	go func() {
		out, err := exchange(p.cgi, wire)
		if err != nil {
			p.t.Errorf("php-cgi: %v (after %q)", err, out)
			out = answered(id, "")
		}
		p.front.loop.Post(func() { r.End(out) })
	}()
	return noTicket{}
}

type noTicket struct{}

func (noTicket) Abort()  {}
func (noTicket) Resume() {}

// exchange sends a request to a PHP and returns its answer as records.
func exchange(socket string, request []byte) (out []byte, err error) {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	for r := fcgi.NewReader(io.TeeReader(c, &raw)); ; {
		h, _, err := r.Next()
		if err != nil || h.Type == fcgi.TypeEndRequest {
			return raw.Bytes(), err
		}
	}
}

// fromFPM is php-fpm's answer to a request.
func (p *livePHP) fromFPM(request []byte) answer {
	p.t.Helper()
	out, err := exchange(p.fpm, request)
	if err != nil && !errors.Is(err, io.EOF) {
		p.t.Fatalf("php-fpm: %v (after %q)", err, out)
	}
	return parseAnswer(out)
}

// fromUs is php-cgi's answer, or our own, to a request.
func (p *livePHP) fromUs(request []byte) answer {
	p.t.Helper()
	p.client.send(request)
	return p.client.answer()
}

func parseAnswer(out []byte) (a answer) {
	for r := fcgi.NewReader(bytes.NewReader(out)); ; {
		h, content, err := r.Next()
		switch {
		case err != nil:
			return a
		case h.Type == fcgi.TypeStdout:
			a.stdout += string(content)
		case h.Type == fcgi.TypeStderr:
			a.stderr += string(content)
		case h.Type == fcgi.TypeEndRequest:
			a.id = h.RequestID
			a.end, _ = fcgi.ParseEndRequest(content)
		}
	}
}

// poweredBy is the X-Powered-By of php-fpm.
func (p *livePHP) poweredBy() string {
	p.t.Helper()
	head := p.fromFPM(records{}.get(1, 0, "/no/such.php")).stdout
	_, rest, _ := strings.Cut(head, "X-Powered-By: ")
	name, _, _ := strings.Cut(rest, "\r\n")
	return name
}
