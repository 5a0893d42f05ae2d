package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestWhoIsDisabledMeanwhileDecidesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := start(t, db)
		s.submit("Blue chairs")
		v := s.claim(s.ann)
		if _, err := (auth.Accounts{DB: db}).Disable(t.Context(), s.ann.Email); err != nil {
			t.Fatal(err)
		}
		_, err := s.decide(s.ann, v, kit.Approve, "")
		wantCode(t, err, kit.Forbidden)
	})
}
