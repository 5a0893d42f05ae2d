package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// freshness is how long a sign-in proves who sits there.
const freshness = 15 * time.Minute

// keysView is what somebody can come in by, and what was just made for them.
type keysView struct {
	Sessions []sessionRow
	Tokens   []auth.APIToken
	Made     string // a token or link, shown this once
	Problem  string
	At       string // the form that the problem is about
	Choices  []string
}

// sessionRow is a session in a list.
type sessionRow struct {
	auth.Session
	Here    bool // the one that this page is seen in
	Browser string
}

// accountView is a person's own page.
type accountView struct {
	keysView
	Person    auth.User
	ResetBy   string
	ResetAt   time.Time
	Welcome   bool // in by a link just now
	Passwords bool // people may have passwords
	Has       bool // a password
	Since     time.Time
	NeedsOld  bool
	MaySet    bool
	MayToken  bool
}

// proof is how much a session proves of who sits there.
type proof struct {
	how   string
	fresh bool
}

func (d *desk) proof(c echo.Context) proof {
	ctx := c.Request().Context()
	since := time.UnixMicro(d.sessions.GetInt64(ctx, "since"))
	return proof{d.sessions.GetString(ctx, "how"), d.Clock().Sub(since) < freshness}
}

// anew reports whether who sits there may set a password without the old one:
// they came by a link a moment ago, or have none and came by the provider.
func (p proof) anew(has bool) bool {
	return p.fresh && (p.how == "link" || p.how == "provider" && !has)
}

// mints reports whether who sits there may make tokens: not who came by one,
// which would then never end.
func (p proof) mints() bool { return p.how != "token" }

func (d *desk) account(c echo.Context, v *visit) error {
	return d.showAccount(c, v, http.StatusOK, accountView{Welcome: c.QueryParam("welcome") != ""})
}

// showAccount fills a person's page in and shows it.
func (d *desk) showAccount(c echo.Context, v *visit, status int, a accountView) (err error) {
	ctx := c.Request().Context()
	a.Person, a.Passwords = v.user, !d.NoPassword
	if a.Since, a.Has, err = d.People.HasPassword(ctx, v.user.ID); err != nil {
		return err
	}
	p := d.proof(c)
	a.NeedsOld, a.MaySet, a.MayToken = !p.anew(a.Has), a.Has || p.anew(a.Has), p.mints()
	if a.ResetAt = v.user.ResetAt; !a.ResetAt.IsZero() {
		a.ResetBy = d.nameOf(ctx, v.tongue, v.user.ResetBy)
	}
	if err := d.fillKeys(c, v.user.ID, &a.keysView); err != nil {
		return err
	}
	return d.show(c, v, status, "account", "account.title", a)
}

// fillKeys lists what a user can come in by.
func (d *desk) fillKeys(c echo.Context, id string, k *keysView) (err error) {
	ctx := c.Request().Context()
	if k.Tokens, err = d.People.TokensOf(ctx, id); err != nil {
		return err
	}
	sessions, err := d.People.SessionsOf(ctx, id)
	here := auth.SessionID(d.sessions.Token(ctx))
	for _, s := range sessions {
		k.Sessions = append(k.Sessions, sessionRow{s, s.ID == here, browserOf(s)})
	}
	for _, n := range tokenDays {
		k.Choices = append(k.Choices, n.Value)
	}
	return err
}

// accountProblem shows the page again with what was wrong in one of its forms.
func (d *desk) accountProblem(c echo.Context, v *visit, at string, err error) error {
	said, ok := refusal(v.tongue, err)
	if !ok {
		return err
	}
	return d.showAccount(c, v, http.StatusUnprocessableEntity, accountView{keysView: keysView{Problem: said, At: at}})
}

func (d *desk) setPassword(c echo.Context, v *visit) error {
	if d.NoPassword {
		return kit.Errorf(kit.Forbidden, "set a password: this service has none")
	}
	ctx := c.Request().Context()
	if c.FormValue("new") != c.FormValue("again") {
		return d.showAccount(c, v, http.StatusUnprocessableEntity,
			accountView{keysView: keysView{Problem: v.tongue.T("refused.differ"), At: "password"}})
	}
	if wait := d.attempts.wait(c.RealIP()); wait > 0 {
		return d.showAccount(c, v, http.StatusTooManyRequests,
			accountView{keysView: keysView{Problem: v.tongue.T("signin.slow", "Wait", v.tongue.span(wait)), At: "password"}})
	}
	_, has, err := d.People.HasPassword(ctx, v.user.ID)
	if err != nil {
		return err
	}
	err = d.People.SetPassword(ctx, v.user.ID, auth.NewPassword{Old: c.FormValue("old"), New: c.FormValue("new"),
		Fresh: d.proof(c).anew(has), Session: d.sessions.Token(ctx)})
	if auth.RefusalOf(err) == auth.WrongOld {
		d.attempts.count(c.RealIP())
	}
	if err != nil {
		return d.accountProblem(c, v, "password", err)
	}
	if err := d.sessions.RenewToken(ctx); err != nil {
		return err
	}
	d.sessions.Put(ctx, "since", d.Clock().UnixMicro())
	d.sessions.Put(ctx, "how", "password")
	d.say(c, flash{Key: "flash.password"})
	return see(c, "/account")
}

func (d *desk) newToken(c echo.Context, v *visit) error {
	if !d.proof(c).mints() {
		return kit.Errorf(kit.Forbidden, "make a token: this session began with one").WithHint("sign in by a link or a password")
	}
	token, err := d.People.NewToken(c.Request().Context(), v.user.ID, c.FormValue("name"), days(c.FormValue("days")))
	if kit.CodeOf(err) == kit.Invalid {
		return d.showAccount(c, v, http.StatusUnprocessableEntity,
			accountView{keysView: keysView{Problem: v.tongue.T("refused.label"), At: "token"}})
	}
	if err != nil {
		return d.accountProblem(c, v, "token", err)
	}
	return d.showAccount(c, v, http.StatusOK, accountView{keysView: keysView{Made: token}})
}

func (d *desk) revokeOwn(c echo.Context, v *visit) error {
	if err := d.People.RevokeToken(c.Request().Context(), v.user.ID, v.user.ID, c.Param("token")); err != nil {
		return d.accountProblem(c, v, "token", err)
	}
	d.say(c, flash{Key: "flash.revoked"})
	return see(c, "/account#tokens")
}

func (d *desk) endOwn(c echo.Context, v *visit) error {
	if err := d.People.EndSession(c.Request().Context(), v.user.ID, v.user.ID, c.Param("session")); err != nil {
		return d.accountProblem(c, v, "session", err)
	}
	d.say(c, flash{Key: "flash.ended"})
	return see(c, "/account#sessions")
}

func (d *desk) endOthers(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	if _, err := d.People.EndSessions(ctx, v.user.ID, v.user.ID, d.sessions.Token(ctx)); err != nil {
		return err
	}
	d.say(c, flash{Key: "flash.ended"})
	return see(c, "/account#sessions")
}

// from notes in a session where it began, and how.
func (d *desk) from(c echo.Context, how string) {
	ctx, agent := c.Request().Context(), strings.ToValidUTF8(c.Request().UserAgent(), "")
	if r := []rune(agent); len(r) > 200 {
		agent = string(r[:200])
	}
	d.sessions.Put(ctx, "how", how)
	d.sessions.Put(ctx, "agent", strings.ReplaceAll(agent, "\x00", ""))
	d.sessions.Put(ctx, "address", c.RealIP())
}
