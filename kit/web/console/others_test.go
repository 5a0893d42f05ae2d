package console_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestAReviewForOthersIsSaidToBe(t *testing.T) {
	r, base, link := real(t, time.Minute, func(c *workflow.Config) { c.Policy = review.Policy{FourEyes: true} })
	c := client{t: t, base: base, http: newBrowser()}
	c.post("/signin", map[string][]string{"secret": {strings.TrimPrefix(link, "/signin/link?code=")}}).leads(t, "/")
	c.upload("a.txt", "KEDAI SATU\nTOTAL 1.00\n").has(t, 200, "1 taken")
	page, err := r.Cases(t.Context(), workflow.CaseFilter{})
	if err != nil {
		t.Fatal(err)
	}
	k := reaches(t, r, page.Items[0].ID, kit.InReview)
	c.post("/reviews/"+k.ReviewID+"/claim", nil).leads(t, "/inbox")
	c.get("/inbox").has(t, 200, "This review is for somebody else")
}
