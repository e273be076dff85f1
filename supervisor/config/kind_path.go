package config

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// absolute is an absolute path; nothing needs to be there.
func absolute() kind[string] {
	return kind[string]{
		word:  "path",
		read:  func(_ System, raw any) (string, error) { return absolutePath(raw) },
		write: quote,
	}
}

func absolutePath(raw any) (string, error) {
	s, err := plainString(raw, "")
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(s) {
		return "", &fault{strconv.Quote(s) + " is not an absolute path", ""}
	}
	return filepath.Clean(s), nil
}

// unixPath is the absolute path of a Unix socket, or one of words.
func unixPath(words ...string) kind[string] {
	return kind[string]{
		word: orWords("path", words),
		read: func(_ System, raw any) (string, error) {
			if word, ok := raw.(string); ok && slices.Contains(words, word) {
				return word, nil
			}
			path, err := absolutePath(raw)
			if err != nil {
				return "", err
			}
			return path, unixPathFits(path)
		},
		write: quote,
	}
}

// orWords names a kind that also takes words.
func orWords(kind string, words []string) string {
	for _, w := range words {
		kind += ` or "` + w + `"`
	}
	return kind
}

// newFile is the path of a file that Howdah writes: its directory exists.
func newFile(words ...string) kind[string] {
	return kind[string]{
		word: orWords("path", words),
		read: func(s System, raw any) (string, error) {
			for _, w := range words {
				if raw == w {
					return w, nil
				}
			}
			path, err := absolutePath(raw)
			if err != nil {
				if f, ok := err.(*fault); ok && len(words) > 0 && f.hint == "" {
					f.hint = `or write "` + strings.Join(words, `" or "`) + `"`
				}
				return "", err
			}
			if f, err := s.Stat(path); err == nil && f.Dir {
				return "", &fault{path + " is a directory, not a file", ""}
			}
			return path, needDirectory(s, filepath.Dir(path))
		},
		write: quote,
	}
}

// existing is a file or directory that is there.
func existing() kind[string] {
	return kind[string]{
		word: "path",
		read: func(s System, raw any) (string, error) {
			path, err := absolutePath(raw)
			if err != nil {
				return "", err
			}
			if _, err := s.Stat(path); err != nil {
				return "", &fault{path + ": " + reason(err), ""}
			}
			return path, nil
		},
		write: quote,
	}
}

// directory is a directory that is there.
func directory() kind[string] {
	return kind[string]{
		word: "path",
		read: func(s System, raw any) (string, error) {
			path, err := absolutePath(raw)
			if err != nil {
				return "", err
			}
			return path, needDirectory(s, path)
		},
		write: quote,
	}
}

// directories is a ':'-separated list as in PHP_INI_SCAN_DIR, where an empty entry stands for PHP's own directory.
func directories() kind[string] {
	return kind[string]{
		word: "paths with ':' between",
		read: func(s System, raw any) (string, error) {
			list, err := plainString(raw, "")
			if err != nil {
				return "", err
			}
			for _, dir := range filepath.SplitList(list) {
				if dir == "" {
					continue
				}
				if _, err := absolutePath(dir); err != nil {
					return "", err
				}
				if err := needDirectory(s, dir); err != nil {
					return "", err
				}
			}
			return list, nil
		},
		write: quote,
	}
}

// program is an absolute path, or a name that is looked up in PATH. One that isn't found stays as it is: the preflight says so.
func program() kind[string] {
	return kind[string]{
		word: "path or name",
		read: func(s System, raw any) (string, error) {
			name, err := plainString(raw, "")
			if err != nil {
				return "", err
			}
			if strings.Contains(name, "/") {
				return absolutePath(name)
			}
			if path, err := s.FindProgram(name); err == nil {
				return path, nil
			}
			return name, nil
		},
		write: quote,
	}
}

func needDirectory(s System, dir string) error {
	f, err := s.Stat(dir)
	if err != nil {
		return &fault{"directory " + dir + ": " + reason(err), ""}
	}
	if !f.Dir {
		return &fault{dir + " is not a directory", ""}
	}
	return nil
}
