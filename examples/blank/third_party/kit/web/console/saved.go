package console

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/workflow"
)

// savedView is the saved views of a list, and the form that saves the present
// one.
type savedView struct {
	Page  string
	Query string // the present filters; "" when there are none
	Chips []savedChip
	Share bool // may share
	Here  string
}

// savedChip is one saved view.
type savedChip struct {
	workflow.SavedView
	Href string
	On   bool
}

// On reports whether the present filters are those of a saved view.
func (v savedView) On() bool {
	for _, c := range v.Chips {
		if c.On {
			return true
		}
	}
	return false
}

func (d *desk) saved(c echo.Context, v *visit, page, query string) (savedView, error) {
	view := savedView{Page: page, Query: query, Share: v.user.MayLead(), Here: here(c.Request())}
	views, err := d.Service.Views(c.Request().Context(), v.user, page)
	for _, s := range views {
		view.Chips = append(view.Chips, savedChip{SavedView: s, Href: "/" + page + "?" + s.Query, On: s.Query == query})
	}
	return view, err
}

// saveView keeps the filters of a list under a name.
func (d *desk) saveView(c echo.Context, v *visit) error {
	form := c.Request().PostForm
	s, err := d.Service.SaveView(c.Request().Context(), v.user, workflow.SavedView{Page: form.Get("page"), Name: form.Get("name"),
		Query: form.Get("query"), Shared: form.Get("shared") == "1"})
	if err != nil {
		return err
	}
	d.say(c, flash{Key: "flash.view_saved", Name: s.Name})
	return see(c, (&url.URL{Path: "/" + s.Page, RawQuery: s.Query}).String())
}

// dropView removes a saved view.
func (d *desk) dropView(c echo.Context, v *visit) error {
	if err := d.Service.DropView(c.Request().Context(), v.user, c.Param("id")); err != nil {
		return err
	}
	d.say(c, flash{Key: "flash.view_dropped"})
	return see(c, local(c.FormValue("back")))
}
