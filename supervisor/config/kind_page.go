package config

import (
	"strconv"
	"strings"
)

const pageRunes = "/_-.~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// pagePath is the URI path of a page of Howdah's own. Source: fpm_conf_process_all_pools, which allows these characters only.
func pagePath() kind[string] {
	return kind[string]{
		word: "URI path",
		read: func(_ System, raw any) (string, error) {
			s, err := plainString(raw, `write for example "/status"`)
			if err != nil {
				return "", err
			}
			if s[0] != '/' {
				return "", &fault{strconv.Quote(s) + " does not start with a '/'", ""}
			}
			if strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(pageRunes, r) }) {
				return "", &fault{strconv.Quote(s) + " holds other characters than letters, digits and /_-.~", ""}
			}
			return s, nil
		},
		write: quote,
	}
}

// phrase is a line of text.
func phrase() kind[string] {
	return kind[string]{
		word:  "text",
		read:  func(_ System, raw any) (string, error) { return plainString(raw, "") },
		write: quote,
	}
}
