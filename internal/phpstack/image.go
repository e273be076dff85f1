package phpstack

import (
	"bufio"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Image is what all forks of one php-cgi have in common. It is read-only, and any goroutine may use it.
type Image struct {
	globals uint64 // the address of executor_globals
	layout  layout
	version string
}

// Version is PHP's version, as "8.2.36".
func (im *Image) Version() string { return im.version }

// Open looks at the program that pid runs. It reads files, among them the whole program: call it once for all forks, off a loop.
func Open(pid int) (*Image, error) {
	im := new(Image)
	err := withRights(pid, func() error { return im.open(pid) })
	if err != nil {
		return nil, fmt.Errorf("phpstack: process %d: %w", pid, err)
	}
	return im, nil
}

func (im *Image) open(pid int) error {
	dir := "/proc/" + strconv.Itoa(pid)
	path, err := os.Readlink(dir + "/exe")
	if err != nil {
		return err
	}
	f, err := os.Open(dir + "/exe") // the program that runs, also when another has taken its name
	if err != nil {
		return err
	}
	defer f.Close()
	program, err := elf.NewFile(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	globals, err := executorGlobals(program)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	im.version = version(program)
	minor := im.version
	if i := strings.LastIndexByte(minor, '.'); i >= 0 {
		minor = minor[:i]
	}
	var known bool
	if im.layout, known = layouts[minor]; !known {
		return fmt.Errorf("%s: the stack of PHP %q is not known: 8.1 to 8.5 are", path, im.version)
	}
	maps, err := os.Open(dir + "/maps")
	if err != nil {
		return err
	}
	defer maps.Close()
	base, err := loadedAt(program, bufio.NewScanner(maps), path)
	im.globals = base + globals
	return err
}

// executorGlobals is the address of PHP's executor_globals in the program, which it exports for extensions.
func executorGlobals(program *elf.File) (uint64, error) {
	if program.Class != elf.ELFCLASS64 || program.ByteOrder.String() != "LittleEndian" {
		return 0, errors.New("not a 64-bit little-endian program")
	}
	threads := false
	for _, list := range []func() ([]elf.Symbol, error){program.DynamicSymbols, program.Symbols} {
		symbols, err := list()
		if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
			return 0, err
		}
		for _, s := range symbols {
			if s.Name == "executor_globals" && s.Section != elf.SHN_UNDEF {
				return s.Value, nil
			}
			threads = threads || s.Name == "executor_globals_offset"
		}
	}
	if threads {
		return 0, errors.New("this PHP is built for threads (ZTS)")
	}
	return 0, errors.New("no symbol executor_globals: not PHP, or stripped of what extensions need")
}

// versionMark stands before PHP's version in the program: the header that expose_php sends, main/SAPI.h.
const versionMark = "X-Powered-By: PHP/"

func version(program *elf.File) string {
	section := program.Section(".rodata")
	if section == nil {
		return ""
	}
	data, err := section.Data()
	if err != nil {
		return ""
	}
	_, found, ok := bytes.Cut(data, []byte(versionMark))
	if end := bytes.IndexAny(found[:min(len(found), 64)], "\x00\r-+~"); ok && end >= 0 {
		return string(found[:end])
	}
	return ""
}

// loadedAt is what is to be added to the addresses of the program: where the kernel has put it, if it may stand anywhere (PIE).
// Source: proc_pid_maps(5).
func loadedAt(program *elf.File, maps *bufio.Scanner, path string) (uint64, error) {
	if program.Type == elf.ET_EXEC {
		return 0, nil
	}
	for maps.Scan() {
		fields := strings.SplitN(maps.Text(), " ", 6)
		if len(fields) < 6 || strings.TrimLeft(fields[5], " ") != path {
			continue
		}
		from, _, _ := strings.Cut(fields[0], "-")
		start, err1 := strconv.ParseUint(from, 16, 64)
		offset, err2 := strconv.ParseUint(fields[2], 16, 64)
		if err1 != nil || err2 != nil {
			continue
		}
		for _, p := range program.Progs {
			if p.Type == elf.PT_LOAD && p.Align > 0 && p.Off&^(p.Align-1) == offset {
				return start - p.Vaddr&^(p.Align-1), nil
			}
		}
	}
	return 0, errors.Join(errors.New("the program is not in the process's memory map"), maps.Err())
}
