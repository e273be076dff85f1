package process

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMemoryHasAPeakThatCanBeReset(t *testing.T) {
	const size = 64 << 20
	block, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	if err := unix.Munmap(block); err != nil {
		t.Fatal(err)
	}
	before, err := ReadMemory(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if before.Peak < size || before.Resident == 0 {
		t.Errorf("after %d bytes were touched: %+v", size, before)
	}
	if err := ResetPeak(os.Getpid()); err != nil {
		t.Fatal(err)
	}
	after, err := ReadMemory(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after.Peak > before.Peak-size/2 || after.Peak < after.Resident {
		t.Errorf("after the reset: %+v, before it %+v", after, before)
	}
}

func TestCPUTimeIsThatOfTheProcess(t *testing.T) {
	var usage unix.Rusage
	before, err := CPUTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for used := before; used < before+20*time.Millisecond; {
		if used, err = CPUTime(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	after, err := CPUTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	rusage := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	if rusage < before || rusage > after+20*time.Millisecond {
		t.Errorf("getrusage says %v, the clock %v before and %v after", rusage, before, after)
	}
	if _, err := CPUTime(1<<22 + 1); err == nil {
		t.Error("a pid that is larger than any has a clock")
	}
}
