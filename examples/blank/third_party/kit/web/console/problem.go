package console

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/web/problem"
)

// problemView is what a page shows of an error.
type problemView struct {
	Heading string
	Advice  string // what to do now
	Message string // in English; "" when the cause is not for this person
	Hint    string
	Pause   *review.Pause // nothing is wrong: the person is to pause
	Ref     string        // by which the cause is found in the log
}

// fail shows an error as a page of its own, or as JSON to a script.
func (d *desk) fail(c echo.Context, v *visit, err error) error {
	if c.Response().Committed {
		return err
	}
	status, view := d.explain(c, v, err)
	title := "problem.title"
	if p := review.PauseOf(err); p != nil {
		title, view = "pause.title", problemView{Heading: v.tongue.T("pause.decided", "N", p.Decided), Pause: p}
	}
	if strings.Contains(c.Request().Header.Get("Accept"), "application/json") {
		return c.JSON(status, map[string]string{"message": firstOf(view.Message, view.Heading)})
	}
	return d.show(c, v, status, "problem", title, view)
}

// explain chooses what to tell of an error. A defect's own words go to the log
// alone.
func (d *desk) explain(c echo.Context, v *visit, err error) (int, problemView) {
	p := problem.Of(err)
	heading, known := v.tongue.has("error." + string(p.Code))
	if !known {
		heading = v.tongue.T("error.internal")
	}
	advice, _ := v.tongue.has("advice." + string(p.Code))
	view := problemView{Heading: heading, Advice: advice, Message: p.Detail, Hint: p.Hint}
	if p.Status == http.StatusInternalServerError {
		view.Message, view.Hint = "", ""
		view.Ref = firstOf(c.Response().Header().Get(problem.RequestID), kit.NewID())
		d.Logger.Error("serve the console", "ref", view.Ref, "method", c.Request().Method, "path", c.Path(), "err", err)
	}
	return p.Status, view
}

// lost answers an address that leads nowhere; the API's own are left to it.
func (d *desk) lost(c echo.Context) error {
	if strings.HasPrefix(c.Request().URL.Path, "/api") {
		return echo.ErrNotFound
	}
	v := &visit{tongue: d.tongueOf(c.Request())}
	if err := d.guard(c); err != nil {
		return d.fail(c, v, err)
	}
	return d.fail(c, v, kit.Errorf(kit.NotFound, "%s: there is no such page", c.Request().URL.Path))
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
