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
