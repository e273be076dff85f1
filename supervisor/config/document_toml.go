package config

import (
	"fmt"
	"strings"
)

// TOML writes d as a pool.toml, without the entries that are wrong.
func (d Document) TOML() string {
	var b strings.Builder
	writeEntries(&b, "[global]", d.Global)
	for _, p := range d.Pools {
		b.WriteByte('\n')
		writeEntries(&b, "[pool."+keyName(p.Name)+"]", p.Entries)
	}
	return b.String()
}

func writeEntries(b *strings.Builder, header string, entries []Entry) {
	b.WriteString(header + "\n")
	for _, e := range entries {
		if e.Wrong {
			continue
		}
		name := e.Key
		if e.Setting != "" {
			name += "." + keyName(e.Setting)
		}
		fmt.Fprintf(b, "%s = %s\n", name, tomlValue(e.Value))
	}
}

// keyName quotes a name unless TOML takes it bare.
func keyName(name string) string {
	bare := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' && r < 0x80)
	})
	if bare {
		return name
	}
	return basicString(name)
}

func tomlValue(v any) string {
	switch v := v.(type) {
	case string:
		return basicString(v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, tomlValue(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v)
}
