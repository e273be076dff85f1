package main

import "testing"

func TestKilobytesOfAProcFile(t *testing.T) {
	const rollup = "55a7c7ed4000-7fffee681000 ---p 00000000 00:00 0   [rollup]\nRss:                1672 kB\nPss:                 353 kB\nPss_Dirty:           112 kB\n"
	if n, err := findKilobytes(rollup, "Pss:"); err != nil || n != 353 {
		t.Errorf("Pss: %d, %v, want 353", n, err)
	}
	if n, err := findKilobytes(rollup, "VmPTE:"); err == nil {
		t.Errorf("VmPTE was found where it is not: %d", n)
	}
}
