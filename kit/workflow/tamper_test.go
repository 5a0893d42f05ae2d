package workflow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// The decision is fixed by the database; what steps hand on is not.
func TestWhatLeavesIsTheDecisionAndNotItsCopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("One")
		v := s.claim(s.ann)
		req := review.Request{Verdict: kit.Approve, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "k"}
		if _, err := s.Decide(t.Context(), s.ann, v.ID, req, time.Second); err != nil {
			t.Fatal(err)
		}
		if _, err := db.SQL().ExecContext(t.Context(), `UPDATE outputs SET value = '{"title":"Forged","count":9}'`); err != nil {
			t.Fatal(err)
		}
		c := s.reaches(id, kit.Delivered)
		if got := string(c.Delivery.Output); strings.Contains(got, "Forged") || got != string(c.Decision.Value) {
			t.Errorf("decided %s, delivered %s", c.Decision.Value, got)
		}
	})
}

func TestInputThatIsNoUTF8IsRefused(t *testing.T) {
	s := idle(t, storetest.SQLite(t))
	for name, input := range map[string]string{
		"GBK":       "{\"text\":\"\xca\xd5\xbe\xdd 12.00\"}",
		"cut short": "{\"text\":\"caf\xc3\"}",
	} {
		_, err := s.Submit(t.Context(), s.robot, workflow.Submission{Input: []byte(input)})
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWrongInputIsToldByItsPathInTheJSON(t *testing.T) {
	s := idle(t, storetest.SQLite(t))
	_, err := s.Submit(t.Context(), s.robot, workflow.Submission{Input: []byte(`{"text":5}`)})
	if bad := kit.FieldsOf(err); len(bad) != 1 || bad[0].Path != "input.text" {
		t.Errorf("%v: %+v", err, bad)
	}
}

func TestInputWithNULIsRefused(t *testing.T) {
	s := idle(t, storetest.SQLite(t))
	_, err := s.Submit(t.Context(), s.robot, workflow.Submission{Input: []byte(`{"text":"a\u0000b"}`)})
	if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), "input.text: holds U+0000") {
		t.Error(err)
	}
}

// Whoever may write to the database can get round its guards; the trail tells.
func TestCompareFindsWhatWasChangedBehindTheTrail(t *testing.T) {
	db := storetest.SQLite(t)
	s := start(t, db)
	approved, rejected, undone := s.submit("One"), s.submit("Two"), s.submit("Three")
	for range 3 {
		switch v := s.claim(s.ann); v.CaseID {
		case approved:
			s.mustDecide(s.ann, v, kit.Edit, `{"count": "4"}`)
		case rejected:
			s.mustDecide(s.ann, v, kit.Reject, "")
		default:
			req := review.Request{Verdict: kit.Approve, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "k"}
			out, err := s.Decide(t.Context(), s.ann, v.ID, req, time.Hour)
			if err == nil {
				_, err = s.Undo(t.Context(), s.ann, out.Decision.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	s.reaches(approved, kit.Delivered)
	s.says(approved, "Looks right")
	s.says(rejected, "Is no note")
	if faults, err := s.Compare(t.Context()); err != nil || len(faults) != 0 {
		t.Fatalf("a good database: %q, %v", faults, err)
	}
	for _, c := range []struct{ id, query, want string }{
		{approved, `UPDATE cases SET input = '{"text":"Other"}' WHERE id = ?`, "its input is not what came in"},
		{approved, `UPDATE drafts SET value = '{}' WHERE case_id = ?`, "its draft is not what was seen"},
		{rejected, `UPDATE decisions SET verdict = 'approve', releases = 1 WHERE case_id = ?`, "is not as it was made"},
		{approved, `UPDATE decisions SET reason = 'forged' WHERE case_id = ?`, "is not as it was made"},
		{undone, `UPDATE decisions SET undone_at = NULL WHERE case_id = ?`, "is not as it was made"},
		{rejected, `DELETE FROM decisions WHERE case_id = ?`, "is gone"},
		{approved, `UPDATE decisions SET id = 'new' WHERE case_id = ?`, "nobody made the decision new"},
		{approved, `UPDATE deliveries SET receipt = '{}' WHERE case_id = ?`, "is not as it was made"},
		{approved, `UPDATE deliveries SET id = 'new' WHERE case_id = ?`, "the trail does not know the delivery new"},
		{approved, `DELETE FROM deliveries WHERE case_id = ?`, "is gone"},
		{approved, `UPDATE comments SET text = 'Forged' WHERE case_id = ?`, "is not as it was written"},
		{rejected, `UPDATE comments SET deleted_at = 1 WHERE case_id = ?`, "is not as it was written"},
		{rejected, `DELETE FROM comments WHERE case_id = ?`, "is gone"},
		{undone, `DELETE FROM cases WHERE id = ?`, "it is gone"},
		{approved, `DELETE FROM audit_events WHERE kind = 'delivery.made' AND case_id = ?`, "the trail does not know the delivery"},
		{approved, `UPDATE audit_events SET hash = 'x' || seq WHERE ? <> ''`, "its receipt saw another event"},
	} {
		faults := s.forged(c.query, c.id)
		if all := strings.Join(faults, "\n"); !strings.Contains(all, "case "+c.id+": ") || !strings.Contains(all, c.want) {
			t.Errorf("%s: Compare says %q, want %q", c.query, faults, c.want)
		}
	}
}

// says adds Ann's comment to a case.
func (s *service) says(id, text string) {
	s.t.Helper()
	if _, err := s.AddComment(s.t.Context(), s.ann, id, text, kit.NewID()); err != nil {
		s.t.Fatal(err)
	}
}

// forged is what Compare says of a copy of the database in which query ran
// without guards.
func (s *service) forged(query, id string) []string {
	s.t.Helper()
	path := s.t.TempDir() + "/app.db"
	if _, err := s.DB.SQL().ExecContext(s.t.Context(), "VACUUM INTO ?", path); err != nil {
		s.t.Fatal(err)
	}
	db := storetest.Open(s.t, path)
	var guards []string
	if err := db.Read().NewRaw("SELECT name FROM sqlite_master WHERE type = 'trigger'").Scan(s.t.Context(), &guards); err != nil {
		s.t.Fatal(err)
	}
	for _, name := range guards {
		if _, err := db.SQL().ExecContext(s.t.Context(), "DROP TRIGGER "+name); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := db.SQL().ExecContext(s.t.Context(), "PRAGMA foreign_keys = 0"); err != nil {
		s.t.Fatal(err)
	}
	if _, err := db.SQL().ExecContext(s.t.Context(), query, id); err != nil {
		s.t.Fatal(err)
	}
	r := *s.Runner
	r.DB = db
	faults, err := r.Compare(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return faults
}
