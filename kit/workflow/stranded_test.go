package workflow_test

import (
	"context"
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

// drafting is a workflow whose draft step is f.
func drafting(f func(context.Context, note) (model.Draft[label], error)) option {
	return func(c *workflow.Config) {
		w, in := workflow.New[note]("notes")
		workflow.Deliver(workflow.Review(workflow.Draft(in, "extract", f), "check", review.Policy{}), "export", value)
		c.Workflow = w
	}
}

// exec changes the database behind the service's back.
func (s *service) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.DB.SQL().ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatal(err)
	}
}

func TestAServerThatIsAwayUsesUpNoTries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var asked atomic.Int32
		s := start(t, db, drafting(func(context.Context, note) (model.Draft[label], error) {
			if asked.Add(1) <= 4 {
				return model.Draft[label]{}, kit.Errorf(kit.Unavailable, "the model's server is down")
			}
			return model.Draft[label]{Value: label{Title: "One"}}, nil
		}), func(c *workflow.Config) { c.Tries = 2 })
		s.reaches(s.submit("One"), kit.InReview)
	})
}

func TestPatienceEnds(t *testing.T) {
	s := start(t, storetest.SQLite(t), drafting(func(context.Context, note) (model.Draft[label], error) {
		return model.Draft[label]{}, kit.Errorf(kit.Unavailable, "the model's server is down")
	}), func(c *workflow.Config) { c.Patience = 50 * time.Millisecond })
	if c := s.reaches(s.submit("One"), kit.Failed); c.Error.Code != kit.Unavailable {
		t.Errorf("failed with %+v", c.Error)
	}
}

func TestPatienceBeginsWhenTheServerIsFoundAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var asked atomic.Int32
		s := idle(t, db, drafting(func(context.Context, note) (model.Draft[label], error) {
			if asked.Add(1) <= 2 {
				return model.Draft[label]{}, kit.Errorf(kit.Unavailable, "the model's server is starting")
			}
			return model.Draft[label]{Value: label{Title: "One"}}, nil
		}))
		id := s.submit("One")
		s.exec(`UPDATE river_job SET created_at = '2020-01-01 00:00:00'`) // it waited long for its turn
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer s.Stop(context.Background())
		s.reaches(id, kit.InReview)
	})
}

func TestAReasonIsStoredWhateverItHolds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, drafting(func(context.Context, note) (model.Draft[label], error) {
			panic("a\x00b\xff" + strings.Repeat("长", 5000))
		}), func(c *workflow.Config) { c.Tries = 1 })
		c := s.reaches(s.submit("One"), kit.Failed)
		if !strings.Contains(c.Error.Message, "a b") || len(c.Error.Message) > 2100 {
			t.Errorf("the reason is %d bytes: %.60q", len(c.Error.Message), c.Error.Message)
		}
	})
}

func TestASenderThatPanicsFailsTheCaseInWords(t *testing.T) {
	s := start(t, storetest.SQLite(t), func(c *workflow.Config) { c.Tries = 2 })
	s.out.panic = "no disk"
	id := s.submit("One")
	s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
	if c := s.reaches(id, kit.Failed); !strings.Contains(c.Error.Message, "panicked: no disk") {
		t.Errorf("failed with %+v", c.Error)
	}
}

func TestOneTargetThatFailsKeepsNoOtherWaiting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.out.names = []string{"folder", "webhook"}
		s.out.only, s.out.fails, s.out.err = "folder", 1000, kit.Errorf(kit.Invalid, "the folder is no folder")
		id := s.submit("One")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		c := s.reaches(id, kit.Failed)
		for _, send := range c.Delivery.Sends {
			if (send.DoneAt != nil) != (send.Target == "webhook") {
				t.Errorf("%s: %+v", send.Target, send)
			}
		}
	})
}

func TestACaseThatEndsTheProgramEachTimeFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		id := s.submit("One")
		s.exec(`UPDATE river_job SET attempt = max_attempts WHERE kind = 'tackhammer_step'`)
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer s.Stop(context.Background())
		if c := s.reaches(id, kit.Failed); !strings.Contains(c.Error.Message, "the program ended") {
			t.Errorf("failed with %+v", c.Error)
		}
	})
}

func TestACaseWithoutAJobIsTakenUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db, func(c *workflow.Config) {
			c.Clock = func() time.Time { return kit.Now().Add(time.Hour) }
		})
		id := s.submit("One")
		s.exec(`UPDATE cases SET updated_at = 0`)
		s.exec(`DELETE FROM river_job`)
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer s.Stop(context.Background())
		s.reaches(id, kit.InReview)
		s.whole()
	})
}

func TestAStepThatThisProgramLacksWaitsForTheNext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		next := idle(t, db)
		id := next.submit("One") // at the step extract
		m := baseline.New("rules", "v1", firstLine)
		w, in := workflow.New[note]("notes")
		d := workflow.Draft(in, "read", model.Extract[note, label](m, "read"))
		workflow.Deliver(workflow.Review(d, "check", review.Policy{}), "export", value)
		old, err := workflow.NewRunner(workflow.Config{DB: db, Workflow: w, Signer: next.Signer, FirstRetry: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if err := old.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		next.eventually("the job to wait", func() bool {
			var n int
			row := db.SQL().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM river_job WHERE kind = 'tackhammer_step'
				AND CAST(metadata AS TEXT) LIKE '%snoozes%'`)
			return row.Scan(&n) == nil && n == 1
		})
		if err := old.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c := next.reaches(id, kit.Drafting); c.Error != nil {
			t.Errorf("a step that the program lacks failed the case: %+v", c.Error)
		}
		if err := next.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer next.Stop(context.Background())
		next.reaches(id, kit.InReview)
	})
}

func TestARejectionCanBeTakenBackForAMinute(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var ahead atomic.Int64
		s := start(t, db, func(c *workflow.Config) {
			c.Clock = func() time.Time { return kit.Now().Add(time.Duration(ahead.Load())) }
		})
		id := s.submit("One")
		out := s.mustDecide(s.ann, s.claim(s.ann), kit.Reject, "")
		if _, err := s.Undo(t.Context(), s.ann, out.Decision.ID); err != nil {
			t.Fatal(err)
		}
		again, err := s.Review(t.Context(), s.ann, out.Decision.ReviewID)
		if err != nil {
			t.Fatal(err)
		}
		out = s.mustDecide(s.ann, again, kit.Reject, "")
		ahead.Store(int64(2 * time.Minute))
		_, err = s.Undo(t.Context(), s.ann, out.Decision.ID)
		wantCode(t, err, kit.Conflict)
		s.reaches(id, kit.Rejected)
		s.whole()
	})
}

func TestAFieldNewerThanTheDraftIsNotApprovedUnseen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("One")
		v := s.claim(s.ann)
		s.exec(`UPDATE drafts SET value = '{"title":"One"}'`) // as one was before count came
		v, err := s.Review(t.Context(), s.ann, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.decide(s.ann, v, kit.Approve, "")
		wantCode(t, err, kit.Stale)
		s.mustDecide(s.ann, v, kit.Edit, `{"count": 2}`)
		s.reaches(id, kit.Delivered)
	})
}
