package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// howdahConfig is the pool.toml that says what fpmConfig says.
func howdahConfig(dir, user string, p poolSpec) string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("[global]")
	line("error_log = %q", dir+"/howdah.log")
	line("runtime_dir = %q", dir+"/run")
	if p.Grace > 0 {
		line("process_control_timeout = %q", p.Grace)
	}
	observedGlobal, observedPool := observedLines(dir)
	if p.Observed {
		line("%s", strings.Join(observedGlobal, "\n"))
	}
	line("[pool.www]")
	if p.Observed {
		line("%s", strings.Join(observedPool, "\n"))
	}
	if user != "" {
		line("user = %q", user)
		line("group = %q", user)
	}
	line("listen = %q", dir+"/howdah.sock")
	line("listen_mode = %q", "0666")
	line("php_ini = %q", phpIni)
	line("php_ini_scan_dir = %q", phpIniScanDir)
	line("pm = %q", p.PM)
	line("pm_max_children = %d", p.Children)
	switch p.PM {
	case "dynamic":
		line("pm_start_servers = 5")
		line("pm_min_spare_servers = 5")
		line("pm_max_spare_servers = 35")
	case "ondemand":
		line("pm_process_idle_timeout = %q", p.Idle)
	}
	return b.String()
}

// startHowdah starts binary in dir, which is its own.
func startHowdah(binary, dir, user string, p poolSpec) (*server, error) {
	config := filepath.Join(dir, "pool.toml")
	if err := os.WriteFile(config, []byte(howdahConfig(dir, user, p)), 0o644); err != nil {
		return nil, err
	}
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("no howdah to measure: %w; run make build first, or name one with -howdah", err)
	}
	s := &server{socket: filepath.Join(dir, "howdah.sock"), logFile: filepath.Join(dir, "howdah.log"), reload: syscall.SIGUSR2, workers: howdahWorkers}
	var err error
	if s.child, err = startChild(s.logFile, binary, "serve", "-c", config); err != nil {
		return nil, err
	}
	return s, err
}

// howdahWorkers are the php-cgi processes whose parent is one too: the forks of a zygote. A parked zygote is stopped and leaves
// its last forks as zombies, which are none.
func howdahWorkers(tree []proc) []proc {
	php := map[int]bool{}
	var workers []proc
	for _, p := range tree {
		if p.isPHP() {
			php[p.PID] = true
			if php[p.PPID] && p.State != 'Z' {
				workers = append(workers, p)
			}
		}
	}
	return workers
}

func (p proc) isPHP() bool { return strings.HasPrefix(p.Name, "php-cgi") }
