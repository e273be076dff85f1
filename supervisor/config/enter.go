package config

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"howdah/internal/fsuser"
)

// enter is System.Enter on the real machine. The kernel is asked as the account, so ACLs and mount options count too; reading
// mode bits would not see them.
func enter(dir string, as *Account) (blocked string) {
	ways := []string{dir}
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
		ways = append(ways, real)
	}
	if as == nil || os.Geteuid() != 0 || as.UID == 0 {
		return walk(ways)
	}
	done := make(chan string)
	go func() { // a goroutine of its own, because fsuser may have to end it
		var blocked string
		fsuser.Do(&fsuser.User{UID: as.UID, GID: as.GID, Groups: as.Groups}, func() { blocked = walk(ways) })
		done <- blocked
	}()
	return <-done
}

// walk returns the first directory on the ways to the last one that can't be entered, or that one if it can't be listed.
func walk(ways []string) string {
	dir := ways[len(ways)-1]
	if f, err := os.Open(dir); err == nil {
		f.Close()
		return ""
	}
	for _, way := range ways {
		for i := range len(way) + 1 {
			if i > 0 && (i == len(way) || way[i] == '/') {
				var st unix.Stat_t
				if unix.Stat(way[:i]+"/.", &st) != nil {
					return way[:i]
				}
			}
		}
	}
	return dir
}
