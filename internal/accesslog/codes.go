package accesslog

import (
	"strconv"
	"time"
)

// codes are the codes without a modifier. Source: fpm_log_write in fpm_log.c.
var codes = map[byte]part{
	'%': literal("%"),
	'f': func(dst []byte, e *Entry) []byte { return appendOr(dst, e.Fields.Script, "-") },
	'l': func(dst []byte, e *Entry) []byte { return strconv.AppendInt(dst, e.Fields.ContentLength, 10) },
	'm': func(dst []byte, e *Entry) []byte { return appendOr(dst, e.Fields.Method, "-") },
	'n': func(dst []byte, e *Entry) []byte { return append(dst, e.Pool...) },
	'p': func(dst []byte, e *Entry) []byte { return strconv.AppendInt(dst, int64(e.PID), 10) },
	'P': func(dst []byte, e *Entry) []byte { return strconv.AppendInt(dst, int64(e.Master), 10) },
	'q': func(dst []byte, e *Entry) []byte { return appendSafe(dst, e.Fields.Query) },
	'Q': func(dst []byte, e *Entry) []byte {
		if len(e.Fields.Query) > 0 {
			dst = append(dst, '?')
		}
		return dst
	},
	'r': func(dst []byte, e *Entry) []byte { return appendSafe(dst, e.Fields.URI) },
	'R': func(dst []byte, e *Entry) []byte {
		if e.Peer == "" {
			return append(dst, '-')
		}
		return append(dst, e.Peer...)
	},
	's': func(dst []byte, e *Entry) []byte { return strconv.AppendInt(dst, int64(e.Status), 10) },
	'u': func(dst []byte, e *Entry) []byte {
		if len(e.Fields.Authorization) == 0 {
			return dst
		}
		return appendSafe(dst, e.Fields.AppendUser(nil))
	},
}

// unitTable is a code whose modifier is a unit.
type unitTable struct {
	allowed string // in php-fpm's words
	parts   map[string]part
}

var units = map[byte]unitTable{
	'C': {"'total', 'user' or 'system'", map[string]part{
		"": total, "total": total,
		"user":   func(dst []byte, e *Entry) []byte { return appendShare(dst, e.User, e.Duration) },
		"system": func(dst []byte, e *Entry) []byte { return appendShare(dst, e.System, e.Duration) },
	}},
	'd': {"'seconds', 'milli', 'milliseconds', 'micro' or 'microseconds'", map[string]part{
		"": seconds, "seconds": seconds,
		"milli": milliseconds, "milliseconds": milliseconds, "mili": milliseconds, "miliseconds": milliseconds,
		"micro": microseconds, "microseconds": microseconds,
		"queue": func(dst []byte, e *Entry) []byte { return appendFixed(dst, e.Queue.Seconds(), 3) },
	}},
	'M': {"'bytes', 'kilo', 'kilobytes', 'mega' or 'megabytes'", map[string]part{
		"": size(0), "bytes": size(0), "kilo": size(10), "kilobytes": size(10), "mega": size(20), "megabytes": size(20),
	}},
}

func total(dst []byte, e *Entry) []byte { return appendShare(dst, e.User+e.System, e.Duration) }

func seconds(dst []byte, e *Entry) []byte { return appendFixed(dst, e.Duration.Seconds(), 3) }

func milliseconds(dst []byte, e *Entry) []byte {
	return appendFixed(dst, float64(e.Duration.Microseconds())/1000, 3)
}

func microseconds(dst []byte, e *Entry) []byte {
	return strconv.AppendInt(dst, e.Duration.Microseconds(), 10)
}

func size(shift uint) part {
	return func(dst []byte, e *Entry) []byte { return strconv.AppendUint(dst, e.Memory>>shift, 10) }
}

// appendShare appends how many percent used is of whole; of no time it is 0, where php-fpm may say nan.
func appendShare(dst []byte, used, whole time.Duration) []byte {
	if whole <= 0 {
		return append(dst, "0.00"...)
	}
	return appendFixed(dst, 100*float64(used)/float64(whole), 2)
}

func appendFixed(dst []byte, x float64, digits int) []byte {
	return strconv.AppendFloat(dst, x, 'f', digits, 64)
}

func appendOr(dst, value []byte, absent string) []byte {
	if len(value) == 0 {
		return append(dst, absent...)
	}
	return appendSafe(dst, value)
}

// appendSafe appends value with control characters as \xNN: a path may hold a line end.
func appendSafe(dst, value []byte) []byte {
	const digits = "0123456789abcdef"
	for _, b := range value {
		if b < ' ' || b == 0x7f {
			dst = append(dst, '\\', 'x', digits[b>>4], digits[b&15])
			continue
		}
		dst = append(dst, b)
	}
	return dst
}
