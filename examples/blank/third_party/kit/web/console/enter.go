package console

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// signInByPassword takes an address and a password.
func (d *desk) signInByPassword(c echo.Context, v *visit) error {
	if d.NoPassword {
		return kit.Errorf(kit.Forbidden, "sign in by a password: this service has none")
	}
	view := signInView{Next: local(c.FormValue("next")), Email: c.FormValue("email")}
	return d.tried(c, v, view, "signin.wrong", func() error {
		u, err := d.People.SignIn(c.Request().Context(), view.Email, c.FormValue("password"))
		if err != nil {
			return err
		}
		return d.enter(c, u, view.Next, "password")
	})
}

// The cookie of a person who is at the provider. It needs no signature: who
// can write a browser's cookies can begin a sign-in in it as well, and what is
// in it opens nothing without the provider's answer.
const (
	providerCookie = "oidc"
	providerPath   = "/signin/oidc"
)

// away is what the cookie holds.
type away struct {
	auth.Challenge
	Next string `json:"next"`
}

// toProvider sends a person to the provider. It is a link, not a form: the
// Content-Security-Policy keeps forms on this site. Nothing is kept of it here.
func (d *desk) toProvider(c echo.Context, v *visit) error {
	if d.Provider == nil {
		return kit.Errorf(kit.NotFound, "sign in by a provider: there is none")
	}
	address, challenge, err := d.Provider.Begin(c.Request().Context(), d.home(c)+providerPath+"/callback")
	if err != nil {
		return d.notIn(c, v, err)
	}
	body, err := json.Marshal(away{challenge, local(c.QueryParam("next"))})
	if err != nil {
		return err
	}
	c.SetCookie(&http.Cookie{Name: providerCookie, Value: base64.RawURLEncoding.EncodeToString(body), Path: providerPath,
		MaxAge: 600, Secure: d.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return c.Redirect(http.StatusSeeOther, address)
}

// fromProvider takes the provider's answer. It signs in only the browser that
// the challenge was given to, and its code is good once.
func (d *desk) fromProvider(c echo.Context, v *visit) error {
	if d.Provider == nil {
		return kit.Errorf(kit.NotFound, "sign in by a provider: there is none")
	}
	asked := challengeOf(c)
	c.SetCookie(&http.Cookie{Name: providerCookie, Path: providerPath, MaxAge: -1, Secure: d.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	if c.QueryParam("error") != "" {
		return d.notIn(c, v, kit.Errorf(kit.Unauthorized, "sign in by %s: %w", d.Provider.Name, auth.Declined))
	}
	ctx := c.Request().Context()
	who, err := d.Provider.Finish(ctx, d.home(c)+providerPath+"/callback", asked.Challenge, c.QueryParam("state"), c.QueryParam("code"))
	if err != nil {
		return d.notIn(c, v, err)
	}
	u, err := d.People.Arrive(ctx, d.Provider, who)
	if err != nil {
		return d.notIn(c, v, err)
	}
	return d.enter(c, u, asked.Next, "provider")
}

// challengeOf reads the cookie; without one, or with one of nonsense, the
// challenge is one that no answer meets.
func challengeOf(c echo.Context) (a away) {
	cookie, err := c.Cookie(providerCookie)
	if err != nil {
		return a
	}
	body, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(body, &a) != nil {
		return away{}
	}
	a.Next = local(a.Next)
	return a
}

// notIn shows the sign-in page with why the provider lets nobody in.
func (d *desk) notIn(c echo.Context, v *visit, err error) error {
	reason := auth.RefusalOf(err)
	if reason == "" {
		return err
	}
	d.Logger.Warn("sign in by the provider", "err", err)
	status := http.StatusForbidden
	if reason == auth.Unreachable {
		status = http.StatusServiceUnavailable
	}
	return d.showSignInPage(c, v, status, signInView{Next: "/", Problem: v.tongue.T("refused."+string(reason), "Name", d.Provider.Name)})
}

// showSignInPage shows the ways in that this service has.
func (d *desk) showSignInPage(c echo.Context, v *visit, status int, view signInView) error {
	view.Password = d.People != nil && !d.NoPassword
	if d.People != nil && d.Provider != nil {
		view.Provider = d.Provider.Name
	}
	return d.show(c, v, status, "signin", "signin.title", view)
}

// welcome is where somebody lands who came in by a link: an invitation leads to
// their own page, on which they may choose a password, any other to the first.
func (d *desk) welcome(c echo.Context) string {
	if d.People == nil || d.NoPassword || c.FormValue("invited") == "" {
		return "/"
	}
	return "/account?welcome=1"
}

// speak keeps the language that a person was invited in, until they choose one.
func (d *desk) speak(c echo.Context, u auth.User) {
	if _, err := c.Cookie("lang"); err != nil && u.Lang != "" {
		c.SetCookie(&http.Cookie{Name: "lang", Value: u.Lang, Path: "/", MaxAge: 365 * 86400,
			Secure: d.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
}
