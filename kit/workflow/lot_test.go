package workflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// sureOf drafts like firstLine, and is sure of texts that begin with "Sure".
func sureOf(n note) []baseline.Guess {
	guesses := firstLine(n)
	if strings.HasPrefix(n.Text, "Sure") {
		guesses[0].Confidence, guesses[1].Confidence = 0.97, 0.95
		guesses[1].Value = json.Number("7")
		guesses[1].Start, guesses[1].End = strings.Index(n.Text, "7"), strings.Index(n.Text, "7")+1
	}
	return guesses
}

// lots is a service whose sure cases gather.
type lots struct {
	*service
	lead auth.User
	flow *workflow.Workflow
}

// gathering starts a service with such a policy.
func gathering(t *testing.T, db *store.DB, p review.Policy, version string) *lots {
	t.Helper()
	m := baseline.New("rules", version, sureOf)
	w, in := workflow.New[note]("notes")
	d := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
	workflow.Deliver(workflow.Review(d, "check", p), "export", value)
	s := start(t, db, func(c *workflow.Config) { c.Workflow, c.Model = w, m })
	lead, err := s.accounts.Add(t.Context(), "Lea", "lea@example.com", auth.Lead)
	if err != nil {
		t.Fatal(err)
	}
	return &lots{service: s, lead: lead, flow: w}
}

// bar is one that holds for the service's drafts.
func (s *lots) bar() review.Bar {
	s.t.Helper()
	d, err := s.flow.FirstDraft(s.t.Context(), json.RawMessage(`{"text":"Sure 7"}`))
	if err != nil {
		s.t.Fatal(err)
	}
	return review.Bar{Step: "extract", Threshold: 0.9, Error: 0.05, Confidence: 0.95, Labels: 60, Model: d.Model,
		Prompt: d.Prompt, Schema: s.flow.FirstSchema().Hash()}
}

func (s *lots) certify() review.Bar {
	s.t.Helper()
	b, err := s.Certify(s.t.Context(), s.lead, s.bar())
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// sure submits cases that pass the bar.
func (s *lots) sure(n int) (ids []string) {
	for i := range n {
		ids = append(ids, s.submit(fmt.Sprintf("Sure %d\nof 7", i+10)))
	}
	return ids
}

// only is the one lot that there is.
func (s *lots) only() *review.Lot {
	s.t.Helper()
	p, err := s.Lots(s.t.Context(), "", 0)
	if err != nil || len(p.Items) != 1 {
		s.t.Fatalf("there are %d lots, want 1; %v", len(p.Items), err)
	}
	l, err := s.Lot(s.t.Context(), p.Items[0].ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

// until waits for the one lot to be in a state.
func (s *lots) until(state review.LotState) (l *review.Lot) {
	s.t.Helper()
	s.eventually("a lot in state "+string(state), func() bool {
		p, err := s.Lots(s.t.Context(), "", 0)
		if err != nil {
			s.t.Fatal(err)
		}
		return len(p.Items) == 1 && p.Items[0].State == state
	})
	return s.only()
}

// lookAt reviews the sample, the first wrong of it with a change.
func (s *lots) lookAt(l *review.Lot, wrong int) {
	s.t.Helper()
	for i := range l.Sample {
		by := []auth.User{s.ann, s.bob}[i%2]
		if v := s.claim(by); i < wrong {
			s.mustDecide(by, v, kit.Edit, `{"count": "8"}`)
		} else {
			s.mustDecide(by, v, kit.Approve, "")
		}
	}
}

func (s *lots) decideLot(by auth.User, l *review.Lot, accept bool) (*review.Lot, error) {
	q := review.LotRequest{Accept: accept, Subject: l.Subject, Key: kit.NewID()}
	if !accept {
		q.Reason = "too many wrong"
	}
	done, _, err := s.DecideLot(s.t.Context(), by, l.ID, q)
	return done, err
}

// waiting are the cases in the inbox.
func (s *lots) waiting() (ids []string) {
	s.t.Helper()
	p, err := s.Inbox(s.t.Context(), workflow.InboxFilter{Limit: 200})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, w := range p.Items {
		ids = append(ids, w.CaseID)
	}
	return ids
}

func (s *lots) good() {
	s.t.Helper()
	if faults, err := s.Compare(s.t.Context()); err != nil || len(faults) != 0 {
		s.t.Errorf("Compare says %q, %v", faults, err)
	}
	s.whole()
}

func small(size int) review.Policy {
	return review.Policy{Lots: review.Lots{Size: size, Error: 0.3, Confidence: 0.8}}
}

func TestALotIsDeliveredOnARandomSampleThatPeopleReviewed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const size = 60
		s := gathering(t, db, review.Policy{Lots: review.Lots{Size: size, Error: 0.05, Confidence: 0.95}}, "v1")
		bar := s.certify()
		unsure := s.submit("Perhaps")
		ids := s.sure(size)
		l := s.until(review.Sampling)
		if l.Size != size || l.Sample != eval.SampleSize(size, 0.05, 0.95) || l.Bar.ID != bar.ID || l.Seed != "" || l.Cases != nil || l.Result != nil {
			t.Fatalf("the lot is %+v", l)
		}
		if _, err := s.decideLot(s.lead, l, true); kit.CodeOf(err) != kit.Conflict {
			t.Errorf("a lot was decided before its sample: %v", err)
		}
		s.mustDecide(s.ann, s.claimOf(s.ann, unsure), kit.Reject, "")
		s.lookAt(l, 0)
		l = s.until(review.Ready)
		if l.Result.Wrong != 0 || !l.Result.Keeps || l.Result.Bound != eval.LotBound(0, l.Sample, size, 0.95) || l.Cases != nil {
			t.Fatalf("the sample says %+v", l.Result)
		}
		if _, err := s.decideLot(s.lead, l, true); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			s.reaches(id, kit.Delivered)
		}
		s.accepted(s.only())
		s.good()
	})
}

// claimOf claims the review of a case.
func (s *lots) claimOf(by auth.User, caseID string) *review.Review {
	s.t.Helper()
	c := s.reaches(caseID, kit.InReview)
	v, err := s.ClaimOne(s.t.Context(), by, c.ReviewID)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// accepted holds each case of an accepted lot to what it must be.
func (s *lots) accepted(l *review.Lot) {
	s.t.Helper()
	var ids []string
	for _, one := range l.Cases {
		ids = append(ids, one.CaseID)
	}
	drawn := review.Draw(l.Seed, ids, l.Sample)
	for _, one := range l.Cases {
		c, err := s.Case(s.t.Context(), s.ann, one.CaseID)
		if err != nil {
			s.t.Fatal(err)
		}
		if err := audit.CheckReceipt(c.Delivery.Receipt, c.Delivery.Output, nil); err != nil {
			s.t.Error(err)
		}
		by := c.Delivery.Receipt.Lot
		if one.Sampled != slices.Contains(drawn, one.CaseID) || one.Sampled != (by == nil) || one.Sampled != (c.Decision.LotID == "") {
			s.t.Fatalf("case %s: sampled %v, drawn %v, receipt by lot %+v", c.ID, one.Sampled, slices.Contains(drawn, one.CaseID), by)
		}
		if by != nil && (by.ID != l.ID || by.Size != l.Size || by.Sample != l.Sample || by.Wrong != l.Result.Wrong ||
			by.Bound != l.Result.Bound || by.Person.ID != s.lead.ID || c.Decision.Person.ID != s.lead.ID) {
			s.t.Errorf("the receipt says %+v", by)
		}
	}
}

func TestWithoutABarNothingGathers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(3), "v1")
		wrong := s.bar()
		wrong.Wrong = 1
		_, err := s.Certify(t.Context(), s.lead, wrong) // up to 7.7 % of 60
		wantCode(t, err, kit.Invalid)
		_, err = s.Certify(t.Context(), s.ann, s.bar())
		wantCode(t, err, kit.Forbidden)
		for _, change := range []func(*review.Bar){
			func(b *review.Bar) { b.Model.Digest = "other" },
			func(b *review.Bar) { b.Prompt = "other" },
			func(b *review.Bar) { b.Schema = "other" },
		} {
			b := s.bar()
			change(&b)
			if _, err := s.Certify(t.Context(), s.lead, b); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range s.sure(4) {
			s.reaches(id, kit.InReview)
		}
		p, err := s.Lots(t.Context(), "", 0)
		if n := len(s.waiting()); err != nil || len(p.Items) != 0 || n != 4 {
			t.Errorf("%d lots, %d cases wait, %v", len(p.Items), n, err)
		}
		s.good()
	})
}

func TestARejectedLotFallsBackToSingleReview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(8), "v1")
		s.certify()
		ids := s.sure(8)
		l := s.until(review.Sampling)
		s.lookAt(l, 1)
		l = s.until(review.Ready)
		if l.Result.Wrong != 1 || l.Result.Keeps {
			t.Fatalf("the sample says %+v of a sample of %d", l.Result, l.Sample)
		}
		_, err := s.decideLot(s.lead, l, true) // the bound breaks the promise
		wantCode(t, err, kit.Conflict)
		if _, err := s.decideLot(s.lead, l, false); err != nil {
			t.Fatal(err)
		}
		if n := len(s.waiting()); n != 8-l.Sample {
			t.Errorf("%d cases wait, want %d", n, 8-l.Sample)
		}
		for range 8 - l.Sample {
			s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		}
		for _, id := range ids {
			if c := s.reaches(id, kit.Delivered); c.Delivery.Receipt.Lot != nil {
				t.Errorf("case %s left by a rejected lot", id)
			}
		}
		s.good()
	})
}

func TestALotThatIsNotFullClosesInTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := small(50)
		p.Lots.After = time.Second
		s := gathering(t, db, p, "v1")
		s.certify()
		s.sure(2)
		if l := s.until(review.Sampling); l.Size > 2 || l.Sample < 1 {
			t.Errorf("closed with %d of %d", l.Sample, l.Size)
		}
	})
}

func TestAVoidBarLetsItsCasesGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(9), "v1")
		b := s.certify()
		s.sure(2)
		s.eventually("a lot of 2", func() bool { p, _ := s.Lots(t.Context(), "", 0); return len(p.Items) == 1 && p.Items[0].Size == 2 })
		wantCode(t, s.VoidBar(t.Context(), s.ann, b.ID, "no"), kit.Forbidden)
		if err := s.VoidBar(t.Context(), s.lead, b.ID, "a new printer"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, s.VoidBar(t.Context(), s.lead, b.ID, "again"), kit.Conflict)
		if l := s.until(review.VoidLot); len(s.waiting()) != 2 || l.Bar.Reason != "a new printer" {
			t.Errorf("%d cases wait; the lot is %+v", len(s.waiting()), l)
		}
		s.sure(1)
		s.eventually("a third to wait", func() bool { return len(s.waiting()) == 3 })
		s.good()
	})
}

// After a change of model, what gathered by the old one's bar is looked at.
func TestAnotherModelVoidsTheBar(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		old := gathering(t, db, small(9), "v1")
		old.certify()
		old.sure(2)
		old.eventually("a lot of 2", func() bool { p, _ := old.Lots(t.Context(), "", 0); return len(p.Items) == 1 && p.Items[0].Size == 2 })
		if err := old.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		m := baseline.New("rules", "v2", sureOf)
		w, in := workflow.New[note]("notes")
		d := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
		workflow.Deliver(workflow.Review(d, "check", small(9)), "export", value)
		next, err := workflow.NewRunner(workflow.Config{DB: db, Workflow: w, Signer: old.Signer, Sender: old.out})
		if err != nil {
			t.Fatal(err)
		}
		if err := next.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = next.Stop(context.Background()) })
		old.sure(1)
		old.until(review.VoidLot)
		old.eventually("three cases to wait", func() bool { return len(old.waiting()) == 3 })
		bars, err := next.Bars(t.Context())
		if err != nil || len(bars) != 0 {
			t.Errorf("bars that hold: %+v, %v", bars, err)
		}
		old.good()
	})
}
