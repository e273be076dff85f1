package supervisor

import (
	"fmt"
	"log/slog"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/statuspage"
	"howdah/supervisor/config"
	"howdah/worker"
)

// noCache are the headers that php-fpm sends with status and ping, but for Content-type.
const noCache = "Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\nCache-Control: no-cache, no-store, must-revalidate, max-age=0\r\n"

// pages are the requests that the pool answers without PHP. Source: fpm_status_handle_request in fpm_status.c.
func (p *pool) pages(c config.Pool, z *worker.Zygote) map[string]fcgiserver.Page {
	pages := map[string]fcgiserver.Page{}
	if c.PingPath != "" {
		pages[c.PingPath] = func(string, bool) (string, []byte) {
			return "Content-type: text/plain;charset=UTF-8\r\n" + noCache, []byte(c.PingResponse)
		}
	}
	if c.PMStatusPath != "" { // it counts where both have one path
		pages[c.PMStatusPath] = func(query string, head bool) (string, []byte) {
			if head { // the form is not looked at: PHP's own type
				return noCache + "Content-type: text/html; charset=UTF-8\r\n", nil
			}
			form := statuspage.Asked(query)
			return noCache + form.ContentType + "\r\n", form.Body(p.picture(z, form.Full))
		}
	}
	return pages
}

// picture is the pool at this moment, on the loop. z is the serving zygote.
func (p *pool) picture(z *worker.Zygote, full bool) *statuspage.Pool {
	s := p.workers.Stats()
	waiting, limit := p.queue.kernel(p.log)
	waiting, limit = waiting+s.Waiting, limit+s.WaitingLimit
	p.queue.most = max(p.queue.most, waiting, s.WaitingMax)
	t := &statuspage.Pool{
		Name: p.name, Manager: string(s.Mode), Started: s.Started, Now: time.Now(), Accepted: s.Begun,
		Waiting: waiting, WaitingMax: p.queue.most, WaitingLimit: limit,
		Idle: s.Idle, Active: s.Busy, ActiveMax: s.BusyMax, ChildrenReached: s.ChildrenReached, Slow: s.Slow,
	}
	if z != nil && z.AtLeast(8, 4) {
		t.MemoryPeak = &s.MemoryMax
	}
	if !full {
		return t
	}
	for _, w := range p.workers.Workers() {
		t.Processes = append(t.Processes, statuspage.Process{
			PID: w.PID, State: w.Stage(), Started: w.Started, Requests: w.Requests, Duration: w.Duration, Method: w.Request.Method,
			URI: w.Request.URI, Query: w.Request.Query, ContentLength: w.Request.ContentLength, User: w.Request.User,
			Script: w.Request.Script, CPU: w.CPU, Memory: w.Memory,
		})
	}
	return t
}

// listenQueue is what the status tells of the listen queue. It belongs to the loop.
type listenQueue struct {
	counted *fcgiserver.Listener // nil: only HTTP
	blind   bool                 // the kernel does not tell, which the log has
	most    int                  // requests, whenever somebody asked
}

// kernel is how many connections wait to be accepted, and how many may. It says once if the kernel does not tell.
func (q *listenQueue) kernel(log *slog.Logger) (waiting, limit int) {
	if q.counted == nil {
		return 0, 0
	}
	waiting, limit, err := q.counted.Queue()
	if err != nil && !q.blind {
		q.blind = true
		log.Warn(fmt.Sprintf("the listen queue in status is only Howdah's own, without what waits in the kernel: %v", err))
	}
	return waiting, limit
}

// pagePaths are the paths of pages, for the embedded front.
func pagePaths(c config.Pool) (paths []string) {
	for _, path := range []string{c.PMStatusPath, c.PingPath} {
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}
