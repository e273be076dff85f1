package fpmconf

import (
	"strings"
	"testing"
)

// spoken is how the tests write down what parseLine finds.
func spoken(line string, env map[string]string) string {
	statements, broken := parseLine(line+"\n", scope{
		lookup:  func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		unknown: func(string) {},
	})
	var all []string
	for _, s := range statements {
		switch s.kind {
		case sectionStatement:
			all = append(all, "["+s.name+"]")
		case entryStatement:
			all = append(all, s.name+"="+s.value)
		case bareStatement:
			all = append(all, s.name)
		case arrayStatement:
			all = append(all, s.name+"["+s.key+"]="+s.value)
		}
	}
	if broken != "" {
		all = append(all, "!"+strings.TrimPrefix(broken, "syntax error, unexpected "))
	}
	return strings.Join(all, " | ")
}

// The answers are those of php-fpm 8.2.36 (-tt), line by line. TestLinesMeanWhatTheyMeanToPHPFPM of e2e asks it again.
func TestALineMeansWhatZendsParserMakesOfIt(t *testing.T) {
	env := map[string]string{"HOME": "/root"}
	for _, c := range []struct{ line, want string }{
		{"v[a] = foo bar ; c", "v[a]=foo bar"},
		{"v[a]='a b;c'", "v[a]=a b;c"},
		{`v[a] = "x${HOME}y"`, "v[a]=x/rooty"},
		{`v[a] = ${HOME}/x`, "v[a]=/root/x"},
		{`v[a]=${ HOME }`, "v[a]=/root"},
		{`v[a]="$HOME"`, "v[a]=$HOME"},
		{`v[a]="\${HOME}"`, "v[a]=${HOME}"},
		{`v[a]=a"b"c`, "v[a]=abc"},
		{`v[a]=a  "b"`, "v[a]=ab"},
		{`v[a]=a  'b'`, "v[a]=a  b"},
		{`v[a]="a" "b"`, "v[a]=ab"},
		{"v[a]=yes", "v[a]=1"},
		{"v[a]=ON;", "v[a]=1"},
		{"v[a]=true ; x", "v[a]=1"},
		{"v[a] = none", "v[a]="},
		{"v[a]=null", "v[a]="},
		{"v[a]=yes x", "v[a]=1 | !TC_CONSTANT"},
		{"v[a]=on off", "v[a]=1 | !BOOL_FALSE"},
		{"v[a]=no|1", "v[a]= | !'|'"},
		{"v[a]=yesx", "v[a]=yesx"},
		{"v[a]=E_ALL", "v[a]=32767"},
		{"v[a]=E_ALL.foo", "v[a]=E_ALL.foo"},
		{"v[a]=foo E_ALL", "v[a]=foo 32767"},
		{"v[a]=E_ALL & ~E_NOTICE ; x", "v[a]=32759"},
		{"v[a]=1|2", "v[a]=3"},
		{"v[a]=1|2&4", "v[a]=0"},
		{"v[a]=(1|2)&3", "v[a]=3"},
		{"v[a]=1 | 2 x", "v[a]=3"},
		{"v[a]=~1|4", "v[a]=-2"},
		{"v[a]=!x", "v[a]=1"},
		{"v[a]=!!1", "v[a]=1"},
		{"v[a]=0x1F|0", "v[a]=0"},
		{"v[a]=(1", "!END_OF_LINE"},
		{"v[a]=1)", "v[a]=1 | !')'"},
		{"v[a]=~", "!END_OF_LINE"},
		{"v[a]=(1|2) x", "v[a]=3 | !TC_CONSTANT"},
		{"v[a]=a!b", "v[a]=a | !'!'"},
		{"v[a]=a=b", "v[a]=a | !'='"},
		{`v[a]="a\"b"`, `v[a]=a"b`},
		{`v[a]="a\\b\n"`, `v[a]=a\b\n`},
		{`v[a]="x\"`, `v[a]=x\`},
		{`v[a]="x\" `, "!end of file"},
		{`v[a]="\$x"`, "v[a]=$x"},
		{`v[a]="a\\${HOME}"`, `v[a]=a\/root`},
		{`v[a]="\n\'x\y"`, `v[a]=\n\'x\y`},
		{`v[a]="\\\"x"`, `v[a]=\"x`},
		{`v[a]="$$x"`, "v[a]=$$x"},
		{`v[a]="abc`, "!end of file"},
		{"v[a]='abc", "!end of file"},
		{"v[a]=it's", "v[a]=it"},
		{"v[a]=''", "v[a]= | '"},
		{`v[a]=""x`, "v[a]=x"},
		{"v[a]='x'y", "v[a]=xy"},
		{`v[a]=a\b`, `v[a]=a\b`},
		{`v[a]=a\"b`, `!end of file`},
		{"v[a]=a$b", "v[a]=a$b"},
		{"v[a]=x$;y", "v[a]=x$;y"},
		{"v[a]=a{b}", "v[a]=a{b}"},
		{"v[a]=a#b", "v[a]=a#b"},
		{"v[a]=00012", "v[a]=00012"},
		{"v[a]=1 2", "v[a]=1 2"},
		{"v[a]=", "v[a]="},
		{"v[a] = ; y", "v[a]="},
		{"v[a]=${NOSUCH:-d}x", "v[a]=x"},
		{"v[a]=${HOME", "!end of file"},
		{"v[a]=${}", "!'}'"},
		{"v[a]=http://a.b/?x", "v[a]=http://a.b/?x"},
		{"v[a]", "!END_OF_LINE"},
		{"v[a", "!end of file"},
		{"v", "v"},
		{"foo bar", "foo bar"},
		{"]", "]"},
		{"=x", "!'='"},
		{"yes", "!BOOL_TRUE"},
		{"x{y}=1", "x | !'{'"},
		{"[x", "!end of file"},
		{"# v[a]=z", "# v[a]=z"},
		{"; comment", ""},
		{"   ", ""},
		{`v["A"]=z`, "v[A]=z"},
		{"v[ A ]=z", "v[A ]=z"},
		{"  v[A] =z", "v[A]=z"},
		{"v [A]=z", "v[A]=z"},
		{"v[on]=1", "v[on]=1"},
		{"v[E_ALL]=3", "v[32767]=3"},
		{"v[${HOME}]=1", "v[/root]=1"},
		{"v[a ${HOME}]=1", "v[a /root]=1"},
		{"v['a b']=1", "v[a b]=1"},
		{`v["a;b"]=1`, "v[a;b]=1"},
		{"v[a;b]=1", "!end of file"},
		{`v[a\]b]=1`, `v[a\]b]=1`},
		{"[www] v[A]=z", "[www] | v[A]=z"},
		{"[www]x", "[www] | x"},
		{"[ www ]", "[ www ]"},
		{`["www"]`, "[www]"},
		{"['w w']", "[w w]"},
		{"[a b]", "[a b]"},
		{"[]", "[]"},
		{"[${HOME}]", "[/root]"},
		{"  [www]", "!END_OF_LINE"}, // the scanner takes it for a list without a name
		{"a=1\r", "a=1"},
		{"a=1\rb=2", "a=1 | b=2"},
		{"a=1\x00b=2", "a=1"},
	} {
		if got := spoken(c.line, env); got != c.want {
			t.Errorf("%q is %q, want %q", c.line, got, c.want)
		}
	}
}

func TestParenthesesThatNeverEndAreRefusedNotFollowed(t *testing.T) {
	for _, c := range []string{"(", "~", "!"} {
		if got := spoken("v[a]="+strings.Repeat(c, 1_000_000), nil); !strings.Contains(got, "memory exhausted") {
			t.Errorf("a million %s are %.80q", c, got)
		}
	}
}

func FuzzALineIsParsedToItsEnd(f *testing.F) {
	for _, line := range []string{
		"[www]", "pm = static", `env[A] = "x${HOME}y" ; c`, "php_value[a] = E_ALL & ~E_NOTICE", "include=/etc/*.conf", "v[a]='it",
		"v[a]=${", `v[a]="\`, "  [w]", "a=1\rb=2", "v[a]=((1", "v[a]=$", "v[${A}${B}]=",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		statements, broken := parseLine(line+"\n", scope{
			lookup:  func(name string) (string, bool) { return name, name != "" },
			unknown: func(string) {},
		})
		if len(statements) > len(line)+1 {
			t.Errorf("%q has %d statements", line, len(statements))
		}
		again, brokenAgain := parseLine(line+"\n", scope{
			lookup:  func(name string) (string, bool) { return name, name != "" },
			unknown: func(string) {},
		})
		if len(again) != len(statements) || broken != brokenAgain {
			t.Errorf("%q is not the same twice", line)
		}
	})
}
