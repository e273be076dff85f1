package accesslog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// defaultTime is how %t shows a time.
const defaultTime = "%d/%b/%Y:%H:%M:%S %z"

// timePart shows when the request was accepted (t) or logged (T). The text of a second is made once.
func timePart(c byte, layout string) part {
	if layout == "" {
		layout = defaultTime
	}
	var second int64
	var text []byte
	return func(dst []byte, e *Entry) []byte {
		t := e.Accepted
		if c == 'T' {
			t = e.Logged
		}
		if s := t.Unix(); text == nil || s != second {
			second, text = s, strftime(text[:0], layout, t)
		}
		return append(dst, text...)
	}
}

// layouts are strftime's conversions that Go's own layouts have, in the C locale.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006", 'd': "02", 'D': "01/02/06", 'e': "_2",
	'F': "2006-01-02", 'H': "15", 'I': "03", 'm': "01", 'M': "04", 'p': "PM", 'P': "pm", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05",
	'T': "15:04:05", 'x': "01/02/06", 'X': "15:04:05", 'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST",
}

// strftime appends t as strftime(3) shows it in the C locale. What is no conversion stays as it is written.
func strftime(dst []byte, layout string, t time.Time) []byte {
	for {
		plain, rest, found := strings.Cut(layout, "%")
		dst = append(dst, plain...)
		if !found {
			return dst
		}
		if len(rest) > 1 && (rest[0] == 'E' || rest[0] == 'O') { // of another locale, which C has not
			rest = rest[1:]
		}
		if rest == "" {
			return append(dst, '%')
		}
		if l, ok := layouts[rest[0]]; ok {
			dst = t.AppendFormat(dst, l)
		} else {
			dst = appendConversion(dst, rest[0], t)
		}
		layout = rest[1:]
	}
}

func appendConversion(dst []byte, c byte, t time.Time) []byte {
	year, week := t.ISOWeek()
	switch c {
	case '%':
		return append(dst, '%')
	case 'n':
		return append(dst, "\\x0a"...)
	case 't':
		return append(dst, "\\x09"...)
	case 's':
		return strconv.AppendInt(dst, t.Unix(), 10)
	case 'j':
		return fmt.Appendf(dst, "%03d", t.YearDay())
	case 'k':
		return fmt.Appendf(dst, "%2d", t.Hour())
	case 'l':
		return fmt.Appendf(dst, "%2d", (t.Hour()+11)%12+1)
	case 'C':
		return fmt.Appendf(dst, "%02d", t.Year()/100)
	case 'g':
		return fmt.Appendf(dst, "%02d", year%100)
	case 'G':
		return strconv.AppendInt(dst, int64(year), 10)
	case 'V':
		return fmt.Appendf(dst, "%02d", week)
	case 'u':
		return strconv.AppendInt(dst, int64(t.Weekday()+6)%7+1, 10)
	case 'w':
		return strconv.AppendInt(dst, int64(t.Weekday()), 10)
	case 'U': // weeks begin on Sunday
		return fmt.Appendf(dst, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'W': // on Monday
		return fmt.Appendf(dst, "%02d", (t.YearDay()+6-int(t.Weekday()+6)%7)/7)
	}
	return append(dst, '%', c)
}
