package accesslog

import (
	"errors"
	"fmt"
	"strings"
)

// Default is php-fpm's own access.format.
const Default = `%R - %u %t "%m %r" %s`

// Format is a compiled access.format.
type Format struct {
	Params []string // the request variables that it shows
	Peer   bool     // it shows Entry.Peer
	Usage  bool     // it shows processor time or memory

	parts []part
}

// part appends one part of a line.
type part func(dst []byte, e *Entry) []byte

// Compile reads an access.format.
//
// Errors: php-fpm's words for what is wrong with it.
func Compile(format string) (*Format, error) {
	f := &Format{}
	for text := format; text != ""; {
		plain, rest, code := strings.Cut(text, "%")
		if plain != "" {
			f.parts = append(f.parts, literal(plain))
		}
		if !code || rest == "" { // a percent sign at the end is nothing to php-fpm
			break
		}
		modifier := ""
		for strings.HasPrefix(rest, "{") {
			inside, after, closed := strings.Cut(rest[1:], "}")
			if !closed || after == "" {
				return nil, errors.New("missing closing embrace in the access.format")
			}
			modifier, rest = inside, after
		}
		p, err := f.code(rest[0], modifier)
		if err != nil {
			return nil, err
		}
		f.parts, text = append(f.parts, p), rest[1:]
	}
	return f, nil
}

// Append appends the line of e, with its end.
func (f *Format) Append(dst []byte, e *Entry) []byte {
	for _, p := range f.parts {
		dst = p(dst, e)
	}
	return append(dst, '\n')
}

// code makes the part of %{modifier}c.
func (f *Format) code(c byte, modifier string) (part, error) {
	if table, ok := units[c]; ok {
		u, ok := table.parts[strings.ToLower(modifier)]
		if !ok {
			return nil, fmt.Errorf("only %s are allowed as a modifier for %%%c ('%s')", table.allowed, c, modifier)
		}
		f.Usage = f.Usage || c != 'd'
		return u, nil
	}
	switch c {
	case 'e':
		if modifier == "" {
			return nil, errors.New("the name of the environment variable must be set between embraces for %e")
		}
		return f.param(modifier), nil
	case 'o':
		if modifier == "" {
			return nil, errors.New("the name of the header must be set between embraces for %o")
		}
		return func(dst []byte, e *Entry) []byte { return appendOr(dst, e.header(modifier), "-") }, nil
	case 't', 'T':
		return timePart(c, modifier), nil
	}
	p, ok := codes[c]
	switch {
	case !ok:
		//lint:ignore ST1005 these are php-fpm's words
		return nil, fmt.Errorf("Invalid token in the access.format (%%%c)", c)
	case modifier != "":
		return nil, fmt.Errorf("embrace is not allowed for modifier %%%c", c)
	}
	f.Peer = f.Peer || c == 'R'
	return p, nil
}

// param shows a request variable.
func (f *Format) param(name string) part {
	i := len(f.Params)
	f.Params = append(f.Params, name)
	return func(dst []byte, e *Entry) []byte {
		if i >= len(e.Params) || e.Params[i] == nil {
			return append(dst, '-')
		}
		return appendSafe(dst, e.Params[i])
	}
}

func literal(text string) part {
	return func(dst []byte, _ *Entry) []byte { return append(dst, text...) }
}
