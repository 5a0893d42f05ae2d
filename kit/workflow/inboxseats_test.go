package workflow_test

import (
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// row is the one row of a person's inbox.
func (s *service) row(by auth.User, f workflow.InboxFilter) workflow.Waiting {
	s.t.Helper()
	f.By = by
	p, err := s.Inbox(s.t.Context(), f)
	if err != nil || len(p.Items) != 1 {
		s.t.Fatalf("%s's inbox is %+v, %v", by.Name, p.Items, err)
	}
	return p.Items[0]
}

func TestARoundIsOneRowOfTheInbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 3}))
		cat := s.person("Cat")
		s.reaches(s.submit("One two"), kit.InReview)
		if w := s.row(s.ann, workflow.InboxFilter{}); w.Seats != 3 || w.Free != 3 || w.Cause != "" || w.Holder != nil {
			t.Errorf("before anybody came: %+v", w)
		}
		b := s.claim(s.bob)
		a, err := s.ClaimSeat(t.Context(), s.ann, b.ID)
		if err != nil || a.ID == b.ID || a.Holder == nil || a.Holder.ID != s.ann.ID {
			t.Fatalf("Ann asks for Bob's seat: %+v, %v", a, err)
		}
		_, err = s.ClaimOne(t.Context(), s.ann, b.ID)
		wantCode(t, err, kit.LostLease) // this one and no other
		for _, v := range []*review.Review{a, b} {
			if w := s.row(auth.User{ID: v.Holder.ID, Role: auth.Reviewer, Name: v.Holder.Name}, workflow.InboxFilter{}); w.ID != v.ID || w.Free != 1 {
				t.Errorf("%s holds %s and sees %+v", v.Holder.Name, v.ID, w)
			}
		}
		s.mustDecide(s.ann, a, kit.Approve, "")
		free := s.row(cat, workflow.InboxFilter{})
		for name, c := range map[string]struct {
			by     auth.User
			filter workflow.InboxFilter
			id     string
			cause  review.Cause
		}{
			"who decided":          {s.ann, workflow.InboxFilter{}, free.ID, review.Seated},
			"who holds":            {s.bob, workflow.InboxFilter{}, b.ID, ""},
			"what is free":         {s.bob, workflow.InboxFilter{Free: true}, free.ID, review.Seated},
			"who came late":        {cat, workflow.InboxFilter{}, free.ID, ""},
			"what another holds":   {cat, workflow.InboxFilter{Mine: s.bob.ID}, b.ID, ""},
			"nobody in particular": {auth.User{}, workflow.InboxFilter{}, free.ID, ""},
		} {
			if w := s.row(c.by, c.filter); w.ID != c.id || w.Cause != c.cause || w.Free != 1 || w.Seats != 3 {
				t.Errorf("%s: %+v, want %s, %q", name, w, c.id, c.cause)
			}
		}
	})
}

func TestAPageOfTheInboxCountsRounds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2}))
		for range 5 {
			s.reaches(s.submit("One"), kit.InReview)
		}
		s.claim(s.ann)
		s.claim(s.bob)
		for _, f := range []workflow.InboxFilter{{By: s.ann, Limit: 2}, {By: s.bob, Limit: 3}, {By: s.bob, Limit: 2, Step: "check"}} {
			ids := s.pages(f)
			if len(ids) != 5 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 5 {
				t.Errorf("%s reads %v", f.By.Name, ids)
			}
		}
	})
}

func TestTheInboxSaysWhyAReviewIsNotForWhoAsks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{FourEyes: true}))
		cat := s.person("Cat")
		done, err := s.Submit(t.Context(), s.ann, workflow.Submission{Name: "n", Input: []byte(`{"text":"One"}`)})
		if err != nil {
			t.Fatal(err)
		}
		s.reaches(done.ID, kit.InReview)
		s.mustDecide(s.bob, s.claim(s.bob), kit.Return, "")
		s.eventually("the draft after", func() bool {
			p, err := s.Inbox(t.Context(), workflow.InboxFilter{})
			return err == nil && len(p.Items) == 1
		})
		told := func(by auth.User, want review.Cause) {
			t.Helper()
			w := s.row(by, workflow.InboxFilter{})
			_, err := s.ClaimOne(t.Context(), by, w.ID)
			if w.Cause != want || review.CauseOf(err) != want || kit.CodeOf(err) != kit.Forbidden {
				t.Errorf("%s reads %q, want %q, and is told %v", by.Name, w.Cause, want, err)
			}
		}
		told(s.ann, review.BroughtIn)
		told(s.bob, review.DecidedBefore)
		set(t, db, `UPDATE reviews SET roles = 2 WHERE state = 'open'`)
		told(cat, review.OtherRole)
		set(t, db, `UPDATE reviews SET roles = 7, assigned_to = ? WHERE state = 'open'`, s.bob.ID)
		told(cat, review.ForAnother)
		if w := s.row(s.member("Lea", "lea@example.com", auth.Lead), workflow.InboxFilter{}); w.Cause != "" {
			t.Errorf("a lead is kept from it: %q", w.Cause)
		}
	})
}
