package workflow_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestCompareFindsAlteredBlindAnswersAndCanaries(t *testing.T) {
	for name, c := range map[string]struct {
		change     option
		statements []string
		words      string
	}{
		"a blind answer altered": {under(review.Policy{Blind: 1}), []string{`DROP TRIGGER blind_answers_fixed`,
			`UPDATE blind_answers SET value = '{"title":"Forged","count":1}'`}, "filled in blind in review"},
		"a blind answer removed": {under(review.Policy{Blind: 1}), []string{`DROP TRIGGER blind_answers_no_delete`,
			`DELETE FROM blind_answers`}, "filled in blind is gone"},
		"a canary made caught": {canaries, []string{`DROP TRIGGER canaries_fixed`, `UPDATE canaries SET caught = TRUE`}, "is not as it was told"},
		"a canary removed":     {canaries, []string{`DROP TRIGGER canaries_no_delete`, `DELETE FROM canaries`}, "the canary of review"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, storetest.SQLite(t), c.change)
			s.submit("Blue chairs")
			v := s.claim(s.ann)
			if v.Blind {
				if _, err := s.fill(s.ann, v, `{"title": "Chairs"}`); err != nil {
					t.Fatal(err)
				}
			} else {
				s.mustDecide(s.ann, v, kit.Approve, "")
			}
			s.whole()
			for _, q := range c.statements {
				if _, err := s.DB.SQL().ExecContext(t.Context(), q); err != nil {
					t.Fatal(err)
				}
			}
			faults, err := s.Compare(t.Context())
			faults = rowsOf(faults)
			if err != nil || len(faults) != 1 || !strings.Contains(faults[0], c.words) {
				t.Errorf("compare tells %q, %v", faults, err)
			}
		})
	}
}
