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
		plan := storetest.Plan(t, db, `UPDATE reviews SET assigned_to = NULL WHERE assigned_to = 'u' AND state = 'open' AND waits`)
		if !strings.Contains(plan, "reviews_assigned_queue") {
			t.Errorf("it is planned as\n%s", plan)
		}
	})
}
