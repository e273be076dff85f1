package metrics

import (
	"time"

	"howdah/fcgiserver"
	"howdah/worker"
)

// Service is the service at one moment.
type Service struct {
	Version          string
	ReloadsSucceeded uint64
	ReloadsFailed    uint64
	LastReloadFailed bool
	LastReloadEnded  time.Time // zero: there was none
	Pools            []Pool
}

// Pool is one pool. Of one that is stuck only the name is known.
type Pool struct {
	Name    string
	Stuck   bool
	Front   fcgiserver.Counters
	Workers worker.Stats
	Sample  Sample
}

// Sample is what the kernel says of a pool's processes. It is asked for less often than a scrape may come.
type Sample struct {
	Known      bool
	PSS        uint64 // bytes
	PageTables uint64 // bytes
	CPU        time.Duration
	Outdated   bool // PHP on disk is newer
}

// Source gives the figures. It may be called by anyone at any time.
type Source func() Service
