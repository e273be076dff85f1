package config

import "time"

func workerKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "pm", fpm: "pm", def: `"dynamic"`, sample: `"ondemand"`,
			doc:   `Which used workers stay: "static" all, "dynamic" some, "ondemand" none. Fresh forks for pm_max_children stand ready in any mode.`,
			field: in(func(p *Pool) *string { return &p.PM }, oneOf("static", "dynamic", "ondemand")),
		}, {
			name: "pm_max_children", fpm: "pm.max_children", def: "10", sample: "12",
			doc:   "Workers: the most requests that run at once. All are forked at start, 44 kB each until first used.",
			field: in(func(p *Pool) *int { return &p.PMMaxChildren }, whole(1, maxWorkers)),
		}, {
			name: "pm_start_servers", fpm: "pm.start_servers", auto: "between min and max spare; static: all, ondemand: none", sample: "4",
			doc:   "How many workers the warmup requests warm at start and reload.",
			field: in(func(p *Pool) *int { return &p.PMStartServers }, whole(0, maxWorkers)),
		}, {
			name: "pm_min_spare_servers", fpm: "pm.min_spare_servers", auto: "1", sample: "2",
			doc:   "dynamic: so many idle used workers are never recycled for being idle.",
			field: in(func(p *Pool) *int { return &p.PMMinSpareServers }, whole(1, maxWorkers)),
		}, {
			name: "pm_max_spare_servers", fpm: "pm.max_spare_servers", auto: "half of pm_max_children", sample: "8",
			doc:   "dynamic: idle used workers above this number become fresh forks after pm_process_idle_timeout, coldest first.",
			field: in(func(p *Pool) *int { return &p.PMMaxSpareServers }, whole(1, maxWorkers)),
		}, {
			name: "pm_max_spawn_rate", fpm: "pm.max_spawn_rate", def: "32", sample: "8",
			doc:   "Most workers per second that are recycled for being idle, each by one fork.",
			field: in(func(p *Pool) *int { return &p.PMMaxSpawnRate }, whole(1, maxWorkers)),
		}, {
			name: "pm_process_idle_timeout", fpm: "pm.process_idle_timeout", def: `"10s"`, sample: `"1m"`,
			doc:   "How long a used worker may be idle: dynamic, above pm_max_spare_servers; ondemand, any, and an idle pool is parked.",
			field: in(func(p *Pool) *time.Duration { return &p.PMProcessIdleTimeout }, duration(time.Second)),
		}, {
			name: "process_priority", fpm: "process.priority", auto: "Howdah's own", sample: "5",
			doc:   "Nice value of the workers, -20 (first) to 19 (last). Only as root.",
			field: in(func(p *Pool) **int { return &p.ProcessPriority }, nice()),
		}, {
			name: "rlimit_files", fpm: "rlimit_files", def: "0", sample: "4096",
			doc:   "Descriptor limit of each worker. 0 = unchanged.",
			field: in(func(p *Pool) **uint64 { return &p.RlimitFiles }, rlimit()),
		}, {
			name: "rlimit_core", fpm: "rlimit_core", def: "0", sample: `"unlimited"`,
			doc:   `Core file limit of each worker, in bytes or "unlimited". 0 = unchanged.`,
			field: in(func(p *Pool) **uint64 { return &p.RlimitCore }, rlimit()),
		}, {
			name: "catch_workers_output", fpm: "catch_workers_output", def: "false", sample: "true",
			doc:   "Log what workers and their children write to stdout and stderr, else it is dropped.",
			field: in(func(p *Pool) *bool { return &p.CatchWorkersOutput }, toggle()),
		}, {
			name: "decorate_workers_output", fpm: "decorate_workers_output", def: "true", sample: "false",
			doc:   `Log it with the pool and process it comes from ("[pool www] child 42 said into stderr: ...").`,
			field: in(func(p *Pool) *bool { return &p.DecorateWorkersOutput }, toggle()),
		},
	}
}

func recycleKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "pm_max_requests", fpm: "pm.max_requests", def: "0", sample: "500",
			doc:   "Requests after which a worker is recycled. 0 = no limit.",
			field: in(func(p *Pool) *int { return &p.PMMaxRequests }, whole(0, 1<<30)),
		}, {
			name: "recycle_memory", def: `"off"`, sample: `"256M"`,
			doc:   "Private memory above which a worker is recycled, looked at after its requests.",
			field: in(func(p *Pool) *ByteSize { return &p.RecycleMemory }, size(0, maxSize)),
		}, {
			name: "recycle_age", def: `"off"`, sample: `"1d"`,
			doc:   "Time after its first request at which a worker is recycled.",
			field: in(func(p *Pool) *time.Duration { return &p.RecycleAge }, duration(0)),
		}, {
			name: "recycle_idle", def: `"off"`, sample: `"10m"`,
			doc:   "Time without a request after which a used worker is recycled, in any mode.",
			field: in(func(p *Pool) *time.Duration { return &p.RecycleIdle }, duration(0)),
		},
	}
}
