package workflow_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestACaseIsDeliveredAsAPersonDecided(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("Blue chairs\nfour of them")
		v := s.claim(s.ann)
		if v.CaseID != id || v.Holder.Name != "Ann" || v.Confidence != 0.4 {
			t.Fatalf("claimed %+v", v)
		}
		out := s.mustDecide(s.ann, v, kit.Edit, `{"count": "4"}`)
		if got := out.Decision.Changed; len(got) != 1 || got[0] != "count" {
			t.Errorf("changed %v, want [count]", got)
		}
		c := s.reaches(id, kit.Delivered)
		if want := `{"title":"Blue chairs","count":4}`; string(c.Delivery.Output) != want {
			t.Errorf("delivered %s, want %s", c.Delivery.Output, want)
		}
		if s.out.count() != 1 || c.Delivery.Sends[0].DoneAt == nil {
			t.Errorf("sent %d times, sends %+v", s.out.count(), c.Delivery.Sends)
		}
		if err := audit.CheckReceipt(c.Delivery.Receipt, c.Delivery.Output, nil); err != nil {
			t.Errorf("the receipt does not hold: %v", err)
		}
		s.whole()
	})
}

func TestRejectEndsAndReturnDraftsAgainWithThePersonsWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var words atomic.Value
		words.Store("")
		s := start(t, db, func(c *workflow.Config) {
			w, in := workflow.New[note]("notes")
			m := spy{Provider: baseline.New("rules", "v1", firstLine), comment: &words}
			d := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
			workflow.Deliver(workflow.Review(d, "check", review.Policy{}), "export", value)
			c.Workflow = w
		})
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Return, "")
		v := s.claim(s.bob)
		if words.Load() != "because" || v.Comment != "because" {
			t.Errorf("the model was told %q, the next reviewer %q; want because", words.Load(), v.Comment)
		}
		s.mustDecide(s.bob, v, kit.Reject, "")
		if c := s.reaches(id, kit.Rejected); c.Delivery != nil || s.out.count() != 0 {
			t.Errorf("a rejected case was delivered: %+v", c.Delivery)
		}
		s.whole()
	})
}

// value delivers what was approved.
func value(_ context.Context, a workflow.Approved[label]) (any, error) { return a.Value(), nil }

// spy notes the comment that a model is told.
type spy struct {
	model.Provider
	comment *atomic.Value
}

func (s spy) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	s.comment.Store(req.Comment)
	return s.Provider.Generate(ctx, req)
}

func TestSkipLeavesTheReviewToOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("One")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Skip, "")
		if v, err := s.Claim(t.Context(), s.ann); err != nil || v != nil {
			t.Fatalf("Ann is given what she skipped: %+v, %v", v, err)
		}
		v := s.claim(s.bob)
		if err := s.Release(t.Context(), s.bob, v.ID, v.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ClaimOne(t.Context(), s.ann, v.ID); err != nil {
			t.Errorf("Ann asks for it by name: %v", err)
		}
	})
}

func TestARepeatedClickGetsTheFirstAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("One")
		v := s.claim(s.ann)
		req := review.Request{Verdict: kit.Approve, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "click"}
		var wg sync.WaitGroup
		answers := make([]string, 8)
		for i := range answers {
			wg.Go(func() {
				out, err := s.Decide(context.Background(), s.ann, v.ID, req, 0)
				if err != nil {
					t.Error(err)
				}
				answers[i] = out.Decision.ID
			})
		}
		wg.Wait()
		for _, a := range answers {
			if a != answers[0] {
				t.Errorf("clicks got different answers: %v", answers)
			}
		}
		s.reaches(id, kit.Delivered)
		if s.out.count() != 1 {
			t.Errorf("delivered %d times", s.out.count())
		}
		req.Verdict, req.Reason = kit.Reject, "no"
		_, err := s.Decide(t.Context(), s.ann, v.ID, req, 0)
		wantCode(t, err, kit.Conflict)
	})
}

func TestDecideRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("One")
		v := s.claim(s.ann)
		_, err := s.decide(s.robot, v, kit.Approve, "")
		wantCode(t, err, kit.Forbidden)
		_, err = s.decide(s.bob, v, kit.Approve, "")
		wantCode(t, err, kit.LostLease)
		_, err = s.decide(s.ann, v, kit.Edit, `{"count": "many"}`)
		wantCode(t, err, kit.Invalid)
		if f := kit.FieldsOf(err); len(f) != 1 || f[0].Path != "count" {
			t.Errorf("the error names %+v, want count", f)
		}
		_, err = s.decide(s.ann, v, kit.Edit, `{"colour": "red"}`)
		wantCode(t, err, kit.Invalid)
		_, err = s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Reject, Subject: v.Subject,
			Epoch: v.Lease.Epoch, Key: "k"}, 0)
		wantCode(t, err, kit.Invalid) // no reason
		stale := *v
		stale.Subject = strings.Repeat("0", 64)
		_, err = s.decide(s.ann, &stale, kit.Approve, "")
		wantCode(t, err, kit.Stale)
		s.mustDecide(s.ann, v, kit.Approve, "")
		_, err = s.decide(s.ann, v, kit.Approve, "")
		wantCode(t, err, kit.Decided)
		if !strings.Contains(err.Error(), "Ann") {
			t.Errorf("%q does not say by whom", err)
		}
	})
}

func TestADraftThatChangedBehindThePersonIsStale(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("One")
		v := s.claim(s.ann)
		for _, q := range []string{
			`UPDATE drafts SET value = '{"title":"Two","count":1}'`,
			`UPDATE drafts SET model_digest = 'other'`,
			`UPDATE cases SET input = '{"text":"Two"}'`,
		} {
			before, err := s.Review(t.Context(), s.ann, v.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.SQL().ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			_, err = s.decide(s.ann, before, kit.Approve, "")
			wantCode(t, err, kit.Stale)
		}
		again, err := s.Review(t.Context(), s.ann, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, again, kit.Approve, "")
	})
}

func TestManyPeopleNeverHoldOneReview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		const n = 24
		for range n {
			s.submit("One")
		}
		s.eventually("all drafts", func() bool {
			st, err := s.Status(t.Context())
			return err == nil && st.Cases[kit.InReview] == n
		})
		var mu sync.Mutex
		held := map[string]int{}
		var wg sync.WaitGroup
		for i := range 12 {
			by := s.person("Reviewer" + string(rune('a'+i)))
			wg.Go(func() {
				for range 3 {
					v, err := s.Claim(context.Background(), by)
					if err != nil {
						t.Error(err)
						return
					}
					if v == nil {
						continue
					}
					mu.Lock()
					held[v.ID]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(held) != n {
			t.Errorf("%d reviews were claimed, want %d", len(held), n)
		}
		for id, times := range held {
			if times != 1 {
				t.Errorf("review %s was given %d times", id, times)
			}
		}
	})
}

func TestALeaseEndsAndItsEpochTells(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var ahead atomic.Int64
		s := start(t, db, func(c *workflow.Config) {
			c.Clock = func() time.Time { return kit.Now().Add(time.Duration(ahead.Load())) }
		})
		s.submit("One")
		first := s.claim(s.ann)
		if again, err := s.ClaimOne(t.Context(), s.ann, first.ID); err != nil || again.Lease.Epoch != first.Lease.Epoch {
			t.Errorf("Ann's second tab has another lease: %+v, %v", again, err)
		}
		_, err := s.ClaimOne(t.Context(), s.bob, first.ID)
		wantCode(t, err, kit.LostLease)
		ahead.Store(int64(11 * time.Minute))
		second, err := s.ClaimOne(t.Context(), s.bob, first.ID)
		if err != nil || second.Lease.Epoch <= first.Lease.Epoch {
			t.Fatalf("Bob claims after the lease: %+v, %v", second, err)
		}
		_, err = s.decide(s.ann, first, kit.Approve, "")
		wantCode(t, err, kit.LostLease)
		_, err = s.Renew(t.Context(), s.ann, first.ID, first.Lease.Epoch)
		wantCode(t, err, kit.LostLease)
		s.mustDecide(s.bob, second, kit.Approve, "")
	})
}

func TestUndoTakesBackWhatHasNotLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("One")
		v := s.claim(s.ann)
		out, err := s.Decide(t.Context(), s.ann, v.ID, review.Request{Verdict: kit.Approve, Subject: v.Subject,
			Epoch: v.Lease.Epoch, Key: "k"}, time.Hour)
		if err != nil || out.UndoUntil == nil {
			t.Fatalf("decide: %+v, %v", out, err)
		}
		_, err = s.Undo(t.Context(), s.bob, out.Decision.ID)
		wantCode(t, err, kit.Forbidden)
		back, err := s.Undo(t.Context(), s.ann, out.Decision.ID)
		if err != nil || back != v.ID {
			t.Fatalf("undo: %s, %v", back, err)
		}
		if c := s.reaches(id, kit.InReview); c.Decision != nil {
			t.Errorf("the decision stands: %+v", c.Decision)
		}
		again, err := s.Review(t.Context(), s.ann, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, again, kit.Edit, `{"title": "Uno"}`)
		c := s.reaches(id, kit.Delivered)
		if !strings.Contains(string(c.Delivery.Output), "Uno") || s.out.count() != 1 {
			t.Errorf("delivered %s, %d times", c.Delivery.Output, s.out.count())
		}
		_, err = s.Undo(t.Context(), s.ann, c.Decision.ID)
		wantCode(t, err, kit.Conflict)
		s.whole()
	})
}
