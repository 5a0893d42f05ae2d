package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// TestThePromiseHoldsInTheShell writes as the sqlite3 shell does: without
// foreign keys, and without the triggers of what a REPLACE deletes.
func TestThePromiseHoldsInTheShell(t *testing.T) {
	path := t.TempDir() + "/app.db"
	db := storetest.Open(t, path)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	seed(t, db, "good", "bad", "open")
	addUser(t, db, "eve", "person")
	must(t, db, decision("yes", "good", "mei", "person", "approve", true))
	must(t, db, decision("no", "bad", "mei", "person", "reject", false))
	must(t, db, delivery("out", "good", "yes", true))
	must(t, db, "INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, usage, gave_up, created_at, canary) "+
		"VALUES ('wrong', 'open', 'draft', '{}', '[]', '', '', '', '{}', '', 1, TRUE)")
	must(t, db, planted("canary", "canary", "wrong"))
	must(t, db, says("fooled", "canary", "open", "mei", "approve", "{}"))
	must(t, db, "INSERT INTO audit_events (seq, at, actor, kind, case_id, data, prev, hash) VALUES (1, 1, 'u', 'k', '', '{}', '', 'h1')")

	shell, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer shell.Close()
	replace := func(q string) string { return strings.Replace(q, "INSERT", "INSERT OR REPLACE", 1) }
	for what, q := range map[string]string{
		"a delivery without a decision":      delivery("x", "open", "none", true),
		"a delivery of another's decision":   delivery("x", "open", "yes", true),
		"a delivery of a rejection":          delivery("x", "bad", "no", true),
		"another delivery in place of one":   replace(delivery("out", "good", "yes", true)),
		"the same delivery under another id": replace(delivery("x", "good", "yes", true)),
		"a service's decision":               decision("x", "open", "scanner", "person", "approve", true),
		"nobody's decision":                  decision("x", "open", "nobody", "person", "approve", true),
		"a decision without a review":        decision("x", "nowhere", "mei", "person", "approve", true),
		"another decision in place of one":   replace(decision("no", "bad", "mei", "person", "approve", true)),
		"a decision that ousts one":          replace(decision("x", "bad", "eve", "person", "approve", true)),
		"a person made a service":            "UPDATE users SET kind = 'service', role = 'service', email = NULL WHERE id = 'mei'",
		"a service made a person":            "UPDATE users SET kind = 'person', role = 'admin', email = 's@example.com' WHERE id = 'scanner'",
		"a service in place of a person":     replace("INSERT INTO users (id, kind, name, role, created_at) VALUES ('mei', 'service', 'Mei', 'service', 1)"),
		"a delivery of a canary":             delivery("x", "open", "fooled", true),
		"a canary's review made another":     replace(planted("canary", "first", "wrong")),
		"a canary's draft made another":      "INSERT OR REPLACE INTO drafts SELECT id, case_id, step, value, fields, model_name, model_digest, prompt_hash, usage, gave_up, created_at, FALSE, original FROM drafts WHERE id = 'wrong'",
		"a review away from its decision":    "DELETE FROM reviews WHERE id = 'canary'",
		"a draft away from its review":       "DELETE FROM drafts WHERE id = 'wrong'",
		"another event in place of one":      "INSERT OR REPLACE INTO audit_events (seq, at, actor, kind, case_id, data, prev, hash) VALUES (1, 1, 'eve', 'k', '', '{}', '', 'h2')",
	} {
		if _, err := shell.Exec(q); err == nil {
			t.Errorf("the database took %s: %s", what, q)
		} else if strings.Contains(err.Error(), "syntax") || strings.Contains(err.Error(), "no such") {
			t.Errorf("%s was refused for another reason: %v", what, err)
		}
	}
	if store.SQLite != db.Engine() || count(t, db, "deliveries") != 1 || count(t, db, "decisions") != 3 {
		t.Errorf("%d deliveries, %d decisions", count(t, db, "deliveries"), count(t, db, "decisions"))
	}
}

// planted is the review of a draft that stands in the case "open".
func planted(id, kind, draft string) string {
	return "INSERT INTO reviews (id, case_id, step, draft_id, state, priority, confidence, created_at, epoch, lease_until, round, kind) " +
		"VALUES ('" + id + "', 'open', 'other', '" + draft + "', 'open', 0, 1, 1, 1, 0, '" + id + "', '" + kind + "')"
}
