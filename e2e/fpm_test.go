package e2e

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fpm is a running php-fpm with one pool: the reference.
type fpm struct {
	*daemon
	socket string
}

// startFPM runs php-fpm in the foreground with the default pool, changed by lines of php-fpm's own syntax.
func startFPM(t *testing.T, sb *sandbox, lines ...string) *fpm {
	t.Helper()
	f := &fpm{socket: sb.path("fpm.sock")}
	pool := override([]string{
		"user = www-data",
		"group = www-data",
		"listen = " + f.socket,
		"listen.owner = www-data",
		"listen.group = www-data",
		"pm = static",
		"pm.max_children = 4",
	}, lines)
	config := sb.path("php-fpm.conf")
	write(t, config, "[global]\nerror_log = "+sb.path("log/fpm.log")+"\n[www]\n"+strings.Join(pool, "\n")+"\n")
	cmd := exec.Command("php-fpm8.2", "-F", "-O", "-y", config)
	cmd.Dir = sb.dir
	f.daemon = startDaemon(t, "php-fpm", syscall.SIGTERM, cmd)
	f.wantLogged(0, 10*time.Second, "ready to handle connections")
	return f
}
