package audit_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Verify reads what belongs to no case again and again: not by way of all cases' events.
func TestEventsOfNoCaseAreFoundByAnIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		plan := storetest.Plan(t, db, `SELECT seq FROM audit_events WHERE case_id = '' AND kind IN ('user.added', 'bar.voided') ORDER BY seq`)
		if !strings.Contains(plan, "audit_events_case") {
			t.Errorf("it is planned as\n%s", plan)
		}
	})
}
