package workflow_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// corrections reads all of them, a page of limit at a time.
func (s *service) corrections(limit int) (all []workflow.Correction) {
	s.t.Helper()
	for after := ""; ; {
		p, err := s.Corrections(s.t.Context(), after, limit)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(p.Items) > limit {
			s.t.Fatalf("%d on a page of %d", len(p.Items), limit)
		}
		if all = append(all, p.Items...); p.Next == "" {
			return all
		}
		after = p.Next
	}
}

func TestCorrectionsAreWhatPeopleLetOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		edited := s.submit("Blue chairs\nfour of them")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Edit, `{"count": "4"}`)
		approved := s.submit("Red table")
		s.mustDecide(s.bob, s.claim(s.bob), kit.Approve, "")
		rejected := s.submit("Not a note")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Reject, "")
		s.submit("Still waiting")
		s.reaches(rejected, kit.Rejected)
		s.reaches(edited, kit.Delivered)
		s.reaches(approved, kit.Delivered)
		all := s.corrections(100)
		if len(all) != 2 || all[0].CaseID != edited || all[1].CaseID != approved {
			t.Fatalf("%+v", all)
		}
		e := all[0]
		if string(e.Value) != `{"title":"Blue chairs","count":4}` || string(e.Draft.Value) != `{"title":"Blue chairs","count":5}` || !slices.Equal(e.Changed, []string{"count"}) {
			t.Errorf("edited: let out %s, drafted %s, changed %v", e.Value, e.Draft.Value, e.Changed)
		}
		if e.Verdict != kit.Edit || e.Person.Name != "Ann" || e.Step != "check" || e.DraftStep != "extract" || e.Lot != "" || e.Blind ||
			e.CaseName != "note.txt" || e.From != s.robot.ID || e.Draft.Model.Name != "rules" || len(e.Draft.Fields) != 2 || e.DecidedAt.IsZero() {
			t.Errorf("edited: %+v", e)
		}
		if a := all[1]; string(a.Value) != `{"title":"Red table","count":2}` || len(a.Changed) != 0 || a.Person.Name != "Bob" {
			t.Errorf("approved: let out %s, %+v", a.Value, a)
		}
		for limit := 1; limit <= 2; limit++ {
			paged := s.corrections(limit)
			if !slices.EqualFunc(paged, all, func(a, b workflow.Correction) bool { return a.ID == b.ID }) {
				t.Errorf("in pages of %d: %+v", limit, paged)
			}
		}
		_, err := s.Corrections(t.Context(), "no cursor", 10)
		wantCode(t, err, kit.Invalid)
	})
}

// TestTheLastWordCounts has a case that was given back first, and one whose
// decision was taken back.
func TestTheLastWordCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		returned := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Return, "")
		s.mustDecide(s.bob, s.claim(s.bob), kit.Edit, `{"title": "Uno dos"}`)
		s.reaches(returned, kit.Delivered)
		undone := s.submit("Three")
		v := s.claim(s.ann)
		out, err := s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Approve, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "k"}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if all := s.corrections(10); len(all) != 2 { // on its way out, and not taken back
			t.Fatalf("%+v", all)
		}
		if _, err := s.Undo(t.Context(), s.ann, out.Decision.ID); err != nil {
			t.Fatal(err)
		}
		if all := s.corrections(10); len(all) != 1 || all[0].CaseID != returned || string(all[0].Value) != `{"title":"Uno dos","count":2}` || all[0].Person.Name != "Bob" {
			t.Fatalf("after undo: %+v", all)
		}
		again, err := s.Review(t.Context(), s.ann, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, again, kit.Edit, `{"title": "Tres"}`)
		s.reaches(undone, kit.Delivered)
		all := s.corrections(10)
		if len(all) != 2 || all[1].CaseID != undone || string(all[1].Value) != `{"title":"Tres","count":1}` {
			t.Errorf("decided anew: %+v", all)
		}
	})
}

// TestACanaryIsNoCorrection: what people said of an error that was put in says
// nothing of the model.
func TestACanaryIsNoCorrection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, canaries)
		id := s.submit("Blue chairs")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Edit, `{"title": "Blue chairs"}`)
		if all := s.corrections(10); len(all) != 0 {
			t.Fatalf("of a canary: %+v", all)
		}
		s.mustDecide(s.bob, s.claim(s.bob), kit.Edit, `{"count": "3"}`)
		s.reaches(id, kit.Delivered)
		all := s.corrections(10)
		if len(all) != 1 || string(all[0].Value) != `{"title":"Blue chairs","count":3}` || string(all[0].Draft.Value) != `{"title":"Blue chairs","count":2}` {
			t.Errorf("of the real review: %+v", all)
		}
	})
}

// TestWhoPassedWithALotIsMarked has 8 cases of a lot, of which people looked at
// some.
func TestWhoPassedWithALotIsMarked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(8), "v1")
		s.certify()
		s.sure(8)
		s.lookAt(s.until(review.Sampling), 0)
		l := s.until(review.Ready)
		if _, err := s.decideLot(s.lead, l, true); err != nil {
			t.Fatal(err)
		}
		s.eventually("all deliveries", func() bool { return s.out.count() == 8 })
		looked, passed := 0, 0
		for _, c := range s.corrections(3) {
			switch c.Lot {
			case "":
				looked++
			case l.ID:
				passed++
			default:
				t.Errorf("of another lot: %+v", c)
			}
		}
		if looked+passed != 8 || looked != l.Sample || looked == 0 || passed == 0 {
			t.Errorf("%d looked at and %d passed, of a lot of 8 with a sample of %d", looked, passed, l.Sample)
		}
	})
}
