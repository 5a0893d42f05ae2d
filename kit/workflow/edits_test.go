package workflow_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestWhatWasTypedIsFoundAgainByItsPersonAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("Acme\n12")
		v := s.claim(s.ann)
		typed := review.Edits{Subject: v.Subject, Fields: map[string]string{"title": "Acm"}, Confirmed: []string{"count"}, Words: map[string]string{"return": "look ag"}}
		for _, title := range []string{"Acm", "Acme L"} { // the second takes the place of the first
			typed.Fields["title"] = title
			if err := s.SaveEdits(t.Context(), s.ann, v.ID, v.Lease.Epoch, typed); err != nil {
				t.Fatal(err)
			}
		}
		e, err := s.Edits(t.Context(), s.ann, v.ID)
		if err != nil || e == nil || e.Fields["title"] != "Acme L" || e.Confirmed[0] != "count" || e.Words["return"] != "look ag" || e.Subject != v.Subject || time.Since(e.SavedAt) > time.Minute {
			t.Fatalf("found %+v, %v", e, err)
		}
		if e, err := s.Edits(t.Context(), s.bob, v.ID); e != nil || err != nil {
			t.Errorf("another person found %+v, %v", e, err)
		}
		wantCode(t, s.SaveEdits(t.Context(), s.bob, v.ID, v.Lease.Epoch, typed), kit.LostLease)
		wantCode(t, s.SaveEdits(t.Context(), s.ann, v.ID, v.Lease.Epoch+1, typed), kit.LostLease)
		if err := s.Release(t.Context(), s.ann, v.ID, v.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		if e, err := s.Edits(t.Context(), s.ann, v.ID); err != nil || e == nil {
			t.Errorf("a lost lease lost the edits: %+v, %v", e, err)
		}
	})
}

func TestTheDecisionEndsTheEditsAndUndoBringsThemBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("Acme\n12")
		v := s.claim(s.ann)
		if err := s.SaveEdits(t.Context(), s.ann, v.ID, v.Lease.Epoch, review.Edits{Fields: map[string]string{"title": "half"}}); err != nil {
			t.Fatal(err)
		}
		out, err := s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Edit, Fields: raws(`{"title":"Whole"}`), Subject: v.Subject,
			Epoch: v.Lease.Epoch, Key: "k"}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := s.Edits(t.Context(), s.ann, v.ID); e != nil || err != nil {
			t.Errorf("after the decision: %+v, %v", e, err)
		}
		if _, err := s.Undo(t.Context(), s.ann, out.Decision.ID); err != nil {
			t.Fatal(err)
		}
		if e, err := s.Edits(t.Context(), s.ann, v.ID); err != nil || e == nil || e.Fields["title"] != "Whole" || e.Subject != v.Subject {
			t.Errorf("after the undo: %+v, %v", e, err)
		}
		s.whole()
	})
}

func TestEditsAreDroppedAndBounded(t *testing.T) {
	s := start(t, storetest.SQLite(t))
	s.submit("Acme\n12")
	v := s.claim(s.ann)
	save := func(title string) error {
		return s.SaveEdits(t.Context(), s.ann, v.ID, v.Lease.Epoch, review.Edits{Fields: map[string]string{"title": title}})
	}
	wantCode(t, save(strings.Repeat("a", 300<<10)), kit.TooLarge)
	events := func() int {
		c, err := s.Case(t.Context(), s.ann, v.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		return len(c.History)
	}
	before := events()
	for name, forget := range map[string]func() error{
		"dropped": func() error { return s.DropEdits(t.Context(), s.ann, v.ID) },
		"emptied": func() error { return s.SaveEdits(t.Context(), s.ann, v.ID, v.Lease.Epoch, review.Edits{}) },
	} {
		if err := save("Acme"); err != nil {
			t.Fatal(err)
		}
		if err := forget(); err != nil {
			t.Fatal(err)
		}
		if e, err := s.Edits(t.Context(), s.ann, v.ID); e != nil || err != nil {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	if events() != before {
		t.Error("the trail tells of typing")
	}
}

// raws reads an object's members as they stand.
func raws(object string) (members map[string]json.RawMessage) {
	_ = json.Unmarshal([]byte(object), &members) // the test's own
	return members
}
