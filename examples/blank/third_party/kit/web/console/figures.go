package console

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// figureService is what pages with numbers are made of.
type figureService interface {
	FirstSchema() *model.Schema
	Board(ctx context.Context, days int) (workflow.Board, error)
	Figures(ctx context.Context, by auth.User, from, to time.Time) ([]review.Figures, error)
}

// spans are the numbers of days that figures are shown of.
var spans = []int{7, 30, 90}

// reviewersView is the page of figures.
type reviewersView struct {
	Days  int
	Spans []int
	All   bool // of everybody, not of the reader alone
	Items []review.Figures
}

func (d *desk) reviewers(c echo.Context, v *visit) error {
	view := reviewersView{Days: 30, Spans: spans, All: v.user.MayLead()}
	for _, n := range spans {
		if c.QueryParam("days") == strconv.Itoa(n) {
			view.Days = n
		}
	}
	now := d.Clock()
	var err error
	view.Items, err = d.Service.Figures(c.Request().Context(), v.user, now.AddDate(0, 0, 1-view.Days), now)
	if err != nil {
		return err
	}
	return d.show(c, v, http.StatusOK, "reviewers", "reviewers.title", view)
}

// rateView is a share as a page draws it: the part, and what it may be by
// chance.
type rateView struct {
	review.Share
	Percent, From, To int
}

// Width is how wide the stretch from From to To is drawn.
func (r rateView) Width() int { return max(2, r.To-r.From) }

func rate(s review.Share) rateView {
	of := func(part float64) int { return int(100*part + 0.5) }
	return rateView{Share: s, Percent: of(s.Part()), From: of(s.Low), To: of(s.High)}
}
