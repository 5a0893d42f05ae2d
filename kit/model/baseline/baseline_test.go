package baseline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

type entry struct {
	Shop  *string     `json:"shop" jsonschema:"maxLength=40"`
	Total json.Number `json:"total" jsonschema:"minimum=0"`
	Tags  []string    `json:"tags"`
}

var paper = kit.Document{Text: "ABC\nTOTAL 5.00\n"}

// guesses are rules that say the same of every document.
func guesses(g ...baseline.Guess) baseline.Rules[kit.Document] {
	return func(kit.Document) []baseline.Guess { return g }
}

func draft(t *testing.T, rules baseline.Rules[kit.Document]) (model.Draft[entry], error) {
	t.Helper()
	return model.Extract[kit.Document, entry](baseline.New("rules", "v1", rules), "read")(t.Context(), paper)
}

func TestRulesDraft(t *testing.T) {
	d, err := draft(t, guesses(
		baseline.Guess{Path: "total", Value: json.Number("4.00"), Confidence: 0.2},
		baseline.Guess{Path: "total", Value: json.Number("5.00"), Confidence: 0.8, Start: 10, End: 14},
		baseline.Guess{Path: "shop", Value: "ABC", Confidence: 0.6, Start: 0, End: 99},
		baseline.Guess{Path: "tags", Value: []string{"food"}, Confidence: 0.3},
	))
	if err != nil || d.GaveUp != "" || *d.Value.Shop != "ABC" || d.Value.Total != "5.00" || len(d.Value.Tags) != 1 {
		t.Fatalf("draft %+v, %v", d, err)
	}
	if f := d.Fields[1]; f.Confidence != 0.8 || len(f.Evidence) != 1 || f.Evidence[0].Text != "5.00" || f.Evidence[0].Line != 2 {
		t.Errorf("total %+v", f)
	}
	if f := d.Fields[0]; f.Confidence != 0.6 || len(f.Evidence) != 1 || f.Evidence[0].Text != "ABC" {
		t.Errorf("a guess with a place out of bounds is looked up: %+v", f)
	}
	if d.Model.Name != "rules" || len(d.Model.Digest) != 64 || d.Prompt != "" || d.Usage.Tries != 1 {
		t.Errorf("made by %+v, prompt %q, usage %+v", d.Model, d.Prompt, d.Usage)
	}
}

// What is weak is told to those who ask for guesses, and never drafted.
func TestAWeakGuessIsNoAnswer(t *testing.T) {
	rules := guesses(
		baseline.Guess{Path: "shop", Value: "XYZ", Confidence: 0.9, Weak: true},
		baseline.Guess{Path: "shop", Value: "ABC", Confidence: 0.6},
		baseline.Guess{Path: "shop", Value: "DEF", Confidence: 0.6},
		baseline.Guess{Path: "total", Value: json.Number("5.00"), Confidence: 0.1, Weak: true},
	)
	d, err := draft(t, rules)
	if err != nil || *d.Value.Shop != "ABC" || !strings.Contains(d.GaveUp, "total must not be empty") {
		t.Errorf("draft %+v, %v", d, err)
	}
	g := baseline.New("rules", "v1", rules).(model.Guesser)
	if all, err := g.Guesses(paper); err != nil || len(all) != 4 {
		t.Errorf("guesses %+v, %v", all, err)
	}
	if _, err := g.Guesses("a text"); kit.CodeOf(err) != kit.Internal {
		t.Errorf("of an input of another type: %v", err)
	}
}

func TestWhatTheRulesDoNotSay(t *testing.T) {
	d, err := draft(t, guesses(baseline.Guess{Path: "total", Value: 5, Confidence: 1}, baseline.Guess{Path: "tags", Value: []int{}}))
	if err != nil || d.GaveUp != "" || d.Value.Shop != nil {
		t.Errorf("a nullable field left out: %+v, %v", d, err)
	}
	d, err = draft(t, guesses(baseline.Guess{Path: "shop", Value: "ABC", Confidence: 1}))
	if err != nil || !strings.Contains(d.GaveUp, "total must not be empty") || *d.Value.Shop != "ABC" || d.Usage.Tries != 1 {
		t.Errorf("a required field left out: %+v, %v", d, err)
	}
	if d, err = draft(t, guesses()); err != nil || d.GaveUp == "" {
		t.Errorf("no guesses: %+v, %v", d, err)
	}
}

func TestBrokenRulesAreErrors(t *testing.T) {
	for name, rules := range map[string]baseline.Rules[kit.Document]{
		"panic":        func(d kit.Document) []baseline.Guess { _ = d.Spans[3]; return nil },
		"no such path": guesses(baseline.Guess{Path: "totle", Value: 1}),
		"no JSON":      guesses(baseline.Guess{Path: "total", Value: make(chan int)}),
	} {
		if _, err := draft(t, rules); kit.CodeOf(err) != kit.Internal || !strings.Contains(err.Error(), "draft read by rules") {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := baseline.New("rules", "v1", guesses())
	if _, err := model.Extract[string, entry](p, "read")(t.Context(), "text"); kit.CodeOf(err) != kit.Internal {
		t.Errorf("an input of another type: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := model.Extract[kit.Document, entry](p, "read")(ctx, paper); err == nil {
		t.Error("a cancelled draft was made")
	}
}

func TestTheDigestIsThatOfTheSource(t *testing.T) {
	digest := func(source string) string {
		info, err := baseline.New("rules", source, guesses()).Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return info.Digest
	}
	if first, again, other := digest("v1"), digest("v1"), digest("v2"); first != again || first == other {
		t.Error("the digest does not follow the source")
	}
}

func Example() {
	type receipt struct {
		Total json.Number `json:"total"`
	}
	rules := func(in kit.Document) []baseline.Guess {
		at := strings.Index(in.Text, "TOTAL ") + len("TOTAL ")
		end := at + strings.IndexByte(in.Text[at:], '\n')
		return []baseline.Guess{{Path: "total", Value: json.Number(in.Text[at:end]), Confidence: 0.9, Start: at, End: end}}
	}
	p := baseline.New("last-word", "the text of the rules", rules)
	draft, err := model.Extract[kit.Document, receipt](p, "read")(context.Background(), kit.Document{Text: "ABC\nTOTAL 12.50\n"})
	if err != nil {
		fmt.Println(err)
		return
	}
	f := draft.Fields[0]
	fmt.Println(f.Path, string(f.Value), f.Confidence, "line", f.Evidence[0].Line)
	// Output: total 12.50 0.9 line 2
}
