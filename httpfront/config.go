package httpfront

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Config says what a Handler serves. Only Root is needed; New fills in the rest from the defaults named here.
type Config struct {
	// Root is the document root. If it is a symlink, it is followed anew for each request, so that a deployment which
	// moves the link is seen at once.
	Root string
	// Index are the file names that stand for a directory, best first. Default: index.php, index.html.
	Index []string
	// Fallback is the URL path that answers what names no file, "/index.php" for a front controller. Default: none, 404.
	Fallback string
	// Pages are URL paths that the pool answers although there is no such file: status and ping.
	Pages []string
	// FollowSymlinks are the directories outside Root into which a symlink under Root may lead. Default: none.
	FollowSymlinks []string
	// TrustedProxies are the peers whose X-Forwarded-For, -Proto and -Host are believed. Default: none.
	TrustedProxies []netip.Prefix
	// TrustUnix believes peers on a Unix socket too ("unix" among trusted_proxies).
	TrustUnix bool
	// ServerSoftware is what PHP sees as SERVER_SOFTWARE. Default: "howdah".
	ServerSoftware string

	Limits Limits

	// WebSockets answers what is for it, before anything else looks at the path. Default: nobody does.
	WebSockets WebSockets

	// Log takes what an operator should know. Default: slog.Default().
	Log *slog.Logger
	// MuteStderr leaves it to the pool to log what PHP says, where it does that already.
	MuteStderr bool
	// AccessLog takes one line per request in the combined format plus the duration in seconds, each by one Write.
	// Default: none is written.
	AccessLog io.Writer
}

// WebSockets answers a request if its path is one of a WebSocket's, and reports whether it did. It may hijack the connection.
type WebSockets interface {
	Serve(w http.ResponseWriter, r *http.Request) bool
}

// Limits bound what one client can take. A zero value means the default.
type Limits struct {
	HeaderBytes   int           // request line and header; more is answered 431. Default 32 KiB
	BodyBytes     int64         // request body; more is answered 413; negative: no limit. Default 256 MiB
	HeaderTimeout time.Duration // for the request line and header to arrive. Default 10 s
	BodyStall     time.Duration // between two pieces of a request body; longer is answered 408. Default 60 s
	WriteStall    time.Duration // for a client to take the next piece of an answer; then the connection is closed. Default 60 s
	IdleTimeout   time.Duration // for the next request on a kept connection. Default 75 s
	Connections   int           // open at once; more wait in the kernel's backlog. Default 4096
}

// maxHeaderBytes keeps every header, and so every FastCGI pair made of one, within one FastCGI record.
const maxHeaderBytes = 56 << 10

// complete fills in the defaults and reports everything that is wrong, one problem a line.
func (c Config) complete() (Config, error) {
	var problems []error
	problem := func(format string, a ...any) { problems = append(problems, fmt.Errorf(format, a...)) }

	switch info, err := os.Stat(c.Root); {
	case c.Root == "":
		problem("root: is not set (name the directory to serve)")
	case err != nil:
		problem("root: %v", err)
	case !info.IsDir():
		problem("root: %s is not a directory", c.Root)
	}
	if root, err := filepath.Abs(c.Root); err == nil {
		c.Root = root
	}
	if c.Index == nil {
		c.Index = []string{"index.php", "index.html"}
	}
	for _, name := range c.Index {
		if name == "" || strings.ContainsAny(name, "/\\\x00") || isHidden(name) {
			problem("index: %q is not a plain file name", name)
		} else if isSource(name) && !isScript(name) {
			problem("index: %q would be neither run nor shown (only *.php is run)", name)
		}
	}
	if c.Fallback != "" {
		if p, err := parsePath(c.Fallback); err != nil || p.slash || len(p.segments) == 0 {
			problem("fallback: %q is not the URL path of a file (like /index.php)", c.Fallback)
		} else if name := p.segments[len(p.segments)-1]; isSource(name) && !isScript(name) {
			problem("fallback: %q would be neither run nor shown (only *.php is run)", c.Fallback)
		}
	}
	for _, dir := range c.FollowSymlinks {
		if !filepath.IsAbs(dir) {
			problem("follow_symlinks: %q is not an absolute path", dir)
		}
	}
	if c.Limits.HeaderBytes > maxHeaderBytes {
		problem("header limit: %d bytes is more than the %d that FastCGI can carry", c.Limits.HeaderBytes, maxHeaderBytes)
	}
	c.Limits = c.Limits.complete()
	if c.ServerSoftware == "" {
		c.ServerSoftware = "howdah"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c, errors.Join(problems...)
}

func (l Limits) complete() Limits {
	return Limits{
		HeaderBytes:   orDefault(l.HeaderBytes, 32<<10),
		BodyBytes:     orDefault(l.BodyBytes, 256<<20),
		HeaderTimeout: orDefault(l.HeaderTimeout, 10*time.Second),
		BodyStall:     orDefault(l.BodyStall, time.Minute),
		WriteStall:    orDefault(l.WriteStall, time.Minute),
		IdleTimeout:   orDefault(l.IdleTimeout, 75*time.Second),
		Connections:   orDefault(l.Connections, 4096),
	}
}

func orDefault[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}
