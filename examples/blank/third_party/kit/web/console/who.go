package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// People is who uses the service and what each comes in by; auth.Accounts is
// one.
type People interface {
	doors
	keyring
	crew
}

// doors are the ways in.
type doors interface {
	SignIn(ctx context.Context, email, password string) (auth.User, error)
	Arrive(ctx context.Context, p *auth.Provider, i auth.Identity) (auth.User, error)
	SignedIn(ctx context.Context, id, how string) error
	HasPassword(ctx context.Context, id string) (since time.Time, has bool, err error)
	SetPassword(ctx context.Context, id string, p auth.NewPassword) error
}

// keyring is what a person holds, and others may end.
type keyring interface {
	SessionsOf(ctx context.Context, id string) ([]auth.Session, error)
	EndSession(ctx context.Context, by, id, session string) error
	EndSessions(ctx context.Context, by, id, except string) (int, error)
	TokensOf(ctx context.Context, id string) ([]auth.APIToken, error)
	NewToken(ctx context.Context, id, label string, life time.Duration) (string, error)
	RevokeToken(ctx context.Context, by, id, token string) error
	ServiceTokenFor(ctx context.Context, by, name, label string, life time.Duration) (string, error)
}

// crew is what an administrator does; by is always the session's person.
type crew interface {
	List(ctx context.Context) ([]auth.User, error)
	Invite(ctx context.Context, by string, i auth.Invitation) (auth.User, string, error)
	InviteAgain(ctx context.Context, by, id string) (code string, err error)
	Reset(ctx context.Context, by, id string) (code string, err error)
	SetRole(ctx context.Context, by, id string, role auth.Role) (auth.User, error)
	Turn(ctx context.Context, by, id string, off bool) (auth.User, error)
	Delete(ctx context.Context, by, id string) (auth.User, error)
}

// Mail brings an invitation to a person.
type Mail interface {
	Invite(ctx context.Context, to auth.User, link string) error
}

// whoRoutes names the pages of people, where the console has them.
func (d *desk) whoRoutes(e *echo.Echo) {
	if d.People == nil {
		return
	}
	d.open(e, http.MethodPost, "/signin/password", d.signInByPassword)
	d.open(e, http.MethodGet, "/signin/password", func(c echo.Context, _ *visit) error { return see(c, "/signin") })
	d.open(e, http.MethodGet, "/signin/oidc", d.toProvider)
	d.open(e, http.MethodGet, "/signin/oidc/callback", d.fromProvider)
	d.page(e, http.MethodGet, "/account", d.account)
	for path, h := range map[string]handler{"password": d.setPassword, "tokens": d.newToken, "tokens/:token/revoke": d.revokeOwn,
		"sessions/:session/end": d.endOwn, "sessions/end": d.endOthers} {
		d.answers(e, "/account/"+path, "/account", h)
	}
	d.page(e, http.MethodGet, "/people", d.manages(d.people))
	d.page(e, http.MethodPost, "/people", d.manages(d.invite))
	d.page(e, http.MethodGet, "/people/services", d.manages(d.services))
	d.page(e, http.MethodPost, "/people/services", d.manages(d.serviceToken))
	d.page(e, http.MethodGet, "/people/:id", d.manages(d.showPerson))
	for path, h := range map[string]handler{"role": d.setRole, "turn": d.turn, "delete": d.deletePerson, "reset": d.reset, "invite": d.inviteAgain,
		"tokens/:token/revoke": d.revokeTheirs, "sessions/:session/end": d.endTheirs, "sessions/end": d.endAllTheirs} {
		d.answers(e, "/people/:id/"+path, "/people/:id", d.manages(h))
	}
}

// answers takes a form at path. Who reloads its answer, or comes back to it
// after signing in, lands on the page that held the form.
func (d *desk) answers(e *echo.Echo, path, page string, h handler) {
	d.page(e, http.MethodPost, path, h)
	d.page(e, http.MethodGet, path, func(c echo.Context, _ *visit) error {
		return see(c, strings.ReplaceAll(page, ":id", c.Param("id")))
	})
}

// manages lets administrators through.
func (d *desk) manages(h handler) handler {
	return func(c echo.Context, v *visit) error {
		if !v.user.MayManage() {
			return kit.Errorf(kit.Forbidden, "manage people: %s is no administrator", v.user.Name)
		}
		return h(c, v)
	}
}

// home is the address by which the browser reached the console.
func (d *desk) home(c echo.Context) string {
	if d.Secure || c.Request().TLS != nil {
		return "https://" + c.Request().Host
	}
	return "http://" + c.Request().Host
}

// refusal puts the reason of an error into words for a page that is shown
// again; ok is false for an error that needs a page of its own.
func refusal(t *tongue, err error) (said string, ok bool) {
	if r := auth.RefusalOf(err); r != "" {
		return t.T("refused." + string(r)), true
	}
	switch kit.CodeOf(err) {
	case kit.Conflict, kit.NotFound:
		return t.T("refused.changed"), true
	}
	return "", false
}

// days reads how long a token is good.
func days(s string) time.Duration {
	for _, n := range tokenDays {
		if s == n.Value {
			return n.life
		}
	}
	return 0 // refused as no length
}

// tokenDays are the lengths to choose from.
var tokenDays = []struct {
	Value string
	life  time.Duration
}{{"30", 30 * 24 * time.Hour}, {"90", auth.TokenLife}, {"365", auth.MaxTokenLife}}

// browserOf names a session's browser and its system as people do.
func browserOf(s auth.Session) string {
	browser, system := s.Browser()
	if system != "" {
		return browser + " · " + system
	}
	return firstOf(browser, "–")
}

// keysPart is a list of sessions or tokens; their forms go to addresses below
// Base.
type keysPart struct {
	Base     string
	Sessions []sessionRow
	Tokens   []auth.APIToken
}

func keysOf(base string, sessions []sessionRow, tokens []auth.APIToken) keysPart {
	return keysPart{base, sessions, tokens}
}

// onceView is a secret that is shown this once.
type onceView struct{ Words, Secret string }
