package config

import (
	"time"

	"howdah/internal/accesslog"
)

// accessKeys declare php-fpm's access log, which is of the requests of web servers; the embedded front has one of its own.
func accessKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "access_log", fpm: "access.log", auto: "none", sample: `"/var/log/howdah-access.log"`,
			doc:   `A line for each request that was answered: a file, "stderr" or "syslog". SIGUSR1 reopens the file, no worker ends.`,
			field: in(func(p *Pool) *string { return &p.AccessLog }, newFile("stderr", "syslog")),
		}, {
			name: "access_format", fpm: "access.format", def: "'" + accesslog.Default + "'", sample: `"%R %{micro}d %{queue}d %s"`,
			doc:   "What is in it, in php-fpm's codes; also %{queue}d, the seconds in the queue. %C and %M cost reads of /proc for each request.",
			field: in(func(p *Pool) *string { return &p.AccessFormat }, accessFormat()),
		}, {
			name: "access_suppress_path", fpm: "access.suppress_path[]", def: "[]", sample: `["/ping"]`,
			doc:   "Paths whose successful GET and HEAD requests without a query are left out.",
			field: in(func(p *Pool) *[]string { return &p.AccessSuppressPath }, suppressPaths()),
		},
	}
}

func requestKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "request_terminate_timeout", fpm: "request_terminate_timeout", def: `"off"`, sample: `"30s"`,
			doc:   "Time after which a running request is ended: 504 if nothing was sent, PHP's shutdown functions run, 1 s later a kill.",
			field: in(func(p *Pool) *time.Duration { return &p.RequestTerminateTimeout }, duration(0)),
		}, {
			name: "request_terminate_timeout_track_finished", fpm: "request_terminate_timeout_track_finished", def: "false", sample: "true",
			doc:   "request_terminate_timeout also counts after fastcgi_finish_request().",
			field: in(func(p *Pool) *bool { return &p.RequestTerminateTimeoutTrackFinished }, toggle()),
		}, {
			name: "request_slowlog_timeout", fpm: "request_slowlog_timeout", def: `"off"`, sample: `"5s"`,
			doc:   "Time after which a running request is logged as slow, and where PHP is goes to slowlog. The request is not disturbed.",
			field: in(func(p *Pool) *time.Duration { return &p.RequestSlowlogTimeout }, duration(0)),
		}, {
			name: "slowlog", fpm: "slowlog", auto: "none", sample: `"/var/log/www-slow.log"`,
			doc:   "The file for the stacks of slow requests, as php-fpm writes them. SIGUSR1 reopens it.",
			field: in(func(p *Pool) *string { return &p.Slowlog }, newFile()),
		}, {
			name: "request_slowlog_trace_depth", fpm: "request_slowlog_trace_depth", def: "20", sample: "50",
			doc:   "Most calls that slowlog shows of a stack, never more than 1000.",
			field: in(func(p *Pool) *int { return &p.RequestSlowlogTraceDepth }, whole(1, 1<<30)),
		}, {
			name: "queue_max", def: "1024", sample: "256",
			doc:   "Requests that may wait for a worker; one more is answered 503 at once.",
			field: in(func(p *Pool) *int { return &p.QueueMax }, whole(0, maxQueue)),
		}, {
			name: "queue_timeout", def: `"30s"`, sample: `"5s"`,
			doc:   "How long a request may wait for a worker before it is answered 503.",
			field: in(func(p *Pool) *time.Duration { return &p.QueueTimeout }, duration(time.Millisecond)),
		}, {
			name: "receive_timeout", def: `"60s"`, sample: `"10s"`,
			doc:   "Longest wait between two pieces of a request from nginx.",
			field: in(func(p *Pool) *time.Duration { return &p.ReceiveTimeout }, duration(time.Millisecond)),
		}, {
			name: "keepalive_timeout", def: `"75s"`, sample: `"2m"`,
			doc:   `How long a kept connection without a request stays open; above nginx's 60 s. "off" = one request for each connection.`,
			field: in(func(p *Pool) *time.Duration { return &p.KeepaliveTimeout }, duration(0)),
		}, {
			name: "max_connections", def: "0", sample: "2000",
			doc:   "Most connections from nginx at once; more wait in the kernel. 0 = Howdah's descriptor limit less 256.",
			field: in(func(p *Pool) *int { return &p.MaxConnections }, whole(0, 1<<24)),
		}, {
			name: "response_buffer", def: `"1M"`, sample: `"4M"`,
			doc:   "Memory for each response that nginx takes slowly; its worker is free when all of it fits.",
			field: in(func(p *Pool) *ByteSize { return &p.ResponseBuffer }, size(64*KiB, maxSize)),
		}, {
			name: "body_buffer", def: `"256K"`, sample: `"1M"`,
			doc:   "Memory for each request body; a larger one goes to an unlinked temporary file.",
			field: in(func(p *Pool) *ByteSize { return &p.BodyBuffer }, size(0, maxSize)),
		}, {
			name: "warmup", def: "[]", sample: `["/index.php"]`,
			doc:   "URIs that are requested after start, and in the new generation at a reload before it takes over.",
			field: in(func(p *Pool) *[]string { return &p.Warmup }, uris()),
		}, {
			name: "reload_overlap", def: `"5s"`, sample: `"1s"`,
			doc:   "Time after a reload in which old and new workers together may be more than pm_max_children.",
			field: in(func(p *Pool) *time.Duration { return &p.ReloadOverlap }, duration(0)),
		},
	}
}
