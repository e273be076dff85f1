package metrics

import "howdah/worker"

func poolMetrics() []metric {
	return []metric{
		{name: "howdah_pool_up", kind: gauge, help: "1 if the pool's event loop answers, 0 if it is stuck: then its other figures are absent.",
			pool: func(p *Pool, emit emit) { emit(truth(!p.Stuck), "") }},
		{name: "howdah_pool_paused", kind: gauge, help: "1 if the pool is paused by howdah pool pause.",
			pool: func(p *Pool, emit emit) { emit(truth(p.Workers.Paused != worker.NotPaused), "") }},
		{name: "howdah_queue_length", kind: gauge, help: "Requests that wait for a worker.",
			pool: one(func(p *Pool) int { return p.Workers.Waiting })},
		{name: "howdah_queue_length_peak", kind: gauge, help: "The most requests that ever waited at once.",
			pool: one(func(p *Pool) int { return p.Workers.WaitingMax })},
		{name: "howdah_queue_limit", kind: gauge, help: "The most requests that may wait: queue_max.",
			pool: one(func(p *Pool) int { return p.Workers.WaitingLimit })},
		{name: "howdah_requests_queued_total", kind: counter, help: "Requests that had to wait for a worker.",
			pool: one(func(p *Pool) uint64 { return p.Workers.Queued })},
		{name: "howdah_queue_wait_seconds", help: "How long requests waited before a worker had them; most do not wait.",
			times: func(p *Pool) *worker.Times { return &p.Workers.Waits }},
		{name: "howdah_request_duration_seconds", help: "How long requests were with a worker, until PHP had answered or failed to.",
			times: func(p *Pool) *worker.Times { return &p.Workers.Durations }},
		{name: "howdah_requests_terminated_total", kind: counter, help: "Requests that ran longer than request_terminate_timeout.",
			pool: one(func(p *Pool) uint64 { return p.Workers.TimedOut })},
		{name: "howdah_requests_slow_total", kind: counter, help: "Requests that ran longer than request_slowlog_timeout.",
			pool: one(func(p *Pool) uint64 { return p.Workers.Slow })},
		{name: "howdah_workers", kind: gauge, label: "state", values: "busy, idle", help: "PHP processes by what they do; those of draining generations are among the busy.",
			pool: func(p *Pool, emit emit) {
				emit(float64(p.Workers.Busy), "busy")
				emit(float64(p.Workers.Idle), "idle")
			}},
		{name: "howdah_workers_idle", kind: gauge, label: "history", values: "used, unused", help: "Idle PHP processes, by whether they have worked: unused ones cost next to no memory.",
			pool: func(p *Pool, emit emit) {
				emit(float64(p.Workers.Used), "used")
				emit(float64(p.Workers.Idle-p.Workers.Used), "unused")
			}},
		{name: "howdah_workers_limit", kind: gauge, help: "The most workers that may be busy: pm_max_children.",
			pool: one(func(p *Pool) int { return p.Workers.MaxChildren })},
		{name: "howdah_workers_limit_reached_total", kind: counter, help: "Times that requests began to wait because all workers were busy.",
			pool: one(func(p *Pool) uint64 { return p.Workers.ChildrenReached })},
		{name: "howdah_worker_connections_reused_total", kind: counter, help: "Requests on a worker's connection that had served one before.",
			pool: one(func(p *Pool) uint64 { return p.Workers.Reused })},
		{name: "howdah_workers_recycled_total", kind: counter, label: "cause", values: "requests, memory, age, idle, spare, unread_body, command, abandoned and other words of the log; absent before the first",
			help: "Workers that were replaced between requests.",
			pool: func(p *Pool, emit emit) { each(p.Workers.Recycled, emit) }},
		{name: "howdah_worker_deaths_total", kind: counter, label: "cause", values: "SIGSEGV and other signals, exit, unknown, timed_out (killed over request_terminate_timeout); absent before the first",
			help: "Workers that ended otherwise than between requests.",
			pool: func(p *Pool, emit emit) { each(p.Workers.DeathCauses, emit) }},
		{name: "howdah_generation", kind: gauge, help: "Number of the generation of PHP that serves; 0 if none does.",
			pool: one(func(p *Pool) int { return p.Workers.Generation })},
		{name: "howdah_generations_total", kind: counter, help: "Generations of PHP that were started.",
			pool: one(func(p *Pool) uint64 { return p.Workers.Generations })},
		{name: "howdah_generations_draining", kind: gauge, help: "Earlier generations that finish their requests.",
			pool: one(func(p *Pool) int { return p.Workers.Draining })},
		{name: "howdah_host_calls_total", kind: counter, help: "Messages from Howdah's own functions in PHP.",
			pool: one(func(p *Pool) uint64 { return p.Workers.HostCalls })},
		{name: "howdah_pool_memory_bytes", kind: gauge, label: "kind", values: "pss (resident, shared pages divided among their users), page_tables",
			help: "Memory of the pool's PHP processes, sampled.",
			pool: func(p *Pool, emit emit) {
				if p.Sample.Known {
					emit(float64(p.Sample.PSS), "pss")
					emit(float64(p.Sample.PageTables), "page_tables")
				}
			}},
		{name: "howdah_pool_cpu_seconds_total", kind: counter, help: "Processor time that the pool's PHP processes have used, sampled.",
			pool: func(p *Pool, emit emit) {
				if p.Sample.Known {
					emit(p.Sample.CPU.Seconds(), "")
				}
			}},
		{name: "howdah_php_outdated", kind: gauge, help: "1 if PHP on disk is newer than PHP in memory, sampled: a reload puts it in force.",
			pool: func(p *Pool, emit emit) {
				if p.Sample.Known {
					emit(truth(p.Sample.Outdated), "")
				}
			}},
	}
}

func serviceMetrics() []metric {
	return []metric{
		{name: "howdah_reloads_total", kind: counter, label: "result", values: "success, failure", help: "Reloads by how they went.",
			service: func(s *Service, emit emit) {
				emit(float64(s.ReloadsSucceeded), "success")
				emit(float64(s.ReloadsFailed), "failure")
			}},
		{name: "howdah_last_reload_successful", kind: gauge, help: "1 if the last reload put everything in force, or there was none.",
			service: func(s *Service, emit emit) { emit(truth(!s.LastReloadFailed), "") }},
		{name: "howdah_last_reload_timestamp_seconds", kind: gauge, help: "When the last reload ended; 0 before the first.",
			service: func(s *Service, emit emit) {
				if s.LastReloadEnded.IsZero() {
					emit(0, "")
					return
				}
				emit(float64(s.LastReloadEnded.UnixMilli())/1000, "")
			}},
		{name: "howdah_build_info", kind: gauge, label: "version", values: "of Howdah", help: "1.",
			service: func(s *Service, emit emit) { emit(1, s.Version) }},
	}
}

func each(counts map[string]uint64, emit emit) {
	for label, n := range counts {
		emit(float64(n), label)
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
