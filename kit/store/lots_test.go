package store_test

import (
	"fmt"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// lotDecision is a decision on a case under a lot.
func lotDecision(id, caseID, user, verdict, lot string) string {
	return fmt.Sprintf(`INSERT INTO decisions (id, review_id, case_id, user_id, user_kind, verdict, releases, reason, subject, value, changed, key, request, created_at, lot_id)
		VALUES ('%s', 'r-%s', '%s', '%s', 'person', '%s', TRUE, '', 's', '{}', '[]', '%s', 'h', 1, '%s')`, id, caseID, caseID, user, verdict, id, lot)
}

const (
	sampleLot = `UPDATE lots SET state = 'sampling', seed = 'x', sample = 1, closed_at = 2 WHERE id = 'l'`
	readyLot  = `UPDATE lots SET state = 'ready', bound = 0.01 WHERE id = 'l'`
)

func acceptLot(by string) string {
	return fmt.Sprintf(`UPDATE lots SET state = 'accepted', decided_by = '%s', decided_at = 3 WHERE id = 'l'`, by)
}

// gather makes a bar and a lot of the cases a and b, of which a is sampled.
func gather(t *testing.T, db *store.DB) {
	t.Helper()
	seed(t, db, "a", "b", "alone")
	addUser(t, db, "omar", "person")
	must(t, db, `INSERT INTO bars (id, step, threshold, error, confidence, labels, wrong, model_name, model_digest, prompt_hash,
		schema_hash, certified_at, certified_by) VALUES ('bar', 'extract', 0.9, 0.05, 0.95, 60, 0, 'm', 'x', '', 's', 1, 'mei')`)
	must(t, db, `INSERT INTO lots (id, step, bar_id, state, roles, full_at, size, error, confidence, opened_at, closes_at)
		VALUES ('l', 'check', 'bar', 'gathering', 7, 2, 2, 0.02, 0.95, 1, 2)`)
	for _, id := range []string{"a", "b"} {
		must(t, db, fmt.Sprintf(`INSERT INTO lot_cases (lot_id, case_id, review_id, subject) VALUES ('l', '%s', 'r-%s', 's')`, id, id))
	}
	must(t, db, `UPDATE lot_cases SET sampled = TRUE WHERE case_id = 'a'`)
}

func TestALotLetsNothingOutBeforeAPersonAcceptsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		gather(t, db)
		refused(t, db, "a decision on a case that gathers", decision("d", "b", "mei", "person", "approve", true))
		refused(t, db, "a decision by a lot that gathers", lotDecision("d", "b", "mei", "approve", "l"))
		refused(t, db, "a lot accepted while it gathers", acceptLot("mei"))
		must(t, db, sampleLot)
		refused(t, db, "a decision on a case that is not sampled", decision("d", "b", "mei", "person", "approve", true))
		refused(t, db, "a lot that is accepted before its sample is reviewed", acceptLot("mei"))
		must(t, db, decision("sample", "a", "mei", "person", "approve", true))
		must(t, db, `UPDATE lot_cases SET outcome = 'right' WHERE case_id = 'a'`)
		must(t, db, readyLot)
		refused(t, db, "a decision by a lot that is ready", lotDecision("d", "b", "mei", "approve", "l"))
		refused(t, db, "a lot that a service accepts", acceptLot("scanner"))
		refused(t, db, "a lot that nobody accepts", `UPDATE lots SET state = 'accepted' WHERE id = 'l'`)
		refused(t, db, "a lot that breaks its promise", `UPDATE lots SET bound = 0.5, state = 'accepted', decided_by = 'mei' WHERE id = 'l'`)
		refused(t, db, "a lot whose wrong cases are not counted", `UPDATE lots SET wrong = 1, state = 'accepted', decided_by = 'mei' WHERE id = 'l'`)
		must(t, db, acceptLot("mei"))
		refused(t, db, "another person's decision by the lot", lotDecision("d", "b", "omar", "approve", "l"))
		refused(t, db, "a decision by a lot on a case outside", lotDecision("d", "alone", "mei", "approve", "l"))
		refused(t, db, "a rejection by an accepted lot", lotDecision("d", "b", "mei", "edit", "l"))
		refused(t, db, "a decision by the lot on its sample", lotDecision("d", "a", "mei", "approve", "l"))
		must(t, db, lotDecision("d", "b", "mei", "approve", "l"))
		must(t, db, delivery("out", "b", "d", true))
		refused(t, db, "a decision that leaves its lot", `UPDATE decisions SET lot_id = NULL, undone_at = 4 WHERE id = 'd'`)
	})
}

func TestARejectedLotDecidesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		gather(t, db)
		must(t, db, sampleLot)
		must(t, db, `UPDATE lot_cases SET outcome = 'wrong' WHERE case_id = 'a'`)
		must(t, db, `UPDATE lots SET state = 'ready', wrong = 1, bound = 0.9 WHERE id = 'l'`)
		must(t, db, `UPDATE lots SET state = 'rejected', decided_by = 'mei', decided_at = 3 WHERE id = 'l'`)
		refused(t, db, "a decision by a rejected lot", lotDecision("d", "b", "mei", "approve", "l"))
		refused(t, db, "a rejected lot that is accepted", acceptLot("mei"))
		must(t, db, decision("single", "b", "mei", "person", "approve", true))
	})
}

func TestWhatALotDrewStaysDrawn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		gather(t, db)
		refused(t, db, "a lot that begins accepted", `INSERT INTO lots (id, step, bar_id, state, roles, full_at, size, sample, seed, error,
			confidence, opened_at, closes_at, decided_by, bound) VALUES ('m', 'check', 'bar', 'accepted', 7, 2, 2, 1, 'x', 0.02, 0.95, 1, 2, 'mei', 0)`)
		refused(t, db, "a lot without a sample", `UPDATE lots SET state = 'sampling', seed = 'x', sample = 0 WHERE id = 'l'`)
		must(t, db, sampleLot)
		for what, query := range map[string]string{
			"another seed":                 `UPDATE lots SET seed = 'y' WHERE id = 'l'`,
			"another sample":               `UPDATE lot_cases SET sampled = TRUE WHERE case_id = 'b'`,
			"an outcome without a look":    `UPDATE lot_cases SET outcome = 'right' WHERE case_id = 'b'`,
			"a smaller sample":             `UPDATE lots SET sample = 0 WHERE id = 'l'`,
			"a looser promise":             `UPDATE lots SET error = 0.5 WHERE id = 'l'`,
			"gathering again":              `UPDATE lots SET state = 'gathering' WHERE id = 'l'`,
			"a case that joins late":       `INSERT INTO lot_cases (lot_id, case_id, review_id, subject) VALUES ('l', 'alone', 'r-alone', 's')`,
			"a case that leaves":           `DELETE FROM lot_cases WHERE case_id = 'b'`,
			"another subject":              `UPDATE lot_cases SET subject = 't' WHERE case_id = 'b'`,
			"a lot that is deleted":        `DELETE FROM lots`,
			"a bar that is deleted":        `DELETE FROM bars`,
			"a bar with a lower threshold": `UPDATE bars SET threshold = 0.1, voided_at = 5`,
		} {
			refused(t, db, what, query)
		}
		must(t, db, `UPDATE bars SET voided_at = 5, void_reason = 'another model'`)
		refused(t, db, "a void bar that holds again", `UPDATE bars SET voided_at = NULL`)
	})
}

func TestALotIsAcceptedWhileItsBarHolds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		gather(t, db)
		must(t, db, sampleLot)
		must(t, db, `UPDATE lot_cases SET outcome = 'right' WHERE case_id = 'a'`)
		must(t, db, readyLot)
		must(t, db, `UPDATE bars SET voided_at = 5, void_reason = 'another model'`)
		refused(t, db, "a lot that is accepted by a void bar", acceptLot("mei"))
		must(t, db, `UPDATE lots SET state = 'void', settled_at = 6 WHERE id = 'l'`)
		refused(t, db, "a void lot that is accepted", acceptLot("mei"))
		refused(t, db, "an outcome of a void lot", `UPDATE lot_cases SET outcome = 'wrong' WHERE case_id = 'a'`)
		must(t, db, decision("single", "b", "mei", "person", "approve", true))
	})
}
