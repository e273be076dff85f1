package supervisor

import (
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
	"howdah/supervisor/config"
)

// Options say what to run. ConfigFile or Root is set, not both.
type Options struct {
	ConfigFile string
	Root       string
	Listen     string
	Version    string
	Stderr     io.Writer
}

// Serve runs the service until it is told to stop.
func Serve(o Options) error {
	c, err := load(o)
	if err != nil {
		return err
	}
	log, err := OpenLog(LogOptions{File: "stderr", Stderr: o.Stderr})
	if err != nil {
		return err
	}
	defer log.Close()
	sp, err := process.NewSpawner(nil)
	if err != nil {
		return err
	}
	defer sp.Close()
	var pools []*pool
	for _, pc := range c.Pools {
		p, err := startPool(pc, c.Global, c.Global.RuntimeDir, sp, log.Logger())
		if err != nil {
			return err
		}
		pools = append(pools, p)
	}
	log.Logger().Info(fmt.Sprintf("howdah is running, pid %d", os.Getpid()))
	log.Logger().Info("ready to handle connections")
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, unix.SIGTERM, unix.SIGINT)
	<-ch
	for _, p := range pools {
		p.stop(c.Global.ProcessControlTimeout)
	}
	return nil
}

// Check loads the configuration and reports what is wrong with it.
func Check(o Options, _ io.Writer) error {
	_, err := load(o)
	return err
}

// ExitCode is the code that main ends with for err.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	return 70
}

func load(o Options) (*config.Config, error) {
	if o.Root != "" {
		return config.ForRoot(o.Root, o.Listen)
	}
	return config.Load(o.ConfigFile)
}
