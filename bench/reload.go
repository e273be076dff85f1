package main

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"time"
)

// reloadConnections keep every worker busy and some requests waiting, so that there is always something to lose.
const reloadConnections = 32

// reloadResult is what clients saw while a server was told to reload every second.
type reloadResult struct {
	Side    side
	Reloads int
	wrkResult
}

// reloadSides are the competitors. php-fpm comes twice: as it is by default, when a reload ends requests, and with the
// setting by which it waits for them.
func reloadSides(workers int) []side {
	patient := staticPool(workers)
	patient.Grace = 10 * time.Second
	waiting := fpmSide(patient)
	waiting.Name = "php-fpm, process_control_timeout = 10s"
	return []side{fpmSide(staticPool(workers)), waiting, howdahSide(staticPool(workers)), howdahKeepSide(staticPool(workers))}
}

// measureReload loads a side for d and reloads its server each second. A server whose workers are the same at the end has not
// reloaded at all, which is an error.
func (r *rig) measureReload(ctx context.Context, s side, d time.Duration) (res reloadResult, err error) {
	st, err := r.newStand(ctx, plain, s)
	if err != nil {
		return res, err
	}
	defer closing(st, &err)
	if _, err := st.run(ctx, 0, helloBy(reloadConnections), time.Second); err != nil {
		return res, err
	}
	sv := st.servers[0]
	before := sv.workerPIDs()

	res.Side = s
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				syscall.Kill(sv.child.pid(), sv.reload)
				res.Reloads++
			}
		}
	}()
	res.wrkResult, err = runWrk(ctx, load{reloadConnections, d}, st.routes[0].url("hello.php"))
	close(stop)
	<-stopped
	if err != nil {
		return res, err
	}
	for _, pid := range sv.workerPIDs() {
		if slices.Contains(before, pid) {
			return res, fmt.Errorf("%s: worker %d is still there after %d reloads; its log ends:\n%s", s.Name, pid, res.Reloads, tail(sv.logFile))
		}
	}
	return res, nil
}
