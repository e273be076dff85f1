package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	Duration     time.Duration
	Rounds       int
	Quiet        int
	Reloading    time.Duration
	Control      bool
	Observed     bool
	Classes      bool
	Syscalls     bool
	Rows         *regexp.Regexp
	Workers      int
	NginxWorkers string
	Howdah       string
	Base         string
	Output       string
}

func main() {
	runtime.LockOSThread() // for the children's Pdeathsig
	o, err := parseFlags(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(64)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parseFlags(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.DurationVar(&o.Duration, "duration", 4*time.Second, "length of a run, in whole seconds")
	f.IntVar(&o.Rounds, "rounds", 7, "rounds of each row; every side runs once a round")
	f.IntVar(&o.Quiet, "quiet", 100, "try a run again in which other processes had more than this percentage of the machine")
	f.DurationVar(&o.Reloading, "reloading", 20*time.Second, "how long a server is reloaded every second")
	quick := f.Bool("quick", false, "short: -duration 1s -rounds 3 -reloading 5s")
	f.BoolVar(&o.Control, "control", false, "measure php-fpm against php-fpm, to learn how noisy the machine is")
	f.BoolVar(&o.Classes, "classes", false, "add php-fpm under chrt -b 0: Howdah's workers are in that class by themselves")
	f.BoolVar(&o.Observed, "observed", false, "measure Howdah with an access log, and its metrics and status asked for each second, against Howdah without")
	f.BoolVar(&o.Syscalls, "syscalls", false, "count system calls per request instead (needs root and perf)")
	rows := f.String("rows", "", "only rows whose name matches this regular expression, such as 'hello.*c=32' or 'burst'")
	f.IntVar(&o.Workers, "workers", 8, "PHP workers of a side")
	f.StringVar(&o.NginxWorkers, "nginx-workers", "auto", "nginx's worker_processes")
	f.StringVar(&o.Howdah, "howdah", "bin/howdah", "the howdah to measure")
	f.StringVar(&o.Base, "base", "", "measure against this other build of howdah instead of php-fpm")
	f.StringVar(&o.Output, "o", "", "also write the report to this file")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("what is %q? All arguments are flags; see -help", f.Arg(0))
	}
	if *quick {
		o.Duration, o.Rounds, o.Reloading = time.Second, 3, 5*time.Second
	}
	if o.Duration < time.Second || o.Duration%time.Second != 0 || o.Rounds < 1 || o.Workers < 1 {
		return o, fmt.Errorf("-duration must be whole seconds, -rounds and -workers at least 1")
	}
	if exclusive(o.Control, o.Base != "", o.Classes, o.Observed) > 1 {
		return o, fmt.Errorf("-control, -base, -classes and -observed exclude each other")
	}
	var err error
	if o.Rows, err = regexp.Compile("(?i)" + *rows); err != nil {
		return o, fmt.Errorf("-rows: %w", err)
	}
	if o.Howdah, err = filepath.Abs(o.Howdah); err != nil || o.Base == "" {
		return o, err
	}
	o.Base, err = filepath.Abs(o.Base)
	return o, err
}

// run measures what the options ask for and prints the report of what was measured, also when an error ended it early.
func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "howdah-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // nginx and PHP run as another user
		return err
	}
	r := &rig{dir: dir, howdah: o.Howdah, nginxWorkers: o.NginxWorkers, progress: func(format string, a ...any) {
		fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", a...)
	}}
	if os.Getuid() == 0 {
		r.user = "www-data"
	}
	rep := report{}
	rep.head(o)
	res, err := r.measureAll(ctx, o)
	rep.results(res)
	io.WriteString(os.Stdout, rep.b.String())
	if o.Output != "" {
		err = errors.Join(err, os.WriteFile(o.Output, []byte(rep.b.String()), 0o644))
	}
	return err
}

// exclusive counts the flags that are set.
func exclusive(flags ...bool) int {
	n := 0
	for _, set := range flags {
		if set {
			n++
		}
	}
	return n
}
