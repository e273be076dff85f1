package phpfpm

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"howdah/supervisor"
	"howdah/supervisor/config"
)

// serve runs the service in this process until it stops.
func (p *Program) serve(a *arguments) int {
	defer p.tell(false) // no effect once it was told that all is well
	if err := p.settle(); err != nil {
		p.say(func(l *lines) { l.Error(err.Error()); l.Error(failed) })
		return exitConfig
	}
	errorLog := "stderr"
	err := p.Serve(supervisor.Options{
		ConfigFile: p.file(a),
		Load: func(string) (*config.Config, error) {
			loaded, err := p.load(a)
			if err != nil {
				return nil, err
			}
			errorLog = loaded.Config.Global.ErrorLog
			return loaded.Config, nil
		},
		Version: p.Version,
		Stderr:  p.Stderr,
		FPM:     &supervisor.FPM{Launched: p.launched, Ready: func() { p.tell(true) }},
	})
	var no *refusal
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &no):
		return p.refuse(no)
	}
	p.giveUp(err, errorLog)
	return p.ExitCode(err)
}

// giveUp says why the service did not start, on stderr and in error_log.
func (p *Program) giveUp(err error, errorLog string) {
	l, openErr := p.newLines(errorLog)
	if openErr != nil {
		p.say(func(l *lines) { l.Error(p.startFailure(err)); l.Error(failed) })
		return
	}
	l.Error(p.startFailure(err))
	l.Error(failed)
	l.close()
}

// launched turns stderr, where a crash of Howdah itself would write, away from whoever started it and into the log.
func (p *Program) launched(log string) {
	switch {
	case log == "stderr":
	case strings.EqualFold(log, "syslog"):
		_ = turn("/dev/null", unix.O_WRONLY, unix.Stderr)
	default:
		_ = turn(log, unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT, unix.Stderr)
	}
}
