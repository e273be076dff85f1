// Package packaging is what an operator installs besides the binary: systemd units and nginx examples. It has no code, only tests that
// start what stands here as it stands: systemd-analyze reads the units, nginx runs each example in front of a FastCGI server.
//
// The directory dev has the scripts behind the Makefile.
//
// Goroutines: none. Not here: whether the service behaves as the unit expects (supervisor, e2e).
package packaging
