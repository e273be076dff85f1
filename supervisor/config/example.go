package config

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed example.toml
var exampleTop string

// MarshalExample writes pool.toml.example: a small configuration, then every key in a comment. A commented key has no space behind
// its '#', so that text and keys can be told apart.
func MarshalExample() []byte {
	var b strings.Builder
	b.WriteString(exampleTop)
	exampleTable(&b, "[global]", globalKeys())
	exampleTable(&b, "[pool.www]", poolKeys())
	exampleTable(&b, "[pool.www.http]", httpKeys())
	exampleTable(&b, "[pool.www.websocket]", websocketKeys())
	exampleTable(&b, "[[pool.www.websocket.route]]", routeKeys())
	return []byte(b.String())
}

func exampleTable[T any](b *strings.Builder, header string, groups []group[T]) {
	fmt.Fprintf(b, "\n#%s\n", header)
	for _, g := range groups {
		fmt.Fprintf(b, "\n# --- %s ---\n", g.title)
		for _, k := range g.keys {
			value, note := k.def, ""
			if value == "" {
				value, note = k.sample, " Default: "+k.auto+"."
			}
			fmt.Fprintf(b, "\n# %s%s\n#%s = %s\n", k.doc, note, k.name, value)
		}
	}
}
