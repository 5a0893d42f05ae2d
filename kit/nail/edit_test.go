package nail_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func ExampleEdit() {
	file := "name: x\njob: y   # one sentence\n# what it costs\ntoday: {minutes: 3, wage: 12}  # by the clock\n"
	edited, err := nail.Edit("nail.yaml", []byte(file),
		nail.Change{Path: []string{"today", "minutes"}, Value: 2.5},
		nail.Change{Path: []string{"bar", "total"}, Value: nail.Goal{Threshold: 0.97}})
	fmt.Printf("%s%v", edited, err)
	// Output:
	// name: x
	// job: y   # one sentence
	// # what it costs
	// today: {minutes: 2.5, wage: 12}  # by the clock
	// bar:
	//   total: 0.97
	// <nil>
}

func set(path string, value any) nail.Change {
	return nail.Change{Path: strings.Split(path, "/"), Value: value}
}

func TestEditChangesNothingElse(t *testing.T) {
	for _, c := range []struct {
		name, before string
		change       nail.Change
		after        string
	}{
		{"a number", "price: 0.30   # a case\nlang: en\n", set("price", 0.5), "price: 0.5    # a case\nlang: en\n"},
		{"a longer one", "price: 1  # a case\n", set("price", 0.125), "price: 0.125  # a case\n"},
		{"a text", "buyer: Bookkeepers\n", set("buyer", "Bakers, of bread"), "buyer: Bakers, of bread\n"},
		{"a text that needs quotes", "buyer: Bookkeepers # who\n", set("buyer", `A: "b" # c`), "buyer: \"A: \\\"b\\\" # c\" # who\n"},
		{"Chinese", "buyer: 甲   # 谁\n", set("buyer", "代理记账公司，每月一百家"), "buyer: 代理记账公司，每月一百家  # 谁\n"},
		{"a number as text", "buyer: x\n", set("buyer", "12"), "buyer: \"12\"\n"},
		{"yes as text", "buyer: x\n", set("buyer", "yes"), "buyer: \"yes\"\n"},
		{"quoted with a comment's sign", "buyer: \"a # b\"  # who\n", set("buyer", "Bakers"), "buyer: Bakers   # who\n"},
		{"a text of lines", "buyer: |\n  one\n  two # not a comment\nlang: en\n", set("buyer", "Bakers"), "buyer: Bakers\nlang: en\n"},
		{"folded over lines", "buyer: one\n  two\nlang: en\n", set("buyer", "Bakers"), "buyer: Bakers\nlang: en\n"},
		{"a key that was not there", "buyer: Bakers\n# cost\nprice: 1\n", set("scenario", "Each evening"), "scenario: Each evening\n"},
		{"in braces", "today: {minutes: 3, wage: 12}   # by hand\n", set("today/wage", 9.0), "today: {minutes: 3, wage: 9}    # by hand\n"},
		{"new in braces", "today: {minutes: 3} # c\n", set("today/wage", 9.0), "today: {minutes: 3, wage: 9} # c\n"},
		{"new in empty braces", "today: {} # c\n", set("today/wage", 9.0), "today: {wage: 9} # c\n"},
		{"out of braces", "bar: {a: 0.9, b: 0.8} # c\n", set("bar/a", nil), "bar: {b: 0.8}         # c\n"},
		{"a goal in braces", "bar: {total: {threshold: 0.9, confidence: 0.9}, b: 0.8}\n", set("bar/total", nail.Goal{Measure: "exact", Threshold: 0.5}), "bar: {total: {measure: exact, threshold: 0.5}, b: 0.8}\n"},
		{"over lines", "bar: {\n  a: 0.9, # first, of all\n  b: 0.8  # second\n}\n", set("bar/b", nail.Goal{Threshold: 0.7}), "bar: {\n  a: 0.9, # first, of all\n  b: 0.7  # second\n}\n"},
		{"below", "today:\n  minutes: 3  # clock\n\n  # asked\n  wage: 12\nlang: en\n", set("today/minutes", 4.25), "today:\n  minutes: 4.25  # clock\n\n  # asked\n  wage: 12\nlang: en\n"},
		{"new below", "today:\n    minutes: 3  # clock\n# next\nlang: en\n", set("today/wage", 9.0), "today:\n    minutes: 3  # clock\n    wage: 9\n# next\nlang: en\n"},
		{"a dotted field", "bar:\n  seller.name: 0.9\n", set("bar/seller.name", nail.Goal{Threshold: 0.8}), "bar:\n  seller.name: 0.8\n"},
		{"a goal below", "bar:\n  total:  # why\n    measure: exact\n    threshold: 0.9\n", set("bar/total", nail.Goal{Threshold: 0.8}), "bar:\n  total: 0.8  # why\n"},
		{"the last of a group", "bar: {a: 0.9}\nlang: en\n", set("bar/a", nil), "lang: en\n"},
		{"the last below", "bar:\n  a: 0.9\nlang: en\n", set("bar/a", nil), "lang: en\n"},
		{"a list", "openai: {key_env: K}\n", set("openai/urls", []string{"http://127.0.0.1:8000/v1"}), "openai: {key_env: K, urls: [\"http://127.0.0.1:8000/v1\"]}\n"},
		{"no end of line", "lang: en", set("lang", "zh"), "lang: zh\n"},
		{"Windows", "lang: en\r\nprice: 1  # c\r\n", set("price", 2.0), "lang: en\r\nprice: 2  # c\r\n"},
		{"a field in a comment", "# price: 3\nprice: 1\n", set("price", 2.0), "# price: 3\nprice: 2\n"},
	} {
		head := start
		if strings.Contains(c.before, "\r\n") {
			head = strings.ReplaceAll(start, "\n", "\r\n")
		}
		want := head + c.after
		if c.name == "a key that was not there" {
			want = start + c.after + c.before
		}
		got, err := nail.Edit("nail.yaml", []byte(head+c.before), c.change)
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n%q\nwant\n%q", c.name, err, got, want)
		}
	}
}

func TestEditRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		change     nail.Change
		code       kit.Code
		want       string
	}{
		{"a bad value", start + "price: 1\n", set("price", -1.0), kit.Invalid, "nail.yaml:3:8: price: -1 cannot be used"},
		{"an alias", start + "scenario: &s where it is\nbuyer: *s\n", set("scenario", "Elsewhere"), kit.Unsupported, "cannot be changed in place"},
		{"a broken file", "name: {x\n", set("price", 1.0), kit.Invalid, "nail.yaml:"},
	} {
		_, err := nail.Edit("nail.yaml", []byte(c.text), c.change)
		if kit.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v (%s)", c.name, err, kit.CodeOf(err))
		}
	}
}

var comment = regexp.MustCompile(`(?m)(?:^|\s)#.*$`)

// TestEditKeepsEachComment makes random changes in a new app's own file: each
// comment stays, and what is read back is what was asked for.
func TestEditKeepsEachComment(t *testing.T) {
	raw, err := os.ReadFile("../../examples/receipts/nail.yaml")
	if os.IsNotExist(err) {
		t.Skip("the examples are not part of this copy of the kit")
	}
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	text = regexp.MustCompile(`(?m)^buyer:.*$`).ReplaceAllString(text, "buyer: One")
	text = regexp.MustCompile(`(?m)^job:.*$`).ReplaceAllString(text, "job: Two")
	text = regexp.MustCompile(`(?m)^scenario:.*?(  +#|$)`).ReplaceAllString(text, `scenario: ""$1`)
	words := rapid.OneOf(rapid.StringMatching(`[ -~]{1,40}`), rapid.String(), rapid.SampledFrom([]string{"", "yes", "null", "1e3", "- a", "a: b", "{", "甲，乙", "~"}))
	share := rapid.Float64Range(0.01, 1)
	rapid.Check(t, func(t *rapid.T) {
		buyer, scenario := words.Draw(t, "buyer"), words.Draw(t, "scenario")
		minutes, total := rapid.Float64Range(0, 1e4).Draw(t, "minutes"), share.Draw(t, "total")
		changes := []nail.Change{set("buyer", buyer), set("scenario", scenario), set("today/minutes", minutes), set("data/source", scenario),
			set("bar/total", nail.Goal{Threshold: total, Measure: "exact"}), set("bar/new.field", nail.Goal{Threshold: total}), set("bar/date", nil)}
		edited, err := nail.Edit("nail.yaml", []byte(text), changes...)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range comment.FindAllString(text, -1) {
			if !strings.Contains(string(edited), strings.TrimSpace(c)) {
				t.Fatalf("the comment %q is gone", c)
			}
		}
		n, err := nail.Parse("nail.yaml", edited)
		if err != nil {
			t.Fatal(err)
		}
		if _, dated := n.Bar["date"]; dated || n.Buyer != buyer || n.Scenario != scenario || n.Today.Minutes != minutes ||
			n.Bar["total"].Threshold != total || n.Bar["new.field"].Threshold != total || n.Data.Source != scenario {
			t.Fatalf("read back: %+v", n)
		}
		again, err := nail.Edit("nail.yaml", edited, changes...)
		if err != nil || !slices.Equal(again, edited) {
			t.Fatalf("a second time: %v\n%s", err, again)
		}
	})
}
