package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// lotService is the lots.
type lotService interface {
	// HasLots tells whether cases gather in lots, or did.
	HasLots(ctx context.Context) (bool, error)
	// CertifiedBars lists the bars that hold, and behind them as many void ones.
	CertifiedBars(ctx context.Context, void int) ([]review.Certified, error)
	Lots(ctx context.Context, after string, limit int) (workflow.Page[review.Lot], error)
	Lot(ctx context.Context, id string) (*review.Lot, error)
	DecideLot(ctx context.Context, by auth.User, id string, q review.LotRequest) (*review.Lot, bool, error)
}

// lotRow is a lot in the list.
type lotRow struct {
	review.Lot
	Name  string
	Word  string // its state
	State string // the look of its state
	Far   string // how far it has come
}

// lotsView is the list of lots.
type lotsView struct {
	Items []lotRow
	More  string
	Bars  []barView
}

func (d *desk) lots(c echo.Context, v *visit) error {
	page, err := d.Service.Lots(c.Request().Context(), c.QueryParam("after"), pageSize)
	if err != nil {
		return err
	}
	view := lotsView{More: more(c, page.Next)}
	if view.Bars, err = d.bars(c, v, voidBars); err != nil {
		return err
	}
	for _, l := range page.Items {
		view.Items = append(view.Items, rowOf(v.tongue, l))
	}
	return d.show(c, v, http.StatusOK, "lots", "lots.title", view)
}

// rowOf puts a lot into words.
func rowOf(t *tongue, l review.Lot) lotRow {
	row := lotRow{Lot: l, Name: t.T("lot.name", "Count", l.Size), Word: t.T("lot.state." + string(l.State)),
		State: lotLooks[l.State]}
	switch l.State {
	case review.Gathering:
		row.Far = t.T("lot.far.gathering", "N", l.Size, "Of", l.FullAt)
	case review.Sampling:
		row.Far = t.T("lot.far.sampling", "N", l.Looked, "Of", l.Sample)
	case review.VoidLot:
		row.Far = t.T("lot.far.void")
	default:
		row.Far = t.T("lot.far.result", "Wrong", l.Result.Wrong, "Sample", l.Sample, "Bound", t.shareOf(l.Result.Bound, true))
	}
	return row
}

// lotLooks are the looks of a lot's state: those of a case in a like one.
var lotLooks = map[review.LotState]string{review.Gathering: "drafting", review.Sampling: "review", review.Ready: "review",
	review.AcceptedLot: "delivered", review.RejectedLot: "failed"}

// lotView is one lot.
type lotView struct {
	lotRow
	Promise   string // shares, in percent
	Sure      string
	Bound     string
	Threshold string
	BarError  string
	BarSure   string
	Key       string
	Typed     string // the reason, as the person typed it
	Problem   string
	Hint      string
	Why       string // what is wrong with the reason
	May       bool
}

func (v lotView) title() string { return v.Name }

func (d *desk) showLot(c echo.Context, v *visit) error {
	l, err := d.Service.Lot(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return d.show(c, v, http.StatusOK, "lot", "lots.title", lotOf(v, *l))
}

// lotOf makes what the page of a lot shows.
func lotOf(v *visit, l review.Lot) lotView {
	view := lotView{lotRow: rowOf(v.tongue, l), Promise: v.tongue.shareOf(l.Error, false), Sure: v.tongue.shareOf(l.Confidence, false),
		Threshold: v.tongue.shareOf(l.Bar.Threshold, false), BarError: v.tongue.shareOf(l.Bar.Error, false), BarSure: v.tongue.shareOf(l.Bar.Confidence, false),
		Key: kit.NewID(), May: v.user.MayDecide()}
	view.Bar.Reason = whyVoid(v.tongue, l.Bar.Reason)
	if l.Result != nil {
		view.Bound = v.tongue.shareOf(l.Result.Bound, true)
	}
	return view
}

// decideLot sends a person's decision on a lot. What is refused comes back with
// what the person typed.
func (d *desk) decideLot(c echo.Context, v *visit) error {
	ctx, id := c.Request().Context(), c.Param("id")
	q := review.LotRequest{Accept: c.FormValue("verdict") == "accept", Reason: strings.TrimSpace(c.FormValue("reason")),
		Subject: c.FormValue("subject"), Key: c.FormValue("key")}
	if !q.Accept && c.FormValue("verdict") != "reject" {
		return kit.Errorf(kit.Invalid, "decide lot %s: neither accept nor reject", id)
	}
	l, _, err := d.Service.DecideLot(ctx, v.user, id, q)
	if err == nil {
		d.say(c, flash{Key: "flash.lot." + string(l.State), Until: d.Clock().Add(5 * time.Second)})
		return see(c, "/lots/"+id)
	}
	l, readErr := d.Service.Lot(ctx, id)
	if readErr != nil {
		return err
	}
	view := lotOf(v, *l)
	view.Typed = q.Reason
	status := http.StatusConflict
	switch kit.CodeOf(err) {
	case kit.Invalid:
		view.Why, status = v.tongue.T("lot.why"), http.StatusUnprocessableEntity
	case kit.Stale, kit.Decided, kit.Conflict:
		view.Problem, view.Hint = v.tongue.T("lot.refused."+string(kit.CodeOf(err))), err.Error()
		if l.State == review.VoidLot {
			view.Problem, view.Hint = v.tongue.T("lot.refused.void"), ""
		}
	default:
		return err
	}
	return d.show(c, v, status, "lot", "lots.title", view)
}
