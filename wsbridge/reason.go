package wsbridge

import "fmt"

// Retry is what a client should do after a close. Own codes have Pusher's ranges: 40xx stay away, 41xx back off, 42xx at once; and
// 4301, which is Pusher's own, means back off.
type Retry string

// The values of Retry.
const (
	Never   Retry = "never"
	BackOff Retry = "back off"
	AtOnce  Retry = "at once"
	Jitter  Retry = "jitter"
)

// A Reason is why a WebSocket is closed: one name for log, counter and documents, one code for the client.
type Reason struct {
	Name  string
	Code  int
	Retry Retry
	Doc   string
}

// reasonTable is every reason for which Howdah closes by itself. docs/close-codes.md is made of it.
var reasonTable = [...]Reason{
	normal:        {"normal", 1000, Never, "the client or the script has finished"},
	stopping:      {"stopping", 1001, Jitter, "Howdah stops, or its pool has been taken out of the configuration"},
	protocolError: {"protocol_error", 1002, Never, "the client broke RFC 6455: an unmasked frame, a reserved bit or opcode, wrong fragmentation, a long control frame"},
	badType:       {"bad_type", 1003, Never, "the client sent a kind of message that the route does not take"},
	badUTF8:       {"bad_utf8", 1007, Never, "a text message was not UTF-8, or compressed data was broken"},
	tooBig:        {"too_big", 1009, BackOff, "a message was larger than message_bytes, after inflation"},
	failed:        {"failed", 1011, BackOff, "the script failed on a message, or its worker died"},
	restarting:    {"restarting", 1012, Jitter, "Howdah restarts"},
	unauthorized:  {"unauthorized", 4009, Never, "the script answered a message with 401 or 403"},
	kicked:        {"kicked", 4020, Never, "close() or closeUser() from PHP, or an operator"},
	timedOut:      {"handler_timeout", 4110, BackOff, "PHP took longer than handler_timeout for an event"},
	slow:          {"slow", 4111, BackOff, "the client took its messages too slowly: outbox_bytes or write_timeout"},
	memory:        {"memory", 4112, BackOff, "connection_memory"},
	cpu:           {"cpu", 4113, BackOff, "connection_cpu"},
	byteRate:      {"bytes_per_second", 4115, BackOff, "the client sent more than bytes_per_second for 10 s"},
	stalled:       {"stalled", 4116, BackOff, "the inbox was full for stalled_timeout"},
	pongTimeout:   {"pong_timeout", 4201, AtOnce, "the client was silent for pong_timeout after a ping"},
	idle:          {"idle", 4202, AtOnce, "no message for idle_timeout"},
	lifetime:      {"lifetime", 4203, AtOnce, "the connection was older than lifetime"},
	messageRate:   {"messages_per_second", 4301, BackOff, "the client sent more than messages_per_second for 10 s"},
}

// reason is an index of reasonTable.
type reason int

const (
	normal reason = iota
	stopping
	protocolError
	badType
	badUTF8
	tooBig
	failed
	restarting
	unauthorized
	kicked
	timedOut
	slow
	memory
	cpu
	byteRate
	stalled
	pongTimeout
	idle
	lifetime
	messageRate
)

// Reasons returns the table, for documents and the code that other languages are given.
func Reasons() []Reason { return reasonTable[:] }

func (r reason) String() string { return reasonTable[r].Name }
func (r reason) code() int      { return reasonTable[r].Code }

// Codes that stand for a close and are never sent. Source: RFC 6455 §7.4.1.
const (
	codeNoStatus = 1005
	codeAbnormal = 1006
)

// maxReason is the longest text of a close frame, in bytes. Source: RFC 6455 §5.5, less the code.
const maxReason = 123

// scriptMayClose tells the codes that close() takes.
func scriptMayClose(code int) bool {
	return code == 1000 || code == 1008 || code == 1011 || code >= 3000 && code <= 4999
}

// A Refusal is why an upgrade gets an HTTP answer in place of a WebSocket.
type Refusal struct {
	Name   string
	Status int
	Retry  Retry
	Doc    string
}

// refusalTable is every refusal of Howdah's own. docs/close-codes.md is made of it.
var refusalTable = [...]Refusal{
	notUpgrade:    {"not_an_upgrade", 426, Never, "a plain request for a WebSocket's path"},
	badHandshake:  {"bad_handshake", 400, Never, "an upgrade request that is none by RFC 6455 §4.2.1"},
	noRoute:       {"no_route", 404, Never, "no route has this path"},
	badOrigin:     {"origin", 403, Never, "the page's origin is not among origins"},
	lateHandshake: {"handshake_timeout", 408, BackOff, "the request's header took longer than handshake_timeout"},
	longHandshake: {"handshake_bytes", 431, BackOff, "the request's header was longer than handshake_bytes"},
	perAddress:    {"connections_per_ip", 429, BackOff, "so many WebSockets of one address are open"},
	full:          {"max_connections", 503, BackOff, "so many WebSockets are open"},
	openRate:      {"opens_per_second", 503, BackOff, "so many have been opened in this second"},
	openQueue:     {"opens_pending", 503, BackOff, "so many wait for PHP to accept"},
	openTimeout:   {"open_timeout", 503, BackOff, "PHP took longer than open_timeout to accept"},
	openFailed:    {"open_failed", 503, BackOff, "PHP could not be asked"},
	draining:      {"draining", 503, BackOff, "Howdah stops"},
}

type refusal int

const (
	notUpgrade refusal = iota
	badHandshake
	noRoute
	badOrigin
	lateHandshake
	longHandshake
	perAddress
	full
	openRate
	openQueue
	openTimeout
	openFailed
	draining
)

// Refusals returns the table, for documents.
func Refusals() []Refusal { return refusalTable[:] }

func (r refusal) String() string { return refusalTable[r].Name }

// MarshalCodes writes docs/close-codes.md.
func MarshalCodes() []byte {
	b := []byte(codesTop)
	for _, r := range reasonTable {
		b = fmt.Appendf(b, "| %d | `%s` | %s | %s |\n", r.Code, r.Name, r.Retry, r.Doc)
	}
	b = append(b, codesMiddle...)
	for _, r := range refusalTable {
		b = fmt.Appendf(b, "| %d | `%s` | %s | %s |\n", r.Status, r.Name, r.Retry, r.Doc)
	}
	return b
}

const codesTop = `# Close codes

*Generated from ` + "`wsbridge`" + `: change it there, then run ` + "`make golden`" + `.*

Own codes have three ranges, which Pusher's clients know too: **40xx** stay away, **41xx** back off, **42xx** reconnect at once; 4301 means
back off. *Jitter* is a wait of random length, so that clients do not come back all at once. 1005 and 1006 are never sent: a script
sees them for a client that gave no code, or that went without a word.

| code | name in log and metrics | reconnect | why |
|---|---|---|---|
`

const codesMiddle = `
` + "`close()`" + ` in PHP takes 1000, 1008, 1011 and 3000 to 4999.

## Refused upgrades

A browser's JavaScript cannot tell these from a network failure: it sees 1006. A script that wants a client to stay away accepts and
closes with 40xx: ` + "`$event->refuse(4001)`" + ` does that.

| status | name in log and metrics | reconnect | why |
|---|---|---|---|
`
