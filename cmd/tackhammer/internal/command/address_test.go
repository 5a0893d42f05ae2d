package command

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

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
