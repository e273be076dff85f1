package main

import (
	"os"
	"testing"
	"time"
)

func TestProcLineWithAwkwardName(t *testing.T) {
	got, err := parseProc("4242 (php-fpm: (a) b) S 17 4242 4242 0 -1 4194560 100 200 0 0 3 4 5 6 20 0 1 0 98765 1000 50 18446744073709551615")
	if err != nil {
		t.Fatal(err)
	}
	want := proc{PID: 4242, PPID: 17, Name: "php-fpm: (a) b", State: 'S', Start: 98765, CPU: 180 * time.Millisecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestProcLineThatIsCutIsAnError(t *testing.T) {
	for _, s := range []string{"", "1 init S 0", "1 (init) S 0 1", "x (init) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"} {
		if p, err := parseProc(s); err == nil {
			t.Errorf("%q was read as %+v", s, p)
		}
	}
}

func TestTreeHasTheRootAndItsDescendantsOnly(t *testing.T) {
	all := []proc{{PID: 1}, {PID: 30, PPID: 20}, {PID: 20, PPID: 10}, {PID: 10, PPID: 1}, {PID: 11, PPID: 1}, {PID: 21, PPID: 10}}
	var got []int
	for _, p := range treeOf(all, 10) {
		got = append(got, p.PID)
	}
	if len(got) != 4 || got[0] != 10 || got[3] != 30 {
		t.Errorf("tree of 10 is %v, want 10, 20, 21, 30", got)
	}
	if tree := treeOf(all, 99); len(tree) != 0 {
		t.Errorf("tree of a process that is not there is %v", tree)
	}
}

func TestOwnProcessIsFound(t *testing.T) {
	if p, ok := readProc(os.Getpid()); !ok || p.PID != os.Getpid() || p.PPID != os.Getppid() {
		t.Errorf("readProc of this process: %+v, %v", p, ok)
	}
}

func TestWorkersOfATreeAreThoseThatCanRunPHP(t *testing.T) {
	fpm := []proc{{PID: 1, Name: "php-fpm8.2"}, {PID: 2, PPID: 1, Name: "php-fpm8.2"}, {PID: 3, PPID: 1, Name: "php-fpm8.2", State: 'Z'}}
	if w := fpmWorkers(fpm); len(w) != 1 || w[0].PID != 2 {
		t.Errorf("php-fpm's workers are %v, want 2: the master is none, nor is a zombie", w)
	}
	howdah := []proc{{PID: 1, Name: "howdah"}, {PID: 2, PPID: 1, Name: "php-cgi"}, {PID: 3, PPID: 2, Name: "php-cgi"}, {PID: 4, PPID: 2, Name: "php-cgi", State: 'Z'},
		{PID: 5, PPID: 3, Name: "sh"}}
	if w := howdahWorkers(howdah); len(w) != 1 || w[0].PID != 3 {
		t.Errorf("Howdah's workers are %v, want 3: the zygote is none, nor a zombie, nor what a script started", w)
	}
	if w := fpmWorkers(nil); len(w) != 0 {
		t.Errorf("a php-fpm that has ended has the workers %v", w)
	}
}
