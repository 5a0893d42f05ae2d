package command

import (
	"io"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

func TestFlagsFirst(t *testing.T) {
	app := newApp(io.Discard, io.Discard)
	for in, want := range map[string]string{
		"t":                                "t",
		"t new":                            "t new --",
		"t new DIR --template x":           "t new --template x -- DIR",
		"t new DIR -t x --lang=zh more":    "t new -t x --lang=zh -- DIR more",
		"t new --template":                 "t new --template --",
		"t new - -":                        "t new -- - -",
		"t new a -- --template x":          "t new -- a --template x",
		"t demo --no-open x --dir --model": "t demo --no-open --dir --model -- x",
		"t new DIR --wat x":                "t new --wat -- DIR x",
		"t unknown DIR --template x":       "t unknown DIR --template x",
	} {
		if got := strings.Join(flagsFirst(app, strings.Fields(in)), " "); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestExitCode(t *testing.T) {
	if got := exitCode(nil); got != exitDone {
		t.Errorf("nil: %d", got)
	}
	if got := exitCode(io.EOF); got != exitFailed {
		t.Errorf("an error without a code: %d", got)
	}
	for code, want := range map[kit.Code]int{
		kit.Invalid: exitUsage, kit.Conflict: exitConflict, kit.Internal: exitFailed, kit.Unavailable: exitFailed,
	} {
		if got := exitCode(kit.Errorf(code, "x")); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{"a/b-c": "a/b-c", "my desk": "'my desk'", "it's": `'it'\''s'`, "": "''", "收据台": "收据台", "$x": "'$x'"} {
		if got := shellQuote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:80": "http://127.0.0.1:80", ":81": "http://127.0.0.1:81", "0.0.0.0:82": "http://127.0.0.1:82",
		"[::]:83": "http://127.0.0.1:83", "[::1]:84": "http://[::1]:84", "box:85": "http://box:85",
	} {
		if got := baseURL(addr); got != want {
			t.Errorf("baseURL(%q) = %q, want %q", addr, got, want)
		}
	}
	for _, bad := range []string{"", "8080", "a:b:c"} {
		if _, err := freeAddr(bad); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("freeAddr(%q): %v", bad, err)
		}
	}
	if got, err := freeAddr("127.0.0.1:0"); err != nil || strings.HasSuffix(got, ":0") {
		t.Errorf("a free port: %q, %v", got, err)
	}
}
