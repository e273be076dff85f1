package supervisor

import (
	"fmt"
	"log/slog"
	"os"
	"syscall"

	"howdah/supervisor/config"
)

// FPM makes the service speak as php-fpm does. Scripts, and php-fpm's own tests, wait for its lines, one right after the
// other, so Howdah's own notices between them become debug lines.
type FPM struct {
	// Launched is called when the service runs and its log is the file of that name ("stderr": none), and again when the file
	// was opened again. From here on nothing of the log goes to stderr too, and php-fpm turns stderr into that file.
	Launched func(log string)
	// Ready is called once, when clients are answered and the pid file is there.
	Ready func()
}

// terminating is what php-fpm says when it does not wait for requests.
const terminating = "Terminating ..."

// called is the name in the line that says that the service runs.
func (s *service) called() string {
	if s.options.FPM != nil {
		return "fpm"
	}
	return "howdah"
}

// ownLevel is the level of notices that php-fpm does not have.
func (s *service) ownLevel() slog.Level {
	if s.options.FPM != nil {
		return LevelDebug
	}
	return LevelNotice
}

// echoes reports whether what is said at the start goes to stderr too.
func (s *service) echoes(c *config.Config) bool {
	return s.options.FPM != nil && c.Global.ErrorLog != "stderr"
}

// launched is called when the log is in use, and when it was opened again.
func (s *service) launched() {
	if f := s.options.FPM; f != nil {
		s.logs.EndEcho()
		f.Launched(s.conf.Global.ErrorLog)
	}
}

// nowReady ends the start.
func (s *service) nowReady() {
	if f := s.options.FPM; f != nil {
		s.sayInterval()
		f.Ready()
	}
}

// sayInterval is php-fpm's last line of a start and of a reload.
func (s *service) sayInterval() {
	if d := s.conf.Global.SystemdInterval; s.options.FPM != nil && d > 0 {
		s.log.Info(fmt.Sprintf("systemd monitor interval set to %dms", d.Milliseconds()))
	}
}

// stopWord is how a stop begins in the log. php-fpm says of SIGTERM that it terminates: the word stays, though requests may
// finish here.
func (s *service) stopWord(sig os.Signal, atOnce bool) string {
	if atOnce || s.options.FPM != nil && sig == syscall.SIGTERM {
		return terminating
	}
	return "Finishing ..."
}

// sayReloading is the second line of php-fpm's reload. There it names the program that execvp(3) is about to start.
func (s *service) sayReloading() {
	if s.options.FPM != nil {
		s.log.Info("reloading: new workers start beside the old ones, without execvp")
	}
}

// sayReloaded is the rest: each socket that was kept, and that the service runs.
func (s *service) sayReloaded(r reloadResult) {
	if s.options.FPM == nil || r.err != nil {
		return
	}
	for _, p := range s.sorted() {
		if l := p.doors.main; l != nil {
			s.log.Info(fmt.Sprintf("using inherited socket fd=%d, \"%s\"", l.FD(), l.Address()))
		}
	}
	s.log.Info(fmt.Sprintf("%s is running, pid %d", s.called(), os.Getpid()))
}
