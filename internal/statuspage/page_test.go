package statuspage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// example is the pool that the files in testdata tell of. They are what php-fpm 8.2.36 answered, but for the numbers.
func example() *Pool {
	at := time.Date(2026, 11, 24, 19, 40, 30, 0, time.UTC)
	return &Pool{
		Name: "www", Manager: "static", Started: at, Now: at.Add(103 * time.Second), Accepted: 55, Waiting: 3, WaitingMax: 7,
		WaitingLimit: 511, Idle: 1, Active: 1, ActiveMax: 2, ChildrenReached: 4, Slow: 5,
		Processes: []Process{
			{PID: 21750, State: "Idle", Started: at, Requests: 22, Duration: 100507 * time.Microsecond, Method: "GE<T", URI: `/x<y>&"z'/p.php`,
				Query: "s=100&q=<1>&\"'é/", ContentLength: 3, User: `u<"'&é/`, Script: `/tmp/a<b>&"c'/p.php`, CPU: 12.345, Memory: 2097152},
			{PID: 21751, State: "Running", Started: at.Add(time.Second)},
		},
	}
}

func TestEachFormIsPhpFpms(t *testing.T) {
	for query, file := range map[string]string{
		"": "short.txt", "html": "short.html", "xml": "short.xml", "json": "short.json", "openmetrics": "short.openmetrics",
		"full": "full.txt", "full&html": "full.html", "full&xml": "full.xml", "full&json": "full.json", "full&openmetrics": "short.openmetrics",
	} {
		want, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if got := Asked(query).Body(example()); string(got) != string(want) {
			t.Errorf("?%s:\n%s\nwant:\n%s", query, got, want)
		}
	}
}

func TestAFormIsAskedForAsPHPSeesTheQuery(t *testing.T) {
	for query, want := range map[string]string{
		"":                     typeText,
		"full":                 typeText,
		"json":                 typeJSON,
		"json=0":               typeJSON,
		"json[]=1":             typeJSON,
		"%6Ason":               typeJSON,
		"+json":                typeJSON,
		"json%00x":             typeJSON,
		"JSON":                 typeText,
		"x=json":               typeText,
		"openmetrics&json&xml": typeXML,
		"xml&html":             typeHTML,
		"jso%6":                typeText,
		"a&&openmetrics&":      typeOpenMetrics,
	} {
		if got := Asked(query).ContentType; got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}

func TestTheMemoryPeakIsShownFromPHP84On(t *testing.T) {
	p, peak := example(), uint64(4096)
	p.MemoryPeak = &peak
	for query, want := range map[string]string{
		"": "\nmemory peak:          4096\n", "xml": "<memory-peak>4096</memory-peak>\n", "json": `"slow requests":5,"memory peak":4096}`,
		"html": "<tr><th>memory peak</th><td>4096</td></tr>\n", "openmetrics": "\nphpfpm_memory_peak 4096\n# EOF\n",
	} {
		if got := string(Asked(query).Body(p)); !strings.Contains(got, want) {
			t.Errorf("?%s has no %q:\n%s", query, want, got)
		}
	}
}

func TestWhatIsNotUTF8IsLeftOutAsPHPDoes(t *testing.T) {
	p := example()
	p.Processes[0].Query = "q=\xff"
	for query, want := range map[string]string{
		"full": "/p.php?q=\xff\n", "full&xml": "/p.php?</request-uri>", "full&html": "/p.php?</td>", "full&json": `\/p.php?q=","content`,
	} {
		if got := string(Asked(query).Body(p)); !strings.Contains(got, want) {
			t.Errorf("?%s has no %q:\n%s", query, want, got)
		}
	}
	p.Processes[0].URI = "/\x01\x7f\t\xe9\U0001F600\uFFFD"
	if got := string(Asked("full&json").Body(p)); !strings.Contains(got, `"\/\u0001`+"\x7f"+`\t\ud83d\ude00\ufffd?`) {
		t.Errorf("%s", got)
	}
}

func TestTheNameOfAPoolIsCutAsPhpFpmCutsIt(t *testing.T) {
	p := example()
	p.Name = strings.Repeat("n", 40)
	if got := string(Asked("xml").Body(p)); !strings.Contains(got, "<pool>"+p.Name[:31]+"</pool>") {
		t.Errorf("%s", got)
	}
}

func TestTheArrayHasTheTypesOfFpmGetStatus(t *testing.T) {
	p := example()
	p.Processes[1].URI = "/\xff"
	got := Array(p)
	var all struct {
		Pool  string
		Since int `json:"start-since"`
		Procs []map[string]any
	}
	if err := json.Unmarshal(got, &all); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if all.Pool != "www" || all.Since != 103 || len(all.Procs) != 2 {
		t.Errorf("%s", got)
	}
	for _, want := range []string{
		`"process-manager":"static","start-time":1795549230,`, `"request-uri":"\/x<y>&\"z'\/p.php","query-string":"s=100&q=<1>&\"'\u00e9\/","request-length":3,`,
		`"last-request-cpu":12.345,"last-request-memory":2097152},{"pid":21751,`, `"request-method":"-","request-uri":"\/\ufffd","query-string":"",`,
		`"last-request-cpu":0.0,"last-request-memory":0}]}`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("there is no %s in %s", want, got)
		}
	}
}
