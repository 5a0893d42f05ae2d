package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// peopleView lists people, or services with their tokens.
type peopleView struct {
	People   []auth.User
	Services []serviceRow
	Roles    []auth.Role
	Invited  string // who the link is for
	Made     string // a token or link, shown this once
	Mailed   bool
	Problem  string
	Typed    auth.Invitation // in a form that is shown again
	Choices  []string
}

// serviceRow is a program and its tokens.
type serviceRow struct {
	auth.User
	Tokens []auth.APIToken
}

func (d *desk) people(c echo.Context, v *visit) error {
	return d.showPeople(c, v, http.StatusOK, peopleView{Typed: auth.Invitation{Role: auth.Reviewer, Lang: v.tongue.tag}})
}

// showPeople lists the people; those who were deleted come last.
func (d *desk) showPeople(c echo.Context, v *visit, status int, p peopleView) error {
	all, err := d.People.List(c.Request().Context())
	if err != nil {
		return err
	}
	p.People = slices.DeleteFunc(all, func(u auth.User) bool { return !u.Person() })
	slices.SortStableFunc(p.People, func(a, b auth.User) int { return order(a) - order(b) })
	p.Roles = auth.Roles
	return d.show(c, v, status, "people", "people.title", p)
}

// order puts who is in before who is out.
func order(u auth.User) int {
	switch {
	case u.Deleted:
		return 2
	case u.Disabled:
		return 1
	}
	return 0
}

// linkTo is the address that a code signs in at. It is mailed: where the
// console's own address is known, no request's Host may lead it elsewhere.
func (d *desk) linkTo(c echo.Context, code string) string {
	home := strings.TrimSuffix(d.URL, "/")
	if home == "" {
		home = d.home(c)
	}
	return home + "/signin/link?invited=1&code=" + url.QueryEscape(code)
}

// mail sends a link where there is a way to; a failure is told in the log, for
// the link is on the page to be copied.
func (d *desk) mail(ctx context.Context, u auth.User, link string) bool {
	if d.Mail == nil {
		return false
	}
	if err := d.Mail.Invite(ctx, u, link); err != nil {
		d.Logger.Error("mail an invitation", "user", u.ID, "err", err)
		return false
	}
	return true
}

func (d *desk) invite(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	typed := auth.Invitation{Name: c.FormValue("name"), Email: c.FormValue("email"), Role: auth.Role(c.FormValue("role")), Lang: c.FormValue("lang")}
	u, code, err := d.People.Invite(ctx, v.user.ID, typed)
	switch kit.CodeOf(err) {
	case "":
		link := d.linkTo(c, code)
		return d.showPeople(c, v, http.StatusOK, peopleView{Invited: u.Name, Made: link, Mailed: d.mail(ctx, u, link),
			Typed: auth.Invitation{Role: auth.Reviewer, Lang: typed.Lang}})
	case kit.Conflict:
		return d.showPeople(c, v, http.StatusConflict, peopleView{Typed: typed, Problem: v.tongue.T("refused.taken")})
	case kit.Invalid:
		return d.showPeople(c, v, http.StatusUnprocessableEntity, peopleView{Typed: typed, Problem: v.tongue.T("refused.person")})
	}
	return err
}

func (d *desk) services(c echo.Context, v *visit) error {
	return d.showServices(c, v, http.StatusOK, peopleView{})
}

func (d *desk) showServices(c echo.Context, v *visit, status int, p peopleView) error {
	ctx := c.Request().Context()
	all, err := d.People.List(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.Person() {
			continue
		}
		row := serviceRow{User: u}
		if row.Tokens, err = d.People.TokensOf(ctx, u.ID); err != nil {
			return err
		}
		p.Services = append(p.Services, row)
	}
	for _, n := range tokenDays {
		p.Choices = append(p.Choices, n.Value)
	}
	return d.show(c, v, status, "services", "services.title", p)
}

func (d *desk) serviceToken(c echo.Context, v *visit) error {
	token, err := d.People.ServiceTokenFor(c.Request().Context(), v.user.ID, c.FormValue("service"), c.FormValue("name"), days(c.FormValue("days")))
	if kit.CodeOf(err) == kit.Invalid {
		return d.showServices(c, v, http.StatusUnprocessableEntity, peopleView{Problem: v.tongue.T("refused.label")})
	}
	if err != nil {
		return err
	}
	return d.showServices(c, v, http.StatusOK, peopleView{Made: token})
}
