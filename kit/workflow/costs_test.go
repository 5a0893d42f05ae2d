package workflow_test

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// costing is a service whose drafts cost: 10 seconds of a machine at 0.01 a
// second each.
func costing(budget float64, failing func() error) option {
	rules := model.Extract[note, label](baseline.New("rules", "v1", firstLine), "extract")
	return func(c *workflow.Config) {
		w, in := workflow.New[note]("notes")
		d := workflow.Draft(in, "extract", func(ctx context.Context, n note) (model.Draft[label], error) {
			if err := failing(); err != nil {
				return model.Draft[label]{}, err
			}
			d, err := rules(ctx, n)
			d.Model.Name, d.Usage = "big", model.Usage{Elapsed: 10 * time.Second, Tries: 2, PromptTokens: 300, OutputTokens: 40}
			return d, err
		})
		workflow.Deliver(workflow.Review(d, "check", review.Policy{}), "export", value)
		c.Workflow = w
		c.Rates = nail.Rates{Currency: "USD", Price: 2, Wage: 36, GPUHour: 72, Slots: 2, Budget: budget}
	}
}

func never() error { return nil }

// lead is somebody who may see what things cost.
func (s *service) leader() auth.User {
	s.t.Helper()
	u, err := s.accounts.Add(s.t.Context(), "Lea", kit.NewID()+"@example.com", auth.Lead)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

func (s *service) costs(days int) workflow.Costs {
	s.t.Helper()
	c, err := s.Costs(s.t.Context(), auth.User{Kind: auth.PersonKind, Role: auth.Lead}, days)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// watch is a clock that the test moves.
type watch struct{ us atomic.Int64 }

func newWatch(c *workflow.Config, at time.Time) *watch {
	w := &watch{}
	w.us.Store(at.UnixMicro())
	c.Clock = func() time.Time { return time.UnixMicro(w.us.Load()).UTC() }
	return w
}

func (w *watch) pass(d time.Duration) { w.us.Add(d.Microseconds()) }

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func TestEveryCallAndEveryMinuteCosts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var w *watch
		s := start(t, db, costing(0, never), func(c *workflow.Config) { w = newWatch(c, noon) })
		took := func(verdict kit.Verdict, d time.Duration) workflow.Outcome {
			v := s.claim(s.ann)
			w.pass(d)
			return s.mustDecide(s.ann, v, verdict, "")
		}
		one := s.submit("One")
		v := s.claim(s.bob)
		w.pass(5 * time.Second)
		if err := s.Release(t.Context(), s.bob, v.ID, v.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		took(kit.Return, 10*time.Second) // drafted again
		took(kit.Approve, 20*time.Second)
		s.reaches(one, kit.Delivered)
		s.submit("Two")
		v = s.claim(s.bob)
		w.pass(40 * time.Second)
		s.mustDecide(s.bob, v, kit.Skip, "")
		took(kit.Reject, 80*time.Second)

		c := s.costs(7)
		f := c.Facts
		f.Days = 0
		want := nail.Facts{Submitted: 2, Drafted: 3, Delivered: 1, Calls: 6, PromptTokens: 900, OutputTokens: 120,
			ModelSeconds: 30, Decisions: 4, ReviewSeconds: 155, Touched: 1}
		if f != want {
			t.Errorf("facts\n%+v, want\n%+v", f, want)
		}
		if len(c.Models) != 1 || c.Models[0].Model != "big" || math.Abs(c.Models[0].Cost-0.3) > 1e-9 {
			t.Errorf("models %+v", c.Models)
		}
		if d := c.Days[6]; d.ReviewSeconds != 155 || d.ModelSeconds != 30 || d.Delivered != 1 || len(c.Days) != 7 {
			t.Errorf("today %+v", d)
		}
		if got := *c.Ledger.ByCalls.Case; math.Abs(got-(0.3+1.55)) > 1e-9 { // 155 s at 36 an hour
			t.Errorf("a case costs %v", got)
		}
		if c.Facts.Days <= 0 || c.Facts.Days > 0.01 || c.Ledger.ByCalls.Month != nil {
			t.Errorf("of %v days, a month is %+v", c.Facts.Days, c.Ledger.ByCalls.Month)
		}
		s.agrees()
	})
}

func TestTimeThatWasSpentStaysWhenADecisionIsTakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var w *watch
		s := start(t, db, costing(0, never), func(c *workflow.Config) { w = newWatch(c, noon) })
		s.submit("One")
		v := s.claim(s.ann)
		w.pass(30 * time.Second)
		req := review.Request{Verdict: kit.Approve, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: kit.NewID()}
		out, err := s.Decide(t.Context(), s.ann, v.ID, req, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Decide(t.Context(), s.ann, v.ID, req, time.Minute); err != nil { // a second click
			t.Fatal(err)
		}
		w.pass(2 * time.Second)
		if _, err := s.Undo(t.Context(), s.ann, out.Decision.ID); err != nil {
			t.Fatal(err)
		}
		w.pass(7 * time.Second)
		v, err = s.Review(t.Context(), s.ann, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, v, kit.Reject, "")
		if f := s.costs(1).Facts; f.ReviewSeconds != 37 || f.Decisions != 1 {
			t.Errorf("%v s of review for %d decisions, want 37 s for 1", f.ReviewSeconds, f.Decisions)
		}
	})
}

func TestACallThatFailedCostsToo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var calls atomic.Int32
		s := start(t, db, costing(0, func() error {
			switch calls.Add(1) {
			case 2:
				time.Sleep(30 * time.Millisecond)
				return errors.New("the server is down")
			case 3:
				time.Sleep(30 * time.Millisecond)
				panic("oh")
			}
			return nil
		}))
		s.reaches(s.submit("One"), kit.InReview)
		s.reaches(s.submit("Two"), kit.InReview)
		c := s.costs(1)
		if f := c.Facts; f.Drafted != 2 || f.Failed != 2 || f.Calls != 6 || f.ModelSeconds < 20.06 || f.ModelSeconds > 25 {
			t.Errorf("facts %+v", f)
		}
		if len(c.Models) != 1 || c.Models[0].Failed != 2 {
			t.Errorf("models %+v", c.Models)
		}
	})
}

// A program that dies between the answer and its storing has drafted nothing,
// and one that dies after it does not draft again: no draft is counted twice.
func TestADraftThatIsCutOffIsCountedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first := idle(t, db, costing(0, never))
		for _, cut := range []string{"INSERT ON drafts", "INSERT ON outputs", "INSERT ON reviews"} {
			s := first.another(func(*workflow.Config) {})
			before := s.costs(1).Facts
			free := stuckAt(t, db, cut, "1 = 1")
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			id := s.submit("One " + cut)
			s.eventually("a draft that cannot be stored", func() bool { return s.costs(1).Facts.Failed > before.Failed })
			if f := s.costs(1).Facts; f.Drafted != before.Drafted || f.OutputTokens != before.OutputTokens {
				t.Errorf("%s: %d drafts and %d tokens are counted, none stored", cut, f.Drafted, f.OutputTokens)
			}
			free()
			s.reaches(id, kit.InReview)
			after := s.costs(1).Facts
			if after.Drafted != before.Drafted+1 || after.OutputTokens != before.OutputTokens+40 || after.PromptTokens != before.PromptTokens+300 {
				t.Errorf("%s: %+v after %+v", cut, after, before)
			}
			if spent := after.ModelSeconds - before.ModelSeconds; math.Abs(spent-10*float64(1+after.Failed-before.Failed)) > 1e-6 {
				t.Errorf("%s: %v s for one draft and %d that came to nothing", cut, spent, after.Failed-before.Failed)
			}
			if err := s.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.agrees()
		}
	})
}

func TestCostsAreForThoseWhoLead(t *testing.T) {
	s := idle(t, storetest.SQLite(t))
	_, err := s.Costs(t.Context(), s.ann, 30)
	wantCode(t, err, kit.Forbidden)
	_, err = s.Costs(t.Context(), s.robot, 30)
	wantCode(t, err, kit.Forbidden)
	if _, err := s.Costs(t.Context(), s.leader(), 30); err != nil {
		t.Errorf("a lead may not see them: %v", err)
	}
	for _, days := range []int{0, -1, workflow.BoardDays + 1} {
		_, err := s.Costs(t.Context(), s.leader(), days)
		wantCode(t, err, kit.Invalid)
	}
}

// A service that is younger than what was asked for is judged by its own days;
// days without work count, also those at the start of the stretch.
func TestDaysMeasuredBeginWithTheService(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var w *watch
		s := idle(t, db, func(c *workflow.Config) { w = newWatch(c, noon) })
		days := func(asked int) float64 { return s.costs(asked).Facts.Days }
		if got := days(30); got != 0 {
			t.Errorf("%v days before there is anything", got)
		}
		s.submit("One")
		w.pass(72 * time.Hour)
		if got := []float64{days(30), days(2), days(1)}; got[0] != 3 || got[1] != 1.5 || got[2] != 0.5 {
			t.Errorf("measured %v days of 30, 2 and 1, want 3, 1.5 and 0.5", got)
		}
	})
}

// What was drafted before the ledger was kept is in it.
func TestTheLedgerKnowsWhatCameBefore(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := idle(t, upgraded(t, url), at(time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)))
		var seconds float64
		for _, q := range []string{"model.calls", "model.seconds"} {
			var n float64
			if err := s.DB.Read().NewRaw(`SELECT COALESCE(SUM(n), 0.0) FROM tallies WHERE name = ?`, q).Scan(t.Context(), &n); err != nil {
				t.Fatal(err)
			}
			if seconds = n; n <= 0 {
				t.Errorf("%s is %v after the upgrade", q, n)
			}
		}
		if f := s.costs(1).Facts; f.ModelSeconds != seconds || f.Calls < f.Drafted || f.Drafted == 0 {
			t.Errorf("facts %+v", f)
		}
	})
}
