package config

import (
	"strconv"
	"strings"

	"howdah/internal/accesslog"
)

// accessFormat is php-fpm's access.format.
func accessFormat() kind[string] {
	return kind[string]{
		word: "format",
		read: func(_ System, raw any) (string, error) {
			format, err := plainString(raw, "")
			if err != nil {
				return "", err
			}
			if _, err := accesslog.Compile(format); err != nil {
				return "", &fault{"wrong format for access.format " + strconv.Quote(format) + ": " + err.Error(), ""}
			}
			return format, nil
		},
		write: quote,
	}
}

// suppressPaths are paths without a query, as a request has them.
func suppressPaths() kind[[]string] {
	return list("paths", func(_ System, text string) (string, error) {
		if !strings.HasPrefix(text, "/") {
			return "", &fault{"Values provided to field 'access.suppress_path' must begin with '/'", ""}
		}
		return text, nil
	})
}
