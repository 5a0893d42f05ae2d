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

// seen is a case as somebody reads it.
func (s *service) seen(by auth.User, id string) *workflow.Case {
	s.t.Helper()
	c, err := s.Case(s.t.Context(), by, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func TestMyDecisionIsNotTheCasesWhileOthersAreOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 3}))
		cat := s.person("Cat")
		id := s.submit("One two")
		a := s.mustDecide(s.ann, s.claim(s.ann), kit.Edit, `{"count": "7"}`)
		want := func(by auth.User, decision string, out int) {
			t.Helper()
			c := s.seen(by, id)
			switch {
			case decision == "":
				if c.Decision != nil || c.Undecided != nil {
					t.Errorf("%s is told of %+v, %+v", by.Name, c.Decision, c.Undecided)
				}
			case c.Decision == nil || c.Decision.ID != decision || c.Undecided == nil || *c.Undecided != workflow.Undecided{Out: out, Others: 2}:
				t.Errorf("to %s it stands at %+v, %+v", by.Name, c.Decision, c.Undecided)
			}
		}
		want(s.ann, a.Decision.ID, 2)
		want(s.bob, "", 0)
		b := s.mustDecide(s.bob, s.claim(s.bob), kit.Edit, `{"count": "7"}`)
		want(s.ann, a.Decision.ID, 1)
		want(s.bob, b.Decision.ID, 1)
		want(cat, "", 0)
		if c := s.seen(s.ann, id); c.Cause != review.Seated || c.ReviewID == "" {
			t.Errorf("Ann may look at %q: %q", c.ReviewID, c.Cause)
		}
		s.mustDecide(cat, s.claim(cat), kit.Edit, `{"count": "7"}`)
		if c := s.reaches(id, kit.Delivered); c.Undecided != nil || c.Decision == nil {
			t.Errorf("once all decided it stands at %+v, %+v", c.Decision, c.Undecided)
		}
	})
}

func TestNobodyIsLeftTwoSeatsOfARound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 3}))
		lea := s.member("Lea", "lea@example.com", auth.Lead)
		s.reaches(s.submit("One two"), kit.InReview)
		a := s.claim(s.ann)
		one := s.row(lea, workflow.InboxFilter{Free: true}).ID
		for _, c := range []struct {
			review string
			to     auth.User
			cause  review.Cause
		}{{one, s.ann, review.Seated}, {one, s.bob, ""}, {a.ID, s.bob, review.Seated}, {a.ID, s.ann, ""}} {
			items, err := s.Assign(t.Context(), lea, []string{c.review}, c.to.ID)
			if err != nil || len(items) != 1 || items[0].Cause != c.cause || (items[0].Code == kit.Forbidden) != (c.cause != "") {
				t.Errorf("%s to %s: %+v, %v", c.review, c.to.Name, items, err)
			}
		}
		if w := s.row(lea, workflow.InboxFilter{Free: true}); w.ID == one {
			t.Error("what was left to Bob is shown before what nobody has")
		}
	})
}
