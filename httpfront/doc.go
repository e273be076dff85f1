// Package httpfront is the embedded HTTP front: it serves a site's static files and passes its PHP to the pool by FastCGI.
//
// It is what `howdah serve --root` and [pool.NAME.http] put in front of a pool, on net/http. A Handler answers requests, a
// Server owns the connections. By RFC 9110 and 9112 (HTTP), RFC 3875 (CGI), FastCGI 1.0; the params are nginx's
// fastcgi_params.
//
// A request takes these steps, each a file: parsePath (urlpath.go), find (route.go, on root.go and tree.go), then either serveFile
// (static.go, encoding.go, mime.go) or servePHP (php.go: params.go, client.go, link.go, upload.go, exchange.go, cgi.go,
// stderr.go). peer.go decides whom to believe about the client. WebSockets branch off in Handler.ServeHTTP, before the path is
// looked at: the writer there can be hijacked and the connection behind it (conn.go) leaves deadlines to whoever sets them.
//
// Goroutines: net/http's, one or two per connection; one more (upload.run) while a request body is on its way, which servePHP
// waits for.
// Stop: Server.Shutdown; when it returns no request, connection or goroutine is left.
// Not here: directory listings, TLS, HTTP/2, the start of workers, retries of what PHP may have run.
package httpfront
