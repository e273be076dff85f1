package httpfront_test

import (
	"context"
	"fmt"
	"net"
	"os"

	"howdah/httpfront"
)

// A front in front of php-cgi -b /run/php.sock.
func Example() {
	dial := func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", "/run/php.sock")
	}
	handler, err := httpfront.New(httpfront.Config{Root: "/var/www/html", Fallback: "/index.php", AccessLog: os.Stdout}, dial)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	server := httpfront.NewServer(handler)
	defer server.Shutdown(context.Background())
	fmt.Fprintln(os.Stderr, server.Serve(listener))
}
