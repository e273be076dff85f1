package config

import (
	"strconv"
	"strings"
)

// The binary is static and reads these files itself: accounts that only NSS knows (LDAP and the like) go by number.
const (
	noUser  = "write its number if it is not in /etc/passwd"
	noGroup = "write its number if it is not in /etc/group"
)

// account is the name or number of a user that exists; a number needs no name.
func account() kind[string] {
	return kind[string]{
		word:  "name or number",
		read:  func(s System, raw any) (string, error) { return readName(raw, "user", noUser, s.knowsUser) },
		write: quote,
	}
}

// team is the name or number of a group that exists.
func team() kind[string] {
	return kind[string]{
		word:  "name or number",
		read:  func(s System, raw any) (string, error) { return readName(raw, "group", noGroup, s.knowsGroup) },
		write: quote,
	}
}

// anyName is the name or number of a user or group that is looked up later, if at all.
func anyName() kind[string] {
	return kind[string]{
		word: "name or number",
		read: func(_ System, raw any) (string, error) {
			return readName(raw, "", "", func(string) error { return nil })
		},
		write: quote,
	}
}

func accounts() kind[[]string] {
	return list("names", func(s System, text string) (string, error) { return readName(text, "user", noUser, s.knowsUser) })
}

func teams() kind[[]string] {
	return list("names", func(s System, text string) (string, error) { return readName(text, "group", noGroup, s.knowsGroup) })
}

// syslogIdent is a program's name as syslog has it: what stands before "[pid]:".
func syslogIdent() kind[string] {
	return kind[string]{
		word: "name",
		read: func(_ System, raw any) (string, error) {
			name, err := plainString(raw, "")
			if err == nil && strings.ContainsAny(name, " :[]") {
				err = &fault{strconv.Quote(name) + " has a space, ':', '[' or ']', by which syslog finds the end of the name", ""}
			}
			return name, err
		},
		write: quote,
	}
}

func readName(raw any, what, hint string, known func(string) error) (string, error) {
	if n, ok := raw.(int64); ok && n >= 0 {
		raw = strconv.FormatInt(n, 10)
	}
	name, err := plainString(raw, "")
	if err != nil {
		return "", err
	}
	if known(name) != nil {
		return "", &fault{"there is no " + what + " " + strconv.Quote(name), hint}
	}
	return name, nil
}
