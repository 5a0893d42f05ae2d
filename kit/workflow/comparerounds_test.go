package workflow_test

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Whoever gets round the guards before a decision can have the service deliver
// too soon; the trail tells afterwards.
func TestCompareFindsWhatLeftTooSoon(t *testing.T) {
	unguarded := []string{"reviews_fixed", "reviews_canary_stays", "drafts_canary_stays"}
	for words, c := range map[string]struct {
		change option
		query  string
	}{
		"is of no round that was opened": {under(review.Policy{Quorum: 2}),
			`UPDATE reviews SET quorum = 1, round = id; UPDATE reviews SET state = 'decided' WHERE seat = 1`},
		"its round had 2 seats": {under(review.Policy{Quorum: 2}),
			`DELETE FROM reviews WHERE seat = 2; UPDATE reviews SET quorum = 1`},
		"which was a canary": {canaries, `UPDATE drafts SET canary = FALSE; UPDATE reviews SET kind = 'first'`},
	} {
		t.Run(words, func(t *testing.T) {
			s := start(t, storetest.SQLite(t), c.change)
			id := s.submit("Blue chairs")
			s.reaches(id, kit.InReview)
			for _, name := range unguarded {
				s.exec(`DROP TRIGGER ` + name)
			}
			for _, q := range strings.Split(c.query, ";") {
				s.exec(q)
			}
			s.mustDecide(s.ann, s.claim(s.ann), kit.Approve, "")
			s.reaches(id, kit.Delivered)
			faults, err := s.Compare(t.Context())
			if err != nil || !strings.Contains(strings.Join(faults, "\n"), words) {
				t.Errorf("compare tells %q, %v", faults, err)
			}
		})
	}
}
