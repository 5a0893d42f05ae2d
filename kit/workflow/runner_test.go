package workflow_test

import (
	"context"
	"encoding/json"
	"errors"
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

func TestDeliveryIsTriedAgainAndFailsInWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.out.fails, s.out.err = 2, kit.Errorf(kit.Unavailable, "the target is down")
		id := s.submit("One")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		if c := s.reaches(id, kit.Delivered); c.Delivery.Sends[0].Attempts != 3 {
			t.Errorf("tried %d times, want 3", c.Delivery.Sends[0].Attempts)
		}
		s.out.fails, s.out.err = 1, kit.Errorf(kit.Invalid, "the target says no")
		id = s.submit("Two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		c := s.reaches(id, kit.Failed)
		if c.Error == nil || !strings.Contains(c.Error.Message, "the target says no") {
			t.Errorf("failed with %+v", c.Error)
		}
		wantCode(t, s.Retry(t.Context(), s.robot, id), kit.Forbidden)
		if err := s.Retry(t.Context(), s.ann, id); err != nil {
			t.Fatal(err)
		}
		if again := s.reaches(id, kit.Delivered); again.Error != nil || again.Delivery.ID != c.Delivery.ID {
			t.Errorf("after the retry %+v", again)
		}
		s.whole()
	})
}

func TestAModelThatFailsFailsTheCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var tries atomic.Int32
		s := start(t, db, func(c *workflow.Config) {
			w, in := workflow.New[note]("notes")
			d := workflow.Draft(in, "extract", func(context.Context, note) (model.Draft[label], error) {
				tries.Add(1)
				return model.Draft[label]{}, errors.New("the server is down")
			})
			workflow.Deliver(workflow.Review(d, "check", review.Policy{}), "export", value)
			c.Workflow, c.Tries = w, 2
		})
		id := s.submit("One")
		c := s.reaches(id, kit.Failed)
		if !strings.Contains(c.Error.Message, "the server is down") || tries.Load() != 2 {
			t.Errorf("failed with %+v after %d tries, want 2", c.Error, tries.Load())
		}
	})
}

func TestAPanicInATeamsCodeIsAReason(t *testing.T) {
	s := start(t, storetest.SQLite(t), func(c *workflow.Config) {
		w, in := workflow.New[note]("notes")
		d := workflow.Draft(in, "extract", func(context.Context, note) (model.Draft[label], error) { panic("oh") })
		workflow.Deliver(workflow.Review(d, "check", review.Policy{}), "export", value)
		c.Workflow, c.Tries = w, 1
	})
	if c := s.reaches(s.submit("One"), kit.Failed); !strings.Contains(c.Error.Message, "panicked: oh") {
		t.Errorf("failed with %+v", c.Error)
	}
}

func TestThenKeepsTheApprovalAndMayNotCallAModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		m := baseline.New("rules", "v1", firstLine)
		var refused error
		s := start(t, db, func(c *workflow.Config) {
			w, in := workflow.New[note]("notes")
			d := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
			loud := workflow.Then(workflow.Review(d, "check", review.Policy{}), "shout",
				func(ctx context.Context, a workflow.Approved[label]) (map[string]string, error) {
					_, refused = model.Extract[note, label](m, "extract")(ctx, note{kit.Document{Text: "x"}})
					return map[string]string{"title": strings.ToUpper(a.Value().Title), "by": a.Decision().Person.Name}, nil
				})
			workflow.Deliver(loud, "export", func(_ context.Context, a workflow.Approved[map[string]string]) (any, error) {
				return a.Value(), nil
			})
			c.Workflow = w
		})
		id := s.submit("quiet")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		c := s.reaches(id, kit.Delivered)
		if want := `{"by":"Ann","title":"QUIET"}`; string(c.Delivery.Output) != want {
			t.Errorf("delivered %s, want %s", c.Delivery.Output, want)
		}
		wantCode(t, refused, kit.Forbidden)
	})
}

func TestAnOldReviewIsRaisedButNeverApproved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, func(c *workflow.Config) {
			m := baseline.New("rules", "v1", firstLine)
			w, in := workflow.New[note]("notes")
			d := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
			workflow.Deliver(workflow.Review(d, "check", review.Policy{EscalateAfter: time.Second}), "export", value)
			c.Workflow = w
		})
		id := s.submit("One")
		s.eventually("an escalation", func() bool {
			page, err := s.Inbox(t.Context(), workflow.InboxFilter{})
			return err == nil && len(page.Items) == 1 && page.Items[0].EscalatedAt != nil && page.Items[0].Priority == 1
		})
		if c := s.reaches(id, kit.InReview); c.Decision != nil {
			t.Errorf("waiting decided: %+v", c.Decision)
		}
	})
}

func TestSubmitRefusesAndRepeats(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		for _, in := range []string{``, `null`, `[]`, `{"text": " "}`, `{"text": 4}`, `{"txt": "a"}`, `{"text":"a"} {}`,
			`{"text":"a","spans":[{"start":0,"end":9}]}`,
			`{"text":"a","blob":"` + strings.Repeat("0", 64) + `"}`, "{\"text\": \"\xff\"}"} {
			if _, err := s.Submit(t.Context(), s.ann, workflow.Submission{Input: json.RawMessage(in)}); kit.CodeOf(err) != kit.Invalid {
				t.Errorf("input %q: %v, want invalid", in, err)
			}
		}
		sub := workflow.Submission{Name: "a", Input: json.RawMessage(`{"text": "a"}`), Key: "k", Content: "h"}
		first, err := s.Submit(t.Context(), s.ann, sub)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Submit(t.Context(), s.ann, sub)
		if err != nil || again.ID != first.ID || !again.Repeated {
			t.Errorf("the key repeated gave %+v, %v", again, err)
		}
		other := sub
		other.Input = json.RawMessage(`{"text": "b"}`)
		_, err = s.Submit(t.Context(), s.ann, other)
		wantCode(t, err, kit.Conflict)
		sub.Key = ""
		_, err = s.Submit(t.Context(), s.ann, sub)
		wantCode(t, err, kit.Duplicate)
	})
}

func TestImportKeepsTheFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		done, err := s.Import(t.Context(), s.ann, "../../etc/收据.txt", strings.NewReader("你好 hello"), "", true)
		if err != nil {
			t.Fatal(err)
		}
		mt, data, err := s.Original(t.Context(), done.ID)
		if err != nil || string(data) != "你好 hello" || !strings.HasPrefix(mt, "text/plain") {
			t.Errorf("original is %s %q, %v", mt, data, err)
		}
		if c, err := s.Case(t.Context(), s.ann, done.ID); err != nil || c.Name != "收据.txt" {
			t.Errorf("the case is called %q, %v", c.Name, err)
		}
		copied, err := s.Import(t.Context(), s.ann, "copy.txt", strings.NewReader("你好 hello"), "", true)
		wantCode(t, err, kit.Duplicate)
		if copied.ID != done.ID {
			t.Errorf("the duplicate names case %q, want %q", copied.ID, done.ID)
		}
	})
}

func TestListsArePaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		for range 7 {
			s.submit("One")
		}
		s.eventually("all drafts", func() bool {
			st, err := s.Status(t.Context())
			return err == nil && st.Cases[kit.InReview] == 7
		})
		cases, reviews := map[string]bool{}, map[string]bool{}
		for after, pages := "", 0; pages < 3; pages++ {
			p, err := s.Cases(t.Context(), workflow.CaseFilter{Limit: 3, After: after, State: kit.InReview})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range p.Items {
				cases[c.ID] = true
			}
			after = p.Next
		}
		for after, pages := "", 0; pages < 3; pages++ {
			p, err := s.Inbox(t.Context(), workflow.InboxFilter{Limit: 3, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range p.Items {
				reviews[w.ID] = true
			}
			after = p.Next
		}
		if len(cases) != 7 || len(reviews) != 7 {
			t.Errorf("pages held %d cases and %d reviews, want 7 of each", len(cases), len(reviews))
		}
		_, err := s.Inbox(t.Context(), workflow.InboxFilter{After: "x"})
		wantCode(t, err, kit.Invalid)
		_, err = s.Cases(t.Context(), workflow.CaseFilter{After: "x"})
		wantCode(t, err, kit.Invalid)
		_, err = s.Deliveries(t.Context(), "x", 0)
		wantCode(t, err, kit.Invalid)
	})
}
