package httpfront

import "testing"

func TestSourceIsKnownByAnyNameThatSomeServerRuns(t *testing.T) {
	for _, name := range []string{
		"a.php", "a.PHP", "a.php3", "a.php8", "a.phtml", "a.PhAr", "a.phps", "a.inc", ".php", "a.php.", "a.php ", "a.php. .", "a.php~",
		"wp-config.php.bak", "a.php.old", "a.php.bak.gz", "a.inc.br", "a.php.swp", "a.php::$data", "A.INC ~",
	} {
		if !isSource(name) {
			t.Errorf("%q would be shown", name)
		}
	}
	for _, name := range []string{"a.css", "php", "inc", "jquery.inc.js", "a.php.html", "a.phpx", "a.bak", "a.gz", "a.", "", "a:b.txt", "php.ini"} {
		if isSource(name) {
			t.Errorf("%q would not be shown", name)
		}
	}
}
