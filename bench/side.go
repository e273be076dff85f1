package main

// kind is which program a side runs.
type kind int

const (
	phpFPM kind = iota
	howdah
)

// side is one of the competitors of a row: a server of its own and how nginx talks to it.
type side struct {
	Name      string
	Kind      kind
	Pool      poolSpec
	Keepalive bool   // nginx keeps its connections to the server
	Binary    string // of Howdah; "" for the one that is measured
}

// Competitors by the names that the table gives them.

func fpmSide(p poolSpec) side { return side{Name: "php-fpm", Kind: phpFPM, Pool: p} }

func fpmKeepSide(p poolSpec) side {
	return side{Name: "php-fpm, keepalive", Kind: phpFPM, Pool: p, Keepalive: true}
}

func howdahSide(p poolSpec) side { return side{Name: "Howdah", Kind: howdah, Pool: p} }

func howdahKeepSide(p poolSpec) side {
	return side{Name: "Howdah, keepalive", Kind: howdah, Pool: p, Keepalive: true}
}

// controlSide is a second php-fpm in Howdah's place.
func controlSide(p poolSpec) side { return side{Name: "php-fpm again", Kind: phpFPM, Pool: p} }

// builtAs is the same side with another build of Howdah.
func (s side) builtAs(binary string) side {
	s.Name += " (base)"
	s.Binary = binary
	return s
}

// in is the same side with PHP's processes in another scheduling class.
func (s side) in(c class) side {
	s.Name += ", " + string(c)
	s.Pool.Class = c
	return s
}

// observed is the same side under observation.
func (s side) observed() side {
	s.Name += ", observed"
	s.Pool.Observed = true
	return s
}

// versus is the two sides with nginx as it comes.
func versus(p poolSpec) []side { return []side{fpmSide(p), howdahSide(p)} }
