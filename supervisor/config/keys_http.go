package config

import "time"

// maxHeader keeps each header within one FastCGI record (httpfront, maxHeaderBytes).
const maxHeader = 56 * KiB

// httpKeys declares [pool.NAME.http].
func httpKeys() []group[HTTP] {
	return []group[HTTP]{
		{"Site", []key[HTTP]{
			{
				name: "listen", auto: "required", sample: `"127.0.0.1:8080"`,
				doc:   "Address of the embedded HTTP front: ADDRESS:PORT, a PORT on all addresses, or a Unix socket. No TLS.",
				field: in(func(h *HTTP) *string { return &h.Listen }, address()),
			}, {
				name: "root", auto: "required", sample: `"/var/www/html"`,
				doc:   "The directory that is served; never files beginning with a dot, never the source of PHP.",
				field: in(func(h *HTTP) *string { return &h.Root }, directory()),
			}, {
				name: "index", def: `["index.php", "index.html"]`, sample: `["index.html"]`,
				doc:   "File names that stand for their directory; the first that exists.",
				field: in(func(h *HTTP) *[]string { return &h.Index }, fileNames()),
			}, {
				name: "fallback", auto: "none", sample: `"/index.php"`,
				doc:   "The front controller: the script that answers for paths without a file. Without it they are 404.",
				field: in(func(h *HTTP) *string { return &h.Fallback }, scriptURI()),
			}, {
				name: "follow_symlinks", def: "[]", sample: `["/srv/uploads"]`,
				doc:   "Directories outside root that symbolic links in it may lead to. Other links that leave root are refused.",
				field: in(func(h *HTTP) *[]string { return &h.FollowSymlinks }, directoryList()),
			}, {
				name: "trusted_proxies", def: "[]", sample: `["10.0.0.0/8", "unix"]`,
				doc:   `Addresses and networks whose X-Forwarded-* headers are believed; "unix" = whoever comes over a Unix socket.`,
				field: in(func(h *HTTP) *Peers { return &h.TrustedProxies }, peers()),
			}, {
				name: "access_log", def: `"off"`, sample: `"stderr"`,
				doc:   `One line for each request: to a file, to "stderr", or "off". SIGUSR1 reopens the file.`,
				field: in(func(h *HTTP) *string { return &h.AccessLog }, newFile("stderr", "off")),
			},
		}},
		{"Limits", []key[HTTP]{
			{
				name: "header_max", def: `"32K"`, sample: `"16K"`,
				doc:   "Largest request header, at most 56K. A larger one is answered 431.",
				field: in(func(h *HTTP) *ByteSize { return &h.HeaderMax }, size(KiB, maxHeader)),
			}, {
				name: "body_max", def: `"256M"`, sample: `"64M"`,
				doc:   `Largest request body. A larger one is answered 413. "off" = no limit (PHP's post_max_size counts in any case).`,
				field: in(func(h *HTTP) *ByteSize { return &h.BodyMax }, size(0, maxSize)),
			}, {
				name: "header_timeout", def: `"10s"`, sample: `"5s"`,
				doc:   "Time for the whole request header to arrive.",
				field: in(func(h *HTTP) *time.Duration { return &h.HeaderTimeout }, duration(time.Millisecond)),
			}, {
				name: "body_timeout", def: `"60s"`, sample: `"20s"`,
				doc:   "Longest wait between two pieces of a request body.",
				field: in(func(h *HTTP) *time.Duration { return &h.BodyTimeout }, duration(time.Millisecond)),
			}, {
				name: "write_timeout", def: `"60s"`, sample: `"20s"`,
				doc:   "Longest time in which the client takes nothing of a response.",
				field: in(func(h *HTTP) *time.Duration { return &h.WriteTimeout }, duration(time.Millisecond)),
			}, {
				name: "keepalive_timeout", def: `"75s"`, sample: `"5s"`,
				doc:   "How long a kept connection without a request stays open.",
				field: in(func(h *HTTP) *time.Duration { return &h.KeepaliveTimeout }, duration(time.Millisecond)),
			}, {
				name: "max_connections", def: "4096", sample: "500",
				doc:   "Most connections at once; more wait in the kernel.",
				field: in(func(h *HTTP) *int { return &h.MaxConnections }, whole(1, 1<<24)),
			},
		}},
	}
}
