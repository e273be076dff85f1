// Package wsbridge holds WebSockets and has PHP answer them.
//
// A Bridge belongs to a pool. It upgrades requests, on listeners of its own and for the embedded HTTP front, and keeps a Session
// for each connection. A session's events (open, message, close) reach PHP in order, one at a time, by the handler of its route;
// what PHP does to sessions (send, publish, subscribe …) comes back to the Hub as calls.
//
// Source: RFC 6455 (WebSocket), RFC 7692 (permessage-deflate), FastCGI 1.0 and RFC 3875 for the requests to PHP.
// Goroutines: for each session one that reads, and one that writes while there is something to write; one for each event that may
// run at once; one each for the hub's calls, the clock of pings and deadlines, the accept loop and a handshake that goes on.
// Stop: Bridge.Shutdown says goodbye to the clients; Bridge.Close ends what is left and waits for every goroutine.
// Not here: PHP processes (worker), the way into the pool (it is given as a Dial), configuration files (supervisor).
package wsbridge
