package worker

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestOnlyAMessageWithTheTokenIsAHostCall(t *testing.T) {
	for _, test := range []struct {
		name, message string
		want          *HostCall
	}{
		{"a call", "TOKEN publish\x00a\x00b", &HostCall{"publish", []byte("a\x00b")}},
		{"an empty payload", "TOKEN ready\x00", &HostCall{"ready", []byte{}}},
		{"output", "hello\n", nil},
		{"nothing", "", nil},
		{"the token alone", "TOKEN", nil},
		{"no kind", "TOKEN \x00x", nil},
		{"no NUL", "TOKEN kind", nil},
		{"another token", "TOKEM kind\x00", nil},
		{"a longer token", "TOKENS kind\x00", nil},
		{"a token further on", " TOKEN kind\x00", nil},
		{"a long kind", "TOKEN " + strings.Repeat("k", 65) + "\x00", nil},
		{"the largest", "TOKEN k\x00" + strings.Repeat("x", MaxHostCall-8), &HostCall{"k", bytes.Repeat([]byte("x"), MaxHostCall-8)}},
		{"too large", "TOKEN k\x00" + strings.Repeat("x", MaxHostCall-7), nil},
	} {
		got, err := ParseHostCall([]byte(test.message), "TOKEN")
		switch {
		case test.want == nil && !errors.Is(err, ErrNotHostCall):
			t.Errorf("%s: %+v, %v", test.name, got, err)
		case test.want != nil && (err != nil || got.Kind != test.want.Kind || !bytes.Equal(got.Payload, test.want.Payload)):
			t.Errorf("%s: %+v, %v, want %+v", test.name, got, err, *test.want)
		}
	}
	if _, err := ParseHostCall([]byte(" kind\x00"), ""); err != ErrNotHostCall {
		t.Error("without a token everything is a call")
	}
}

func FuzzParseHostCall(f *testing.F) {
	f.Add([]byte("TOKEN kind\x00payload"))
	f.Add([]byte("PHP Warning: x"))
	f.Fuzz(func(t *testing.T, message []byte) {
		call, err := ParseHostCall(message, "TOKEN")
		if err != nil {
			return
		}
		if again := "TOKEN " + call.Kind + "\x00" + string(call.Payload); again != string(message) {
			t.Errorf("%q is read as %+v", message, call)
		}
	})
}
