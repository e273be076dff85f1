package config

import "testing"

func TestAPagePathHasPhpFpmsCharacters(t *testing.T) {
	for value, want := range map[string]string{
		"status":    `"status" does not start with a '/'`,
		"/st<":      `"/st<" holds other characters than letters, digits and /_-.~`,
		"/a?b":      `"/a?b" holds other characters than letters, digits and /_-.~`,
		"/größe":    `"/größe" holds other characters than letters, digits and /_-.~`,
		"":          "is empty (leave the key out, or give it a value)",
		"/a\\u0001": `"/a\x01" holds a control character`,
	} {
		for _, key := range []string{"pm_status_path", "ping_path"} {
			wantProblems(t, machine(), minimal+key+` = "`+value+`"`, "5: pool.www."+key+": "+want)
		}
	}
	for _, value := range []string{"/", "/status", "/-_.~/Az09"} {
		c := wantConfig(t, machine(), minimal+`pm_status_path = "`+value+`"`)
		if got := c.Pools[0].PMStatusPath; got != value {
			t.Errorf("%s became %s", value, got)
		}
	}
	if got := wantConfig(t, machine(), minimal).Pools[0].PingResponse; got != "pong" {
		t.Errorf("the answer to a ping is %q", got)
	}
}
