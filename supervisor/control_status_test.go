package supervisor

import (
	"log/slog"
	"testing"
	"time"

	"howdah/fcgiserver"
	"howdah/internal/reactor"
	"howdah/supervisor/config"
	"howdah/supervisor/control"
	"howdah/worker"
)

func TestAPoolWhoseLoopIsStuckIsShownSoAndOneThatHasEndedToo(t *testing.T) {
	loop, err := reactor.Start()
	if err != nil {
		t.Fatal(err)
	}
	p := shownPool{pool: &pool{name: "www", loop: loop}, conf: config.Pool{PM: "static", PMMaxChildren: 3, QueueMax: 7}}
	log := slog.New(slog.DiscardHandler)
	if err := loop.Call(func() {
		p.workers = worker.NewPool("www", loop, log)
		p.front = fcgiserver.NewServer("www", loop, log, fcgiserver.Options{MaxConnections: 1}, nil)
	}); err != nil {
		t.Fatal(err)
	}
	if st := p.status(); st.State != control.PoolStarting {
		t.Errorf("before it has PHP: %+v", st)
	}
	turn := make(chan struct{})
	loop.Post(func() { <-turn })
	begun := time.Now()
	st := p.status()
	if took := time.Since(begun); took < loopPatience {
		t.Errorf("it was called stuck after %v", took)
	}
	if st.Name != "www" || st.State != control.PoolStuck || st.MaxChildren != 3 || st.Queue.Limit != 7 {
		t.Errorf("status is %+v", st)
	}
	if m := p.scrape(); m == nil || !m.Stuck {
		t.Errorf("a scrape sees %+v", m)
	}
	close(turn)
	loop.Stop()
	loop.Wait()
	if st := p.status(); st.State != control.PoolEnded {
		t.Errorf("after its end: %+v", st)
	}
	if m := p.scrape(); m != nil {
		t.Errorf("a scrape sees a pool that has ended: %+v", m)
	}
}
