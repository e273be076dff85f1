package wsbridge

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEdge1OnlyTheExactPathIsARoute(t *testing.T) {
	s := newStand(t, func(o *Options) {
		o.Routes = append(o.Routes, Route{Path: "/game/*", Script: "/srv/game.php"}, Route{Path: "/game/x/*", Script: "/srv/x.php"})
	})
	for path, want := range map[string]int{
		"/chat": 101, "/chat?x=1": 101, "/ch%61t": 101, "/game/": 101, "/game/a/b": 101,
		"/chat/": 404, "//chat": 404, "/x/../chat": 404, "/": 404, "/chatx": 404, "/game": 404, "/CHAT": 404, "/chat%2f": 404,
	} {
		if got := s.ask(upgradeRequest(path)).response.StatusCode; got != want {
			t.Errorf("%s was answered with %d, want %d", path, got, want)
		}
	}
	s.upgrade("/game/x/7")
	opens := s.events("open")
	if last := opens[len(opens)-1].vars; last["SCRIPT_FILENAME"] != "/srv/x.php" || last["HOWDAH_PATH"] != "/game/x/7" || last["HOWDAH_ROUTE"] != "/game/x/*" {
		t.Errorf("the longest route should have got it: %v", last)
	}
}

func TestA11OriginsAreComparedByHostAndPortsOnlyWhereBothHaveOne(t *testing.T) {
	for _, c := range []struct {
		origin, host string
		list         []string
		want         bool
	}{
		{"", "example.test", nil, true},
		{"https://example.test", "example.test", nil, true},
		{"https://EXAMPLE.test:8443", "example.test", nil, true},
		{"https://example.test", "example.test:8443", nil, true},
		{"https://example.test:1", "example.test:2", nil, false},
		{"https://example.test.evil.example", "example.test", nil, false},
		{"https://evil.example", "example.test", nil, false},
		{"null", "example.test", nil, false},
		{"null", "example.test", []string{"null"}, true},
		{"https://a.example", "example.test", []string{"https://a.example"}, true},
		{"http://a.example", "example.test", []string{"https://a.example"}, false},
		{"http://a.example", "example.test", []string{"a.example"}, true},
		{"https://x.a.example", "example.test", []string{"https://*.a.example"}, true},
		{"https://a.example", "example.test", []string{"https://*.a.example"}, false},
		{"https://xa.example", "example.test", []string{"*.a.example"}, false},
		{"https://example.test", "example.test", []string{"https://a.example"}, false},
		{"https://anything", "example.test", []string{"*"}, true},
	} {
		r := &http.Request{Host: c.host, Header: http.Header{}}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if got := originAllowed(r, c.list); got != c.want {
			t.Errorf("origin %q at host %q with %q: %v, want %v", c.origin, c.host, c.list, got, c.want)
		}
	}
}

func TestA3NothingButAcceptLetsAClientIn(t *testing.T) {
	s := newStand(t, nil)
	for _, c := range []struct {
		name   string
		script func(e told) string
		want   int
	}{
		{"die", func(told) string { return page("Forbidden") }, 403},
		{"a redirect", func(told) string { return "Status: 302 Found\r\nLocation: /login\r\n\r\n" }, 302},
		{"not found", func(told) string { return "Status: 404 Not Found\r\n\r\nx" }, 404},
		{"accept, then a fatal error", func(e told) string { s.accept(e, ""); return "Status: 500 Internal Server Error\r\n\r\n" }, 500},
		{"refuse", func(e told) string {
			s.bridge.Hub().Call(callRefuse, field(e.vars["HOWDAH_ID"], "\x01\xa9")) // 425
			return page("")
		}, 425},
	} {
		s.script = c.script
		if got := s.ask(upgradeRequest("/chat")).response.StatusCode; got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if n := s.bridge.Hub().Len(); n != 0 {
		t.Errorf("%d sessions are left of refused clients", n)
	}
	s.script = func(e told) string { // A12
		s.bridge.Hub().Call(callRefuse, append(field(e.vars["HOWDAH_ID"], "\x0f\xa1"), "log in first"...)) // 4001
		return page("")
	}
	s.upgrade("/chat").wantClose(4001)
}

func TestEdge2WhatOpenSubscribesToIsInForceBeforeThe101(t *testing.T) {
	s := newStand(t, nil)
	hub := s.bridge.Hub()
	s.script = func(e told) string {
		s.accept(e, "ann")
		hub.Call(callSubscribe, append(field(e.vars["HOWDAH_ID"]), "room\nother"...))
		hub.Call(CallPublish, append(field("\x00", "room", ""), "early"...))
		return "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" + page("the body is dropped")
	}
	ws := s.upgrade("/chat")
	ws.wantFrame(0x81, "early")
	if got := ws.response.Header.Values("Set-Cookie"); len(got) != 2 {
		t.Errorf("cookies on the 101: %q", got)
	}
	hub.Call(CallPublish, append(field("\x01", "other", ""), "\x00later"...))
	ws.wantFrame(0x82, "\x00later")
	hub.Call(callSendUser, append(field("\x00", "ann"), "hello"...))
	ws.wantFrame(0x81, "hello")
	hub.Call(callUnsubscribe, append(field(s.events("open")[0].vars["HOWDAH_ID"]), "room"...))
	hub.Call(CallPublish, append(field("\x00", "room", ""), "unheard"...))
	hub.Call(callCloseUser, append(field("\x0f\xb4", "ann"), "bye"...))
	ws.wantClose(4020)
}

func TestExcludeLeavesOneConnectionOut(t *testing.T) {
	s := newStand(t, nil)
	hub := s.bridge.Hub()
	s.script = s.accepting(func(e told) string {
		hub.Call(CallPublish, append(field("\x00", "room", e.vars["HOWDAH_ID"]), e.body...))
		return page("done")
	})
	accepting := s.script
	s.script = func(e told) string {
		if e.vars["HOWDAH_EVENT"] == "open" {
			hub.Call(callSubscribe, append(field(e.vars["HOWDAH_ID"]), "room"...))
		}
		return accepting(e)
	}
	a, b := s.upgrade("/chat"), s.upgrade("/chat")
	a.send(frame(0x81, "to others"))
	a.wantFrame(0x81, "done")
	b.wantFrame(0x81, "to others")
}

func TestEventsOfAConnectionComeInOrderOneAtATimeAndCloseLast(t *testing.T) {
	s := newStand(t, func(o *Options) { o.MessagesPerSecond = 0 })
	running := make(chan struct{}, 1)
	s.script = s.accepting(func(e told) string {
		select {
		case running <- struct{}{}:
			defer func() { <-running }()
		default:
			t.Error("two events of one connection run at once")
		}
		return page(e.body)
	})
	ws := s.upgrade("/chat")
	for i := range 100 {
		ws.send(frame(0x81, fmt.Sprint(i)))
	}
	for i := range 100 {
		ws.wantFrame(0x81, fmt.Sprint(i))
	}
	ws.send(frame(0x81, "last"), frame(0x88, "\x03\xe8done"))
	ws.wantClose(1000)
	wantWithin(t, 10*time.Second, "the close event", func() bool { return len(s.events("close")) == 1 })
	e := s.events("close")[0].vars
	if e["HOWDAH_CODE"] != "1000" || e["HOWDAH_REASON"] != "done" || e["REQUEST_METHOD"] != "DELETE" {
		t.Errorf("close event: %v", e)
	}
	if n := len(s.events("message")); n != 101 {
		t.Errorf("%d messages, want 101", n)
	}
}

func TestStateIsKeptOnlyIfTheEventEndsWell(t *testing.T) {
	s := newStand(t, func(o *Options) { o.Routes[0].KeepOnError = true })
	s.script = s.accepting(func(e told) string {
		s.bridge.Hub().Call(callState, append(field(e.vars["HOWDAH_ID"]), `{"n":"`+e.body+`"}`...))
		if e.body == "bad" {
			return "Status: 500 Internal Server Error\r\n\r\nsecret"
		}
		return page(e.vars["HOWDAH_STATE"] + ".")
	})
	ws := s.upgrade("/chat")
	ws.send(frame(0x81, "one"), frame(0x81, "bad"), frame(0x81, "two"))
	ws.wantFrame(0x81, ".")
	ws.wantFrame(0x81, `{"n":"one"}.`)
}

func TestReplyRules(t *testing.T) {
	answers := map[string]string{
		"blank":      page(" \r\n\t"),
		"bom":        page("\xef\xbb\xbfx"),
		"only bom":   page("\xef\xbb\xbf\n"),
		"not utf-8":  page("\xff"),
		"404 page":   "Status: 404 Not Found\r\nContent-Type: text/html\r\n\r\n<h1>",
		"404 json":   "Status: 404 Not Found\r\nContent-Type: application/json\r\n\r\n{\"a\":1}",
		"redirect":   "Status: 302 Found\r\nLocation: /x\r\n\r\nx",
		"image":      "Content-Type: image/png\r\n\r\n\x89P",
		"403":        "Status: 403 Forbidden\r\n\r\nno",
		"500":        "Status: 500 Oops\r\nContent-Type: application/json\r\n\r\n{}",
		"plain text": page("hi"),
	}
	for _, c := range []struct {
		ask   string
		reply Reply
		first byte // 0: nothing comes
		want  string
		code  int
	}{
		{"plain text", ReplyEcho, 0x81, "hi", 0}, {"blank", ReplyEcho, 0, "", 0}, {"only bom", ReplyEcho, 0, "", 0}, {"bom", ReplyEcho, 0x81, "x", 0},
		{"not utf-8", ReplyEcho, 0, "", 0}, {"404 page", ReplyEcho, 0, "", 0}, {"404 json", ReplyEcho, 0x81, `{"a":1}`, 0},
		{"redirect", ReplyEcho, 0, "", 0}, {"image", ReplyEcho, 0x82, "\x89P", 0}, {"403", ReplyEcho, 0, "", 4009}, {"500", ReplyEcho, 0, "", 1011},
		{"plain text", ReplyJSON, 0, "", 0}, {"404 json", ReplyJSON, 0x81, `{"a":1}`, 0}, {"plain text", ReplyNone, 0, "", 0},
	} {
		s := newStand(t, func(o *Options) { o.Routes[0].Reply = c.reply })
		s.script = s.accepting(func(e told) string {
			if e.body == "end" { // proves that nothing came before it
				s.bridge.Hub().Call(callSend, append(field("\x00", e.vars["HOWDAH_ID"]), "end"...))
				return page("")
			}
			return answers[e.body]
		})
		ws := s.upgrade("/chat")
		ws.send(frame(0x81, c.ask))
		if c.code != 0 {
			ws.wantClose(c.code)
			continue
		}
		ws.send(frame(0x81, "end"))
		if c.first != 0 {
			ws.wantFrame(c.first, c.want)
		}
		ws.wantFrame(0x81, "end")
	}
}

func TestASlowClientIsClosedWithoutSlowingOthers(t *testing.T) {
	s := newStand(t, func(o *Options) { o.OutboxBytes, o.WriteTimeout = 64<<10, time.Second })
	accept := s.script
	s.script = func(e told) string {
		s.bridge.Hub().Call(callSubscribe, append(field(e.vars["HOWDAH_ID"]), "room"...))
		return accept(e)
	}
	s.upgrade("/chat") // it reads nothing
	quick := s.upgrade("/chat")
	text := strings.Repeat("x", 10000)
	for range 100 {
		s.bridge.Hub().Call(CallPublish, append(field("\x00", "room", ""), text...))
		quick.wantFrame(0x81, text)
	}
	wantWithin(t, 15*time.Second, "the slow one's end", func() bool { return s.bridge.Hub().Len() == 1 })
	if n := s.bridge.Stats().Closed[slow].Load(); n != 1 {
		t.Errorf("%d were closed for being slow", n)
	}
	quick.send(frame(0x81, "still here"))
	quick.wantFrame(0x81, "still here")
}

func TestADeadClientIsFoundByItsMissingPong(t *testing.T) {
	s := newStand(t, func(o *Options) { o.PingInterval, o.PongTimeout = 100*time.Millisecond, 200*time.Millisecond })
	ws := s.upgrade("/chat")
	ws.wantClose(4201)
}

func TestA15AFullInboxDoesNotCountAsSilence(t *testing.T) {
	release := make(chan struct{})
	s := newStand(t, func(o *Options) {
		o.PingInterval, o.PongTimeout, o.StalledTimeout, o.InboxMessages = 50*time.Millisecond, 100*time.Millisecond, time.Minute, 2
	})
	s.script = s.accepting(func(e told) string {
		<-release
		return page(e.body)
	})
	ws := s.upgrade("/chat")
	for i := range 6 {
		ws.send(frame(0x81, fmt.Sprint(i)))
	}
	wantWithin(t, 10*time.Second, "a paused reader", func() bool { return s.bridge.hub.all()[0].paused.Load() > 0 })
	<-time.After(500 * time.Millisecond) // five times pong_timeout: what the test is about
	close(release)
	for i := range 6 {
		for {
			first, payload, err := ws.receive()
			if err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
			if first == 0x81 {
				if payload != fmt.Sprint(i) {
					t.Errorf("got %q, want %d", payload, i)
				}
				break
			}
			ws.send(frame(0x8a, payload))
		}
	}
}

func TestAStalledInboxClosesTheConnection(t *testing.T) {
	release := make(chan struct{})
	s := newStand(t, func(o *Options) { o.StalledTimeout, o.InboxMessages = 200*time.Millisecond, 1 })
	s.script = s.accepting(func(told) string { <-release; return page("") })
	defer close(release)
	ws := s.upgrade("/chat")
	ws.send(frame(0x81, "a"), frame(0x81, "b"), frame(0x81, "c"))
	ws.wantClose(4116)
}

func TestEdge6MessagesBeyondTheRateAreDelayed(t *testing.T) {
	s := newStand(t, func(o *Options) { o.MessagesPerSecond = 50; o.InboxMessages = 1000 })
	ws := s.upgrade("/chat")
	for range 150 {
		ws.send(frame(0x81, "x"))
	}
	begun := time.Now()
	for range 150 {
		ws.wantFrame(0x81, "x")
	}
	if took := time.Since(begun); took < 900*time.Millisecond {
		t.Errorf("150 messages took %v at 50 a second and a burst of 100", took)
	}
}

func TestHandshakeLimits(t *testing.T) {
	s := newStand(t, func(o *Options) {
		o.HandshakeTimeout, o.HandshakeBytes, o.MaxConnections = 300*time.Millisecond, 1024, 2
	})
	status := func(request string) int { return s.ask(request).response.StatusCode }
	if got := status("GET /chat HTTP/1.1\r\n"); got != 408 {
		t.Errorf("half a header: %d", got)
	}
	if got := status(""); got != 408 {
		t.Errorf("nothing: %d", got)
	}
	if got := status(upgradeRequest("/chat", "X: "+strings.Repeat("x", 2000))); got != 431 {
		t.Errorf("a long header: %d", got)
	}
	if got := status("GET /chat HTTP/1.1\r\nHost: x\r\n\r\n"); got != 426 {
		t.Errorf("a plain GET: %d", got)
	}
	if got := status("nonsense\r\n\r\n"); got != 400 {
		t.Errorf("nonsense: %d", got)
	}
	if got := status(strings.Replace(upgradeRequest("/chat"), "dGhlIHNhbXBsZSBub25jZQ==", "short", 1)); got != 400 {
		t.Errorf("a bad key: %d", got)
	}
	s.upgrade("/chat")
	s.upgrade("/chat")
	c := s.ask(upgradeRequest("/chat"))
	if c.response.StatusCode != 503 || c.response.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d, Retry-After %q", c.response.StatusCode, c.response.Header.Get("Retry-After"))
	}
}

func TestOpensPerSecondRefusesTheOthers(t *testing.T) {
	s := newStand(t, func(o *Options) { o.OpensPerSecond = 2 })
	got := map[int]int{}
	for range 8 {
		got[s.ask(upgradeRequest("/chat")).response.StatusCode]++
	}
	if got[101] < 4 || got[503] < 2 {
		t.Errorf("statuses %v, want a burst of 4 and the rest refused", got)
	}
}

func TestAnOpenThatTakesTooLongIsRefusedAndClosedForPHP(t *testing.T) {
	release := make(chan struct{})
	s := newStand(t, func(o *Options) { o.OpenTimeout = 100 * time.Millisecond })
	accept := s.script
	s.script = func(e told) string {
		if e.vars["HOWDAH_EVENT"] == "open" {
			<-release
		}
		return accept(e)
	}
	if got := s.ask(upgradeRequest("/chat")).response.StatusCode; got != 503 {
		t.Errorf("answered %d", got)
	}
	close(release)
	wantWithin(t, 10*time.Second, "a close event for what was accepted too late", func() bool { return len(s.events("close")) == 1 })
}

func TestA10OnlyATrustedProxySaysWhoTheClientIs(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		want   string
	}{
		{nil, "unix:"},
		{func(o *Options) { o.TrustUnix, o.RealIPHeader = true, "X-Forwarded-For" }, "9.9.9.9"},
	} {
		s := newStand(t, c.change)
		s.upgrade("/chat", "X-Forwarded-For: 6.6.6.6, 9.9.9.9", "Proxy: evil", "Howdah-Event: message", "X_Under: 1")
		v := s.events("open")[0].vars
		if v["REMOTE_ADDR"] != c.want || v["HTTP_PROXY"] != "" || v["HOWDAH_EVENT"] != "open" || v["HTTP_X_UNDER"] != "" {
			t.Errorf("variables %v, want REMOTE_ADDR %s", v, c.want)
		}
		if _, seen := v["HTTP_X_FORWARDED_FOR"]; seen != (c.change != nil) {
			t.Errorf("HTTP_X_FORWARDED_FOR seen: %v", seen)
		}
	}
}

func TestA9EventsOfOneSessionQueueInHowdah(t *testing.T) {
	s := newStand(t, func(o *Options) { o.Routes[0].SerialCookie = "S" })
	running := make(chan struct{}, 1)
	s.script = s.accepting(func(e told) string {
		if strings.Contains(e.vars["HTTP_COOKIE"], "S=1") {
			select {
			case running <- struct{}{}:
				defer func() { <-running }()
			default:
				t.Error("two events of one PHP session run at once")
			}
		}
		return page(e.body)
	})
	var all []*raw
	for range 8 {
		all = append(all, s.upgrade("/chat", "Cookie: S=1"))
	}
	for range 5 {
		for _, ws := range all {
			ws.send(frame(0x81, "x"))
		}
	}
	for _, ws := range all {
		for range 5 {
			ws.wantFrame(0x81, "x")
		}
	}
}

func TestSubprotocolsAreChosenFromTheRoutesAndATokenIsNotEchoed(t *testing.T) {
	s := newStand(t, func(o *Options) { o.Routes[0].Subprotocols = []string{"v2", "v1"} })
	ws := s.upgrade("/chat", "Sec-WebSocket-Protocol: v1, bearer.secret, v2")
	if got := ws.response.Header.Get("Sec-WebSocket-Protocol"); got != "v2" {
		t.Errorf("agreed on %q", got)
	}
	s.script = func(e told) string {
		s.bridge.Hub().Call(callAccept, field(e.vars["HOWDAH_ID"], "", e.vars["HTTP_SEC_WEBSOCKET_PROTOCOL"]))
		return page("")
	}
	if got := s.upgrade("/chat", "Sec-WebSocket-Protocol: v1").response.Header.Get("Sec-WebSocket-Protocol"); got != "v1" {
		t.Errorf("agreed on %q", got)
	}
	if got := s.upgrade("/chat", "Sec-WebSocket-Protocol: bearer.secret").response.Header.Get("Sec-WebSocket-Protocol"); got != "" {
		t.Errorf("agreed on %q", got)
	}
}

func TestAStopSaysGoodbyeAndTellsPHP(t *testing.T) {
	s := newStand(t, nil)
	ws := s.upgrade("/chat")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); s.bridge.Shutdown(ctx, true) }()
	ws.wantClose(1012)
	ws.Close()
	<-done
	if n := len(s.events("close")); n != 1 {
		t.Errorf("%d close events", n)
	}
	c := s.ask("GET " + HealthPath + " HTTP/1.1\r\nHost: x\r\n\r\n")
	body, _ := io.ReadAll(c.response.Body)
	if c.response.StatusCode != 503 || string(body) != "draining\n" {
		t.Errorf("health: %d %q", c.response.StatusCode, body)
	}
}

func TestAReloadKeepsConnectionsAndChangesWhatTheyAreAnsweredBy(t *testing.T) {
	s := newStand(t, func(o *Options) { o.Routes = append(o.Routes, Route{Path: "/gone", Script: "/srv/gone.php"}) })
	ws, gone := s.upgrade("/chat"), s.upgrade("/gone")
	o := testOptions()
	o.Routes[0].Script, o.EventWorkers = "/srv/new.php", 1
	s.bridge.Apply(o)
	gone.wantClose(1001)
	ws.send(frame(0x81, "x"))
	ws.wantFrame(0x81, "x")
	if got := s.events("message")[0].vars["SCRIPT_FILENAME"]; got != "/srv/new.php" {
		t.Errorf("the message went to %s", got)
	}
}

func TestDeflateIsAgreedOnAndLimitsCountWhatComesOut(t *testing.T) {
	s := newStand(t, func(o *Options) { o.Deflate, o.MessageBytes = true, 10000 })
	const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
	ws := s.upgrade("/chat", offer)
	if got := ws.response.Header.Get("Sec-WebSocket-Extensions"); !strings.HasPrefix(got, "permessage-deflate") {
		t.Fatalf("agreed on %q", got)
	}
	text := strings.Repeat("a", 5000)
	ws.send(frame(0xc1, string(deflated([]byte(text)))))
	first, payload, err := ws.receive()
	if err != nil || first != 0xc1 || payload != string(deflated([]byte(text))) {
		t.Errorf("received %#x, %d bytes, %v", first, len(payload), err)
	}
	ws.send(frame(0xc1, string(deflated(make([]byte, 1<<20)))))
	ws.wantClose(1009)
	plain := s.upgrade("/chat", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10")
	if got := plain.response.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("agreed on %q", got)
	}
}
