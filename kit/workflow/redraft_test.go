package workflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// restless answers differently each time, and notes what it was told.
type restless struct {
	n    atomic.Int64
	told atomic.Pointer[model.Request]
}

func (m *restless) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "restless", Digest: "v1"}, nil
}

func (m *restless) Generate(_ context.Context, req model.Request) (model.Reply, error) {
	m.told.Store(&req)
	n := m.n.Add(1)
	return model.Reply{Output: fmt.Sprintf(`{"title":"draft %d","count":%d}`, n, n), Model: kit.ModelInfo{Name: "restless", Digest: "v1"}}, nil
}

// giveBack returns a review with what a person sets and asks for.
func (s *service) giveBack(v *review.Review, fields map[string]json.RawMessage, confirmed, redraft []string) error {
	_, err := s.Decide(s.t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Return, Reason: "look again", Fields: fields,
		Confirmed: confirmed, Redraft: redraft, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: kit.NewID()}, 0)
	return err
}

func TestARedraftAsksForWhatWasChosenAndKeepsWhatPeopleSet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		m := &restless{}
		s := start(t, db, func(c *workflow.Config) { c.Workflow = simple(m) })
		id := s.submit("Blue chairs, draft 1")
		v := s.claim(s.ann)
		for _, c := range []struct {
			fields             map[string]json.RawMessage
			confirmed, redraft []string
			path               string
		}{
			{nil, []string{"colour"}, nil, "colour"},
			{nil, nil, []string{"colour"}, "colour"},
			{map[string]json.RawMessage{"title": json.RawMessage(`null`)}, nil, nil, "title"},
			{map[string]json.RawMessage{"title": json.RawMessage(`"x"`)}, []string{"title"}, nil, "title"},
			{map[string]json.RawMessage{"title": json.RawMessage(`"x"`)}, nil, []string{"title"}, "title"},
		} {
			err := s.giveBack(v, c.fields, c.confirmed, c.redraft)
			if bad := kit.FieldsOf(err); kit.CodeOf(err) != kit.Invalid || len(bad) == 0 || bad[0].Path != c.path {
				t.Errorf("%+v: %v", c, err)
			}
		}
		if err := s.giveBack(v, nil, []string{"title"}, []string{"count"}); err != nil {
			t.Fatal(err)
		}
		v = s.claim(s.ann)
		f := v.Draft.Fields[0]
		if string(v.Draft.Value) != `{"title":"draft 1","count":2}` || f.Confidence != 1 || !slices.Contains(f.Marks, kit.MarkSet) || len(f.Evidence) != 1 {
			t.Errorf("the second draft is %s, its title %+v", v.Draft.Value, f)
		}
		if len(v.Locked) != 1 || v.Locked[0].Path != "title" || v.Locked[0].Person.Name != "Ann" {
			t.Errorf("locked %+v", v.Locked)
		}
		told := m.told.Load()
		if string(told.Settled["title"]) != `"draft 1"` || !slices.Equal(told.Wanted, []string{"count"}) || told.Comment != "look again" {
			t.Errorf("the model was told %+v", told)
		}
		if err := s.giveBack(v, nil, nil, []string{"title"}); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("a locked field is asked for again: %v", err)
		}
		if err := s.giveBack(v, map[string]json.RawMessage{"count": json.RawMessage(`null`)}, nil, nil); err != nil {
			t.Fatal(err)
		}
		v = s.claim(s.ann)
		if string(v.Draft.Value) != `{"title":"draft 1","count":null}` {
			t.Errorf("the third draft is %s", v.Draft.Value)
		}
		out := s.mustDecide(s.ann, v, kit.Edit, `{"title": "mine"}`)
		if out.Decision.Fields["title"] != "changed" {
			t.Errorf("did %v", out.Decision.Fields)
		}
		s.reaches(id, kit.Delivered)
		var receipt string
		if err := db.Read().NewRaw("SELECT receipt FROM deliveries WHERE case_id = ?", id).Scan(t.Context(), &receipt); err != nil {
			t.Fatal(err)
		}
		var proof audit.Receipt
		if err := json.Unmarshal([]byte(receipt), &proof); err != nil || len(proof.Fields) != 2 || !proof.Fields[0].Set || !proof.Fields[1].Set {
			t.Errorf("the receipt does not tell that people set both fields before the draft: %s, %v", receipt, err)
		}
		s.agrees()
	})
}

func TestWhatWasTakenBackLocksNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("One two")
		if err := s.giveBack(s.claim(s.ann), map[string]json.RawMessage{"count": json.RawMessage(`"5"`)}, nil, nil); err != nil {
			t.Fatal(err)
		}
		v := s.claim(s.ann)
		out, err := s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Edit, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "k",
			Fields: map[string]json.RawMessage{"count": json.RawMessage(`6`)}, Confirmed: []string{"title"}}, time.Hour)
		if err != nil || out.Decision.Fields["title"] != "confirmed" {
			t.Fatalf("%+v, %v", out, err)
		}
		if locks, err := review.Locks(t.Context(), db.Read(), v.CaseID, "extract"); err != nil || len(locks) != 2 || string(locks[0].Value) != "6" {
			t.Errorf("locked %s, %v", locks, err)
		}
		if _, err := s.Undo(t.Context(), s.ann, out.Decision.ID); err != nil {
			t.Fatal(err)
		}
		locks, err := review.Locks(t.Context(), db.Read(), v.CaseID, "extract")
		if err != nil || len(locks) != 1 || string(locks[0].Value) != "5" {
			t.Errorf("after the undo locked %s, %v", locks, err)
		}
	})
}
