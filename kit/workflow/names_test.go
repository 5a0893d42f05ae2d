package workflow

import (
	"strings"
	"testing"
)

func TestANameIsKeptAsItCanBeShown(t *testing.T) {
	for name, want := range map[string]string{
		" a.pdf ":                               "a.pdf",
		"receipt\u202efdp.exe":                  "receiptfdp.exe",
		"\u200e\u200f\u061cשלום\u2066\u2069":    "שלום",
		"\u202a\u202b\u202c\u202d\u2067x\u2068": "x",
		"a\x00\nb\u0085c":                       "abc",
		"family \U0001f468\u200d\U0001f469":     "family \U0001f468\u200d\U0001f469", // joined, which turns nothing round
		strings.Repeat("é", maxName):            strings.Repeat("é", maxName/2),
	} {
		if got := caseName(name); got != want {
			t.Errorf("caseName(%q) = %q, want %q", name, got, want)
		}
	}
}
