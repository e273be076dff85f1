package config

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// Effective writes c as a pool.toml in which every key has its value; a key without one is a comment. Parsing it gives c again.
func (c *Config) Effective() string {
	var b strings.Builder
	writeTable(&b, toml.Key{"global"}, globalKeys(), &c.Global)
	for i := range c.Pools {
		p := &c.Pools[i]
		b.WriteByte('\n')
		writeTable(&b, toml.Key{"pool", p.Name}, poolKeys(), p)
		if p.HTTP != nil {
			b.WriteByte('\n')
			writeTable(&b, toml.Key{"pool", p.Name, "http"}, httpKeys(), p.HTTP)
		}
		if p.WebSocket != nil {
			b.WriteByte('\n')
			writeTable(&b, toml.Key{"pool", p.Name, "websocket"}, websocketKeys(), p.WebSocket)
			for j := range p.WebSocket.Routes {
				fmt.Fprintf(&b, "\n[[%s]]\n", toml.Key{"pool", p.Name, "websocket", "route"})
				writeKeys(&b, routeKeys(), &p.WebSocket.Routes[j])
			}
		}
	}
	return b.String()
}

func writeTable[T any](b *strings.Builder, name toml.Key, groups []group[T], t *T) {
	fmt.Fprintf(b, "[%s]\n", name)
	writeKeys(b, groups, t)
}

func writeKeys[T any](b *strings.Builder, groups []group[T], t *T) {
	for _, g := range groups {
		for _, k := range g.keys {
			if value := k.field.show(t); value != "" {
				fmt.Fprintf(b, "%s = %s\n", k.name, value)
			} else {
				fmt.Fprintf(b, "#%s =\n", k.name)
			}
		}
	}
}

// AtBoot returns the [global] keys in which a and b differ and that a reload cannot change, as the log should name them.
func AtBoot(a, b *Config) []string {
	var changed []string
	for _, g := range globalKeys() {
		for _, k := range g.keys {
			if k.atBoot && k.field.show(&a.Global) != k.field.show(&b.Global) {
				changed = append(changed, k.name)
			}
		}
	}
	return changed
}
