package e2e

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

func TestFourHundredClientsOnFourWorkersAreAllServed(t *testing.T) {
	s := serve(t)
	for name, b := range map[string]*browser{"plain": s.plain, "kept": s.kept} {
		l := b.startLoad(400, "/hello.php", "hello")
		l.wantProgress(2000, 30*time.Second)
		<-time.After(phase(2 * time.Second)) // how long the load is kept up
		if c := l.stop(); c.bad() > 0 {
			t.Errorf("%s: %v", name, c)
		}
	}
}

func TestFullQueueRefusesAtOnceWith503AndRetryAfter(t *testing.T) {
	s := serve(t, `pm_max_children = 1`, `queue_max = 2`)
	inside := s.hold("one")
	queued := s.queue(2, "/hello.php")
	since := s.mark()
	for range 5 {
		p := s.plain.get("/hello.php")
		if p.status != 503 || p.header.Get("Retry-After") == "" || p.took > time.Second {
			t.Errorf("beyond the queue: %d, Retry-After %q, after %v", p.status, p.header.Get("Retry-After"), p.took)
		}
	}
	s.wantLogged(since, 5*time.Second, "queue")
	if lines := s.logged(since, "queue"); len(lines) > 3 {
		t.Errorf("%d log lines for 5 refusals within a second: %q", len(lines), lines)
	}
	inside.finish()
	for _, q := range queued {
		if p := q.result(t); p.status != 200 || p.body != "hello" {
			t.Errorf("queued: %d %q", p.status, p.body)
		}
	}
	s.plain.wantPage("/hello.php", 200, "hello")
}

func TestRequestThatWaitsTooLongGets503(t *testing.T) {
	s := serve(t, `pm_max_children = 1`, `queue_timeout = "1s"`)
	inside := s.hold("one")
	p := s.plain.get("/hello.php")
	if p.status != 503 || p.header.Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", p.status, p.header.Get("Retry-After"))
	}
	if p.took < 900*time.Millisecond || p.took > 3*time.Second {
		t.Errorf("refused after %v, want 1 s", p.took)
	}
	inside.finish()
	s.plain.wantPage("/hello.php", 200, "hello")
}

// A client that goes while its request waits must not cost a worker later.
func TestQueuedRequestOfAGoneClientIsNotRun(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	s.sb.page(t, "ran.php", `<?php touch(dirname(__DIR__) . '/scratch/ran');`)
	inside := s.hold("one")
	before := openFiles(s.pid())
	w := dialFastCGI(t, s.socket)
	w.send(requestBytes(t, 1, 0, "", s.sb.script("GET", "ran.php")...))
	wantWithin(t, 5*time.Second, "the request in the queue", func() bool { return openFiles(s.pid()) == before+1 })
	behind := s.queue(1, "/hello.php")
	w.Close()
	wantWithin(t, 4*time.Second, "the gone client's descriptor closed", func() bool { return openFiles(s.pid()) == before+1 })
	inside.finish()
	if p := behind[0].result(t); p.status != 200 {
		t.Errorf("the one behind it: %d", p.status)
	}
	if exists(s.sb.path("scratch", "ran")) {
		t.Error("the request of the gone client was run")
	}
}

func TestQueueIsServedInOrder(t *testing.T) {
	s := serve(t, `pm_max_children = 1`)
	s.sb.page(t, "order.php", `<?php file_put_contents(dirname(__DIR__) . '/scratch/order', $_GET['n'], FILE_APPEND);`)
	inside := s.hold("one")
	var queued []*pending
	for n := range 8 {
		queued = append(queued, s.queue(1, fmt.Sprint("/order.php?n=", n))...)
	}
	inside.finish()
	for _, q := range queued {
		q.result(t)
	}
	if order := read(t, s.sb.path("scratch", "order")); order != "01234567" {
		t.Errorf("served in the order %s", order)
	}
}

// From idle to all workers busy: no one-second ticks, in no mode.
func TestAllWorkersAreBusyAtOnceInABurst(t *testing.T) {
	for _, pm := range []string{"static", "dynamic", "ondemand"} {
		t.Run(pm, func(t *testing.T) {
			lines := []string{`pm = "` + pm + `"`, `pm_max_children = 20`}
			if pm == "dynamic" {
				lines = append(lines, `pm_start_servers = 2`, `pm_min_spare_servers = 1`, `pm_max_spare_servers = 3`)
			}
			s := serve(t, lines...)
			s.plain.wantPage("/hello.php", 200, "hello")
			gate := s.sb.path("scratch", "burst")
			t.Cleanup(func() { touch(gate) })
			start := time.Now()
			var all []*pending
			for range 20 {
				all = append(all, s.plain.start("/hold.php?gate=burst"))
			}
			wantWithin(t, 5*time.Second, "20 workers inside", func() bool { return len(glob(gate+".*")) == 20 })
			if took := time.Since(start); took > 2*time.Second { // php-fpm's dynamic takes four or five
				t.Errorf("all busy after %v", took)
			}
			touch(gate)
			for _, p := range all {
				if p := p.result(t); p.status != 200 {
					t.Errorf("status %d", p.status)
				}
			}
		})
	}
}

func TestConnectionsBeyondTheDescriptorLimitWaitAndGoodOnesGoOn(t *testing.T) {
	sb := newSandbox(t)
	h := prepareHowdah(t, sb)
	cmd := h.command()
	limited := []string{"/bin/sh", "-c", `ulimit -n 400; exec "$0" "$@"`}
	cmd.Path, cmd.Args = limited[0], append(limited, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	h.start(cmd)
	s := behindNginx(t, h)
	s.plain.wantPage("/hello.php", 200, "hello")
	kept := s.kept.startLoad(2, "/hello.php", "hello")
	kept.wantProgress(20, 10*time.Second)

	var idle []*webServer // connections that say nothing, more than there are descriptors
	for range 500 {
		idle = append(idle, dialFastCGI(t, s.socket))
	}
	<-time.After(time.Second) // how long the shortage lasts
	if n := openFiles(h.pid()); n > 400 {
		t.Errorf("%d descriptors", n)
	}
	cpu := cpuTime(h.pid())
	<-time.After(time.Second) // the time over which the CPU is measured
	if used := cpuTime(h.pid()) - cpu; used > 700*time.Millisecond {
		t.Errorf("howdah burns %v of CPU in a second without descriptors", used)
	}
	for _, w := range idle {
		w.Close()
	}
	wantWithin(t, 10*time.Second, "service again", func() bool {
		p, err := s.plain.try("GET", "/hello.php", nil)
		return err == nil && p.status == 200
	})
	if c := kept.stop(); c.bad("502", "503", "504") > 0 {
		t.Errorf("the clients that were there before: %v", c)
	}
	if code := s.stop(syscall.SIGTERM, 5*time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
