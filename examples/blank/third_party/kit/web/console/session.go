package console

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

func newSessions(cfg Config) *scs.SessionManager {
	m := scs.New()
	m.Store = cfg.Sessions
	m.Lifetime = cfg.Session
	m.Cookie.Name = "session"
	m.Cookie.Secure = cfg.Secure
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		cfg.Logger.Error("keep a session", "path", r.URL.Path, "err", err)
		http.Error(w, "The service cannot reach its database. Try again in a moment.", http.StatusServiceUnavailable)
	}
	return m
}

// who tells whose session this is; nil when nobody is signed in, or when the
// person may not sign in any more.
func (d *desk) who(c echo.Context) (*auth.User, error) {
	ctx := c.Request().Context()
	id := d.sessions.GetString(ctx, "user")
	if id == "" {
		return nil, nil
	}
	u, err := d.Accounts.Get(ctx, id)
	switch kit.CodeOf(err) {
	case "":
	case kit.NotFound, kit.Unauthorized, kit.Forbidden:
		return nil, nil
	default:
		return nil, err
	}
	from := max(d.sessions.GetInt64(ctx, "since"), d.sessions.GetInt64(ctx, "from"))
	if !u.Person() || u.Disabled || time.UnixMicro(from).Before(u.SessionsFrom) {
		return nil, nil
	}
	return &u, nil
}

// signInView is what the sign-in page shows.
type signInView struct {
	Next    string
	Code    string // of a link that is about to be used
	Invited bool   // the link is an invitation
	Who     string // whom the link is for
	Problem string

	Password bool   // people may have one
	Provider string // that people may sign in by; "" for none
	Email    string // typed in a form that is shown again
	Kept     bool   // the session ended over a form whose fields the browser keeps
}

func (d *desk) showSignIn(c echo.Context, v *visit) error {
	next := local(c.QueryParam("next"))
	return d.showSignInPage(c, v, http.StatusOK, signInView{Next: next, Kept: strings.HasSuffix(next, "/decide")})
}

// signIn takes an access token or a sign-in code.
func (d *desk) signIn(c echo.Context, v *visit) error {
	ctx, secret := c.Request().Context(), c.FormValue("secret")
	view := signInView{Next: local(c.FormValue("next"))}
	return d.tried(c, v, view, "signin.unknown", func() error {
		how := "token"
		u, err := d.Accounts.Authenticate(ctx, secret)
		if refused(err) {
			how = "link"
			u, err = d.Accounts.Redeem(ctx, secret)
		}
		if err != nil {
			return err
		}
		if !u.Person() {
			view.Problem = v.tongue.T("signin.service")
			return d.showSignInPage(c, v, http.StatusForbidden, view)
		}
		return d.enter(c, u, view.Next, how)
	})
}

// tried does what needs a secret. A wrong one is told by words of the
// catalogue and counted; after too many of them nothing is tried for a while.
func (d *desk) tried(c echo.Context, v *visit, view signInView, words string, try func() error) error {
	if wait := d.attempts.wait(c.RealIP()); wait > 0 {
		view.Problem = v.tongue.T("signin.slow", "Wait", v.tongue.span(wait))
		return d.showSignInPage(c, v, http.StatusTooManyRequests, view)
	}
	err := try()
	if !refused(err) {
		return err
	}
	d.attempts.count(c.RealIP())
	view.Problem = v.tongue.T(words)
	return d.showSignInPage(c, v, http.StatusUnauthorized, view)
}

// refused reports whether err says that the secret is no good, rather than that
// something is broken.
func refused(err error) bool {
	switch kit.CodeOf(err) {
	case kit.Unauthorized, kit.NotFound, kit.Invalid, kit.Conflict, kit.Forbidden:
		return true
	}
	return false
}

// enter starts a session under a fresh token. how is "link", "password",
// "provider" or "token".
func (d *desk) enter(c echo.Context, u auth.User, next, how string) error {
	ctx := c.Request().Context()
	if d.People != nil {
		if err := d.People.SignedIn(ctx, u.ID, how); err != nil {
			return err
		}
	}
	if err := d.sessions.RenewToken(ctx); err != nil {
		return err
	}
	d.attempts.forgive(c.RealIP())
	d.sessions.Put(ctx, "user", u.ID)
	// What ends all sessions while this one begins ends it, too.
	begun, _ := c.Get("begun").(time.Time)
	d.sessions.Put(ctx, "since", begun.UnixMicro())
	d.sessions.Put(ctx, "from", u.SessionFrom(begun).UnixMicro())
	d.from(c, how)
	d.speak(c, u)
	return see(c, next)
}

// showLink asks before it uses a link up: previews of links open them too.
func (d *desk) showLink(c echo.Context, v *visit) error {
	return d.tried(c, v, signInView{Next: "/"}, "signin.link_used", func() error {
		code := c.QueryParam("code")
		u, err := d.Accounts.Peek(c.Request().Context(), code)
		if err != nil {
			return err
		}
		return d.showSignInPage(c, v, http.StatusOK, signInView{Code: code, Who: u.Name, Next: "/", Invited: c.QueryParam("invited") != ""})
	})
}

func (d *desk) redeemLink(c echo.Context, v *visit) error {
	return d.tried(c, v, signInView{Next: "/"}, "signin.link_used", func() error {
		u, err := d.Accounts.Redeem(c.Request().Context(), c.FormValue("code"))
		if err != nil {
			return err
		}
		return d.enter(c, u, d.welcome(c), "link")
	})
}

func (d *desk) signOut(c echo.Context, _ *visit) error {
	if err := d.sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	return see(c, "/signin?out=1")
}

// flash is a word after an act, shown until it is too old.
type flash struct {
	Key      string    `json:"key"` // of the catalogue
	Name     string    `json:"name,omitempty"`
	Page     string    `json:"page,omitempty"`     // the one that shows it; "" for all
	Decision string    `json:"decision,omitempty"` // that can be taken back
	Until    time.Time `json:"until"`
}

// say leaves a flash for the next pages.
func (d *desk) say(c echo.Context, f flash) {
	if f.Until.IsZero() {
		f.Until = d.Clock().Add(8 * time.Second)
	}
	body, _ := json.Marshal(f) // plain fields: it cannot fail
	d.sessions.Put(c.Request().Context(), "flash", string(body))
}

// said returns the flash that is still fresh, or nil. It leaves it in place: a
// GET changes nothing.
func (d *desk) said(ctx context.Context, page string) *flash {
	var f flash
	body := d.sessions.GetString(ctx, "flash")
	if body == "" || json.Unmarshal([]byte(body), &f) != nil || !d.Clock().Before(f.Until) || f.Page != "" && f.Page != page {
		return nil
	}
	return &f
}

// attempts slows down whoever guesses at tokens: ten tries in ten minutes from
// one address. Each process counts by itself, which is enough against guessing
// at 128-bit secrets.
type attempts struct {
	clock kit.Clock
	mu    sync.Mutex
	tried map[string][]time.Time
}

const (
	maxAttempts   = 10
	attemptWindow = 10 * time.Minute
	maxAddresses  = 10_000
)

func newAttempts(clock kit.Clock) *attempts {
	return &attempts{clock: clock, tried: map[string][]time.Time{}}
}

// wait is how long the address has to wait before it may try again; 0 when it
// may now.
func (a *attempts) wait(address string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if recent := a.recent(address); len(recent) >= maxAttempts {
		return attemptWindow - a.clock().Sub(recent[0])
	}
	return 0
}

// count remembers a try that failed.
func (a *attempts) count(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tried) > maxAddresses {
		clear(a.tried)
	}
	a.tried[address] = append(a.recent(address), a.clock())
}

// recent are the failed tries within the window, oldest first.
func (a *attempts) recent(address string) []time.Time {
	now := a.clock()
	return slices.DeleteFunc(a.tried[address], func(t time.Time) bool { return now.Sub(t) >= attemptWindow })
}

// forgive forgets the tries of an address that got in.
func (a *attempts) forgive(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tried, address)
}
