package review

import (
	"encoding/json"
	"testing"
)

func TestTextIsTakenWithoutControlCharacters(t *testing.T) {
	for text, want := range map[string]bool{
		"two\n\tlines\r\n, ok": true, "Straße 北京 🙂": true, "": true, "\u00a0": true,
		"\x00": false, "\x1b[31m": false, "\x7f": false, "\u0080": false, "a\u0085b": false, "\u009f": false, "\xff": false,
	} {
		if got := clean(text); got != want {
			t.Errorf("clean(%q) = %v", text, got)
		}
		if raw, _ := json.Marshal(map[string]any{"a": []string{text}}); typed(raw) != want && text != "\xff" { // Marshal mends that
			t.Errorf("typed(%s) = %v", raw, !want)
		}
	}
}
