package workflow_test

import (
	"strings"
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

func TestCompareNamesAnOutputThatNoStepYielded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, coded)
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.reaches(id, kit.Delivered)
		s.agrees()
		s.names("case "+id+": step enrich did not yield the output 0", `UPDATE outputs SET seq = 0 WHERE step = 'enrich'`)
		s.names("case "+id+": step enrich did not yield the output -1", `UPDATE outputs SET seq = -1 WHERE step = 'enrich'`)
		s.names("case "+id+": step enrich did not yield the output 2", `UPDATE outputs SET seq = 2 WHERE step = 'enrich'`)
	})
}

// What nobody thought of in a row must not keep verify from the other rows.
func TestARowThatCannotBeComparedIsAFault(t *testing.T) {
	faults, err := workflow.Guarded("case 7", func() error {
		var none []string
		_ = none[len(faultless())]
		return nil
	})
	if err != nil || len(faults) != 1 || !strings.HasPrefix(faults[0], "case 7: it could not be compared: ") {
		t.Errorf("%q, %v", faults, err)
	}
}

func faultless() []string { return nil }

// What was revoked, used up or left to expire does not let anybody in again.
func TestCompareNamesAWayInThatIsBroughtBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		token := func(who auth.User) string {
			secret, err := s.accounts.Token(t.Context(), who.Email)
			if err != nil {
				t.Fatal(err)
			}
			return kit.Hash([]byte(secret))
		}
		out := s.person("Out")
		good, one, many, disabled := token(s.ann), token(s.ann), token(s.bob), token(out)
		link, err := s.accounts.Link(t.Context(), s.ann.Email, time.Hour)
		for _, do := range []func() error{
			func() error { _, err := s.accounts.Redeem(t.Context(), link); return err },
			func() error { return s.accounts.RevokeToken(t.Context(), s.ann.ID, s.ann.ID, one[:16]) },
			func() error { _, err := s.accounts.Revoke(t.Context(), s.bob.Email); return err },
			func() error { _, err := s.accounts.Disable(t.Context(), out.Email); return err },
			func() error { _, err := s.accounts.Enable(t.Context(), out.Email); return err },
		} {
			if err == nil {
				err = do()
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		s.agrees()
		back := func(who auth.User, hash string) [2]string {
			return [2]string{"token " + hash[:16] + " of user " + who.ID + ": it was revoked",
				`INSERT INTO tokens (hash, user_id, purpose, created_at) VALUES ('` + hash + `', '` + who.ID + `', 'api', 1)`}
		}
		used := kit.Hash([]byte(link))[:16]
		for _, c := range [][2]string{
			back(s.ann, one), back(s.bob, many), back(out, disabled),
			{"link " + used + " of user " + s.ann.ID + ": it was revoked or used up", `UPDATE tokens SET used_at = NULL, expires_at = NULL WHERE purpose = 'link'`},
			{"token " + good[:16] + " of user " + s.ann.ID + ": it is not good until", `UPDATE tokens SET expires_at = NULL WHERE purpose = 'api'`},
			{"token " + used + " of user " + s.ann.ID + ": the trail does not know", `UPDATE tokens SET purpose = 'api', used_at = NULL WHERE purpose = 'link'`},
		} {
			s.names(c[0], c[1])
		}
	})
}

// meanwhile does something when a query first comes by.
type meanwhile struct {
	bun.IDB
	at string
	do func()
}

func (m *meanwhile) NewRaw(query string, args ...any) *bun.RawQuery {
	if do := m.do; do != nil && strings.Contains(query, m.at) {
		m.do = nil
		do()
	}
	return m.IDB.NewRaw(query, args...)
}

func TestALeadWhoCameWhileALotWasComparedIsNotAccused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(6), "v1")
		s.certify()
		s.sure(6)
		s.lookAt(s.until(review.Sampling), 0)
		l := s.until(review.Ready)
		came := &meanwhile{IDB: db.Read(), at: "FROM lots ", do: func() {
			lead, err := s.accounts.Add(t.Context(), "New", "new@example.com", auth.Lead)
			if err == nil {
				_, err = s.decideLot(lead, l, true)
			}
			if err != nil {
				t.Fatal(err)
			}
		}}
		faults, err := s.CompareIn(t.Context(), came)
		if err != nil || len(faults) > 0 || came.do != nil {
			t.Errorf("Compare says %q, %v", faults, err)
		}
	})
}

func TestCompareNamesTermsThatARoundWasNotOpenedUnder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2, Blind: 1, Tiers: []review.Tier{{Name: "big", When: "count > 0"}}}))
		id := s.submit("One two")
		v := s.reviewing(id)
		s.agrees()
		opened := "case " + id + ": the review " + v.ID + " is not as it was opened"
		for _, query := range []string{
			`UPDATE reviews SET besides = ',other'`,
			`UPDATE reviews SET blind = FALSE`,
			`UPDATE reviews SET seat = 9 - seat`,
		} {
			s.names(opened, query)
		}
		for _, e := range s.reaches(id, kit.InReview).History {
			if e.Kind == "round.opened" && strings.Contains(string(e.Data), "blind") {
				t.Errorf("the history tells %s", e.Data)
			}
		}
	})
}
