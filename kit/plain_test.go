package kit_test

import (
	"encoding/json"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

func TestPlain(t *testing.T) {
	for value, want := range map[string]string{
		`"Blue chairs"`: "Blue chairs", ` "a\u0026b" `: "a&b", "12.50": "12.50", " null ": "", "": "", `""`: "",
		`"null"`: "null", "true": "true", `{"a": 1}`: `{"a": 1}`, "1,5": "1,5",
	} {
		if got := kit.Plain(json.RawMessage(value)); got != want {
			t.Errorf("%q reads %q, want %q", value, got, want)
		}
	}
}
