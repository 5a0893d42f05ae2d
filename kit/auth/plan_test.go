package auth_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Who leaves gives back what was left to them: a query that must not read the
// whole queue.
func TestWhatIsLeftToOnePersonIsFoundByAnIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const update = `UPDATE reviews SET assigned_to = NULL WHERE assigned_to = 'u' AND state = 'open' AND waits`
		tx, err := db.SQL().Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		explain := `EXPLAIN QUERY PLAN `
		if db.Engine() == store.Postgres {
			explain = `EXPLAIN `
			if _, err := tx.Exec(`SET LOCAL enable_seqscan = off`); err != nil { // the table is empty
				t.Fatal(err)
			}
		}
		rows, err := tx.Query(explain + update)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var plan strings.Builder
		for rows.Next() {
			var id, parent, unused int
			var line string
			into := []any{&id, &parent, &unused, &line}
			if db.Engine() == store.Postgres {
				into = []any{&line}
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(line + "\n")
		}
		if !strings.Contains(plan.String(), "reviews_assigned_queue") {
			t.Errorf("it is planned as\n%s", plan.String())
		}
	})
}
