package worker

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// phpFiles are the files that a php-cgi has in memory: the program, its libraries and extensions, its ini files. An upgrade
// replaces them on disk and leaves the process as it is, with what the upgrade was to mend.
//
// Concurrency: all methods may be called by anyone at any time, off the loop.
type phpFiles struct {
	mu     sync.Mutex
	stamps map[string]stamp
	dirs   []string // in which further ini files would be read
	gone   []string // those that had been replaced when they were noted
}

// stamp tells one content of a path from another: an upgrade renames a new file into the place of the old one, an editor may
// write into it.
type stamp struct {
	dev, inode uint64
	size       int64
	mtime      unix.Timespec
}

func stampOf(path string) (s stamp, ok bool) {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return s, false
	}
	return stamp{dev: st.Dev, inode: st.Ino, size: st.Size, mtime: st.Mtim}, true
}

// noteFiles notes what a php-cgi of this binary and info reads. It is called before exec: what changes after that may have come
// too late.
func (f *phpFiles) noteFiles(binary string, info *PHPInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stamps = map[string]stamp{}
	f.dirs = info.ScanDirs
	for _, path := range slices.Concat([]string{binary}, info.Files, iniFiles(f.dirs)) {
		f.note(path)
	}
}

func (f *phpFiles) note(path string) {
	if s, ok := stampOf(path); ok {
		f.stamps[path] = s
	}
}

// noteLibraries notes what process pid has mapped to run: libraries and extensions. It is called when PHP has started.
//
// Source: proc_pid_maps(5). Without the right to read it only the other files are watched.
func (f *phpFiles) noteLibraries(pid int) {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/maps")
	if err != nil {
		return
	}
	defer file.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), " ", 6) // address perms offset dev inode      path
		if len(fields) < 6 || !strings.Contains(fields[1], "x") {
			continue
		}
		path := strings.TrimLeft(fields[5], " ")
		if whole, ok := strings.CutSuffix(path, " (deleted)"); ok && strings.HasPrefix(whole, "/") && !strings.HasPrefix(whole, "/dev/") {
			f.gone = append(f.gone, whole)
		} else if _, known := f.stamps[path]; !known && strings.HasPrefix(path, "/") {
			f.note(path)
		}
	}
}

// newer lists the files that are not on disk as they are in memory any more, and ini files that have come since.
func (f *phpFiles) newer() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	changed := map[string]bool{}
	for _, path := range f.gone {
		changed[path] = true
	}
	for path, before := range f.stamps {
		if now, ok := stampOf(path); !ok || now != before {
			changed[path] = true
		}
	}
	for _, path := range iniFiles(f.dirs) {
		if _, known := f.stamps[path]; !known {
			changed[path] = true
		}
	}
	return slices.Sorted(maps.Keys(changed))
}

func iniFiles(dirs []string) (files []string) {
	for _, dir := range dirs {
		found, _ := filepath.Glob(filepath.Join(dir, "*.ini")) // the pattern is well-formed, unless dir has a '[': then nothing is found
		files = append(files, found...)
	}
	return files
}

// Newer lists the files of this PHP (program, libraries, extensions, ini files) that have changed on disk since it started: a
// reload puts them in force. It looks at each of them: call it off the loop.
func (z *Zygote) Newer() []string { return z.files.newer() }

// PHPVersion is what php-cgi calls itself.
func (z *Zygote) PHPVersion() string { return z.info.Version }
