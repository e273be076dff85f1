package control

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Reference is docs/control.md: the routes, and the fields of what they take and give.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	shapes := &shapes{seen: map[reflect.Type]bool{}}
	for _, r := range Routes() {
		fmt.Fprintf(&b, "\n### `%s %s`\n\n%s\n\nCommand: `%s`.\n", r.Method, r.Path, r.Doc, r.Command)
		for _, p := range r.Query {
			fmt.Fprintf(&b, "\nParameter `%s`: %s.\n", p.Name, p.Doc)
		}
		if r.Body != nil {
			fmt.Fprintf(&b, "\nBody: %s.\n", shapes.name(reflect.TypeOf(r.Body)))
		}
		if r.Answer != nil {
			fmt.Fprintf(&b, "\nAnswer: %s.\n", shapes.name(reflect.TypeOf(r.Answer)))
		}
	}
	b.WriteString("\n## Objects\n")
	shapes.name(reflect.TypeOf(Failure{}))
	for i := 0; i < len(shapes.order); i++ { // writing one may add others
		shapes.write(&b, shapes.order[i])
	}
	return b.String()
}

const referenceHead = `# The control socket

*Generated from ` + "`supervisor/control`" + `: change it there, then run ` + "`make golden`" + `.*

A running Howdah answers HTTP with JSON on a Unix socket: ` + "`[global] control_listen`" + `, by default ` + "`control.sock`" + ` in ` + "`runtime_dir`" + `. The commands of
` + "`howdah`" + ` speak to it; so can anything else:

` + "```" + `
curl --unix-socket /run/howdah/control.sock http://howdah/v1/status
` + "```" + `

**Who may.** Root, the user that Howdah runs as, and members of ` + "`control_group`" + `. The socket's mode is 0660; beside that the kernel is asked who is at the
other end (SO_PEERCRED, SO_PEERGROUPS), and others get 403. What directs the service is logged with user and process, what only looks is logged at level debug.

**Promises.** Fields are added within v1, never renamed or removed; clients pass over what they don't know. Unknown fields in a request are refused.
Every route answers also while all workers are busy. At most 64 connections are served at once.

**Failures.** A status of 4xx or 5xx has a Failure as its body. ` + "`word`" + ` is one of not_allowed, bad_request, no_route, no_pool, no_worker, stuck, stopping, busy, failed.

## Routes
`

// shapes are the objects that the routes use.
type shapes struct {
	seen  map[reflect.Type]bool
	order []reflect.Type
}

var timeType = reflect.TypeFor[time.Time]()

// name is the JSON type of t, and has t described if it is an object.
func (s *shapes) name(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return s.name(t.Elem())
	case reflect.Slice:
		return "list of " + s.name(t.Elem())
	case reflect.Struct:
		if t == timeType {
			return "RFC 3339 time"
		}
		if !s.seen[t] {
			s.seen[t] = true
			s.order = append(s.order, t)
		}
		return fmt.Sprintf("[%s](#%s)", t.Name(), strings.ToLower(t.Name()))
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "string"
	}
	return "number"
}

// write describes one object.
func (s *shapes) write(b *strings.Builder, t reflect.Type) {
	fmt.Fprintf(b, "\n### %s\n\n| field | type | what |\n|---|---|---|\n", t.Name())
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := s.name(f.Type)
		if strings.Contains(options, "omitempty") {
			kind += ", optional"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, kind, f.Tag.Get("doc"))
	}
}
