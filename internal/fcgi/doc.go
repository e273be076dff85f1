// Package fcgi is the wire codec of FastCGI 1.0: bytes in, a value or an error out.
//
// It covers every record of the specification (sections 3 to 5 and 8), both directions. Two sides use it: the reactor, which
// parses whatever part of a stream has arrived (ParseHeader, NextPair, the Append functions), and blocking peers, which read
// whole records (Reader).
//
// Goroutines: none. State: none, except in Reader and ParamsWriter, which belong to their caller.
// Not here: sockets, limits on how much a peer may send in total (fcgiserver), what a request means (fcgiserver, worker).
package fcgi
