package workflow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (s *service) compare() []string {
	s.t.Helper()
	faults, err := s.Compare(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return faults
}

// The heart signs the trail an hour after something happened, and not again
// before something else does.
func TestTheHeartMakesCheckpoints(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := kit.Now()
		s := idle(t, db, func(c *workflow.Config) { c.Clock = func() time.Time { return now } })
		s.submit("one")
		beat := func(after time.Duration, want int64) {
			t.Helper()
			now = now.Add(after)
			if err := s.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			if r, err := audit.Verify(t.Context(), db.Read()); err != nil || !r.OK() || r.Checkpoints != want {
				t.Errorf("after %s: %+v, %v; want %d checkpoints", after, r, err, want)
			}
		}
		beat(time.Minute, 0)
		beat(time.Hour, 1)
		beat(10*time.Hour, 1)
		s.submit("two")
		beat(2*time.Hour, 2)
	})
}

// What is archived takes nothing of a case that is not over, and leaves a
// database that still agrees with its trail.
func TestArchivingKeepsWhatIsNotOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		over := s.submit("one")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.reaches(over, kit.Delivered)
		first, err := s.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		waits := s.submit("two")
		s.reaches(waits, kit.InReview)
		if _, err := s.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		p, err := s.ArchivePoint(t.Context(), 0)
		if err != nil || p != first {
			t.Fatalf("the archive point is %+v, %v; want %+v", p, err, first)
		}
		if _, err := s.ArchivePoint(t.Context(), time.Hour); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("of what is an hour old: %v", err)
		}
		needed := audit.Checkpoint{Seq: p.Seq + 2, Workflow: "notes"} // its own event, then the case that waits
		if _, err := s.TakeOut(t.Context(), needed, "x"); kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "not over") {
			t.Errorf("what is needed: %v", err)
		}
		a, err := s.TakeOut(t.Context(), p, strings.Repeat("0", 64))
		if err != nil || a.Cases != 1 {
			t.Fatalf("%+v, %v", a, err)
		}
		if faults := s.compare(); len(faults) > 0 {
			t.Errorf("after it: %q", faults)
		}
		if _, err := s.ArchivePoint(t.Context(), 0); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("the same again: %v", err)
		}
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.reaches(waits, kit.Delivered)
		s.whole()
		if c := s.reaches(over, kit.Delivered); c.ID != over {
			t.Errorf("the archived case reads as %+v", c)
		}
	})
}

// Archived cases cannot be compared, but counted.
func TestArchivedCasesAreCounted(t *testing.T) {
	s := start(t, storetest.SQLite(t))
	for _, text := range []string{"one", "two"} {
		id := s.submit(text)
		s.mustDecide(s.ann, s.claim(s.ann), kit.Reject, "")
		s.reaches(id, kit.Rejected)
	}
	p, err := s.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeOut(t.Context(), p, "x"); err != nil {
		t.Fatal(err)
	}
	if faults := s.compare(); len(faults) > 0 {
		t.Errorf("as they are: %q", faults)
	}
	err = s.DB.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO cases SELECT '0', workflow, state, step, name, input, input_hash, submitted_by, version,
			error_code, error, created_at, updated_at FROM cases LIMIT 1`).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if faults := s.compare(); len(faults) != 1 || !strings.Contains(faults[0], "there are 1 more than came in") {
		t.Errorf("with one more: %q", faults)
	}
}
