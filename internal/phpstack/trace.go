package phpstack

import (
	"fmt"
	"slices"
	"strings"
)

// Trace is a stack, the innermost frame first.
type Trace []Frame

// Frame is one call.
type Frame struct {
	Address  uint64 // of PHP's frame
	Function string // "": the code of a file or of eval()
	Class    string
	File     string // where this frame's own code is; "": an internal function, written in C
	Line     int    // the line that it has come to; 0: not known
}

// includes is php-fpm's word for the code of a file or of eval().
const includes = "[INCLUDE_OR_EVAL]"

// Name is the frame's function as PHP's own traces write it, with the class.
func (f *Frame) Name() string {
	switch {
	case f.Function == "":
		return includes
	case f.Class != "":
		return f.Class + "::" + f.Function
	}
	return f.Function
}

// told is the stack without the frames that have nothing to tell.
func (t Trace) told() Trace {
	return slices.DeleteFunc(t, func(f Frame) bool { return f.Function == "" && f.File == "" })
}

// Lines are the lines of the stack in php-fpm's slow log: each call with the place that it was made from, at most depth of them.
// The script itself, which nobody called, has one only if there is no other. Source: sapi/fpm/fpm/fpm_php_trace.c.
func (t Trace) Lines(depth int) []string {
	if len(t) == 1 { // php-fpm would show nothing
		file, line := t.place()
		return []string{fmt.Sprintf("[0x%016x] %s() %s:%d", t[0].Address, t[0].Name(), file, line)}
	}
	var lines []string
	for i := range t {
		if i+1 == len(t) || len(lines) == depth {
			break
		}
		file, line := t[i+1:].place()
		lines = append(lines, fmt.Sprintf("[0x%016x] %s() %s:%d", t[i].Address, t[i].Name(), file, line))
	}
	return lines
}

// String shows the stack with the place that each frame has come to itself, which php-fpm does not tell.
func (t Trace) String() string {
	var b strings.Builder
	for i := range t {
		f := &t[i]
		if f.File == "" {
			fmt.Fprintf(&b, "#%d %s() [internal function]\n", i, f.Name())
			continue
		}
		fmt.Fprintf(&b, "#%d %s() %s:%d\n", i, f.Name(), f.File, f.Line)
	}
	return b.String()
}

// place is the file and line of the first frame that has any.
func (t Trace) place() (file string, line int) {
	for i := range t {
		if t[i].File != "" {
			return t[i].File, t[i].Line
		}
	}
	return "unknown", 0
}
