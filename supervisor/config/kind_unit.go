package config

import (
	"fmt"
	"time"
)

// duration is a time of at least low; when low is 0, "off" means 0.
func duration(low time.Duration) kind[time.Duration] {
	return kind[time.Duration]{
		word: "duration",
		read: func(_ System, raw any) (time.Duration, error) {
			var d time.Duration
			switch raw := raw.(type) {
			case int64:
				if raw != 0 {
					return 0, &fault{fmt.Sprintf("%d has no unit", raw), write(fmt.Sprintf("%q if you mean seconds", fmt.Sprint(raw)+"s"))}
				}
			case string:
				if raw == "off" && low == 0 {
					return 0, nil
				}
				var err error
				if d, err = parseDuration(raw); err != nil {
					return 0, &fault{err.Error(), `write for example "500ms", "30s", "5m", "2h" or "1d"`}
				}
			default:
				return 0, wrongType(raw, "a duration", `write for example "30s"`)
			}
			if d < low {
				return 0, &fault{fmt.Sprintf("%q is less than %q", formatDuration(d), formatDuration(low)), ""}
			}
			return d, nil
		},
		write: func(d time.Duration) string { return quote(formatDuration(d)) },
	}
}

// size is a number of bytes from low to high; when low is 0, "off" means 0.
func size(low, high ByteSize) kind[ByteSize] {
	return kind[ByteSize]{
		word: "size",
		read: func(_ System, raw any) (ByteSize, error) {
			var b ByteSize
			switch raw := raw.(type) {
			case int64:
				if raw != 0 {
					return 0, &fault{fmt.Sprintf("%d has no unit", raw), write(fmt.Sprintf("%q if you mean bytes", fmt.Sprint(raw)+"B"))}
				}
			case string:
				if raw == "off" && low == 0 {
					return 0, nil
				}
				var err error
				if b, err = parseByteSize(raw); err != nil {
					return 0, &fault{err.Error(), `write for example "512B", "256K", "1M" or "2G"`}
				}
			default:
				return 0, wrongType(raw, "a size", `write for example "256K"`)
			}
			if b < low {
				return 0, &fault{fmt.Sprintf("%q is less than %q", b, low), ""}
			}
			if b > high {
				return 0, &fault{fmt.Sprintf("%q is more than %q", b, high), ""}
			}
			return b, nil
		},
		write: func(b ByteSize) string { return quote(b.String()) },
	}
}
