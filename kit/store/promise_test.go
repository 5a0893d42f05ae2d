package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// decision is a row of decisions; its review and draft carry its case's name.
func decision(id, caseID, user, kind, verdict string, releases bool) string {
	return fmt.Sprintf(`INSERT INTO decisions (id, review_id, case_id, user_id, user_kind, verdict, releases, reason, subject, value, changed, key, request, created_at)
		VALUES ('%s', 'r-%s', '%s', '%s', '%s', '%s', %v, '', 's', '{}', '[]', '%s', 'h', 1)`, id, caseID, caseID, user, kind, verdict, releases, id)
}

func delivery(id, caseID, decision string, releases bool) string {
	return fmt.Sprintf(`INSERT INTO deliveries (id, case_id, step, decision_id, releases, output, receipt, created_at)
		VALUES ('%s', '%s', 'export', '%s', %v, '{}', '{}', 1)`, id, caseID, decision, releases)
}

// seed makes a person, a service, and for each case a draft and an open review.
func seed(t *testing.T, db *store.DB, cases ...string) {
	t.Helper()
	addUser(t, db, "mei", "person")
	addUser(t, db, "scanner", "service")
	for _, id := range cases {
		for _, q := range []string{
			`INSERT INTO cases (id, workflow, state, step, name, input, input_hash, version, created_at, updated_at)
				VALUES ('%[1]s', 'w', 'review', 'check', 'n', '{}', 'h', 1, 1, 1)`,
			`INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, usage, gave_up, created_at)
				VALUES ('d-%[1]s', '%[1]s', 'extract', '{}', '[]', 'm', 'x', '', '{}', '', 1)`,
			`INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, epoch, lease_until)
				VALUES ('r-%[1]s', '%[1]s', 'check', 'd-%[1]s', 'open', 0, 0.5, 1, 0, 0)`,
		} {
			must(t, db, fmt.Sprintf(q, id))
		}
	}
}

func must(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	if err := exec(t, db, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func refused(t *testing.T, db *store.DB, what, query string) {
	t.Helper()
	if err := exec(t, db, query); err == nil {
		t.Errorf("the database took %s: %s", what, query)
	} else if strings.Contains(err.Error(), "syntax") || strings.Contains(err.Error(), "no such") {
		t.Errorf("%s was refused for another reason: %v", what, err)
	}
}

// The third keeping of the promise: whatever the code does, the database lets
// nothing out that no person has decided on.
func TestNothingLeavesWithoutAPersonsDecision(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "good", "bad", "undone", "other")
		must(t, db, decision("yes", "good", "mei", "person", "approve", true))
		must(t, db, decision("no", "bad", "mei", "person", "reject", false))
		must(t, db, decision("oops", "undone", "mei", "person", "approve", true))
		must(t, db, "UPDATE decisions SET undone_at = 2 WHERE id = 'oops'")

		refused(t, db, "a delivery without a decision", delivery("x", "good", "none", true))
		refused(t, db, "a delivery of another case's decision", delivery("x", "other", "yes", true))
		refused(t, db, "a delivery of a rejection", delivery("x", "bad", "no", true))
		refused(t, db, "a delivery that admits to a rejection", delivery("x", "bad", "no", false))
		refused(t, db, "a delivery of an undone decision", delivery("x", "undone", "oops", true))

		must(t, db, delivery("out", "good", "yes", true))
		refused(t, db, "the same delivery again", delivery("again", "good", "yes", true))
		refused(t, db, "undoing what was delivered", "UPDATE decisions SET undone_at = 3 WHERE id = 'yes'")
		refused(t, db, "moving a delivery to an undone decision", "UPDATE deliveries SET case_id = 'undone', decision_id = 'oops' WHERE id = 'out'")
		refused(t, db, "another output", "UPDATE deliveries SET output = '{\"total\":1}' WHERE id = 'out'")
		refused(t, db, "another receipt", "UPDATE deliveries SET receipt = '{\"total\":1}' WHERE id = 'out'")
		refused(t, db, "forgetting a delivery", "DELETE FROM deliveries WHERE id = 'out'")
	})
}

func TestOnlyAPersonDecides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "c")
		refused(t, db, "a service's decision", decision("x", "c", "scanner", "service", "approve", true))
		refused(t, db, "a service posing as a person", decision("x", "c", "scanner", "person", "approve", true))
		refused(t, db, "nobody's decision", decision("x", "c", "nobody", "person", "approve", true))
		refused(t, db, "a rejection that releases", decision("x", "c", "mei", "person", "reject", true))
		refused(t, db, "an approval that does not", decision("x", "c", "mei", "person", "approve", false))
		refused(t, db, "an unknown verdict", decision("x", "c", "mei", "person", "whatever", false))

		must(t, db, decision("skip", "c", "mei", "person", "skip", false)) // skipping leaves it open to others
		must(t, db, decision("yes", "c", "mei", "person", "edit", true))
		refused(t, db, "a second standing decision", decision("two", "c", "mei", "person", "reject", false))
		refused(t, db, "turning a person who decided into a service", "UPDATE users SET kind = 'service', role = 'service', email = NULL WHERE id = 'mei'")
		refused(t, db, "deleting a person who decided", "DELETE FROM users WHERE id = 'mei'")
	})
}

func TestAPersonStaysAPerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db)
		refused(t, db, "turning a person who decided nothing into a service", "UPDATE users SET kind = 'service', role = 'service', email = NULL WHERE id = 'mei'")
		refused(t, db, "turning a service into a person", "UPDATE users SET kind = 'person', role = 'admin', email = 's@example.com' WHERE id = 'scanner'")
		if db.Engine() != store.Postgres {
			return // SQLite has no TRUNCATE
		}
		for _, table := range []string{"locks", "outputs", "barred", "canaries"} {
			refused(t, db, "emptying "+table, "TRUNCATE "+table)
		}
	})
}

func TestADecisionStands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "c", "d")
		addUser(t, db, "eve", "person")
		must(t, db, decision("yes", "c", "mei", "person", "approve", true))
		for _, set := range []string{"id = 'z'", "review_id = 'r-d', case_id = 'd'", "user_id = 'eve'", "verdict = 'edit'",
			"verdict = 'reject', releases = false", "reason = 'x'", "subject = 'x'", "value = '[]'", "changed = '{}'", "key = 'x'",
			"request = 'x'", "created_at = 2", "undone_at = 2, reason = 'x'"} {
			refused(t, db, "an altered decision", "UPDATE decisions SET "+set+" WHERE id = 'yes'")
		}
		refused(t, db, "a deleted decision", "DELETE FROM decisions WHERE id = 'yes'")
		if db.Engine() == store.SQLite {
			replace := strings.Replace(decision("yes", "c", "eve", "person", "edit", true), "INSERT", "INSERT OR REPLACE", 1)
			refused(t, db, "a replaced decision", replace)
		} else {
			refused(t, db, "no decisions at all", "TRUNCATE decisions CASCADE")
		}
		must(t, db, "UPDATE decisions SET undone_at = 2 WHERE id = 'yes'")
		refused(t, db, "undoing twice", "UPDATE decisions SET undone_at = 3 WHERE id = 'yes'")
		refused(t, db, "undoing the undoing", "UPDATE decisions SET undone_at = NULL WHERE id = 'yes'")
		must(t, db, decision("better", "c", "eve", "person", "reject", false)) // the review is free again
	})
}

func TestTheTrailIsAppendOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const insert = "INSERT INTO audit_events (seq, at, actor, kind, case_id, data, prev, hash) VALUES (1, 1, 'u', '%s', '', '{}', '', 'h1')"
		must(t, db, fmt.Sprintf(insert, "k"))
		refused(t, db, "an altered event", "UPDATE audit_events SET actor = 'eve'")
		refused(t, db, "a deleted event", "DELETE FROM audit_events")
		refused(t, db, "a second event of one number", fmt.Sprintf(insert, "x"))
		if db.Engine() == store.SQLite {
			refused(t, db, "a replaced event", strings.Replace(fmt.Sprintf(insert, "x"), "INSERT", "INSERT OR REPLACE", 1))
		} else {
			refused(t, db, "an emptied trail", "TRUNCATE audit_events")
		}
		refused(t, db, "a second head", "INSERT INTO audit_head (id, seq, hash) VALUES (2, 0, '')")
	})
}

func TestOneReviewOfAStepWaitsAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		seed(t, db, "c", "d")
		const again = `INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, epoch, lease_until)
			VALUES ('again', 'c', 'check', '%s', 'open', 0, 0.5, 1, 0, 0)`
		refused(t, db, "a second open review", fmt.Sprintf(again, "d-c"))
		must(t, db, "UPDATE reviews SET state = 'decided' WHERE id = 'r-c'")
		refused(t, db, "a review of another case's draft", fmt.Sprintf(again, "d-d"))
		must(t, db, fmt.Sprintf(again, "d-c"))
	})
}

// The counters are what counting would give, after any mixture of changes.
func TestCountersAgreeWithCounting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		random := rand.New(rand.NewPCG(7, 11))
		for round := range 20 {
			if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				for range 25 {
					if err := churn(ctx, tx, random); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			compareCounters(t, db, round)
		}
	})
}

// churn does one random thing to one of forty cases, or to many of them.
func churn(ctx context.Context, tx bun.Tx, random *rand.Rand) error {
	id, state := fmt.Sprintf("c%d", random.IntN(40)), kit.States[random.IntN(len(kit.States))]
	query, args := "", []any{id}
	switch random.IntN(5) {
	case 0, 1:
		query = `INSERT INTO cases (state, id, workflow, step, name, input, input_hash, version, created_at, updated_at)
			VALUES (?, ?, 'w', 's', 'n', '{}', 'h', 1, 1, 1) ON CONFLICT (id) DO UPDATE SET state = excluded.state`
		args = []any{state, id}
	case 2:
		query = "DELETE FROM cases WHERE id = ?"
	case 3:
		query, args = "UPDATE cases SET state = ? WHERE id = ?", []any{state, id}
	case 4:
		query, args = "UPDATE cases SET state = ? WHERE id < ?", []any{state, id}
	}
	_, err := tx.NewRaw(query, args...).Exec(ctx)
	return err
}

func compareCounters(t *testing.T, db *store.DB, round int) {
	t.Helper()
	var wrong []string
	if err := db.Read().NewRaw(`SELECT k.state FROM case_counts k
		WHERE k.n <> (SELECT COUNT(*) FROM cases c WHERE c.state = k.state)`).Scan(t.Context(), &wrong); err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 {
		t.Fatalf("round %d: the counters of %v are off", round, wrong)
	}
	if n := count(t, db, "case_counts"); n != len(kit.States) {
		t.Fatalf("%d counters for %d states", n, len(kit.States))
	}
}
