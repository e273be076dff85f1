package worker

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// iniTexts are values of PHP_VALUE that are read; PHP itself says what they mean.
var iniTexts = []string{
	"memory_limit=64M",
	"  memory_limit = 64M  \n\tprecision=7\t\n\n",
	"a=1\r\nb=2",
	"open_basedir = /srv/a:/tmp",
	"a=\"quoted = text; all of it\"",
	"a='single ${quoted} \\ text'",
	"a = \"x\" ; a comment\n; another\nb = y ; and another",
	"a=on\nb=Off\nc=YES\nd=no\ne=True\nf=false\ng=none\nh=null",
	"a=\"on\"\nb='off'",
	"a=",
	"a=\"\"\nb=''",
	"a=\"with \\\" quote, \\\\ backslash, \\' single, \\n two\"",
	"sendmail_path=\"/usr/sbin/sendmail -t -i -f'a@b'\"",
	"a = two words",
	"a.b-c_d9=1.5",
	"a=http://host/path?x#y",
	"a=100\na=200",
	"date.timezone=Europe/Berlin",
	"a=x,y,z",
	"a=a:b:c.d@e*f<g>h+i%j",
	"a=${HOME}/x:/tmp",
	"a=\"${HOME}/x\"",
	"a=x ${HOME} y ; c",
	"a=${ON}",
	"a=${EMPTY}",
	"a=${HOME}\"q\"${ON}",
	"a=\"${HOME}\\\"${ON}\"",
	"a=\"\\${HOME} \\\\${HOME} $${HOME} \\$x\"",
	"a='${HOME}'",
	"a=\"x \" ; spaces stay between quotes",
	"a=$HOME",
}

// iniEnvironment is what ${NAME} stands for in iniTexts.
var iniEnvironment = []string{"HOME=/home/joe", "ON=on", "EMPTY="}

func TestINITextMeansWhatPHPTakesItFor(t *testing.T) {
	in, err := json.Marshal(iniTexts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("php8.2", "-n", "-r", `foreach (json_decode(stream_get_contents(STDIN)) as $s) $r[] = (object) parse_ini_string($s, false, INI_SCANNER_NORMAL); echo json_encode($r);`)
	cmd.Env = iniEnvironment
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("php8.2: %v", err)
	}
	var want []map[string]string
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for i, text := range iniTexts {
		settings, problems := parseINI(text, iniEnvironment)
		if len(problems) > 0 {
			t.Errorf("%q: %q", text, problems)
		}
		got := map[string]string{}
		for _, s := range settings {
			got[s.Name] = s.Value
		}
		if len(got) != len(want[i]) {
			t.Errorf("%q: %q, PHP has %q", text, got, want[i])
		}
		for name, value := range want[i] {
			if got[name] != value {
				t.Errorf("%q: %s is %q, for PHP %q", text, name, got[name], value)
			}
		}
	}
}

func TestWhatAnINITextCanNotSayIsLeftOutWithAProblem(t *testing.T) {
	for text, want := range map[string]string{
		"[PATH=/]\na=1":     "only classic entries are allowed",
		"a[]=1\na=1":        "only classic entries are allowed",
		"=x\na=1":           "empty key",
		"b\na=1":            "empty value for key 'b'",
		"b c=x\na=1":        "unable to set 'b c'",
		"b=1|2\na=1":        "unable to set 'b'",
		"b=(1)\na=1":        "unable to set 'b'",
		"b=${NO}\na=1":      "unable to set 'b': the workers' environment has no NO",
		"b=\"${NO}\"\na=1":  "unable to set 'b': the workers' environment has no NO",
		"b=${HOME\na=1":     "unable to set 'b': ${ begins no",
		"b=${HOME:-x}\na=1": "unable to set 'b': ${ begins no",
		"b=on${HOME}\na=1":  "unable to set 'b': ${ can't stand there",
		"b=\\${HOME}\na=1":  "unable to set 'b': ${ can't stand there",
		"b=$${HOME}\na=1":   "unable to set 'b'",
		"b=\"x\na=1":        "unable to set 'b': the quote",
		"b=don't\na=1":      "unable to set 'b': the quote",
		"b=x=y\na=1":        "unable to set 'b'",
		"b=x\x00y\na=1":     "unable to set 'b'",
	} {
		settings, problems := parseINI(text, iniEnvironment)
		if !slices.Equal(settings, []Setting{{"a", "1"}}) {
			t.Errorf("%q: %q, want only a=1", text, settings)
		}
		if len(problems) != 1 || !strings.HasPrefix(problems[0], want) {
			t.Errorf("%q: %q, want %q", text, problems, want)
		}
	}
}

func TestOverridesTakeThePlaceOfThePoolsSettings(t *testing.T) {
	o, problems, refusals := parseOverrides("memory_limit=64M\nprecision=7\nfastcgi.logging=0", "upload_max_filesize=2M\ndisable_functions=exec\nzend_extension=x", nil)
	if len(problems) != 1 || len(refusals) != 1 || !strings.Contains(refusals[0], "zend_extension") {
		t.Errorf("problems %q, refusals %q", problems, refusals)
	}
	spec := ZygoteSpec{
		Values:      []Setting{{"precision", "5"}, {"html_errors", "0"}},
		AdminValues: []Setting{{"memory_limit", "99M"}, {"disable_functions", "system"}, {"upload_max_filesize", "1M"}},
	}
	before := slices.Clone(spec.AdminValues)
	side := spec
	side.Override(o)
	if want := []Setting{{"precision", "5"}, {"html_errors", "0"}, {"precision", "7"}}; !slices.Equal(side.Values, want) {
		t.Errorf("values %q, want %q", side.Values, want)
	}
	if want := []Setting{{"memory_limit", "64M"}, {"disable_functions", "system"}, {"upload_max_filesize", "2M"}, {"disable_functions", "exec"}}; !slices.Equal(side.AdminValues, want) {
		t.Errorf("admin values %q, want %q", side.AdminValues, want)
	}
	if !slices.Equal(spec.AdminValues, before) {
		t.Errorf("the pool's own became %q", spec.AdminValues)
	}
	if got := strings.Join(side.defines(&PHPInfo{}), " "); !strings.Contains(got, "disable_functions='system,exec'") {
		t.Errorf("defines %q", got)
	}
}
