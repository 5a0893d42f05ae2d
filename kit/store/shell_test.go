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
		"another event in place of one":      "INSERT OR REPLACE INTO audit_events (seq, at, actor, kind, case_id, data, prev, hash) VALUES (1, 1, 'eve', 'k', '', '{}', '', 'h2')",
	} {
		if _, err := shell.Exec(q); err == nil {
			t.Errorf("the database took %s: %s", what, q)
		} else if strings.Contains(err.Error(), "syntax") || strings.Contains(err.Error(), "no such") {
			t.Errorf("%s was refused for another reason: %v", what, err)
		}
	}
	if store.SQLite != db.Engine() || count(t, db, "deliveries") != 1 || count(t, db, "decisions") != 2 {
		t.Errorf("%d deliveries, %d decisions", count(t, db, "deliveries"), count(t, db, "decisions"))
	}
}
