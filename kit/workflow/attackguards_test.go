package workflow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestCompareNamesTriggersThatWereTakenAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		s.agrees()
		query := map[store.Engine]string{
			store.SQLite:   `DROP TRIGGER IF EXISTS cases_count_delete`,
			store.Postgres: `DROP TRIGGER deliveries_standing ON deliveries`,
		}[db.Engine()]
		s.names("deliveries_standing is missing", query)
	})
}

// rowsOf leaves out that a test took triggers away to alter a row.
func rowsOf(faults []string) []string {
	return slices.DeleteFunc(faults, func(f string) bool { return strings.HasPrefix(f, "database: of its triggers, ") })
}
