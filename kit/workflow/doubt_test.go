package workflow_test

import (
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// countless drafts no count, so that no expression over it can be answered.
func countless(c *workflow.Config) {
	c.Workflow = simple(baseline.New("rules", "v1", func(n note) []baseline.Guess { return firstLine(n)[:1] }))
}

// Whatever is read of the terms of a draft in doubt, when it opens or later, is
// the strictest of the tiers that it might belong to.
func TestADraftInDoubtStaysUnderTheStricterTerms(t *testing.T) {
	loose := review.Policy{HourlyCap: 9, SecondLook: 0.001, EscalateAfter: 48 * time.Hour, Lease: time.Hour}
	terms := review.Policy{HourlyCap: 9, SecondLook: 0.001, EscalateAfter: 9 * time.Hour, Lease: 5 * time.Minute, Tiers: []review.Tier{
		{Name: "small", When: "count < 5", Policy: loose},
		{Name: "middle", When: "count < 50", Policy: review.Policy{HourlyCap: 1, SecondLook: 1, EscalateAfter: 48 * time.Hour}},
	}}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		s := idle(t, db, countless, policy(terms), func(c *workflow.Config) { c.Clock = func() time.Time { return now } })
		id, other := s.waiting("Chairs"), s.waiting("Tables")
		first := s.claim(s.ann)
		if first.Tier != "small" || !first.Lease.ExpiresAt.Equal(now.Add(5*time.Minute)) || !first.DueAt.Equal(now.Add(9*time.Hour)) {
			t.Errorf("tier %s, held until %s, due at %s", first.Tier, first.Lease.ExpiresAt, first.DueAt)
		}
		now = now.Add(time.Minute)
		lease, err := s.Renew(t.Context(), s.ann, first.ID, first.Lease.Epoch)
		if err != nil || !lease.ExpiresAt.Equal(now.Add(5*time.Minute)) {
			t.Errorf("renewed until %s: %v", lease.ExpiresAt, err)
		}
		s.mustDecide(s.ann, first, kit.Edit, `{"count": "2"}`)
		s.reaches(id, kit.InReview) // for a second look
		_, err = s.Claim(t.Context(), s.ann)
		wantCode(t, err, kit.Forbidden)
		second := s.take(s.bob, s.reaches(id, kit.InReview).ReviewID)
		if second.ID == first.ID || second.Tier != "small" || !second.DueAt.Equal(now.Add(9*time.Hour)) ||
			!second.Lease.ExpiresAt.Equal(now.Add(5*time.Minute)) {
			t.Errorf("the second look: tier %s, due at %s, held until %s", second.Tier, second.DueAt, second.Lease.ExpiresAt)
		}
		s.mustDecide(s.bob, second, kit.Edit, `{"count": "2"}`)
		_, err = s.ClaimOne(t.Context(), s.bob, s.reaches(other, kit.InReview).ReviewID)
		wantCode(t, err, kit.Forbidden)
		s.agrees()
	})
}
