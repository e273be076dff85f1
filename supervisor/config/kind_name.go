package config

import "strconv"

// account is the name or number of a user that exists; a number needs no name.
func account() kind[string] {
	return kind[string]{
		word:  "name or number",
		read:  func(s System, raw any) (string, error) { return readName(raw, "user", s.knowsUser) },
		write: quote,
	}
}

// team is the name or number of a group that exists.
func team() kind[string] {
	return kind[string]{
		word:  "name or number",
		read:  func(s System, raw any) (string, error) { return readName(raw, "group", s.knowsGroup) },
		write: quote,
	}
}

// anyName is the name or number of a user or group that is looked up later, if at all.
func anyName() kind[string] {
	return kind[string]{
		word:  "name or number",
		read:  func(_ System, raw any) (string, error) { return readName(raw, "", func(string) error { return nil }) },
		write: quote,
	}
}

func accounts() kind[[]string] {
	return list("names", func(s System, text string) (string, error) { return readName(text, "user", s.knowsUser) })
}

func teams() kind[[]string] {
	return list("names", func(s System, text string) (string, error) { return readName(text, "group", s.knowsGroup) })
}

func readName(raw any, what string, known func(string) error) (string, error) {
	if n, ok := raw.(int64); ok && n >= 0 {
		raw = strconv.FormatInt(n, 10)
	}
	name, err := plainString(raw, "")
	if err != nil {
		return "", err
	}
	if known(name) != nil {
		return "", &fault{"there is no " + what + " " + strconv.Quote(name), ""}
	}
	return name, nil
}
