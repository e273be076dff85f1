package supervisor

import (
	"log/slog"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Time stamps of php-fpm. Source: zlog.c.
const (
	logTime      = "02-Jan-2006 15:04:05"
	logTimeDebug = "02-Jan-2006 15:04:05.000000"
)

// logText renders lines as php-fpm prints them:
//
//	[22-Nov-2026 10:48:54] NOTICE: [pool www] text key=value
//	[22-Nov-2026 10:48:54.123456] NOTICE: pid 28946, start(), line 83: [pool www] text key=value
//
// the second when log_level is debug. In syslog, which has the time itself, they begin with "[NOTICE] ". The attribute pool goes in
// front, where php-fpm has it. The attributes generation and pid are only for JSON: the text names the child, and its line ends as
// php-fpm's does. The others come after the text. A text of several lines becomes as many complete lines, so that nothing from
// outside looks like a line of ours. Nothing is ever cut.
type logText struct {
	pool  string
	attrs string // " key=value", for each that With has set
	group string // "name." before the keys that follow
}

func (t logText) render(r slog.Record, head []byte) []byte {
	r.Attrs(func(a slog.Attr) bool {
		t = t.withAttr(a)
		return true
	})
	if t.pool != "" {
		head = append(append(append(head, "[pool "...), t.pool...), "] "...)
	}
	var line []byte
	for text := range strings.SplitSeq(strings.TrimRight(r.Message, "\r\n"), "\n") {
		line = append(line, head...)
		line = appendPrintable(line, strings.TrimSuffix(text, "\r"))
		line = append(append(line, t.attrs...), '\n')
	}
	return line
}

// textHead is what stands before the text of a record.
func (l *Log) textHead(r slog.Record) []byte {
	debug, head := l.Level() <= LevelDebug, make([]byte, 0, 128)
	if l.syslog.Load() {
		head = append(append(append(head, '['), logLevelName(r.Level)...), "] "...)
		if debug {
			head = appendLogSource(head, r.PC)
		}
		return head
	}
	layout := logTime
	if debug {
		layout = logTimeDebug
	}
	head = r.Time.AppendFormat(append(head, '['), layout)
	head = append(append(append(head, "] "...), logLevelName(r.Level)...), ": "...)
	if debug {
		head = append(strconv.AppendInt(append(head, "pid "...), int64(os.Getpid()), 10), ", "...)
		head = appendLogSource(head, r.PC)
	}
	return head
}

func (t logText) withAttrs(attrs []slog.Attr) logText {
	for _, a := range attrs {
		t = t.withAttr(a)
	}
	return t
}

func (t logText) withGroup(name string) logText {
	if name != "" {
		t.group += name + "."
	}
	return t
}

func (t logText) withAttr(a slog.Attr) logText {
	v := a.Value.Resolve()
	switch {
	case v.Kind() == slog.KindGroup:
		group := t.group
		t = t.withGroup(a.Key).withAttrs(v.Group())
		t.group = group
	case a.Key == "" && v.Equal(slog.Value{}): // slog: an empty attribute is to be ignored
	case a.Key == "pool" && t.group == "":
		t.pool = string(appendPrintable(nil, v.String()))
	case (a.Key == "generation" || a.Key == "pid") && t.group == "":
	default:
		t.attrs += " " + quoteLog(t.group+a.Key) + "=" + quoteLog(v.String())
	}
	return t
}

// appendLogSource adds what php-fpm says at log_level debug: the function, the line.
func appendLogSource(dst []byte, pc uintptr) []byte {
	if pc == 0 {
		return dst
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	dst = append(append(dst, logFunction(frame.Function)...), "(), line "...)
	dst = strconv.AppendInt(dst, int64(frame.Line), 10)
	return append(dst, ": "...)
}

// anonymous matches the parts of a function's name that the compiler made: func1, 2, gowrap3.
var anonymous = regexp.MustCompile(`^(func|gowrap|deferwrap)?[0-9]+$`)

// logFunction is the bare name, as C has it: "howdah/worker.(*Pool).start.func1" is "start".
func logFunction(name string) string {
	name = strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "[...]", "")
	parts := strings.Split(name, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		if part, _, _ := strings.Cut(parts[i], "-range"); i == 0 || !anonymous.MatchString(part) {
			return part
		}
	}
	return ""
}

// quoteLog quotes what could be taken for more than one key or value.
func quoteLog(s string) string {
	if s == "" {
		return `""`
	}
	for _, r := range s {
		if r == ' ' || r == '"' || r == '=' || r == utf8.RuneError || !unicode.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}

// appendPrintable adds s with control characters, which could fool a terminal, and broken UTF-8 as \xNN. Tabs stay.
func appendPrintable(dst []byte, s string) []byte {
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		if r != '\t' && unicode.IsControl(r) || r == utf8.RuneError && size == 1 {
			for _, b := range []byte(s[i : i+size]) {
				const digits = "0123456789abcdef"
				dst = append(dst, '\\', 'x', digits[b>>4], digits[b&15])
			}
			continue
		}
		dst = append(dst, s[i:i+size]...)
	}
	return dst
}
