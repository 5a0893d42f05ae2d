package storetest

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
)

// Plan is how the database would run query, in its own words, one step a line.
// A whole table is read only where there is no index: tables of tests are small.
func Plan(t testing.TB, db *store.DB, query string) string {
	t.Helper()
	tx, err := db.SQL().Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	explain, into := `EXPLAIN QUERY PLAN `, []any{new(int), new(int), new(int), nil}
	if db.Engine() == store.Postgres {
		explain, into = `EXPLAIN `, []any{nil}
		if _, err := tx.Exec(`SET LOCAL enable_seqscan = off`); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := tx.Query(explain + query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	var line string
	into[len(into)-1] = &line
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
