package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Who decided is told that somebody else settles the disagreement, and who may
// settle it that it is one; nobody else is.
func TestADisagreementIsToldToWhomItConcerns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2}))
		cat, vic := s.person("Cat"), s.member("Vic", "vic@example.com", auth.Viewer)
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Edit, `{"count": "7"}`)
		if c := s.seen(s.ann, id); c.Cause != review.Seated || c.Undecided == nil || c.Undecided.Disagree {
			t.Errorf("while the other decides Ann reads %q, %+v", c.Cause, c.Undecided)
		}
		if s.row(cat, workflow.InboxFilter{}).Settles {
			t.Error("there is nothing to settle yet")
		}
		s.mustDecide(s.bob, s.claim(s.bob), kit.Approve, "")
		for _, by := range []auth.User{s.ann, s.bob} {
			if c := s.seen(by, id); c.Cause != review.Disagreed || c.Undecided == nil || !c.Undecided.Disagree {
				t.Errorf("%s reads %q, %+v", by.Name, c.Cause, c.Undecided)
			}
			if w := s.row(by, workflow.InboxFilter{}); w.Settles || w.Cause != review.Disagreed {
				t.Errorf("to %s the row is %+v", by.Name, w)
			}
		}
		if !s.row(cat, workflow.InboxFilter{}).Settles {
			t.Error("Cat is not told that she would settle it")
		}
		if s.row(vic, workflow.InboxFilter{}).Settles || s.row(auth.User{}, workflow.InboxFilter{}).Settles {
			t.Error("who settles nothing is told of it")
		}
	})
}

func TestASecondLookIsForWhoHasNotDecided(t *testing.T) {
	s := start(t, storetest.SQLite(t), policy(review.Policy{SecondLook: 1}))
	id := s.submit("One two")
	s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
	if c := s.seen(s.ann, id); c.Cause != review.Looked || c.Undecided == nil || c.Undecided.Disagree {
		t.Errorf("Ann reads %q, %+v", c.Cause, c.Undecided)
	}
	if w := s.row(s.bob, workflow.InboxFilter{}); w.Settles || w.Cause != "" {
		t.Errorf("to Bob the row is %+v", w)
	}
}
