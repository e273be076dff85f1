package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fpmConfig is php-fpm's configuration for the pool: what Debian ships, except where the bench needs its own paths.
func fpmConfig(dir, user string, p poolSpec) string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("[global]")
	line("error_log = %s/fpm.log", dir)
	line("daemonize = no")
	if p.Grace > 0 {
		line("process_control_timeout = %ds", p.Grace/time.Second)
	}
	line("[www]")
	if user != "" {
		line("user = %s", user)
		line("group = %s", user)
	}
	line("listen = %s/fpm.sock", dir)
	line("listen.mode = 0666")
	line("pm = %s", p.PM)
	line("pm.max_children = %d", p.Children)
	switch p.PM {
	case "dynamic":
		line("pm.start_servers = 5")
		line("pm.min_spare_servers = 5")
		line("pm.max_spare_servers = 35")
	case "ondemand":
		line("pm.process_idle_timeout = %ds", p.Idle/time.Second)
	}
	return b.String()
}

// startFPM starts php-fpm in dir, which is its own.
func startFPM(dir, user string, p poolSpec) (*server, error) {
	binary, err := findFPM()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "fpm.conf")
	if err := os.WriteFile(config, []byte(fpmConfig(dir, user, p)), 0o644); err != nil {
		return nil, err
	}
	argv := []string{binary, "-F", "-y", config, "-c", phpIni}
	if p.Class == batchClass {
		argv = append([]string{"chrt", "-b", "0"}, argv...)
	}
	s := &server{socket: filepath.Join(dir, "fpm.sock"), logFile: filepath.Join(dir, "fpm.log"), reload: syscall.SIGUSR2, workers: fpmWorkers}
	if s.child, err = startChild(s.logFile, argv...); err != nil {
		return nil, err
	}
	return s, nil
}

// findFPM finds php-fpm as Debian names it, or as everybody else does.
func findFPM() (string, error) {
	for _, name := range []string{"php-fpm8.2", "php-fpm"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("php-fpm is not installed: apt-get install php8.2-fpm, or make deps")
}

// fpmWorkers are the children of the master.
func fpmWorkers(tree []proc) []proc {
	var workers []proc
	for i, p := range tree {
		if i > 0 && p.State != 'Z' {
			workers = append(workers, p)
		}
	}
	return workers
}
