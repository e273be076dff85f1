package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// settingsField is a table of free names: env, php_value and their kin. Their order in the file is kept.
type settingsField[T any] struct {
	at    func(*T) *[]Setting
	value func(r *reader, name string, raw any) (string, error)
	check func(name string) error
}

func (f settingsField[T]) word() string { return "table" }

func (f settingsField[T]) show(t *T) string {
	settings := *f.at(t)
	if len(settings) == 0 {
		return "{}"
	}
	entries := make([]string, len(settings))
	for i, s := range settings {
		entries[i] = basicString(s.Name) + " = " + basicString(s.Value)
	}
	return "{ " + strings.Join(entries, ", ") + " }"
}

func (f settingsField[T]) read(r *reader, at []string, raw any, t *T) {
	table, ok := raw.(map[string]any)
	if !ok {
		r.failWith(at, wrongType(raw, "a table", fmt.Sprintf("write %s.NAME = \"value\"", at[len(at)-1])))
		return
	}
	leaves := leaves(nil, table)
	slices.SortFunc(leaves, func(a, b leaf) int { return r.lines.compare(join(at, a.path), join(at, b.path)) })
	var settings []Setting
	for _, l := range leaves {
		place := join(at, l.path)
		// session.save_path needs no quotes: TOML makes tables of it, and here they become a name again.
		name := strings.Join(l.path, ".")
		value, err := f.value(r, name, l.raw)
		if err == nil {
			err = f.check(name)
		}
		if err == nil && slices.ContainsFunc(settings, func(s Setting) bool { return s.Name == name }) {
			err = &fault{"is set twice", ""}
		}
		if err != nil {
			r.failWith(place, err)
			continue
		}
		settings = append(settings, Setting{name, value})
	}
	*f.at(t) = settings
}

// A leaf is a value somewhere below a table.
type leaf struct {
	path []string
	raw  any
}

func leaves(path []string, table map[string]any) []leaf {
	var all []leaf
	for name, raw := range table {
		below := join(path, []string{name})
		if sub, ok := raw.(map[string]any); ok {
			all = append(all, leaves(below, sub)...)
		} else {
			all = append(all, leaf{below, raw})
		}
	}
	return all
}

// join makes a new path of two.
func join(a, b []string) []string { return append(slices.Clone(a), b...) }

var iniName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// iniValues is php_value and php_admin_value.
func iniValues[T any](at func(*T) *[]Setting) field[T] {
	return settingsField[T]{at, func(_ *reader, _ string, raw any) (string, error) { return iniValue(raw) }, checkIniName}
}

// iniFlags is php_flag and php_admin_flag: on and off in their spellings become "1" and "0".
func iniFlags[T any](at func(*T) *[]Setting) field[T] {
	return settingsField[T]{at, func(_ *reader, _ string, raw any) (string, error) { return iniFlag(raw) }, checkIniName}
}

func checkIniName(name string) error {
	if err := misplaced(name); err != nil {
		return err
	}
	if !iniName.MatchString(name) {
		return &fault{"is not the name of a PHP setting", ""}
	}
	return nil
}

// misplaced finds a key of the pool that stands below the header of a table in it, where TOML makes it a setting.
func misplaced(name string) error {
	if _, ok := find(poolKeys(), name); ok {
		return &fault{"is a key of the pool", "write it above the header of this table"}
	}
	return nil
}

// iniValue is any scalar: PHP reads all of its settings from text. The empty string is a value.
func iniValue(raw any) (string, error) {
	switch raw := raw.(type) {
	case string:
		if strings.ContainsFunc(raw, unicode.IsControl) {
			return "", &fault{strconv.Quote(raw) + " holds a control character", ""}
		}
		return raw, nil
	case int64, float64:
		return fmt.Sprint(raw), nil
	case bool:
		return iniFlag(raw)
	}
	return "", wrongType(raw, "a value for PHP", `write for example "128M"`)
}

func iniFlag(raw any) (string, error) {
	switch strings.ToLower(fmt.Sprint(raw)) {
	case "true", "on", "yes", "1":
		return "1", nil
	case "false", "off", "no", "0":
		return "0", nil
	}
	return "", wrongType(raw, "a flag", "write true or false")
}

// environment is env. As in php-fpm, $NAME copies a variable of Howdah's own, and an empty value is an error.
func environment[T any](at func(*T) *[]Setting) field[T] {
	value := func(r *reader, name string, raw any) (string, error) {
		if n, ok := raw.(int64); ok {
			raw = strconv.FormatInt(n, 10)
		}
		text, ok := raw.(string)
		switch {
		case !ok:
			return "", wrongType(raw, "a string", "")
		case text == "":
			return "", &fault{"is empty", "as in php-fpm, a variable needs a value: leave the line out"}
		case strings.Contains(text, "\x00"):
			return "", &fault{strconv.Quote(text) + " holds a NUL", ""}
		case text[0] != '$':
			return text, nil
		}
		copied, ok := r.sys.LookupEnv(text[1:])
		if !ok {
			r.notice("env %s: %s is not set in Howdah's own environment, PHP sees an empty value", name, text)
		}
		return copied, nil
	}
	check := func(name string) error {
		if strings.Contains(name, "_") {
			if err := misplaced(name); err != nil {
				return err
			}
		}
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return &fault{"is not the name of an environment variable", ""}
		}
		return nil
	}
	return settingsField[T]{at, value, check}
}
