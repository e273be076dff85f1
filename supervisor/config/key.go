package config

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// A key declares one key of a table of pool.toml. T is the struct that holds the table.
type key[T any] struct {
	name   string // as in pool.toml
	fpm    string // the php-fpm directive that it mirrors; "": Howdah's own
	def    string // the default, as one would write it in pool.toml; "": see auto
	auto   string // the default in words, when it is no constant: "unset", "half of pm_max_children"
	sample string // a value other than the default, as in pool.toml: for the example and the tests
	doc    string // one line, with the unit
	atBoot bool   // a change takes effect at the next start, not at a reload
	field  field[T]
}

// A group is the keys that belong together, under a heading.
type group[T any] struct {
	title string
	keys  []key[T]
}

// A field joins a key to its place in T.
type field[T any] interface {
	word() string                               // the type, for people
	read(r *reader, at []string, raw any, t *T) // raw is what toml made of the value
	show(t *T) string                           // as in pool.toml; "": unset
}

// find returns the key called name.
func find[T any](groups []group[T], name string) (key[T], bool) {
	for _, g := range groups {
		for _, k := range g.keys {
			if k.name == name {
				return k, true
			}
		}
	}
	return key[T]{}, false
}

// names returns the keys of groups, in their order.
func names[T any](groups []group[T]) []string {
	var all []string
	for _, g := range groups {
		for _, k := range g.keys {
			all = append(all, k.name)
		}
	}
	return all
}

// defaults returns what toml makes of the default of each key that has a constant one.
func defaults[T any](groups []group[T]) map[string]any {
	var text strings.Builder
	for _, g := range groups {
		for _, k := range g.keys {
			if k.def != "" {
				fmt.Fprintf(&text, "%s = %s\n", k.name, k.def)
			}
		}
	}
	raw := map[string]any{}
	if _, err := toml.Decode(text.String(), &raw); err != nil {
		panic("config: a default is not TOML: " + err.Error()) // constants of this package, and tested
	}
	return raw
}

// A kind is a type of value: how it is read from TOML, and how it is written.
type kind[V any] struct {
	word  string
	read  func(s System, raw any) (V, error) // the error is a *fault or any error
	write func(V) string
}

// in makes the field at() of T a value of kind k.
func in[T, V any](at func(*T) *V, k kind[V]) field[T] { return valueField[T, V]{at, k} }

type valueField[T, V any] struct {
	at   func(*T) *V
	kind kind[V]
}

func (f valueField[T, V]) word() string     { return f.kind.word }
func (f valueField[T, V]) show(t *T) string { return f.kind.write(*f.at(t)) }

func (f valueField[T, V]) read(r *reader, at []string, raw any, t *T) {
	v, err := f.kind.read(r.sys, raw)
	if err != nil {
		r.failWith(at, err)
		return
	}
	*f.at(t) = v
}
