// Package php holds what PHP sees of Howdah, embedded in the program: preload.php and probe.php.
//
// Spec: README.md beside it has the messages that they send.
// Goroutines: none. Import order: as the standard library.
// Not here: how the files reach PHP; worker.StartZygote writes a copy with a fresh token for each zygote.
package php
