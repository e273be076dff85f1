package supervisor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"howdah/fcgiserver"
	"howdah/supervisor/config"
	"howdah/supervisor/control"
)

// command is what somebody wants of Serve's goroutine by the control socket.
type command struct {
	event SignalEvent
	done  chan<- control.Reload // how the reload went
}

// listenControl takes the address of the control socket. Nobody is answered before answerCommands.
func (s *service) listenControl(g *config.Global) (err error) {
	if g.ControlListen == "off" {
		return nil
	}
	s.door, err = s.inherited.Listen(fcgiserver.ListenSpec{Address: g.ControlListen, Backlog: -1, Mode: 0o660, Group: g.ControlGroup})
	if err != nil {
		return fmt.Errorf("control_listen: %w", err)
	}
	return nil
}

// answerCommands begins to answer on the control socket.
func (s *service) answerCommands() error {
	if s.door == nil {
		return nil
	}
	var st unix.Stat_t
	if err := unix.Stat(s.door.Address(), &st); err != nil {
		return fmt.Errorf("control_listen: %s: %w", s.door.Address(), err)
	}
	l, err := netListener(s.door)
	if err != nil {
		return fmt.Errorf("control_listen: %w", err)
	}
	s.control = control.Serve(control.Options{Listener: l, GID: int(st.Gid), Service: commander{s}, Log: s.log})
	return nil
}

// unlistenControl removes the control socket. Commands that wait for the end go on.
func (s *service) unlistenControl() {
	if s.control != nil {
		s.control.Unlisten()
	}
	if s.door != nil {
		s.warn(s.door.Close())
	}
}

// closeControl tells those who wait for it that everything has been given back.
func (s *service) closeControl() {
	close(s.finished)
	if s.control != nil {
		s.control.Close()
	}
}

// reloadFor reloads and tells done how it went. During another reload, done waits for the one after it.
func (s *service) reloadFor(done chan<- control.Reload) {
	if s.reloading != nil {
		s.following = append(s.following, done)
	} else {
		s.waiting = append(s.waiting, done)
	}
	s.reload()
}

// tally notes how a reload went and tells the commands that wait for it.
func (s *service) tally(r reloadResult) {
	outcome := control.Reload{OK: r.err == nil, TookSeconds: r.took.Seconds(), ExitCode: ExitCode(r.err)}
	if r.err == nil {
		s.reloads.succeeded++
	} else {
		s.reloads.failed++
		outcome.Problems = strings.Split(strings.TrimRight(r.err.Error(), "\n"), "\n")
	}
	s.reloads.last, s.reloads.ended = &outcome, time.Now()
	s.show()
	for _, done := range s.waiting {
		done <- outcome
	}
	s.waiting = nil
}

// commander carries out the commands of the control socket, each on the goroutine of its connection.
type commander struct{ s *service }

// send puts a command to Serve's goroutine. It is refused once nobody takes commands any more.
func (c commander) send(ctx context.Context, cmd command) error {
	select {
	case c.s.commands <- cmd:
		return nil
	case <-c.s.finished:
		return control.Stopping()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reload implements control.Service.
func (c commander) Reload(ctx context.Context) (control.Reload, error) {
	done := make(chan control.Reload, 1)
	if err := c.send(ctx, command{event: SignalReload, done: done}); err != nil {
		return control.Reload{}, err
	}
	select {
	case r := <-done:
		return r, nil
	case <-c.s.cancel: // perhaps it ended just before
		select {
		case r := <-done:
			return r, nil
		default:
			return control.Reload{}, control.Stopping()
		}
	case <-ctx.Done():
		return control.Reload{}, ctx.Err()
	}
}

// Stop implements control.Service.
func (c commander) Stop(ctx context.Context, now bool) (control.Stopped, error) {
	event := SignalStop
	if now {
		event = SignalKill
	}
	if err := c.send(ctx, command{event: event}); err != nil {
		return control.Stopped{}, err
	}
	select {
	case <-c.s.finished:
		return control.Stopped{PID: unix.Getpid()}, nil
	case <-ctx.Done():
		return control.Stopped{}, ctx.Err()
	}
}

// SetLog implements control.Service.
func (c commander) SetLog(change control.Log) (control.Log, error) {
	logs := c.s.logs
	level, err := logs.Level(), error(nil)
	if change.Level != "" {
		level, err = ParseLogLevel(change.Level)
	}
	if err == nil && change.Format != "" {
		err = logs.SetFormat(change.Format)
	}
	if err != nil {
		return control.Log{}, control.BadRequest(err.Error())
	}
	logs.SetLevel(level)
	return c.log(), nil
}

// log is what is logged now.
func (c commander) log() control.Log {
	return control.Log{Level: strings.ToLower(logLevelName(c.s.logs.Level())), Format: c.s.logs.Format()}
}
