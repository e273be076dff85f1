package config

import (
	"net/netip"
	"path"
	"strconv"
	"strings"
)

// list is a list of strings, each read by element.
func list(word string, element func(s System, text string) (string, error)) kind[[]string] {
	return kind[[]string]{
		word: "list of " + word,
		read: func(s System, raw any) ([]string, error) {
			texts, err := stringList(raw)
			if err != nil {
				return nil, err
			}
			out := make([]string, 0, len(texts))
			for _, text := range texts {
				v, err := element(s, text)
				if err != nil {
					return nil, err
				}
				out = append(out, v)
			}
			return out, nil
		},
		write: quoteList,
	}
}

func stringList(raw any) ([]string, error) {
	items, ok := raw.([]any)
	if s, isString := raw.(string); isString {
		return nil, wrongType(raw, "a list", write("["+basicString(s)+"]"))
	}
	if !ok {
		return nil, wrongType(raw, "a list of strings", "")
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, err := plainString(item, "")
		if err != nil {
			return nil, err
		}
		texts[i] = text
	}
	return texts, nil
}

func quoteList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = basicString(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// extensions are the endings of files that may be run; php-fpm wants the dot too.
func extensions() kind[[]string] {
	return list("endings", func(_ System, text string) (string, error) {
		if !strings.HasPrefix(text, ".") || strings.ContainsAny(text, "/ ") {
			return "", &fault{strconv.Quote(text) + " does not start with '.'", `write for example [".php"]`}
		}
		return text, nil
	})
}

// uris are paths on the site, with or without a query.
func uris() kind[[]string] {
	return list("URIs", func(_ System, text string) (string, error) { return uri(text) })
}

func uri(text string) (string, error) {
	if !strings.HasPrefix(text, "/") || strings.ContainsAny(text, " #") {
		return "", &fault{strconv.Quote(text) + " is not a path on the site", `write for example "/index.php"`}
	}
	return text, nil
}

// scriptURI is the path of one script on the site; "" is none.
func scriptURI() kind[string] {
	return kind[string]{
		word: "URI",
		read: func(_ System, raw any) (string, error) {
			text, err := plainString(raw, "")
			if err != nil {
				return "", err
			}
			if text, err = uri(text); err != nil {
				return "", err
			}
			if path.Clean(text) != text || strings.Contains(text, "?") {
				return "", &fault{strconv.Quote(text) + " is not a plain path", write(strconv.Quote(path.Clean(text)))}
			}
			return text, nil
		},
		write: quote,
	}
}

// fileNames are names in a directory, not paths.
func fileNames() kind[[]string] {
	return list("file names", func(_ System, text string) (string, error) {
		if strings.Contains(text, "/") || strings.HasPrefix(text, ".") {
			return "", &fault{strconv.Quote(text) + " is not a file name", `write for example ["index.php"]`}
		}
		return text, nil
	})
}

// directoryList is directories that are there.
func directoryList() kind[[]string] {
	one := directory()
	return list("paths", func(s System, text string) (string, error) { return one.read(s, text) })
}

// prefixes is a list of IP addresses and networks.
func prefixes() kind[[]netip.Prefix] {
	return kind[[]netip.Prefix]{
		word: "list of addresses",
		read: func(_ System, raw any) ([]netip.Prefix, error) {
			p, err := readPeers(raw)
			if err == nil && p.Unix {
				err = &fault{`"unix" is not an IP address or network`, ""}
			}
			return p.Prefixes, err
		},
		write: func(ps []netip.Prefix) string { return writePeers(Peers{Prefixes: ps}) },
	}
}

// peers is a list of IP addresses and networks, and perhaps "unix".
func peers() kind[Peers] {
	return kind[Peers]{
		word:  `list of addresses or "unix"`,
		read:  func(_ System, raw any) (Peers, error) { return readPeers(raw) },
		write: writePeers,
	}
}

func readPeers(raw any) (Peers, error) {
	texts, err := stringList(raw)
	if err != nil {
		return Peers{}, err
	}
	var out Peers
	for _, text := range texts {
		if text == "unix" {
			out.Unix = true
			continue
		}
		p, err := netip.ParsePrefix(text)
		if a, e := netip.ParseAddr(text); e == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return Peers{}, &fault{strconv.Quote(text) + " is not an IP address or network", `write for example "10.0.0.7" or "10.0.0.0/8"`}
		}
		out.Prefixes = append(out.Prefixes, p.Masked())
	}
	return out, nil
}

func writePeers(p Peers) string {
	var texts []string
	for _, prefix := range p.Prefixes {
		if prefix.IsSingleIP() {
			texts = append(texts, prefix.Addr().String())
		} else {
			texts = append(texts, prefix.String())
		}
	}
	if p.Unix {
		texts = append(texts, "unix")
	}
	return quoteList(texts)
}
