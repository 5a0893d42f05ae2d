package workflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

var errBack = errors.New("rolled back")

// unguarded runs queries as somebody who holds the database would: no trigger
// and no foreign key is in their way. What then returns goes back if it is an
// error.
func (s *service) unguarded(queries string, then func(tx bun.Tx) error) {
	s.t.Helper()
	err := s.DB.Write(s.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for _, q := range append(s.disarm(ctx, tx), strings.Split(queries, ";\n")...) {
			if _, err := tx.NewRaw(q).Exec(ctx); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return then(tx)
	})
	if err != nil && !errors.Is(err, errBack) {
		s.t.Fatal(err)
	}
}

// disarm lists what takes the guards of an engine away.
func (s *service) disarm(ctx context.Context, tx bun.Tx) []string {
	s.t.Helper()
	if s.DB.Engine() == store.Postgres {
		return []string{"SET LOCAL session_replication_role = replica"}
	}
	var guards []string
	if err := tx.NewRaw("SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(%'").Scan(ctx, &guards); err != nil {
		s.t.Fatal(err)
	}
	return append(guards, "PRAGMA defer_foreign_keys = 1")
}

// names fails the test unless Compare names what the queries did, in these
// words.
func (s *service) names(want, queries string) {
	s.t.Helper()
	s.unguarded(queries, func(tx bun.Tx) error {
		faults, err := s.CompareIn(s.t.Context(), tx)
		if err != nil || !strings.Contains(strings.Join(faults, "\n"), want) {
			s.t.Errorf("%s\nCompare says %q, %v; want %q", queries, faults, err, want)
		}
		return errBack
	})
}

func TestCompareNamesWhatNobodyDecidedOnYet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Quorum: 2, Tiers: []review.Tier{{Name: "big", When: "count > 99"}}}))
		id := s.submit("One two")
		v := s.reviewing(id)
		s.agrees()
		draft := "case " + id + ": the draft " + v.Draft.ID
		opened := "case " + id + ": the review " + v.ID
		for _, c := range [][2]string{
			{draft + " is not as it was made", `UPDATE drafts SET value = '{"title":"Forged","count":2}'`},
			{draft + " is not as it was made", `UPDATE drafts SET fields = REPLACE(fields, '0.9', '0.99')`},
			{draft + " is not as it was made", `UPDATE drafts SET model_name = 'other'`},
			{draft + " is not as it was made", `UPDATE drafts SET canary = TRUE`},
			{draft + " is gone", `DELETE FROM drafts`},
			{"the trail does not know the draft new", `UPDATE drafts SET id = 'new'`},
			{opened + " is not as it was opened", `UPDATE reviews SET quorum = 1`},
			{opened + " is not as it was opened", `UPDATE reviews SET kind = 'canary'`},
			{opened + " is not as it was opened", `UPDATE reviews SET roles = 1`},
			{opened + " is not as it was opened", `UPDATE reviews SET tier = 'big'`},
			{opened + " is not as it was opened", `UPDATE reviews SET draft_id = 'other'`},
			{opened + " is gone", `DELETE FROM reviews`},
			{"case " + id + ": it was not brought in by " + s.ann.ID, `UPDATE cases SET submitted_by = '` + s.ann.ID + `'`},
			{"case " + id + ": it was not brought to the state delivered", `UPDATE cases SET state = 'delivered'`},
			{"case " + id + ": it was not brought to the state rejected", `UPDATE cases SET state = 'rejected'`},
			{"case " + id + ": it was not brought to the state failed", `UPDATE cases SET state = 'failed'`},
			{"sampling 1: its seed is not the one that was drawn", `UPDATE sampling SET seed = 'x'`},
			{"sampling 1: it is gone", `DELETE FROM sampling`},
		} {
			s.names(c[0], c[1])
		}
	})
}

// reviewing is the first review of a case that waits.
func (s *service) reviewing(id string) *review.Review {
	s.t.Helper()
	v, err := s.Review(s.t.Context(), s.ann, s.reaches(id, kit.InReview).ReviewID)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// Who takes the seed away has the service draw another: the trail has both.
func TestCompareTellsThatTheSeedWasDrawnAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.reaches(s.submit("One"), kit.InReview)
		s.unguarded(`DELETE FROM sampling`, func(bun.Tx) error { return nil })
		id := s.submit("Two")
		v := s.reviewing(id)
		all := strings.Join(s.compare(), "\n")
		for _, want := range []string{"sampling 1: its row was removed, and its seed drawn again", "case " + id + ": the draft " + v.Draft.ID + " is not as it was made"} {
			if !strings.Contains(all, want) {
				t.Errorf("Compare says %q, want %q", all, want)
			}
		}
	})
}

// A person is told neither by the trail nor by a hash that they can try which
// draft of two is the model's own.
func TestASealTellsNothingToThoseWithoutTheSeed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, canaries)
		id := s.submit("Blue chairs")
		v := s.reviewing(id)
		seals, plain := 0, map[string]bool{}
		for _, value := range []string{string(v.Draft.Value), `{"title":"Blue chairs","count":2}`, `{"title":"Red chairs","count":2}`} {
			plain[review.Seal("", value)], plain[review.Seal("", v.Draft.ID, value)] = true, true
		}
		for _, e := range s.reaches(id, kit.InReview).History {
			var d struct{ Draft, Seal, Value string }
			if err := json.Unmarshal(e.Data, &d); err != nil {
				t.Fatal(err)
			}
			if e.Kind == "draft.made" {
				seals++
				if len(d.Seal) != 64 || plain[d.Seal] || d.Value != "" || d.Draft != v.Draft.ID {
					t.Errorf("the trail shows %s of draft %s", e.Data, v.Draft.ID)
				}
			}
		}
		if seals != 1 {
			t.Errorf("%d drafts are told of, of one that is shown", seals)
		}
		s.names("is not as it was made", `UPDATE drafts SET value = '{"title":"Green chairs","count":2}' WHERE canary`)
		s.names("is not as it was made", `UPDATE drafts SET value = '{"title":"Green chairs","count":2}' WHERE NOT canary`)
		s.names("is not as it was opened", `UPDATE reviews SET kind = 'first'`)
	})
}

func TestCompareNamesPeopleAndTheirWaysIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		out, gone := s.person("Out"), s.person("Gone")
		admin, err := s.accounts.Add(t.Context(), "Adi", "adi@example.com", auth.Admin)
		for _, do := range []func() error{
			func() error { _, err := s.accounts.Disable(t.Context(), out.Email); return err },
			func() error { _, err := s.accounts.Delete(t.Context(), auth.System, gone.ID); return err },
			func() error { _, err := s.accounts.SetRole(t.Context(), auth.System, s.bob.ID, auth.Lead); return err },
			func() error { _, err := s.accounts.Link(t.Context(), s.ann.Email, 3600e9); return err },
			func() error { _, err := s.accounts.Token(t.Context(), s.bob.Email); return err },
		} {
			if err == nil {
				err = do()
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		s.agrees()
		user := func(id string) string { return ` WHERE id = '` + id + `'` }
		for _, c := range [][2]string{
			{"user " + s.ann.ID + ": their role was made reviewer, not admin", `UPDATE users SET role = 'admin'` + user(s.ann.ID)},
			{"user " + s.bob.ID + ": their role was made lead, not reviewer", `UPDATE users SET role = 'reviewer'` + user(s.bob.ID)},
			{"user " + s.robot.ID + ": they were added as a service, not as a person",
				`UPDATE users SET kind = 'person', role = 'reviewer', email = 'r@example.com'` + user(s.robot.ID)},
			{"user " + out.ID + ": whether they are let in", `UPDATE users SET disabled_at = NULL` + user(out.ID)},
			{"user " + admin.ID + ": whether they are let in", `UPDATE users SET disabled_at = 1` + user(admin.ID)},
			{"user " + gone.ID + ": whether they are let in", `UPDATE users SET deleted_at = 0` + user(gone.ID)},
			{"user new: nobody added them", `INSERT INTO users (id, kind, name, email, role, created_at) VALUES ('new', 'person', 'N', 'n@x.org', 'admin', 1)`},
			{"user " + s.ann.ID + ": they are gone", `DELETE FROM users` + user(s.ann.ID)},
			{"token forged of user " + s.ann.ID, `INSERT INTO tokens (hash, user_id, purpose, created_at) VALUES ('forged', '` + s.ann.ID + `', 'api', 1)`},
			{"of user " + s.ann.ID, `UPDATE tokens SET user_id = '` + s.ann.ID + `' WHERE user_id = '` + s.bob.ID + `'`},
			{"password  of user " + s.ann.ID, `INSERT INTO passwords (user_id, hash, set_at) VALUES ('` + s.ann.ID + `', 'x', 1)`},
			{"identity https://id of user " + s.ann.ID, `INSERT INTO identities (issuer, subject, user_id, created_at) VALUES ('https://id', 'x', '` + s.ann.ID + `', 1)`},
		} {
			s.names(c[0], c[1])
		}
	})
}

// What an archive took out of the trail still holds.
func TestCompareKnowsPeopleWhoseEventsAreArchived(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		id := s.submit("one")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.reaches(id, kit.Delivered)
		for range 2 {
			p, err := s.Checkpoint(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.TakeOut(t.Context(), p, "x"); err != nil {
				t.Fatal(err)
			}
			s.person(fmt.Sprintf("new%d", p.Seq))
		}
		s.reaches(s.submit("two"), kit.InReview)
		s.agrees()
		s.names("user "+s.ann.ID+": their role was made reviewer, not admin", `UPDATE users SET role = 'admin' WHERE id = '`+s.ann.ID+`'`)
		s.names("sampling 1: its seed", `UPDATE sampling SET seed = 'x'`)
	})
}

func TestCompareNamesWhoWasLetDecide(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{FourEyes: true, Roles: []auth.Role{auth.Reviewer}}))
		done, err := s.Submit(t.Context(), s.ann, workflow.Submission{Name: "n", Input: []byte(`{"text":"One"}`)})
		if err != nil {
			t.Fatal(err)
		}
		v := s.reviewing(done.ID)
		s.agrees()
		kept := "who is kept from the review " + v.ID + " is not who was when it was opened"
		s.names(kept, `DELETE FROM barred`)
		s.names(kept, `UPDATE barred SET user_id = '`+s.bob.ID+`'`)
		s.names(kept, `INSERT INTO barred (review_id, user_id, why) VALUES ('`+v.ID+`', '`+s.bob.ID+`', 'reviewed')`)

		// Taken away, used and put back: the decision itself tells.
		var rows []struct{ ReviewID, UserID, Why string }
		if err := db.Read().NewRaw(`SELECT review_id, user_id, why FROM barred`).Scan(t.Context(), &rows); err != nil || len(rows) != 1 {
			t.Fatalf("%d are kept from it, %v", len(rows), err)
		}
		s.unguarded(`DELETE FROM barred`, func(bun.Tx) error { return nil })
		lax := s.Config // what asks for four eyes itself would refuse it
		lax.Workflow, lax.Policy = simple(lax.Model), review.Policy{}
		r, err := workflow.NewRunner(lax)
		if err != nil {
			t.Fatal(err)
		}
		other := &service{t: t, Runner: r}
		other.mustDecide(s.ann, other.claim(s.ann), kit.Approve, "")
		s.reaches(done.ID, kit.Delivered)
		s.unguarded(fmt.Sprintf(`INSERT INTO barred (review_id, user_id, why) VALUES ('%s', '%s', '%s')`, rows[0].ReviewID, rows[0].UserID, rows[0].Why),
			func(bun.Tx) error { return nil })
		if all := strings.Join(s.compare(), "\n"); !strings.Contains(all, "is by "+s.ann.ID+", who was kept from review "+v.ID) {
			t.Errorf("Compare says %q", all)
		}
	})
}

// Who was given a role behind the trail's back, and decided by it, is named
// also when the role was taken away again.
func TestCompareNamesWhoDecidedByARoleThatNobodyGaveThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, policy(review.Policy{Roles: []auth.Role{auth.Lead}}))
		id := s.submit("One")
		s.reaches(id, kit.InReview)
		role := func(r string) {
			s.unguarded(`UPDATE users SET role = '`+r+`' WHERE id = '`+s.ann.ID+`'`, func(bun.Tx) error { return nil })
		}
		role("lead")
		lead, err := s.accounts.Get(t.Context(), s.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.mustDecide(lead, s.claim(lead), kit.Approve, "")
		s.reaches(id, kit.Delivered)
		role("reviewer")
		if all := strings.Join(s.compare(), "\n"); !strings.Contains(all, "is by "+s.ann.ID+", who could not decide on review") {
			t.Errorf("Compare says %q", all)
		}
	})
}

func TestCompareNamesForgedBarsAndLots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := gathering(t, db, small(6), "v1")
		void := s.certify()
		bar := s.certify() // in the other's place
		s.sure(6)
		l := s.until(review.Sampling)
		s.lookAt(l, 1)
		s.until(review.Ready)
		s.good()
		is := "bar " + bar.ID + ": it is not as it was certified"
		for _, c := range [][2]string{
			{is, `UPDATE bars SET threshold = 0.1 WHERE id = '` + bar.ID + `'`},
			{is, `UPDATE bars SET error = 0.5 WHERE id = '` + bar.ID + `'`},
			{is, `UPDATE bars SET labels = 9999 WHERE id = '` + bar.ID + `'`},
			{is, `UPDATE bars SET model_digest = 'x' WHERE id = '` + bar.ID + `'`},
			{is, `UPDATE bars SET certified_by = '` + s.ann.ID + `' WHERE id = '` + bar.ID + `'`},
			{"bar " + void.ID + ": whether it is void", `UPDATE bars SET voided_at = NULL, schema_hash = 'x' WHERE id = '` + void.ID + `'`},
			{"bar new: nobody certified it", `UPDATE bars SET id = 'new' WHERE id = '` + void.ID + `'`},
			{"bar " + void.ID + ": it is gone", `DELETE FROM bars WHERE id = '` + void.ID + `'`},
			{"lot " + l.ID + ": it is not as it began", `UPDATE lots SET error = 0.9`},
			{"lot " + l.ID + ": it is not as it began", `UPDATE lots SET roles = 1`},
			{"lot " + l.ID + ": its cases are not those", `UPDATE lot_cases SET case_id = 'x' || case_id`},
			{"lot " + l.ID + ": its sample is not", `UPDATE lots SET seed = 'x'`},
			{"lot " + l.ID + ": its sample is not", `UPDATE lot_cases SET sampled = FALSE`},
			{"lot " + l.ID + ": its numbers are not", `UPDATE lots SET wrong = 0`},
			{"in its sample is not what was decided", `UPDATE lot_cases SET outcome = 'right' WHERE sampled`},
			{"in its sample is not what was decided", `UPDATE lot_cases SET outcome = 'wrong' WHERE sampled`},
			{"lot " + l.ID + ": the decision on it is not", `UPDATE lots SET state = 'accepted', bound = 0, decided_by = '` + s.ann.ID + `'`},
			{"lot " + l.ID + ": it is gone", `DELETE FROM lots`},
		} {
			s.names(c[0], c[1])
		}
	})
}

// coded is a workflow with a step of code after the person.
func coded(c *workflow.Config) {
	w, in := workflow.New[note]("notes")
	d := workflow.Draft(in, "extract", model.Extract[note, label](c.Model, "extract"))
	done := workflow.Then(workflow.Review(d, "check", review.Policy{}), "enrich",
		func(_ context.Context, a workflow.Approved[label]) (label, error) { return a.Value(), nil })
	workflow.Deliver(done, "export", value)
	c.Workflow = w
}

func TestCompareNamesWhatFollowsADecision(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, coded)
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Return, `{"count": "7"}`)
		v := s.claim(s.ann)
		s.names("case "+id+": the lock on field count is not what people decided", `UPDATE locks SET value = '8'`)
		s.names("case "+id+": the lock on field count is not what people decided", `DELETE FROM locks`)
		s.names("case "+id+": the lock on field title is not what people decided", `UPDATE locks SET path = 'title'`)
		s.mustDecide(s.ann, v, kit.Approve, "")
		s.reaches(id, kit.Delivered)
		s.agrees()
		s.names("case "+id+": what step enrich yielded is not as it was made", `UPDATE outputs SET value = '{}' WHERE step = 'enrich'`)
		s.names("case "+id+": what step check yielded is not as it was made", `UPDATE outputs SET value = '{}' WHERE step = 'check'`)
		s.names("is not as it was made", `UPDATE decisions SET review_id = 'other' WHERE verdict = 'approve'`)
	})
}

// What was put in the place of a step's output while it left, and taken away
// after that, is told by what left.
func TestCompareNamesWhatLeftInAnotherOnesPlace(t *testing.T) {
	s := start(t, storetest.SQLite(t), coded)
	s.unguarded(`CREATE TRIGGER forge AFTER INSERT ON outputs WHEN NEW.step = 'enrich' BEGIN
		UPDATE outputs SET value = '{"title":"Forged","count":1}' WHERE step = 'enrich'; END`, func(bun.Tx) error { return nil })
	id := s.submit("One two")
	s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
	c := s.reaches(id, kit.Delivered)
	s.unguarded("DROP TRIGGER forge;\nUPDATE outputs SET value = '"+string(c.Decision.Value)+`' WHERE step = 'enrich'`, func(bun.Tx) error { return nil })
	want := "case " + id + ": the delivery " + c.Delivery.ID + " was made of something else than what was decided"
	if faults := rowsOf(s.compare()); len(faults) != 1 || faults[0] != want {
		t.Errorf("Compare says %q, want %q", faults, want)
	}
}
