package fpmconf

import "strconv"

// A Problem is one thing that is wrong with a configuration.
type Problem struct {
	Level string // php-fpm's: "ERROR", or "ALERT" for what it takes more seriously
	File  string // "" when it has no place
	Line  int
	Text  string // php-fpm's words, as far as it has any
}

// String is "[FILE:LINE] text", as php-fpm prints it behind the level.
func (p Problem) String() string {
	if p.File == "" {
		return p.Text
	}
	return "[" + p.File + ":" + strconv.Itoa(p.Line) + "] " + p.Text
}

// place is where something stands.
type place struct {
	file string
	line int
}
