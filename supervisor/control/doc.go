// Package control is the control socket: a small versioned API, HTTP and JSON over a Unix socket, by which the commands of howdah
// ask and direct the service that runs. Routes is all of it; docs/control.md is made from it.
//
// Source: unix(7) for SO_PEERCRED and SO_PEERGROUPS; RFC 9110 for methods and status codes.
// Goroutines: one that accepts, and net/http's for each connection, of which there are at most maxConnections.
// Stop: Server.Unlisten stops new commands, Server.Close waits for those that run.
// Not here: what a command does (supervisor), how its answer looks on a terminal (cmd/howdah).
package control
