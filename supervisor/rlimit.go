package supervisor

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// RaiseFileLimit sets how many descriptors we may have open, and returns that number.
//
// With nil it is the most that we may give ourselves: the soft limit becomes the hard one. (Go's runtime does so by itself,
// and gives processes that we start the soft limit that we were started with.) With a number, soft and hard limit become
// that number, also for processes that we start. Source: php-fpm key rlimit_files of [global].
func RaiseFileLimit(files *uint64) (uint64, error) {
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
		return 0, fmt.Errorf("cannot read the descriptor limit: %w", err)
	}
	wanted := unix.Rlimit{Cur: now.Max, Max: now.Max}
	if files != nil {
		wanted = unix.Rlimit{Cur: *files, Max: *files}
	}
	if wanted == now || (files == nil && now.Cur >= now.Max-1) {
		// Go's runtime stops one short of the hard limit. Setting it again would make it forget the soft limit that we were
		// started with, and every worker would inherit ours.
		return now.Cur, nil
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &wanted); err != nil {
		err = fmt.Errorf("cannot set the descriptor limit to %d: %w", wanted.Cur, err)
		if errors.Is(err, unix.EPERM) {
			err = fmt.Errorf("%w: as this user it can't be more than %d, and never more than fs.nr_open (lower rlimit_files, or raise LimitNOFILE= of the unit)",
				err, now.Max)
		}
		return now.Cur, err
	}
	return wanted.Cur, nil
}
