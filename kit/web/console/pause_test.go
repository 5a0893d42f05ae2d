package console_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/review"
)

// Who decided as many as one may is told how many and until when, in a time
// that the browser turns into its own, and reads nothing of a right they lack.
func TestAPauseIsToldInPlainWords(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	w.add("r2", "b.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.post("/reviews/r1/claim", nil).leads(t, "/reviews/r1")
	form := c.get("/reviews/r1").form()
	w.together.pause = &review.Pause{Decided: 15, Until: time.Date(2026, 3, 1, 4, 18, 0, 0, time.UTC)}
	const at = ` You can go on at <time datetime="2026-03-01T04:18:00Z"`
	c.get("/inbox").has(t, 200, "You have decided 15 in the last hour."+at)
	for _, told := range []answer{c.post("/reviews/r2/claim", nil), c.post("/reviews/claim", url.Values{"not": {"r1"}}), approved(c, form)} {
		told.has(t, 403, "You have decided 15 in the last hour.", at)
		told.lacks(t, "You may not do this", "administrator", "Technical details")
	}
	form.Set("verdict", "approve")
	form.Set("f.company", "Typed")
	c.post("/reviews/r1/decide", form).has(t, 403, `value="Typed"`)
	c.get("/inbox", "Accept-Language", "zh").has(t, 200, "您在过去一小时内已审核 15 单。可于 <time")
}

// approved posts a decision form.
func approved(c *client, form url.Values) answer {
	form.Set("verdict", "approve")
	return c.post("/reviews/r1/decide", form)
}
