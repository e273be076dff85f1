package control

import (
	"bytes"
	"net/http"
	"runtime/pprof"
	"strconv"
	"time"
)

// maxProfile is the longest time over which the processor is watched.
const maxProfile = 5 * time.Minute

func debugRoutes() []Route {
	return []Route{{
		Method: "GET", Path: "/v1/debug/pprof/{profile}", Command: "howdah debug pprof",
		Doc: "A profile of Howdah itself, for `go tool pprof`: `heap`, `goroutine`, or `cpu`, of which there can be one at a time.",
		Query: []Param{
			{"seconds", "how long the processor is watched; 30 unless told, at most 300"},
			{"text", "1: the heap or the goroutines for people"},
		},
		do: func(_ Service, r *http.Request) (any, error) {
			if r.PathValue("profile") == "cpu" {
				return cpuProfile(r)
			}
			return memoryProfile(r)
		},
	}}
}

// memoryProfile is a picture of the moment.
func memoryProfile(r *http.Request) (any, error) {
	name, form := r.PathValue("profile"), 0
	if r.FormValue("text") == "1" {
		form = map[string]int{"heap": 1, "goroutine": 2}[name]
	}
	if name != "heap" && name != "goroutine" {
		return nil, BadRequest("there is no profile " + name + ": heap, cpu or goroutine")
	}
	var out bytes.Buffer
	if err := pprof.Lookup(name).WriteTo(&out, form); err != nil {
		return nil, err
	}
	return raw(out.Bytes()), nil
}

// cpuProfile watches the processor for a while, or until the client has gone.
func cpuProfile(r *http.Request) (any, error) {
	span := 30 * time.Second
	if text := r.FormValue("seconds"); text != "" {
		s, err := strconv.ParseFloat(text, 64)
		span = time.Duration(s * float64(time.Second))
		if err != nil || span <= 0 || span > maxProfile {
			return nil, BadRequest("the processor is watched for more than 0 and at most 300 seconds, not " + text)
		}
	}
	var out bytes.Buffer
	if err := pprof.StartCPUProfile(&out); err != nil {
		return nil, Busy("the processor is being watched for somebody else")
	}
	enough := time.NewTimer(span)
	defer enough.Stop()
	select {
	case <-enough.C:
	case <-r.Context().Done():
	}
	pprof.StopCPUProfile()
	return raw(out.Bytes()), nil
}
