package workflow_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// policy gives the service's reviews a policy.
func policy(p review.Policy) option { return func(c *workflow.Config) { c.Policy = p } }

// agrees holds the trail and the database against each other.
func (s *service) agrees() {
	s.t.Helper()
	s.whole()
	faults, err := s.Compare(s.t.Context())
	if err != nil || len(faults) > 0 {
		s.t.Errorf("the trail and the database disagree: %v, %v", faults, err)
	}
}

func TestAQuorumThatAgreesLetsTheCaseLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2}))
		id := s.submit("One two")
		a := s.claim(s.ann)
		if again, err := s.Claim(t.Context(), s.ann); err != nil || again != nil {
			t.Fatalf("Ann holds two seats: %+v, %v", again, err)
		}
		s.mustDecide(s.ann, a, kit.Edit, `{"count": "2.0"}`)
		if c := s.reaches(id, kit.InReview); c.Decision == nil || c.ReviewID == a.ID {
			t.Errorf("to Ann, the case stands at %+v, review %s", c.Decision, c.ReviewID)
		}
		c, err := s.Case(t.Context(), s.bob, id)
		told := slices.ContainsFunc(c.History, func(e workflow.Event) bool { return e.Kind == "decision.made" })
		if err != nil || c.Decision != nil || told {
			t.Errorf("Bob is told what Ann decided: %+v, %v, %v", c.Decision, told, err)
		}
		for _, other := range []string{a.ID, c.ReviewID} {
			_, err = s.ClaimOne(t.Context(), s.ann, other)
			if code := kit.CodeOf(err); code != kit.Decided && code != kit.Forbidden || strings.Contains(err.Error(), "edit") {
				t.Errorf("Ann asks for %s: %v", other, err)
			}
		}
		b := s.claim(s.bob)
		if b.Seat == a.Seat || b.Quorum != 2 || b.Comment != "" || len(b.Locked) != 0 {
			t.Errorf("Bob's seat is %+v", b)
		}
		s.mustDecide(s.bob, b, kit.Edit, `{"count": "2.00"}`) // the same number
		if c := s.reaches(id, kit.Delivered); len(c.Delivery.Receipt.Others) != 1 || c.Delivery.Receipt.Others[0].Person.Name != "Ann" {
			t.Errorf("the receipt names also %+v", c.Delivery.Receipt.Others)
		}
		s.agrees()
	})
}

func TestADisagreementIsSettledByAThirdPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2}))
		cat := s.person("Cat")
		id := s.submit("One two")
		a := s.mustDecide(s.ann, s.claim(s.ann), kit.Edit, `{"count": "7"}`)
		s.mustDecide(s.bob, s.claim(s.bob), kit.Reject, "")
		for _, u := range []auth.User{s.ann, s.bob} {
			if v, err := s.Claim(t.Context(), u); err != nil || v != nil {
				t.Fatalf("%s may settle their own disagreement: %+v, %v", u.Name, v, err)
			}
		}
		v := s.claim(cat)
		if len(v.Versions) != 2 || v.Versions[0].Decision != a.Decision.ID || v.Versions[1].Verdict != kit.Reject {
			t.Fatalf("the versions are %+v", v.Versions)
		}
		if other, err := s.Review(t.Context(), s.ann, v.ID); err != nil || other.Versions != nil {
			t.Errorf("Ann sees the versions too: %+v, %v", other.Versions, err)
		}
		out := s.mustDecide(cat, v, kit.Edit, `{"count": "7"}`)
		if !slices.Equal(out.Decision.Stood, []string{a.Decision.ID}) {
			t.Errorf("stood %v, want Ann's", out.Decision.Stood)
		}
		s.reaches(id, kit.Delivered)
		s.agrees()
	})
}

func TestASecondPersonLooksBeforeItLeaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{SecondLook: 1}))
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		if c := s.reaches(id, kit.InReview); c.Delivery != nil {
			t.Error("it left before the second look")
		}
		if v, err := s.Claim(t.Context(), s.ann); err != nil || v != nil {
			t.Fatalf("Ann looks twice: %+v, %v", v, err)
		}
		s.mustDecide(s.bob, s.claim(s.bob), kit.Approve, "")
		s.reaches(id, kit.Delivered)
		s.agrees()
	})
}

func TestFourEyesKeepOutWhoSubmittedAndWhoDecidedBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{FourEyes: true}))
		cat := s.person("Cat")
		done, err := s.Submit(t.Context(), s.ann, workflow.Submission{Name: "n", Input: []byte(`{"text":"One"}`)})
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.bob, s.claim(s.bob), kit.Return, "")
		v := s.claim(cat)
		if err := s.Release(t.Context(), cat, v.ID, v.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		for who, words := range map[*auth.User]string{&s.ann: "brings a case in", &s.bob: "before"} {
			_, err := s.ClaimOne(t.Context(), *who, v.ID)
			wantCode(t, err, kit.Forbidden)
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%s is told %v", who.Name, err)
			}
		}
		s.mustDecide(cat, s.claim(cat), kit.Approve, "")
		s.reaches(done.ID, kit.Delivered)
	})
}

func TestOnlyTheRolesOfThePolicyAndTheAssignedClaim(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Roles: []auth.Role{auth.Lead}}))
		lead, err := s.accounts.Add(t.Context(), "Lea", "lea@example.com", auth.Lead)
		if err != nil {
			t.Fatal(err)
		}
		s.submit("One")
		v := s.claim(lead)
		if err := s.Release(t.Context(), lead, v.ID, v.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Claim(t.Context(), s.ann); err != nil || got != nil {
			t.Errorf("a reviewer gets a lead's review: %+v, %v", got, err)
		}
		_, err = s.ClaimOne(t.Context(), s.ann, v.ID)
		wantCode(t, err, kit.Forbidden)
		set(t, db, `UPDATE reviews SET roles = 7, assigned_to = ?`, s.bob.ID)
		_, err = s.ClaimOne(t.Context(), s.ann, v.ID)
		wantCode(t, err, kit.Forbidden)
		if got := s.claim(s.bob); got.AssignedTo == nil || got.AssignedTo.Name != "Bob" {
			t.Errorf("assigned to %+v", got.AssignedTo)
		}
	})
}

// set changes the database behind the service.
func set(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *service) pauses(by auth.User) *review.Pause {
	s.t.Helper()
	p, err := s.Pause(s.t.Context(), by)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func TestWhoDecidesTooFastWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var ahead atomic.Int64
		s := start(t, db, policy(review.Policy{HourlyCap: 2}), func(c *workflow.Config) {
			c.Clock = func() time.Time { return kit.Now().Add(time.Duration(ahead.Load())) }
		})
		for range 3 {
			s.submit("One")
		}
		s.mustDecide(s.ann, s.claim(s.ann), kit.Skip, "")
		taken := s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		back, err := s.Undo(t.Context(), s.ann, taken.Decision.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(s.ann, s.take(s.ann, back), kit.Approve, "") // what was taken back counts no more
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		v := s.claim(s.bob)
		if err := s.Release(t.Context(), s.bob, v.ID, v.Lease.Epoch); err != nil {
			t.Fatal(err)
		}
		_, err = s.ClaimOne(t.Context(), s.ann, v.ID)
		wantCode(t, err, kit.Forbidden)
		p, q := review.PauseOf(err), s.pauses(s.ann)
		if p == nil || p.Decided != 2 || q == nil || *p != *q || !strings.Contains(kit.HintOf(err), "go on at") || s.pauses(s.bob) != nil {
			t.Errorf("the pause is %+v, %+v; the hint is %q", p, q, kit.HintOf(err))
		}
		figures, err := s.Figures(t.Context(), s.ann, s.Clock(), s.Clock())
		if err != nil || len(figures) == 0 || figures[0].Decided != p.Decided {
			t.Errorf("the figures are %+v, %v", figures, err)
		}
		ahead.Store(int64(time.Hour))
		if _, err := s.ClaimOne(t.Context(), s.ann, v.ID); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

func TestASeatIsTakenBackWhileNobodyLooksAtWhatItLedTo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2}))
		cat := s.person("Cat")
		id := s.submit("One two")
		a := s.mustDecide(s.ann, s.claim(s.ann), kit.Edit, `{"count": "7"}`)
		b := s.mustDecide(s.bob, s.claim(s.bob), kit.Approve, "")
		back, err := s.Undo(t.Context(), s.ann, a.Decision.ID) // the settling goes away
		if err != nil {
			t.Fatal(err)
		}
		if v, err := s.Claim(t.Context(), cat); err != nil || v != nil {
			t.Fatalf("what was withdrawn still waits: %+v, %v", v, err)
		}
		v, err := s.Review(t.Context(), s.ann, back)
		if err != nil {
			t.Fatal(err)
		}
		a = s.mustDecide(s.ann, v, kit.Edit, `{"count": "8"}`)
		s.claim(cat)
		for who, d := range map[*auth.User]string{&s.ann: a.Decision.ID, &s.bob: b.Decision.ID} {
			_, err := s.Undo(t.Context(), *who, d)
			wantCode(t, err, kit.Conflict)
		}
		s.reaches(id, kit.InReview)
		s.agrees()
	})
}
