package worker

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"howdah/internal/process"
)

// A Setting is one name and value: an ini directive or an environment variable.
type Setting struct{ Name, Value string }

// User is who a pool's PHP runs as.
type User struct {
	Name, Home string
	UID, GID   uint32
	Groups     []uint32 // supplementary groups
}

// ZygoteSpec says how to start the php-cgi of one generation of one pool.
type ZygoteSpec struct {
	Pool          string
	Generation    int
	Binary        string // php-cgi, absolute
	PHPIni        string // -c; "": PHP's own
	PHPIniScanDir string // in place of PHP's own; "": PHP's own
	ClientSocket  string // over which PHP asks Howdah; "": nobody answers
	NoIni         bool   // -n: no ini file at all; host calls are off
	Children      int    // forks, at least 1
	User          *User  // nil: stay who we are

	Env      []Setting
	ClearEnv bool

	Values      []Setting // php_value and php_flag; a flag is "1" or "0"
	AdminValues []Setting // php_admin_value and php_admin_flag
	Defines     []string  // further -d arguments, "k=v"
	Chdir       string    // "": /

	RlimitFiles, RlimitCore *uint64
	Priority                *int
	Batch                   bool // scheduling class SCHED_BATCH

	Dir         string // runtime_dir/NAME; StartZygote makes a private directory in it
	ProveStack  bool   // the probe waits to have its stack read
	PreloadFile string // BuiltinPreload, or a file to use in its place; "": host calls off

	PHP *PHPInfo // what InspectPHP says of this binary; nil: StartZygote asks

	Keeper *process.Keeper // guards the zygote while it is frozen; nil: nobody does

	side bool // it is not the pool's main one; see Override

	Log func(line string) // gets each line of stderr, from a goroutine; may be nil
}

func (s *ZygoteSpec) credential() *syscall.Credential {
	if s.User == nil {
		return nil
	}
	return &syscall.Credential{Uid: s.User.UID, Gid: s.User.GID, Groups: s.User.Groups}
}

func (s *ZygoteSpec) limits() []process.Limit {
	var limits []process.Limit
	if s.RlimitFiles != nil {
		limits = append(limits, process.Limit{Resource: unix.RLIMIT_NOFILE, Value: *s.RlimitFiles})
	}
	if s.RlimitCore != nil {
		limits = append(limits, process.Limit{Resource: unix.RLIMIT_CORE, Value: *s.RlimitCore})
	}
	return limits
}

// asRoot reports whether PHP will run as root.
func (s *ZygoteSpec) asRoot() bool {
	if s.User != nil {
		return s.User.UID == 0
	}
	return os.Geteuid() == 0
}
