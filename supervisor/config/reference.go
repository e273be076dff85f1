package config

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed reference.md
var referenceTop string

// MarshalReference writes docs/config.md.
func MarshalReference() []byte {
	var b strings.Builder
	b.WriteString(referenceTop)
	referenceTable(&b, "[global]", globalKeys())
	referenceTable(&b, "[pool.NAME]", poolKeys())
	referenceTable(&b, "[pool.NAME.http]", httpKeys())
	referenceTable(&b, "[pool.NAME.websocket]", websocketKeys())
	referenceTable(&b, "[[pool.NAME.websocket.route]]", routeKeys())
	return []byte(b.String())
}

func referenceTable[T any](b *strings.Builder, header string, groups []group[T]) {
	fmt.Fprintf(b, "\n## `%s`\n", header)
	for _, g := range groups {
		fmt.Fprintf(b, "\n### %s\n\n| key | type | default | php-fpm | meaning |\n|---|---|---|---|---|\n", g.title)
		for _, k := range g.keys {
			def, doc, fpm := k.auto, k.doc, "–"
			if k.def != "" {
				def = code(k.def)
			}
			if k.fpm != "" {
				fpm = code(k.fpm)
			}
			if k.atBoot {
				doc += " *A change needs a restart.*"
			}
			cells := []string{code(k.name), k.field.word(), def, fpm, doc}
			for i, c := range cells {
				cells[i] = strings.ReplaceAll(c, "|", `\|`)
			}
			fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
		}
	}
}

func code(s string) string { return "`" + s + "`" }
