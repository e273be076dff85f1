package phpfpm

import (
	"reflect"
	"testing"
)

func TestArgumentsAreTakenApartAsPHPsGetoptDoes(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		args []string
		want arguments
	}{
		{nil, arguments{}},
		{[]string{"-y", "a", "-g", "b", "-p", "c"}, arguments{config: "a", pid: "b", prefix: "c"}},
		{[]string{"-ya", "-g=b", "--prefix=c"}, arguments{config: "a", pid: "b", prefix: "c"}},
		{[]string{"--fpm-config", "a", "--pid", "b", "--prefix", "c"}, arguments{config: "a", pid: "b", prefix: "c"}},
		{[]string{"-ttFORne"}, arguments{action: test, dump: true, daemonize: &no, stderr: true, asRoot: true, noIni: true, extended: true}},
		{[]string{"-F", "-D"}, arguments{daemonize: &yes}},
		{[]string{"-d", "a=b", "-dc", "--define=e=f"}, arguments{defines: []string{"a=b", "c", "e=f"}}},
		{[]string{"-nyfile"}, arguments{noIni: true, config: "file"}},
		{[]string{"-i", "extra"}, arguments{action: info}},
		{[]string{"-vx"}, arguments{action: version}},
		{[]string{"-xv"}, arguments{action: wrong}},
		{[]string{"-t", "--", "x"}, arguments{action: wrong}},
		{[]string{"-t", "--"}, arguments{action: test}},
		{[]string{"-c"}, arguments{action: wrong}},
		{[]string{"--fpm-confi", "x"}, arguments{action: wrong}},
		{[]string{"-é"}, arguments{action: wrong}},
		{[]string{""}, arguments{action: wrong}},
	} {
		if got := parse(c.args); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, want %+v", c.args, got, c.want)
		}
	}
}

func FuzzArguments(f *testing.F) {
	f.Add("-ty", "x", "--define=a")
	f.Fuzz(func(_ *testing.T, a, b, c string) { parse([]string{a, b, c}) })
}
