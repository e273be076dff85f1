package config

import (
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// lineIndex knows where each key of a TOML text stands: the parser keeps that to itself. What stands in a list has the number of
// its element, from 1, in its path.
type lineIndex struct {
	places map[string]place
}

type place struct {
	file  string // "": the reader's only one
	line  int    // from 1
	order int    // of appearance
}

// indexLines reads text, which is valid TOML; of other text it indexes what it can.
func indexLines(text []byte) *lineIndex {
	s := scanner{text: string(text), line: 1, index: &lineIndex{map[string]place{}}}
	s.document()
	return s.index
}

// of returns the line of the key at path, or of the table it would stand in, or 1.
func (x *lineIndex) of(path []string) int {
	_, line := x.place(path)
	return line
}

// place is of with the file.
func (x *lineIndex) place(path []string) (file string, line int) {
	for n := len(path); n > 0; n-- {
		if p, ok := x.places[pathKey(path[:n])]; ok {
			return p.file, p.line
		}
	}
	return "", 1
}

// add notes where the key at path stands. The first place counts.
func (x *lineIndex) add(path []string, file string, line int) {
	if name := pathKey(path); !x.has(path) {
		x.places[name] = place{file, line, len(x.places)}
	}
}

// has reports whether the key at path stands in the text.
func (x *lineIndex) has(path []string) bool {
	_, ok := x.places[pathKey(path)]
	return ok
}

// compare orders two keys as they stand in the text.
func (x *lineIndex) compare(a, b []string) int {
	return x.places[pathKey(a)].order - x.places[pathKey(b)].order
}

func pathKey(path []string) string { return strings.Join(path, "\x00") }

// scanner walks over TOML and notes keys. It relies on the parser for everything that can be wrong with them, and moves forward
// with each step, so it ends on any input.
type scanner struct {
	text  string
	pos   int
	line  int
	index *lineIndex
}

func (s *scanner) document() {
	var table []string
	elements := map[string]int{} // of each array of tables
	for s.skipBlank(); s.pos < len(s.text); s.skipBlank() {
		if s.text[s.pos] != '[' {
			s.pair(table)
			continue
		}
		s.take("[")
		array := s.take("[")
		line := s.line
		table = s.key(nil)
		if array {
			elements[pathKey(table)]++
			table = s.note(append(table, strconv.Itoa(elements[pathKey(table)])), line)
		}
		s.skipBlank()
		s.take("]")
		s.take("]")
	}
}

// pair is key = value.
func (s *scanner) pair(table []string) {
	start := s.pos
	path := s.key(table)
	s.skipBlank()
	s.take("=")
	s.skipBlank()
	s.value(path)
	if s.pos == start {
		s.step()
	}
}

// key reads a.b."c d" below table, notes every part of it that is new, and returns the whole path.
func (s *scanner) key(table []string) []string {
	path := table[:len(table):len(table)]
	for {
		s.skipBlank()
		path = s.note(append(path, s.keyPart()), s.line)
		s.skipBlank()
		if !s.take(".") {
			return path
		}
	}
}

// note remembers where path stands, if it is new, and returns it.
func (s *scanner) note(path []string, line int) []string {
	name := pathKey(path)
	if _, known := s.index.places[name]; !known {
		s.index.places[name] = place{"", line, len(s.index.places)}
	}
	return path
}

func (s *scanner) keyPart() string {
	start := s.pos
	if s.pos < len(s.text) && (s.text[s.pos] == '"' || s.text[s.pos] == '\'') {
		s.str()
		return unquote(s.text[start:s.pos])
	}
	for s.pos < len(s.text) && !strings.ContainsRune(" \t\r\n.=]#,}\"'", rune(s.text[s.pos])) {
		s.pos++
	}
	return s.text[start:s.pos]
}

// unquote leaves the escapes to the parser.
func unquote(quoted string) string {
	var v struct{ K string }
	if _, err := toml.Decode("K = "+quoted, &v); err != nil {
		return quoted
	}
	return v.K
}

func (s *scanner) value(path []string) {
	if s.pos >= len(s.text) {
		return
	}
	switch s.text[s.pos] {
	case '"', '\'':
		s.str()
	case '[':
		n := 0
		s.items("]", func() {
			n++
			s.value(append(path[:len(path):len(path)], strconv.Itoa(n)))
		})
	case '{':
		s.items("}", func() { s.pair(path) })
	default:
		for s.pos < len(s.text) && !strings.ContainsRune("\n#,]}", rune(s.text[s.pos])) {
			s.pos++
		}
	}
}

// items reads a list or an inline table up to the bracket that closes it.
func (s *scanner) items(closing string, item func()) {
	s.step()
	for s.skipBlank(); s.pos < len(s.text); s.skipBlank() {
		if s.take(closing) {
			return
		}
		start := s.pos
		if !s.take(",") {
			item()
		}
		if s.pos == start {
			s.step()
		}
	}
}

// str skips a string of any of the four kinds.
func (s *scanner) str() {
	quote := s.text[s.pos : s.pos+1]
	escapes := quote == `"`
	if strings.HasPrefix(s.text[s.pos:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	s.pos += len(quote)
	for s.pos < len(s.text) {
		if escapes && s.text[s.pos] == '\\' {
			s.step()
			s.step()
			continue
		}
		if s.take(quote) {
			// """a"""" ends with a quote of its own
			for len(quote) == 3 && s.take(quote[:1]) {
			}
			return
		}
		s.step()
	}
}

// skipBlank skips space, line ends and comments.
func (s *scanner) skipBlank() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.step()
		case '#':
			for s.pos < len(s.text) && s.text[s.pos] != '\n' {
				s.pos++
			}
		default:
			return
		}
	}
}

func (s *scanner) take(token string) bool {
	if strings.HasPrefix(s.text[s.pos:], token) {
		s.pos += len(token)
		return true
	}
	return false
}

func (s *scanner) step() {
	if s.pos < len(s.text) {
		if s.text[s.pos] == '\n' {
			s.line++
		}
		s.pos++
	}
}
