package supervisor

import (
	"fmt"
	"log/slog"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/accesslog"
	"howdah/internal/process"
	"howdah/internal/repeat"
	"howdah/supervisor/config"
)

// poolAccess is the access log of a pool: the writer of its lines, which outlives reloads as long as the place is the same.
type poolAccess struct {
	out  *logWriter
	log  *slog.Logger // tells of lost lines
	made time.Time    // from which lost counts
	lost repeat.Limit // once a second

	untold int // lost lines that the error log does not know of
}

// newAccess returns the access log that c asks for: the one there is, if it is in the same place; nil for none.
func (p *pool) newAccess(c config.Pool, g config.Global) (*poolAccess, error) {
	if c.AccessLog == "" {
		return nil, nil
	}
	o := LogOptions{File: c.AccessLog, Ident: g.SyslogIdent, Facility: g.SyslogFacility}
	if p.access != nil && p.access.out.target() == o.place() {
		return p.access, nil
	}
	target, err := openLogTarget("access.log", o.place(), p.service.options.Stderr)
	if err != nil {
		return nil, err
	}
	a := &poolAccess{log: p.log, made: time.Now(), lost: repeat.Limit{Every: time.Second}}
	a.out = startLogWriter(target, a.notice)
	return a, nil
}

// notice tells the error log about lines that were not written. It is called by the writer.
func (a *poolAccess) notice(n int, cause string) []byte {
	a.untold += n
	if a.lost.Add(time.Since(a.made)) > 0 {
		a.tell(cause)
	}
	return nil
}

func (a *poolAccess) tell(cause string) {
	a.log.Warn(fmt.Sprintf("access.log: %s", linesLost(a.untold)), "cause", cause)
	a.untold = 0
}

// front is what the front of the pool writes by.
func (a *poolAccess) front(c config.Pool) *fcgiserver.AccessLog {
	if a == nil {
		return nil
	}
	format, err := accesslog.Compile(c.AccessFormat)
	if err != nil { // it was compiled when the configuration was checked
		a.log.Error(fmt.Sprintf("access.format: %v", err))
		return nil
	}
	return &fcgiserver.AccessLog{
		Format: format, Suppress: c.AccessSuppressPath, Measure: measureWorker,
		Write: func(lines []byte, n int) { a.out.write(LevelNotice, lines, n) },
	}
}

// putAccess puts the log that newAccess returned in the place of the one there is.
func (p *pool) putAccess(a *poolAccess, c config.Pool) error {
	if err := p.loop.Call(func() { p.front.SetAccessLog(a.front(c)) }); err != nil {
		return err
	}
	before := p.access
	p.access = a
	if before != a {
		p.service.warn(before.close())
	}
	return nil
}

// reopen opens the file afresh by its name.
func (a *poolAccess) reopen(p *pool) error {
	if a == nil {
		return nil
	}
	target, err := openLogTarget("access.log", a.out.target(), p.service.options.Stderr)
	if err != nil {
		return err
	}
	return a.out.turnTo(target)
}

func (a *poolAccess) close() error {
	if a == nil {
		return nil
	}
	err := a.out.close()
	if a.untold > 0 {
		a.tell("the end")
	}
	return err
}

// tick is the unit of processor time in /proc: USER_HZ, which is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// measureWorker reads what a worker has used. What can't be read is 0: it has ended.
func measureWorker(pid int, reset bool) fcgiserver.Usage {
	var u fcgiserver.Usage
	if s, err := process.ReadStat(pid); err == nil {
		u.System = time.Duration(s.SystemTicks) * tick
		u.User = time.Duration(s.Ticks+s.ChildTicks)*tick - u.System
	}
	if reset {
		_ = process.ResetPeak(pid) // where it is not allowed, the peak is that of the process's life
	}
	if m, err := process.ReadMemory(pid); err == nil {
		u.Memory = m.Peak
		if reset {
			u.Memory = m.Resident
		}
	}
	return u
}
