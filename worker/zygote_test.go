package worker

import (
	"net"
	"os/user"
	"strconv"
	"testing"
	"time"

	"howdah/internal/process"
)

const phpCGI = "/usr/bin/php-cgi"

func wwwData(t *testing.T) *User {
	u, err := user.Lookup("www-data")
	if err != nil {
		t.Skip(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &User{Name: u.Username, Home: u.HomeDir, UID: uint32(uid), GID: uint32(gid), Groups: []uint32{uint32(gid)}}
}

func TestZygoteListens(t *testing.T) {
	sp, err := process.NewSpawner(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	z, err := StartZygote(sp, ZygoteSpec{Pool: "www", Generation: 1, Binary: phpCGI, Children: 3, Dir: t.TempDir(), Log: func(l string) { t.Log(l) }})
	if err != nil {
		t.Fatal(err)
	}
	defer z.Release()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("unix", z.Socket())
		if err == nil {
			c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err, z.LastLine())
		}
	}
	z.KillGroup()
	t.Log(z.Exit())
}
