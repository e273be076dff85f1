package fcgiserver

import (
	"slices"
	"testing"
)

// TestTheVariablesOfAScriptWithPathInfo is the part of TestPHPSeesWhatPHPFPMShowsIt that needs no PHP.
func TestTheVariablesOfAScriptWithPathInfo(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want []string
	}{
		{"nothing to do", []string{"SCRIPT_FILENAME", "/s/x.php", "SCRIPT_NAME", "/x.php", "PATH_INFO", "/p"},
			[]string{"SCRIPT_FILENAME=/s/x.php", "SCRIPT_NAME=/x.php", "PATH_INFO=/p"}},
		{"nginx that splits nothing", []string{"SCRIPT_FILENAME", "/s/x.php/p", "SCRIPT_NAME", "/x.php/p", "PATH_INFO", "/x.php/p", "DOCUMENT_ROOT", "/s"},
			[]string{"SCRIPT_FILENAME=/s/x.php", "SCRIPT_NAME=/x.php", "PATH_INFO=/p", "DOCUMENT_ROOT=/s", "ORIG_PATH_INFO=/x.php/p", "ORIG_SCRIPT_NAME=/x.php/p",
				"ORIG_SCRIPT_FILENAME=/s/x.php/p", "PATH_TRANSLATED=/s/p"}},
		{"lighttpd's lone slash", []string{"SCRIPT_FILENAME", "/s/x.php/", "SCRIPT_NAME", "/x.php", "PATH_INFO", "/", "DOCUMENT_ROOT", "/s/"},
			[]string{"SCRIPT_FILENAME=/s/x.php", "SCRIPT_NAME=/x.php", "PATH_INFO=/", "DOCUMENT_ROOT=/s/", "ORIG_SCRIPT_FILENAME=/s/x.php/", "PATH_TRANSLATED=/s/"}},
		{"Apache's ProxyPass", []string{"SCRIPT_FILENAME", "proxy:fcgi://localhost/s/x.php/a%20b?q", "SCRIPT_NAME", "/x.php/a b"},
			[]string{"SCRIPT_FILENAME=/s/x.php", "SCRIPT_NAME=/x.php", "ORIG_SCRIPT_NAME=/x.php/a b", "PATH_INFO=/a%20b", "ORIG_SCRIPT_FILENAME=/s/x.php/a%20b",
				"PATH_TRANSLATED=/s/a%20b"}},
		{"Apache's rewriting", []string{"SCRIPT_FILENAME", "proxy:fcgi://localhost/s/x.php", "SCRIPT_NAME", "/x.php", "PATH_INFO", "/evil.jpg", "PATH_TRANSLATED", "/s/evil.jpg", "REDIRECT_URL", "/y"},
			[]string{"SCRIPT_FILENAME=/s/x.php", "SCRIPT_NAME=/x.php", "PATH_INFO=/evil.jpg", "PATH_TRANSLATED=/s/evil.jpg", " REDIRECT_URL=/y"}},
		{"mod_actions", []string{"SCRIPT_FILENAME", "/usr/bin/php", "SCRIPT_NAME", "/cgi/php", "PATH_INFO", "/x.php", "PATH_TRANSLATED", "/s/x.php", "REDIRECT_URL", "/x.php"},
			[]string{"SCRIPT_FILENAME=/s/x.php", "SCRIPT_NAME=/x.php", "REDIRECT_URL=/x.php", "ORIG_SCRIPT_FILENAME=/usr/bin/php", "ORIG_PATH_INFO=/x.php",
				"ORIG_PATH_TRANSLATED=/s/x.php", "ORIG_SCRIPT_NAME=/cgi/php"}},
		{"only PATH_TRANSLATED", []string{"PATH_TRANSLATED", "/s/x.php"}, []string{"PATH_TRANSLATED=/s/x.php", "SCRIPT_FILENAME=/s/x.php"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p params
			if err := p.parse(pairStream(c.in...)); err != nil {
				t.Fatal(err)
			}
			target, ok := p.target()
			if !ok {
				t.Fatal("no target")
			}
			p.fixPathInfo(target, []byte("/s/x.php"))
			if got := listed(&p); !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPercentCodesAreDecodedAndTheRestStays(t *testing.T) {
	for in, to := range map[string]string{
		"": "", "/a": "/a", "%41%62": "Ab", "a%20b": "a b", "%2F%2f": "//", "%": "%", "%4": "%4", "%zz": "%zz", "%+1": "%+1", "100%": "100%", "%25%34%31": "%41", "+": "+",
	} {
		want(t, string(percentDecoded([]byte(in))), to)
	}
}
