package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// token is a name as HTTP headers have them. Source: RFC 9110 §5.6.2.
var token = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// optional is a string that may be empty; check looks at others.
func optional(word string, check func(text string) *fault) kind[string] {
	return kind[string]{
		word: word,
		read: func(_ System, raw any) (string, error) {
			if raw == "" {
				return "", nil
			}
			text, err := plainString(raw, "")
			if err != nil {
				return "", err
			}
			if f := check(text); f != nil {
				return "", f
			}
			return text, nil
		},
		write: quote,
	}
}

// headerName is the name of an HTTP header; "" is none.
func headerName() kind[string] {
	return optional("header name", func(text string) *fault {
		if !token.MatchString(text) {
			return &fault{strconv.Quote(text) + " is not the name of a header", `write for example "X-Forwarded-For"`}
		}
		return nil
	})
}

// selector is "cookie:NAME" with one of the words before the colon, or "path" or "user" if they are among them; "" is none.
func selector(words ...string) kind[string] {
	return optional("selector", func(text string) *fault {
		word, name, named := strings.Cut(text, ":")
		whole := word == "path" || word == "user"
		if !slices.Contains(words, word) || named == whole || named && !token.MatchString(name) {
			return &fault{strconv.Quote(text) + " does not select anything", fmt.Sprintf("write for example %q", words[0]+":NAME")}
		}
		return nil
	})
}

// contentType is a media type. Forms are refused: PHP takes their body away before the script sees it.
func contentType() kind[string] {
	return optional("media type", func(text string) *fault {
		media, _, _ := strings.Cut(text, ";")
		switch media = strings.ToLower(strings.TrimSpace(media)); {
		case strings.Count(media, "/") != 1:
			return &fault{strconv.Quote(text) + " is not a media type", `write for example "application/json"`}
		case media == "multipart/form-data", media == "application/x-www-form-urlencoded":
			return &fault{"PHP would take the messages for forms", `write for example "application/json"`}
		}
		return nil
	})
}

// filePath is the absolute path of a file that is there; "" is none.
func filePath() kind[string] {
	one := existing()
	return kind[string]{
		word: "path",
		read: func(s System, raw any) (string, error) {
			if raw == "" {
				return "", nil
			}
			path, err := one.read(s, raw)
			if err != nil {
				return "", err
			}
			if f, err := s.Stat(path); err == nil && f.Dir {
				return "", &fault{path + " is a directory, not a file", ""}
			}
			return path, nil
		},
		write: quote,
	}
}

// routePath is the decoded path of a route.
func routePath() kind[string] {
	return optional("URI", func(text string) *fault {
		switch {
		case !strings.HasPrefix(text, "/"):
			return &fault{strconv.Quote(text) + " does not begin with '/'", write(strconv.Quote("/" + text))}
		case strings.ContainsAny(text, "?#"):
			return &fault{strconv.Quote(text) + " is more than a path", "every query leads to the same route"}
		case strings.Contains(strings.TrimSuffix(text, "/*"), "*"):
			return &fault{strconv.Quote(text) + ` has a '*' elsewhere than in "/*" at its end`, ""}
		case text == healthPath:
			return &fault{text + " is Howdah's own", ""}
		}
		return nil
	})
}

// healthPath is where wsbridge answers whether it takes connections.
const healthPath = "/_howdah/health"

// tokens is a list of names without space or comma.
func tokens() kind[[]string] {
	return list("names", func(_ System, text string) (string, error) {
		if !token.MatchString(text) {
			return "", &fault{strconv.Quote(text) + " is not a name", "letters, digits and '.', '-', '_'"}
		}
		return text, nil
	})
}

// poolNames is a list of pools.
func poolNames() kind[[]string] {
	return list("pool names", func(_ System, text string) (string, error) {
		if !poolName.MatchString(text) {
			return "", &fault{strconv.Quote(text) + " is not a name for a pool", ""}
		}
		return text, nil
	})
}

// origins is a list of origins as browsers send them: SCHEME://HOST[:PORT], HOST alone for both schemes, "*." for any subdomain.
func origins() kind[[]string] {
	const hint = `write for example "https://www.example.org"`
	return list("origins", func(_ System, text string) (string, error) {
		if text == "*" || text == "null" {
			return text, nil
		}
		whole := text
		if !strings.Contains(text, "://") {
			whole = "https://" + text
		}
		u, err := url.Parse(whole)
		switch {
		case err != nil, u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
			return "", &fault{strconv.Quote(text) + " is not an origin", hint}
		case u.Path != "":
			return "", &fault{strconv.Quote(text) + " has a path", write(strconv.Quote(strings.TrimSuffix(text, u.Path)))}
		case strings.Contains(strings.TrimPrefix(u.Host, "*."), "*"):
			return "", &fault{strconv.Quote(text) + ` has a '*' elsewhere than in "*." before the host`, hint}
		}
		return strings.ToLower(text), nil
	})
}
