package worker

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"howdah/internal/fcgi"
	"howdah/internal/process"
)

// hang is what a Howdah does that TestTheNextStartEnds… kills: it starts a zygote in dir/www and gives it dir/hang.php to run.
func hang(dir string) {
	sp, err := process.NewSpawner(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := StartZygote(sp, ZygoteSpec{Pool: "www", Binary: phpCGI, Children: 2, Dir: filepath.Join(dir, "www")})
	if err != nil {
		fmt.Println(err)
		return
	}
	var conn net.Conn
	if !eventually(func() bool { conn, err = net.Dial("unix", z.Socket()); return err == nil }) {
		fmt.Println(err)
		return
	}
	w := fcgi.NewParamsWriter(fcgi.AppendBeginRequest(nil, 1, fcgi.RoleResponder, 0), 1)
	w.Add([]byte("SCRIPT_FILENAME"), []byte(filepath.Join(dir, "hang.php")))
	w.Add([]byte("REQUEST_METHOD"), []byte("GET"))
	b, _ := w.End()
	conn.Write(fcgi.AppendHeader(b, fcgi.TypeStdin, 1, 0, 0))
	unix.Pause()
}

func TestTheNextStartEndsWhatAHungScriptOfAKilledHowdahHeld(t *testing.T) {
	needPHP(t)
	// The script ends on no signal but KILL, and neither does its child.
	dir := site(t, map[string]string{"hang.php": `<?php
		set_time_limit(0);
		file_put_contents(__DIR__ . '/pid', getmypid());
		while (true) { exec("trap '' TERM; touch " . __DIR__ . "/ready; read x < " . __DIR__ . "/fifo"); }`})
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HOWDAH_TEST_HUNG="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	www := filepath.Join(dir, "www")
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait(); CleanStale(www) })
	var pid int
	if !eventually(func() bool {
		b, _ := os.ReadFile(filepath.Join(dir, "pid"))
		fmt.Sscan(string(b), &pid)
		_, err := os.Stat(filepath.Join(dir, "ready"))
		return pid > 0 && err == nil
	}) {
		said, _ := bufio.NewReader(out).ReadString('\n')
		t.Fatalf("the script does not run: %s", said)
	}
	children, _ := process.Children(pid)
	cmd.Process.Kill()
	cmd.Wait()
	group := recordIn(t, www)
	if !eventually(func() bool { st, err := process.ReadStat(group.group); return err != nil || st.State == 'Z' }) {
		t.Error("the zygote outlives its Howdah")
	}
	if aliveOf([]int{pid}) != 1 || aliveOf(children) != 1 {
		t.Fatalf("of the script %d and its child %v not both hang; the test shows nothing", aliveOf([]int{pid}), aliveOf(children))
	}
	ended, err := CleanStale(www)
	if err != nil || len(ended) < 2 {
		t.Errorf("ended %v, %v", ended, err)
	}
	if aliveOf(append(children, pid)) > 0 {
		t.Errorf("still there: the script %d or its child %v", pid, children)
	}
	if left, _ := os.ReadDir(www); len(left) > 0 {
		t.Errorf("files left: %v", left)
	}
}

func recordIn(t *testing.T, dir string) record {
	t.Helper()
	files, _ := filepath.Glob(dir + "/*" + recordSuffix)
	if len(files) != 1 {
		t.Fatalf("records: %v", files)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseRecord(string(b))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCleanStaleLeavesAloneWhatItCannotProveToBeOurs(t *testing.T) {
	sp := spawner(t)
	p, err := sp.Start(process.Spec{Path: "/bin/sleep", Args: []string{"sleep", "1000"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if !eventually(func() bool { st, _ := process.ReadStat(p.PID); return st.Name == "sleep" }) {
		t.Fatal("sleep does not start")
	}
	st, err := process.ReadStat(p.PID)
	if err != nil {
		t.Fatal(err)
	}
	dir := openDir(t)
	for name, r := range map[string]record{
		"a process that has the pid now": {p.PID, st.StartTime - 1, bootID()},
		"before the last boot":           {p.PID, st.StartTime, "other-"},
		"the group of init":              {1, 0, bootID()},
		"every process":                  {-1, 0, bootID()},
		"our own group":                  {unix.Getpgrp(), 0, bootID()},
	} {
		if err := os.WriteFile(filepath.Join(dir, "g1-77.group"), []byte(r.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if ended, err := CleanStale(dir); err != nil || len(ended) > 0 {
			t.Errorf("%s: ended %v, %v", name, ended, err)
		}
	}
	os.WriteFile(filepath.Join(dir, "g1-78.group"), []byte(record{p.PID, st.StartTime, bootID()}.String()), 0o600)
	os.WriteFile(filepath.Join(dir, "other"), nil, 0o600)
	if ended, err := CleanStale(dir); err != nil || len(ended) != 1 || ended[0] != p.PID {
		t.Errorf("ended %v, %v, want the process %d", ended, err, p.PID)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "other" {
		t.Errorf("left: %v", left)
	}
	if ended, err := CleanStale(filepath.Join(dir, "missing")); err != nil || ended != nil {
		t.Errorf("no directory: %v, %v", ended, err)
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add("12 34 boot-")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := parseRecord(s); err == nil && r.group < 2 {
			t.Errorf("%q names group %d", s, r.group)
		}
	})
}
