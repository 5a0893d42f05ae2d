package console

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// pageSize is how many rows a list shows.
const pageSize = 50

// inboxView is the list of reviews that wait.
type inboxView struct {
	Items  []workflow.Waiting
	Mine   bool
	More   string // address of the next page; "" at the end
	Status workflow.Status
	Me     string
	May    bool // decide
	Submit bool // may upload
}

// Waiting is how many reviews wait for a person.
func (v inboxView) Waiting() int64 { return v.Status.Cases[kit.InReview] }

// Held reports whether somebody else holds the review.
func (v inboxView) Held(w workflow.Waiting) bool { return w.Holder != nil && w.Holder.ID != v.Me }

func (d *desk) inbox(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	view := inboxView{Mine: c.QueryParam("mine") == "1", Me: v.user.ID, May: v.user.MayDecide(), Submit: v.user.MaySubmit()}
	f := workflow.InboxFilter{After: c.QueryParam("after"), Limit: pageSize}
	if view.Mine {
		f.Mine = v.user.ID
	}
	page, err := d.Service.Inbox(ctx, f)
	if err != nil {
		return err
	}
	if view.Status, err = d.Service.Status(ctx); err != nil {
		return err
	}
	view.Items, view.More = page.Items, more(c, page.Next)
	return d.show(c, v, http.StatusOK, "inbox", "inbox.title", view)
}

// more is the address of the page after this one, with the same filters.
func more(c echo.Context, next string) string {
	if next == "" {
		return ""
	}
	q := url.Values{}
	for k, v := range c.QueryParams() {
		q[k] = v
	}
	q.Set("after", next)
	return c.Request().URL.Path + "?" + q.Encode()
}
