package config

// poolKeys declares [pool.NAME].
func poolKeys() []group[Pool] {
	return []group[Pool]{
		{"Identity", identityKeys()},
		{"Listening", listenKeys()},
		{"Workers", workerKeys()},
		{"Recycling", recycleKeys()},
		{"Requests", requestKeys()},
		{"Access log", accessKeys()},
		{"Status", statusKeys()},
		{"PHP", phpKeys()},
	}
}

const (
	maxWorkers = 100_000
	maxQueue   = 1_000_000
	maxSize    = 1 << 20 * GiB
)

func identityKeys() []key[Pool] {
	return []key[Pool]{
		{
			name: "user", fpm: "user", auto: "required as root", sample: `"www-data"`,
			doc:   "The user that PHP runs as, a name or a number. Ignored unless Howdah runs as root.",
			field: in(func(p *Pool) *string { return &p.User }, anyName()),
		}, {
			name: "group", fpm: "group", auto: "the user's own group", sample: `"www-data"`,
			doc:   "The group that PHP runs as.",
			field: in(func(p *Pool) *string { return &p.Group }, anyName()),
		},
	}
}
