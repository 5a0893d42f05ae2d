package console

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// spoken writes a diff as [-removed-] and {+added+}.
func spoken(parts []part) string {
	var out strings.Builder
	for _, p := range parts {
		switch p.Kind {
		case "del":
			out.WriteString("[-" + p.Text + "-]")
		case "ins":
			out.WriteString("{+" + p.Text + "+}")
		default:
			out.WriteString(p.Text)
		}
	}
	return out.String()
}

func TestWordsThatDifferAreTold(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"NO. 53, JALAN SAGU", "NO. 55, JALAN SAGU", "NO. [-53-]{+55+}, JALAN SAGU"},
		{"9.00", "19.00", "[-9.00-]{+19.00+}"}, // a number is one word
		{"上海市静安区", "上海市长宁区", "上海市[-静安-]{+长宁+}区"},
		{"a b c", "a x y c", "a [-b-]{+x y+} c"},
		{"same", "same", "same"},
		{"", "new", "{+new+}"},
		{"old", "", "[-old-]"},
		{"one\ntwo", "one\nthree", "one\n[-two-]{+three+}"},
		{"pay\u202e", "pay", "pay[-⟨U+202E⟩-]"},
	} {
		if got := spoken(diff(c.before, c.after)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.before, c.after, got, c.want)
		}
	}
	if got := diff(strings.Repeat("a ", 40_000), "b"); len(got) != 2 {
		t.Errorf("a long text has %d parts", len(got))
	}
}

func TestADiffKeepsBothTexts(t *testing.T) {
	text := rapid.StringOf(rapid.SampledFrom([]rune("ab 0.,付款é\n\t🙂")))
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var a, b strings.Builder
		for _, p := range diff(before, after) {
			if p.Kind != "ins" {
				a.WriteString(p.Text)
			}
			if p.Kind != "del" {
				b.WriteString(p.Text)
			}
		}
		if a.String() != before || b.String() != after {
			t.Fatalf("%q to %q became %q to %q", before, after, a.String(), b.String())
		}
	})
}
