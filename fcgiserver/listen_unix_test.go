package fcgiserver

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// sockets is a directory that everybody can enter, which t.TempDir's parent is not.
func sockets(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "howdah-listen-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// describe is "uid:gid mode" of a file.
func describe(t *testing.T, path string) string {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d:%d %04o", st.Uid, st.Gid, st.Mode&0o7777)
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// deadSocket leaves the file of a server that has gone.
func deadSocket(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

func TestUnixSocketHasExactlyTheModeAskedWhateverTheUmask(t *testing.T) {
	listenLeaks(t)
	for _, umask := range []int{0, 0o777} {
		old := unix.Umask(umask)
		l, err := Listen(ListenSpec{Address: filepath.Join(sockets(t), "s"), Mode: 0o646})
		unix.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		want(t, describe(t, l.Address()), fmt.Sprintf("%d:%d 0646", os.Geteuid(), os.Getegid()))
		l.Close()
	}
}

func TestUnixSocketWithoutAModeHas0660(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: filepath.Join(sockets(t), "s")})
	want(t, describe(t, l.Address()), fmt.Sprintf("%d:%d 0660", os.Geteuid(), os.Getegid()))
}

func TestOwnerAndGroupOfAUnixSocket(t *testing.T) {
	needRoot(t)
	listenLeaks(t)
	for _, c := range []struct{ owner, group, want string }{
		{"", "", "0:0 0660"},
		{"www-data", "", "33:33 0660"}, // an owner by name brings its group
		{"33", "", "33:0 0660"},
		{"", "www-data", "0:33 0660"},
		{"www-data", "0", "33:0 0660"},
		{"4000000000", "4000000001", "4000000000:4000000001 0660"},
	} {
		l := mustListen(t, ListenSpec{Address: filepath.Join(sockets(t), "s"), Owner: c.owner, Group: c.group})
		want(t, describe(t, l.Address()), c.want)
	}
}

func TestUnknownNamesAreRefusedAndNoSocketIsLeft(t *testing.T) {
	listenLeaks(t)
	dir := sockets(t)
	path := filepath.Join(dir, "s")
	wantRefused(t, ListenSpec{Address: path, Owner: "no-such-user"}, "listen_owner", `no user "no-such-user"`)
	wantRefused(t, ListenSpec{Address: path, Group: "no-such-group"}, "listen_group", `no group "no-such-group"`)
	wantRefused(t, ListenSpec{Address: path, ACLUsers: []string{"no-such-user"}}, "listen_acl_users")
	wantRefused(t, ListenSpec{Address: path, ACLGroups: []string{"4294967295"}}, "listen_acl_groups")
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSocketOfADeadServerIsReplaced(t *testing.T) {
	listenLeaks(t)
	path := filepath.Join(sockets(t), "s")
	deadSocket(t, path)
	if err := connects(mustListen(t, ListenSpec{Address: path})); err != nil {
		t.Error(err)
	}
}

func TestLinkToADeadOrMissingSocketIsReplacedAsInPhpFpm(t *testing.T) {
	listenLeaks(t)
	dir := sockets(t)
	deadSocket(t, filepath.Join(dir, "dead"))
	for _, target := range []string{"dead", "missing"} {
		path := filepath.Join(dir, "to-"+target)
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
		l := mustListen(t, ListenSpec{Address: path})
		if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSocket == 0 {
			t.Errorf("%s is %v, %v", path, info.Mode(), err)
		}
		if err := connects(l); err != nil {
			t.Error(err)
		}
	}
}

func TestLiveSocketIsNeverTakenOver(t *testing.T) {
	listenLeaks(t)
	dir := sockets(t)
	live := mustListen(t, ListenSpec{Address: filepath.Join(dir, "live")})
	if err := os.Symlink("live", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	full := mustListen(t, ListenSpec{Address: filepath.Join(dir, "full"), Backlog: 1})
	for { // until its backlog is full
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.Connect(fd, &unix.SockaddrUnix{Name: full.Address()}); err != nil {
			break
		}
	}
	datagrams, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "datagrams"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer datagrams.Close()
	for _, name := range []string{"live", "link", "full", "datagrams"} {
		before := describe(t, filepath.Join(dir, name))
		if _, err := Listen(ListenSpec{Address: filepath.Join(dir, name)}); !errors.Is(err, ErrInUse) {
			t.Errorf("%s: the error is %v", name, err)
		}
		want(t, describe(t, filepath.Join(dir, name)), before)
	}
	wantRefused(t, ListenSpec{Address: live.Address()}, fmt.Sprintf("pid %d, ", os.Getpid()))
	for { // the probes are in its queue
		fd, _, err := unix.Accept4(live.FD(), unix.SOCK_CLOEXEC)
		if err != nil {
			break
		}
		unix.Close(fd)
	}
	if err := connects(live); err != nil {
		t.Error(err)
	}
}

func TestSocketThatAForkOfADeadServerStillHoldsIsNotTakenOver(t *testing.T) {
	listenLeaks(t)
	path := filepath.Join(sockets(t), "s")
	if os.Getenv("HOWDAH_TEST_LISTEN_AT") != "" { // the server: it ends, and the test keeps its socket
		fd := 3
		if err := unix.Listen(fd, 1); err != nil {
			t.Fatal(err)
		}
		return
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "HOWDAH_TEST_LISTEN_AT="+path)
	cmd.ExtraFiles = []*os.File{f}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantRefused(t, ListenSpec{Address: path}, ErrInUse.Error(), fmt.Sprintf("a process that pid %d left behind", cmd.Process.Pid))
}

func TestWhatIsNoSocketIsNeverRemoved(t *testing.T) {
	listenLeaks(t)
	dir := sockets(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, ListenSpec{Address: file}, "there is a file of that name")
	wantRefused(t, ListenSpec{Address: filepath.Join(dir, "link")}, "there is a file of that name")
	wantRefused(t, ListenSpec{Address: dir}, "there is a directory of that name")
	if text, err := os.ReadFile(file); err != nil || string(text) != "precious" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

func TestMissingDirectoryIsSaid(t *testing.T) {
	listenLeaks(t)
	dir := sockets(t)
	wantRefused(t, ListenSpec{Address: filepath.Join(dir, "none", "s")}, "the directory "+filepath.Join(dir, "none")+" does not exist: create it")
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, ListenSpec{Address: filepath.Join(dir, "file", "s")}, "is not a directory")
}

func TestCloseRemovesOnlyItsOwnSocket(t *testing.T) {
	listenLeaks(t)
	path := filepath.Join(sockets(t), "s")
	l := mustListen(t, ListenSpec{Address: path})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	l = mustListen(t, ListenSpec{Address: path})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other := mustListen(t, ListenSpec{Address: path})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := connects(other); err != nil {
		t.Errorf("the successor's socket is gone: %v", err)
	}
}

func TestSocketWhoseFileHasGoneStillCloses(t *testing.T) {
	listenLeaks(t)
	l := mustListen(t, ListenSpec{Address: filepath.Join(sockets(t), "s")})
	if err := os.Remove(l.Address()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestOwnerAndModeChangeWhileItListens(t *testing.T) {
	needRoot(t)
	listenLeaks(t)
	spec := ListenSpec{Address: filepath.Join(sockets(t), "s"), Owner: "www-data", Mode: 0o600}
	l := mustListen(t, spec)
	want(t, describe(t, l.Address()), "33:33 0600")
	for _, c := range []struct {
		owner, group string
		mode         os.FileMode
		want         string
	}{
		{"www-data", "", 0o660, "33:33 0660"},
		{"nobody", "", 0o644, "65534:65534 0644"},
		{"", "www-data", 0o660, "0:33 0660"},
		{"", "", 0o666, "0:0 0666"},
	} {
		spec.Owner, spec.Group, spec.Mode = c.owner, c.group, c.mode
		if err := l.Apply(spec); err != nil {
			t.Fatal(err)
		}
		want(t, describe(t, l.Address()), c.want)
	}
	if err := connects(l); err != nil {
		t.Error(err)
	}
	spec.Owner = "no-such-user"
	if err := l.Apply(spec); err == nil || !strings.Contains(err.Error(), "no-such-user") {
		t.Errorf("the error is %v", err)
	}
	want(t, describe(t, l.Address()), "0:0 0666")
}

func TestNothingIsChangedThroughANameThatNoLongerLeadsToTheSocket(t *testing.T) {
	needRoot(t)
	listenLeaks(t)
	dir := sockets(t)
	spec := ListenSpec{Address: filepath.Join(dir, "s")}
	l := mustListen(t, spec)
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(spec.Address); err != nil {
		t.Fatal(err)
	}
	spec.Owner, spec.Mode = "www-data", 0o666
	if err := l.Apply(spec); err == nil {
		t.Error("a socket without a file was changed")
	}
	if err := os.Symlink(victim, spec.Address); err != nil {
		t.Fatal(err)
	}
	if err := l.Apply(spec); err == nil {
		t.Error("a link was followed")
	}
	want(t, describe(t, victim), "0:0 0600")
	if err := os.Remove(spec.Address); err != nil {
		t.Fatal(err)
	}
	deadSocket(t, spec.Address)
	before := describe(t, spec.Address)
	if err := l.Apply(spec); err == nil {
		t.Error("another's socket was changed")
	}
	want(t, describe(t, spec.Address), before)
}

// acl is what getfacl says, in one line.
func acl(t *testing.T, path string) string {
	t.Helper()
	getfacl, err := exec.LookPath("getfacl")
	if err != nil {
		t.Skip("getfacl is not installed (package acl)")
	}
	out, err := exec.Command(getfacl, "--absolute-names", "--omit-header", "--numeric", "--no-effective", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestACLIsThatOfPhpFpm(t *testing.T) {
	needRoot(t)
	listenLeaks(t)
	spec := ListenSpec{
		Address: filepath.Join(sockets(t), "s"), Owner: "nobody", Mode: 0o640,
		ACLUsers: []string{"www-data", "nobody"}, ACLGroups: []string{"60"},
	}
	l := mustListen(t, spec)
	want(t, describe(t, l.Address()), "0:0 0660") // the owner is ignored; the group's place shows the mask
	want(t, acl(t, l.Address()), "user::rw- user:33:rw- user:65534:rw- group::r-- group:60:rw- mask::rw- other::---")

	spec.ACLGroups = nil
	if err := l.Apply(spec); err != nil {
		t.Fatal(err)
	}
	want(t, acl(t, l.Address()), "user::rw- user:33:rw- user:65534:rw- group::r-- mask::rw- other::---")

	spec.ACLUsers = nil
	if err := l.Apply(spec); err != nil {
		t.Fatal(err)
	}
	want(t, describe(t, l.Address()), "65534:65534 0640")
	want(t, acl(t, l.Address()), "user::rw- group::r-- other::---")
}

func TestDefaultACLOfTheDirectoryHoldsWithinTheMode(t *testing.T) {
	listenLeaks(t)
	dir := sockets(t)
	if out, err := exec.Command("setfacl", "-d", "-m", "user:33:rwx", dir).CombinedOutput(); err != nil {
		t.Skipf("setfacl: %v: %s", err, out)
	}
	spec := ListenSpec{Address: filepath.Join(dir, "s"), Mode: 0o660}
	l := mustListen(t, spec)
	want(t, acl(t, l.Address()), "user::rw- user:33:rwx group::r-x mask::rw- other::---")
	spec.ACLUsers = []string{"65534"}
	if err := l.Apply(spec); err != nil {
		t.Fatal(err)
	}
	want(t, acl(t, l.Address()), "user::rw- user:33:rwx user:65534:rw- group::r-x mask::rwx other::---")
	spec.ACLUsers = nil
	if err := l.Apply(spec); err != nil {
		t.Fatal(err)
	}
	want(t, acl(t, l.Address()), "user::rw- user:33:rwx group::r-x mask::rw- other::---")
}

func TestOrdinaryUserListensAndIsToldWhatOnlyRootMay(t *testing.T) {
	if !asNobody(t) {
		return
	}
	listenLeaks(t)
	dir := sockets(t)
	l := mustListen(t, ListenSpec{Address: filepath.Join(dir, "s"), Owner: fmt.Sprint(os.Geteuid()), Mode: 0o600})
	if err := connects(l); err != nil {
		t.Error(err)
	}
	want(t, describe(t, l.Address()), fmt.Sprintf("%d:%d 0600", os.Geteuid(), os.Getegid()))
	if err := l.Apply(ListenSpec{Address: l.Address(), ACLUsers: []string{"0"}}); err != nil {
		t.Error(err)
	}
	want(t, acl(t, l.Address()), "user::rw- user:0:rw- group::rw- mask::rw- other::---")

	if err := l.Apply(ListenSpec{Address: l.Address(), Mode: 0o600}); err != nil {
		t.Error(err)
	}
	if err := l.Apply(ListenSpec{Address: l.Address(), Owner: "root", Mode: 0o066}); err == nil {
		t.Error("the socket was given away")
	}
	want(t, describe(t, l.Address()), fmt.Sprintf("%d:%d 0600", os.Geteuid(), os.Getegid())) // not 0, as half way

	path := filepath.Join(dir, "other")
	wantRefused(t, ListenSpec{Address: path, Owner: "root"}, "only root can give files away")
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket was left behind")
	}
	wantRefused(t, ListenSpec{Address: "/howdah-test.sock"}, "no permission to make a socket in /")

	closed := mustListen(t, ListenSpec{Address: filepath.Join(dir, "closed"), Mode: 0o066})
	_, err := Listen(ListenSpec{Address: closed.Address()})
	if err == nil || !strings.Contains(err.Error(), "cannot find out whether somebody listens") {
		t.Errorf("a socket that may not be probed: %v", err)
	}
}
