package main

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/kittest"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// A note goes the whole way: the rules draft it, a person puts one field right,
// and what leaves is what that person decided.
func TestNoteLeavesAsDecided(t *testing.T) {
	desk := kittest.Start(t, config())
	id := desk.Submit("Subject: lift out of order\nThe inspection is on 2026-03-05.")
	desk.Edit(desk.Claim(), map[string]any{"subject": "Lift, block B"})

	var left Answer
	if err := json.Unmarshal(desk.Delivered(id), &left); err != nil {
		t.Fatal(err)
	}
	if left.Subject == nil || *left.Subject != "Lift, block B" || left.Date == nil || *left.Date != "2026-03-05" {
		t.Errorf("what left is not what was decided: %+v", left)
	}
}

func TestRejectedNoteStays(t *testing.T) {
	desk := kittest.Start(t, config())
	id := desk.Submit("Out of office until Monday.")
	desk.Reject(desk.Claim(), "no note")
	if c := desk.Reaches(id, kit.Rejected); c.Delivery != nil {
		t.Errorf("a rejected case was delivered: %s", c.Delivery.Output)
	}
}

// The steps are those that were asked for, in their order.
func TestSteps(t *testing.T) {
	var kinds []string
	for _, s := range Workflow(config().Baseline).Steps() {
		kinds = append(kinds, s.Kind)
	}
	if !slices.Equal(kinds, []string{"draft", "review", "deliver"}) {
		t.Errorf("the steps are %v", kinds)
	}
}

func TestRules(t *testing.T) {
	for text, want := range map[string][2]string{
		"Re: keys\nLost on 2026/3/5.":       {"keys", "2026-03-05"},
		"主题：钥匙\n2026年3月5日丢失":                {"钥匙", "2026-03-05"},
		"\n  Two windows\nBuilt in 2019-13": {"Two windows", ""},
		"2026-02-31 or 2026-02-28":          {"2026-02-31 or 2026-02-28", "2026-02-28"},
		"--\n":                              {"", ""},
	} {
		var got [2]string
		for _, g := range rules(Note{Document: kit.Document{Text: text}}) {
			got[slices.Index([]string{"subject", "date"}, g.Path)] = g.Value.(string)
			if g.Start < 0 || g.Start >= g.End || g.End > len(text) {
				t.Errorf("%q: %s stands at %d to %d", text, g.Path, g.Start, g.End)
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// An error that no answer could hold would give itself away.
func TestCanariesLookLikeAnswers(t *testing.T) {
	schema, err := model.SchemaOf[Answer]()
	if err != nil {
		t.Fatal(err)
	}
	draft := []byte(`{"subject":"keys","date":"2026-03-05"}`)
	for _, c := range canaries() {
		path, wrong, ok := c.Make(workflow.Specimen{
			Values: schema.Flatten(draft),
			Rand:   rand.New(rand.NewPCG(1, 2)),
			Other:  func(string) json.RawMessage { return json.RawMessage(`"windows"`) },
		})
		altered, bad := schema.Apply(draft, map[string]json.RawMessage{path: wrong})
		if !ok || len(bad) > 0 || string(altered) == string(draft) {
			t.Errorf("%s: %s makes %s of a good draft (%v)", c.Name, wrong, altered, bad)
		}
	}
}
