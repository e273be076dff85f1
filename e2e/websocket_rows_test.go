package e2e

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// roomPage subscribes everybody to a room and does what the message says.
const roomPage = `<?php $e = Howdah\event() ?? exit('WebSocket only');
if ($e->type === 'open') { $e->accept(user: $_GET['user'] ?? null)->subscribe('room'); return; }
if ($e->type === 'close') { return; }
[$do, $arg] = explode(' ', $e->data, 2) + [1 => ''];
switch ($do) {
    case 'pid': echo getmypid(); break;
    case 'die': posix_kill(getmypid(), 9); sleep(5); break;
    case 'spin': while (true); break;
    case 'count': $e->connection->state['n'] = ($e->connection->state['n'] ?? 0) + 1; echo $e->connection->state['n']; break;
    case 'warn': echo $undefined . 'ok'; break;
    case 'who': echo json_encode([$e->connection->user, $e->connection->request->address, $e->connection->request->query]); break;
    default: echo $e->data;
}
`

func TestA1AndA18PublishArrivesWhenItIsCalledAndCarriesAnyBytes(t *testing.T) {
	s := serveSockets(t, map[string]string{
		"room.php":  roomPage,
		"early.php": `<?php Howdah\publish('room', 'early'); $f = dirname(__DIR__).'/scratch/go'; while (!file_exists($f)) { usleep(1000); clearstatcache(); } echo 'done';`,
		"bytes.php": `<?php Howdah\publish('room', "a\0b\xff", null, true); Howdah\publish('room', str_repeat('x', 131072));
try { Howdah\publish('room', str_repeat('x', 131073)); } catch (\LengthException $e) { echo 'too long '; }
try { Howdah\publish('no room', 'x'); } catch (\ValueError $e) { echo 'bad name'; }`,
	}, []string{"room room.php"})
	p := s.connect("/room")
	front := newBrowser(t, s.front)
	early := front.start("/early.php")
	p.wantHeard("early") // while the page still runs
	touch(s.sb.path("scratch", "go"))
	if r := early.result(t); r.body != "done" {
		t.Errorf("the page says %q", r.body)
	}
	front.wantPage("/bytes.php", 200, "too long bad name") // A18, edge 3
	p.wantHeard("a\x00b\xff", strings.Repeat("x", 131072))
}

func TestA2AScriptThatHasPublishedRunsToItsEndWithoutItsClient(t *testing.T) {
	s := serveSockets(t, map[string]string{"room.php": roomPage,
		"long.php": `<?php Howdah\publish('room', 'begun'); $f = dirname(__DIR__).'/scratch/go'; while (!file_exists($f)) { usleep(1000); clearstatcache(); }
for ($i = 0; $i < 100; $i++) { echo str_repeat('x', 10000); flush(); } Howdah\publish('room', 'committed');`,
	}, []string{"room room.php"})
	p := s.connect("/room")
	before := openFiles(s.pid())
	c := dialUnix(t, s.front)
	fmt.Fprint(c, "GET /long.php HTTP/1.1\r\nHost: x\r\n\r\n")
	p.wantHeard("begun")
	c.Close()
	wantWithin(t, 10*time.Second, "the client's leaving seen", func() bool { return openFiles(s.pid()) <= before })
	touch(s.sb.path("scratch", "go"))
	p.wantHeard("committed")
}

func TestA4AndA14AnEventThatFailsClosesItsConnectionOnly(t *testing.T) {
	s := serveSockets(t, map[string]string{"room.php": roomPage}, []string{"room room.php"},
		"catch_workers_output = true", "[pool.www.websocket]", `handler_timeout = "500ms"`)
	died, spun, other := s.connect("/room"), s.connect("/room"), s.connect("/room")
	mark := s.mark()
	died.say("die")
	died.wantClosed(1011)
	spun.say("spin")
	spun.wantClosed(4110)
	s.wantLogged(mark, 10*time.Second, "Maximum execution time", "room.php")
	other.say("count")
	other.say("count")
	other.wantHeard("1", "2")
	other.say("warn")
	other.wantHeard("ok") // display_errors is off in an event
}

func TestAReloadAndARecycledWorkerCloseNoWebSocket(t *testing.T) {
	s := serveSockets(t, map[string]string{"room.php": roomPage}, []string{"room room.php"}, "pm_max_requests = 3")
	p := s.connect("/room?user=ann&x=1")
	for i := range 10 {
		p.say("count")
		p.wantHeard(fmt.Sprint(i + 1))
	}
	s.reload()
	for i := range 10 {
		p.say("count")
		p.wantHeard(fmt.Sprint(i + 11))
	}
	p.say("who")
	p.wantHeard(`["ann","",{"user":"ann","x":"1"}]`)
}

func TestEdge1AndA11ForeignPagesAndOtherPathsAreRefused(t *testing.T) {
	s := serveSockets(t, map[string]string{"room.php": roomPage}, []string{"room room.php"})
	for _, origin := range []string{"null", "https://example.test.evil.example", "https://evil.example"} {
		if got := s.refused(s.nginx, "/room", http.Header{"Origin": {origin}}); got != 403 {
			t.Errorf("origin %s: %d", origin, got)
		}
	}
	s.connectBy(s.nginx, "/room", http.Header{"Origin": {"https://example.test"}})
	for _, path := range []string{"/room/", "//room", "/"} {
		if got := s.refused(s.own, path, nil); got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := newBrowser(t, s.nginx).get("/room").status; got != 426 {
		t.Errorf("a plain GET: %d", got)
	}
	if got := newBrowser(t, s.nginx).get("/_howdah/health"); got.status != 200 {
		t.Errorf("health: %d %q", got.status, got.body)
	}
}

func TestA14PoolsAreStrangersUnlessTheyShare(t *testing.T) {
	sb := newSandbox(t)
	sb.page(t, "room.php", roomPage)
	sb.page(t, "tell.php", `<?php Howdah\publish('room', $_GET['t']); echo 'ok';`)
	second := []string{"[pool.api]", `user = "www-data"`, `pm_max_children = 1`, `pm = "static"`, `php_ini = "/etc/php/8.2/fpm/php.ini"`,
		"[pool.api.http]", `listen = "` + sb.path("api.sock") + `"`, `root = "` + sb.path("site") + `"`}
	s := startSockets(t, sb, []string{"room room.php"}, second...)
	p := s.connect("/room")
	api, own := newBrowser(t, sb.path("api.sock")), newBrowser(t, s.front)
	api.wantPage("/tell.php?t=stranger", 200, "ok")
	own.wantPage("/tell.php?t=own", 200, "ok")
	p.wantHeard("own")
	s.rewrite(socketLines(sb, []string{"room room.php"}, append(second, "[pool.www.websocket]", `share_with = ["api"]`)...)...)
	s.reload()
	api.wantPage("/tell.php?t=shared", 200, "ok")
	p.wantHeard("shared")
}

func TestEdge12AStopSaysGoodbyeAtOnceAndTheSocketsServeAgain(t *testing.T) {
	s := serveSockets(t, map[string]string{"room.php": roomPage}, []string{"room room.php"}, "[pool.www.websocket]", "opens_per_second = 0")
	var all []*peer
	for range 200 {
		all = append(all, s.connectBy(s.own, "/room", nil))
	}
	begun := time.Now()
	s.signal(syscall.SIGINT)
	all[0].wantClosed(1001)
	if code := s.wait(10 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the stop took %v", took)
	}
	s.start(s.command())
	s.connectBy(s.own, "/room", nil).say("count")
}

func dialUnix(t *testing.T, socket string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
