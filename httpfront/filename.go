package httpfront

import "strings"

// scriptSuffix is the one suffix that is run. As in nginx and php-fpm its case counts.
const scriptSuffix = ".php"

// wellKnown is the one name with a leading dot that may be served, at the top only. Source: RFC 8615 §3.
const wellKnown = ".well-known"

// isScript tells whether a file of this name is run.
func isScript(name string) bool { return strings.HasSuffix(name, scriptSuffix) }

// isHidden tells whether a name is a dotfile's.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// isNameable tells whether a decoded segment may name a file: it has no separator of any system and no control character.
func isNameable(segment string) bool {
	return !strings.ContainsFunc(segment, func(r rune) bool { return isSlash(r) || r < ' ' || r == 0x7f })
}

// isSource tells whether a file of this name may hold PHP source, and so is never shown: what some server's configuration
// runs, in any case, also with what a file system may ignore at its end (dots, spaces, an NTFS stream) and as an editor's,
// a packer's or an administrator's copy.
func isSource(name string) bool {
	name = strings.ToLower(name)
	if file, _, ok := strings.Cut(name, ":"); ok && isSource(file) {
		return true
	}
	for {
		name = strings.TrimRight(name, ". ~")
		stem, suffix, ok := cutLast(name, ".")
		switch {
		case !ok:
			return false
		case sourceSuffixes[suffix]:
			return true
		case !copySuffixes[suffix]:
			return false
		}
		name = stem
	}
}

var sourceSuffixes = map[string]bool{
	"php": true, "php3": true, "php4": true, "php5": true, "php6": true, "php7": true, "php8": true,
	"phtml": true, "phar": true, "phps": true, "inc": true,
}

var copySuffixes = map[string]bool{
	"bak": true, "old": true, "orig": true, "save": true, "swp": true, "swo": true, "tmp": true, "dist": true,
	"dpkg-dist": true, "dpkg-old": true, "rpmsave": true, "br": true, "gz": true,
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
