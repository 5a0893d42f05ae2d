package workflow_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestCompareNamesAnOutputThatNoStepYielded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, coded)
		id := s.submit("One two")
		s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
		s.reaches(id, kit.Delivered)
		s.agrees()
		s.names("case "+id+": step enrich did not yield the output 0", `UPDATE outputs SET seq = 0 WHERE step = 'enrich'`)
		s.names("case "+id+": step enrich did not yield the output -1", `UPDATE outputs SET seq = -1 WHERE step = 'enrich'`)
		s.names("case "+id+": step enrich did not yield the output 2", `UPDATE outputs SET seq = 2 WHERE step = 'enrich'`)
	})
}

// What nobody thought of in a row must not keep verify from the other rows.
func TestARowThatCannotBeComparedIsAFault(t *testing.T) {
	faults, err := workflow.Guarded("case 7", func() error {
		var none []string
		_ = none[len(faultless())]
		return nil
	})
	if err != nil || len(faults) != 1 || !strings.HasPrefix(faults[0], "case 7: it could not be compared: ") {
		t.Errorf("%q, %v", faults, err)
	}
}

func faultless() []string { return nil }
