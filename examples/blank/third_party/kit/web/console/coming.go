package console

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/workflow"
)

// comes tells a script which review would come after this one, and which
// pictures it shows, so that the browser has them by then. It claims nothing: which
// review it will be is settled by the claim alone.
func (d *desk) comes(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	answer := struct {
		Pictures []string `json:"pictures"`
	}{Pictures: []string{}}
	id, err := d.peek(ctx, v, c.Param("id"))
	if err != nil || id == "" {
		return c.JSON(http.StatusOK, answer)
	}
	r, err := d.Service.Review(ctx, v.user, id)
	if err != nil {
		return err
	}
	answer.Pictures = append(answer.Pictures, sourceOf(r.CaseID, r.CaseName, r.Input).pictures()...)
	return c.JSON(http.StatusOK, answer)
}

// peek guesses which review the person is to see after another one.
func (d *desk) peek(ctx context.Context, v *visit, not string) (string, error) {
	for _, f := range []workflow.InboxFilter{{By: v.user, Mine: v.user.ID, Limit: 10}, {By: v.user, Limit: 20}} {
		page, err := d.Service.Inbox(ctx, f)
		if err != nil {
			return "", err
		}
		for _, w := range page.Items {
			if w.ID != not && (f.Mine != "" || w.Holder == nil && w.Cause == "") {
				return w.ID, nil
			}
		}
	}
	return "", nil
}

// pictures are the addresses of the first pages that the source shows.
func (v sourceView) pictures() (all []string) {
	for _, p := range v.Pages[:min(2, len(v.Pages))] {
		all = append(all, p.Picture)
	}
	return slices.Compact(all)
}
