package supervisor

import (
	"fmt"
	"log/slog"
)

// The levels of php-fpm as slog levels. slog's Info is NOTICE.
const (
	LevelDebug   = slog.LevelDebug
	LevelNotice  = slog.LevelInfo
	LevelWarning = slog.LevelWarn
	LevelError   = slog.LevelError
	LevelAlert   = slog.LevelError + 4
)

// ParseLogLevel reads the value of log_level. Source: php-fpm key log_level.
func ParseLogLevel(s string) (slog.Level, error) {
	switch s {
	case "debug":
		return LevelDebug, nil
	case "notice":
		return LevelNotice, nil
	case "warning", "warn":
		return LevelWarning, nil
	case "error":
		return LevelError, nil
	case "alert":
		return LevelAlert, nil
	}
	return LevelNotice, fmt.Errorf("log level %q is unknown: alert, error, warning, notice or debug", s)
}

// logLevelName is the word for a level; one in between counts as the next lower.
func logLevelName(l slog.Level) string {
	switch {
	case l < LevelNotice:
		return "DEBUG"
	case l < LevelWarning:
		return "NOTICE"
	case l < LevelError:
		return "WARNING"
	case l < LevelAlert:
		return "ERROR"
	}
	return "ALERT"
}
