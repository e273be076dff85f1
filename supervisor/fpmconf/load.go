package fpmconf

import (
	"path/filepath"

	"howdah/supervisor/config"
)

// Options are what php-fpm has from its command line, and Howdah from its own.
type Options struct {
	Prefix    string // -p; "": none
	Pid       string // -g; "": the file's
	Daemonize *bool  // -D or -F; nil: the file's
	AllowRoot bool   // -R

	System    config.System                             // the zero System: this machine
	LookupEnv func(name string) (string, bool)          // of ${NAME}; nil: System's
	IniValue  func(name string) (value string, ok bool) // of php.ini, for ${NAME}; may be nil

	// What php-fpm's files cannot say, for all pools; "" leaves the default of pool.toml.
	RuntimeDir, PHPBinary, PHPIni, PHPIniScanDir string
}

// Loaded is a configuration that has been read.
type Loaded struct {
	Path      string         // the file
	Config    *config.Config // nil if there are problems
	Daemonize bool
	Given     Given    // which directives the files have
	Warnings  []string // lines of level WARNING
	Notices   []string // lines of level NOTICE

	tree     *tree
	document config.Document
	left     []leftOut
	foreign  int // how many of the problems, the first ones, are none of Howdah's: php-fpm would not start either
}

// Given knows what the files say, as against defaults.
type Given struct{ tree *tree }

// Load reads the file at path and what it includes. All problems are reported together, the last one says what php-fpm says at the end.
// Loaded is never nil: it has what could be read.
func Load(path string, o Options) (*Loaded, []Problem) {
	if o.System.Stat == nil {
		o.System = config.Here()
	}
	o.System.AllowRoot = o.System.AllowRoot || o.AllowRoot
	o.AllowRoot = o.System.AllowRoot
	if o.LookupEnv == nil {
		o.LookupEnv = o.System.LookupEnv
	}
	l := &loader{o: o, tree: newTree(), left: maxText}
	loaded := &Loaded{Path: path, Given: Given{l.tree}, tree: l.tree}
	if o.Prefix != "" {
		if dir, err := filepath.Abs(o.Prefix); err == nil {
			l.o.Prefix = dir
		}
		if !l.isDir(l.o.Prefix) {
			l.fail(place{}, "the global prefix '%s' does not exist or is not a directory", o.Prefix)
			loaded.foreign = 1
			return loaded, l.problems
		}
	}
	last := "failed to post process the configuration"
	if !l.file(path) {
		last = "failed to load configuration file '" + path + "'"
	}
	if !l.stop {
		l.check()
		loaded.document, loaded.left = l.toDocument()
		l.build(loaded)
	}
	loaded.Daemonize = l.tree.global.num("daemonize") == 1
	loaded.Warnings, loaded.Notices = l.warnings, append(l.notices, loaded.Notices...)
	loaded.foreign = len(l.problems)
	all := append(l.problems, l.refused...)
	if len(all) > 0 {
		loaded.Config = nil
		all = append(all, Problem{Level: "ERROR", Text: last})
	}
	return loaded, all
}

// build makes a Config of the directives. Its problems are told in php-fpm's names.
func (l *loader) build(loaded *Loaded) {
	refuse := func(at place, text string) {
		l.refused = append(l.refused, Problem{"ERROR", at.file, at.line, text})
	}
	for _, o := range loaded.left {
		if o.refused {
			refuse(o.at, o.text)
		}
	}
	if len(l.tree.pools) == 0 {
		return
	}
	c, problems := l.o.System.Build(loaded.document)
	for _, p := range problems {
		pool, key := p.Within()
		refuse(place{p.File, p.Line}, phpText(pool, key, p.Text))
	}
	if c != nil {
		loaded.Config = c
		for _, n := range c.Notices {
			loaded.Notices = append(loaded.Notices, phpNames(n))
		}
	}
}
