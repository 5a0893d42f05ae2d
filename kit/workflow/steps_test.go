package workflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

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

// A receipt names who let the case through each of its reviews.
func TestAReceiptNamesEachReview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		m := baseline.New("rules", "v1", firstLine)
		s := start(t, db, func(c *workflow.Config) {
			w, in := workflow.New[note]("notes")
			checked := workflow.Review(workflow.Draft(in, "extract", model.Extract[note, label](m, "extract")), "check", review.Policy{})
			again := workflow.Draft(checked, "reword", func(_ context.Context, a workflow.Approved[label]) (model.Draft[label], error) {
				return model.Draft[label]{Value: a.Value()}, nil
			})
			workflow.Deliver(workflow.Review(again, "reread", review.Policy{}), "export", value)
			c.Workflow = w
		})
		id := s.submit("One")
		first := s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		second := s.mustDecide(s.bob, s.claim(s.bob), kit.Approve, "")
		r := s.reaches(id, kit.Delivered).Delivery.Receipt
		if len(r.Earlier) != 1 || r.Earlier[0].Step != "check" || len(r.Earlier[0].Decisions) != 1 {
			t.Fatalf("the reviews before are %+v", r.Earlier)
		}
		if d := r.Earlier[0].Decisions[0]; d.ID != first.Decision.ID || d.Person.ID != s.ann.ID || r.Decision.ID != second.Decision.ID || r.Decision.Person.ID != s.bob.ID {
			t.Errorf("%+v before %+v", d, r.Decision)
		}
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
