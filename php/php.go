// Package php holds what PHP sees of Howdah, embedded in the program. Import order: as the standard library.
package php

import _ "embed"

// Preload is preload.php: it defines Howdah's functions in every request.
//
//go:embed preload.php
var Preload []byte
