package supervisor

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"
)

// logHandler is the slog.Handler of a Log. It keeps its attributes in both formats, because a reload may change the format.
type logHandler struct {
	log  *Log
	text logText
	json slog.Handler // writes into buf
	buf  *jsonBuffer
}

// jsonBuffer catches the one line that slog.JSONHandler makes. All handlers of a family share it.
type jsonBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func newLogHandler(l *Log) *logHandler {
	buf := &jsonBuffer{}
	return &logHandler{
		log: l,
		buf: buf,
		json: slog.NewJSONHandler(buf, &slog.HandlerOptions{
			Level: LevelDebug - 1000, // Enabled below decides
			ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				if level, ok := a.Value.Any().(slog.Level); ok && len(groups) == 0 && a.Key == slog.LevelKey {
					a.Value = slog.StringValue(logLevelName(level))
				}
				return a
			},
		}),
	}
}

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.log.level.Level()
}

// Handle implements slog.Handler. It never fails: a line that can't be written is counted.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	line := h.render(ctx, r)
	if h.log.echo.Load() && r.Level >= LevelNotice {
		_, _ = h.log.stderr.Write(line) // at the start of the service only: no loop waits for it
	}
	h.log.out.write(r.Level, line, 1)
	return nil
}

func (h *logHandler) render(ctx context.Context, r slog.Record) []byte {
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	if !h.log.json.Load() {
		return h.text.render(r, h.log.textHead(r))
	}
	h.buf.mu.Lock()
	defer h.buf.mu.Unlock()
	h.buf.Reset()
	if err := h.json.Handle(ctx, r); err != nil { // can't be: the buffer takes all
		return h.text.render(r, h.log.textHead(r))
	}
	return bytes.Clone(h.buf.Bytes())
}

// line renders a line that no Logger wrote.
func (h *logHandler) line(level slog.Level, text string, attrs ...slog.Attr) []byte {
	r := slog.NewRecord(time.Now(), level, text, 0)
	r.AddAttrs(attrs...)
	return h.render(context.Background(), r)
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.text = h.text.withAttrs(attrs)
	c.json = h.json.WithAttrs(attrs)
	return &c
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	c := *h
	c.text = h.text.withGroup(name)
	c.json = h.json.WithGroup(name)
	return &c
}
