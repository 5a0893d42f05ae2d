package workflow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// numbers is how far apart in the trail a case's draft and its first round are.
func (s *service) numbers(id string) int64 {
	s.t.Helper()
	events, err := audit.Events(s.t.Context(), s.DB.Read(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, e := range events {
		if e.Kind == "round.opened" {
			return e.Seq - events[i-1].Seq
		}
	}
	return 0
}

// slow is how long planting an error takes here: long against what a busy
// machine adds to the work of opening.
const slow = time.Second

// late is how long after its opening began a review got its id, or its case
// its round: both tell the time.
func late(t *testing.T, c *workflow.Case, v *review.Review) time.Duration {
	t.Helper()
	id, err := uuid.Parse(v.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(id.Time().UnixTime())
	for _, e := range c.History {
		if e.Kind == "round.opened" && e.At.After(at) {
			at = e.At
		}
	}
	return at.Sub(v.CreatedAt)
}

// drafted is the draft that a case's history tells of.
func drafted(c *workflow.Case) string {
	for _, e := range c.History {
		if e.Kind == "draft.made" {
			var d struct{ Draft string }
			_ = json.Unmarshal(e.Data, &d)
			return d.Draft
		}
	}
	return ""
}

// shape is JSON with "…" for ids, times, hashes and numbers that go with them,
// and for the one word in which the two sources differ.
func shape(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		t.Fatal(err)
	}
	bare, err := json.MarshalIndent(bareOf("", tree), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("Red", "…", "Blue", "…").Replace(string(bare))
}

// varying are the keys whose values differ between any two cases.
var varying = []string{"id", "case_id", "review_id", "subject", "created_at", "updated_at", "due_at", "expires_at", "lease_until",
	"at", "seq", "hash", "prev", "draft", "round", "review", "input", "elapsed_ms", "usage", "end", "epoch", "seal"}

func bareOf(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			v[k] = bareOf(k, item)
		}
		if !slices.Contains(varying, key) || key == "draft" {
			return v
		}
	case []any:
		for i, item := range v {
			v[i] = bareOf("", item)
		}
		return v
	case string:
		if key == "data" { // of an event
			var inner any
			if json.Unmarshal([]byte(v), &inner) == nil {
				return bareOf("", inner)
			}
		}
	}
	if slices.Contains(varying, key) {
		return "…"
	}
	return v
}
