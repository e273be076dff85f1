// Package client serves a pool's client socket, over which PHP asks Howdah for what needs an answer: fpm_get_status() today. Calls that want none go by
// descriptor 1 (worker.HostCall), which costs PHP no connection.
//
// The protocol is lines of JSON, one question and one answer at a time, as many as the client likes:
//
//	{"v":1,"call":"fpm_get_status","args":{}}
//	{"v":1,"result":{…}}                        or {"v":1,"error":"there is no call x"}
//
// A question is at most MaxQuestion bytes. Whoever says nothing for idleTimeout, or takes no answer, is closed.
//
// Source: unix(7), SO_PEERCRED. The socket's mode, owner and group say who may connect; who did is asked of the kernel, and must be root, Howdah's user or
// the pool's.
// Goroutines: one that accepts, one for each connection (at most maxConnections). Stop: Server.Close ends all of them.
// Not here: what a call does (supervisor), PHP's side (php/preload.php).
package client
