package console

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// memberView is one person as an administrator sees them.
type memberView struct {
	keysView
	Person    auth.User
	Self      bool
	Passwords bool
	Since     time.Time // when the password was set
	Has       bool      // a password
	New       bool      // was never here, so an invitation can be made again
	ResetBy   string
	Mailed    bool
	Roles     []auth.Role
	name      string
}

func (p memberView) title() string { return p.name }

func (d *desk) showPerson(c echo.Context, v *visit) error {
	return d.renderPerson(c, v, http.StatusOK, memberView{})
}

// renderPerson fills a person's page in and shows it.
func (d *desk) renderPerson(c echo.Context, v *visit, status int, p memberView) error {
	ctx := c.Request().Context()
	u, err := d.Accounts.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if !u.Person() {
		return see(c, "/people/services")
	}
	p.Person, p.Self, p.Roles, p.name = u, u.ID == v.user.ID, auth.Roles, visible(u.Name)
	if p.Since, p.Has, err = d.People.HasPassword(ctx, u.ID); err != nil {
		return err
	}
	if !u.ResetAt.IsZero() {
		p.ResetBy = d.nameOf(ctx, v.tongue, u.ResetBy)
	}
	if err := d.fillKeys(c, u.ID, &p.keysView); err != nil {
		return err
	}
	p.New = u.SignedInAt.IsZero() && !p.Has && len(p.Tokens) == 0 && !u.Disabled
	return d.show(c, v, status, "person", "people.title", p)
}

// did answers a form about a person: the page again, with the reason where it
// was refused.
func (d *desk) did(c echo.Context, v *visit, err error, word, name string) error {
	if err == nil {
		d.say(c, flash{Key: word, Name: name})
		return see(c, "/people/"+c.Param("id"))
	}
	said, ok := refusal(v.tongue, err)
	if !ok || auth.RefusalOf(err) == "" && kit.CodeOf(err) == kit.NotFound {
		return err
	}
	return d.renderPerson(c, v, http.StatusConflict, memberView{keysView: keysView{Problem: said}})
}

func (d *desk) setRole(c echo.Context, v *visit) error {
	u, err := d.People.SetRole(c.Request().Context(), v.user.ID, c.Param("id"), auth.Role(c.FormValue("role")))
	return d.did(c, v, err, "flash.role", u.Name)
}

func (d *desk) turn(c echo.Context, v *visit) error {
	off := c.FormValue("to") != "in"
	word := "flash.enabled"
	if off {
		word = "flash.disabled"
	}
	u, err := d.People.Turn(c.Request().Context(), v.user.ID, c.Param("id"), off)
	return d.did(c, v, err, word, u.Name)
}

// deletePerson asks for a tick in the form: nobody comes back from it.
func (d *desk) deletePerson(c echo.Context, v *visit) error {
	if c.FormValue("sure") != "yes" {
		return d.renderPerson(c, v, http.StatusUnprocessableEntity, memberView{keysView: keysView{Problem: v.tongue.T("refused.sure")}})
	}
	u, err := d.People.Delete(c.Request().Context(), v.user.ID, c.Param("id"))
	return d.did(c, v, err, "flash.deleted", u.Name)
}

func (d *desk) reset(c echo.Context, v *visit) error { return d.madeLink(c, v, d.People.Reset) }

func (d *desk) inviteAgain(c echo.Context, v *visit) error {
	return d.madeLink(c, v, d.People.InviteAgain)
}

// madeLink shows a new link of a person, this once.
func (d *desk) madeLink(c echo.Context, v *visit, make func(ctx context.Context, by, id string) (string, error)) error {
	ctx := c.Request().Context()
	code, err := make(ctx, v.user.ID, c.Param("id"))
	if err != nil {
		return d.did(c, v, err, "", "")
	}
	u, err := d.Accounts.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	link := d.linkTo(c, code)
	return d.renderPerson(c, v, http.StatusOK, memberView{keysView: keysView{Made: link}, Mailed: d.mail(ctx, u, link)})
}

func (d *desk) revokeTheirs(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	if err := d.People.RevokeToken(ctx, v.user.ID, c.Param("id"), c.Param("token")); err != nil {
		return d.did(c, v, err, "", "")
	}
	u, err := d.Accounts.Get(ctx, c.Param("id"))
	if err == nil && !u.Person() {
		d.say(c, flash{Key: "flash.revoked"})
		return see(c, "/people/services")
	}
	return d.did(c, v, err, "flash.revoked", u.Name)
}

func (d *desk) endTheirs(c echo.Context, v *visit) error {
	err := d.People.EndSession(c.Request().Context(), v.user.ID, c.Param("id"), c.Param("session"))
	return d.did(c, v, err, "flash.ended", "")
}

func (d *desk) endAllTheirs(c echo.Context, v *visit) error {
	_, err := d.People.EndSessions(c.Request().Context(), v.user.ID, c.Param("id"), "")
	return d.did(c, v, err, "flash.ended", "")
}
