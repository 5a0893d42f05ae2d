package console

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
)

// Config says what a console stands on and how it looks.
type Config struct {
	// Service does the work. It has no default.
	Service Service

	// Accounts knows the people. It has no default.
	Accounts Accounts

	// People manages who uses the service, and what they come in by. Defaults
	// to none: then there are no pages for it, and people come by links and
	// tokens alone.
	People People

	// Provider is an OpenID provider to sign in by. Defaults to none.
	Provider *auth.Provider

	// NoPassword is for a service whose people have no passwords.
	// Defaults to false.
	NoPassword bool

	// Mail sends invitations. Defaults to none: they are copied from the page.
	Mail Mail

	// Kinds are the endings of files that the app's own importers read, such as
	// .eml: the page to upload on names them. Defaults to none.
	Kinds []string

	// URL is where people reach the console; invitations link to it. Defaults to
	// the host of the request that makes one, which a proxy may let anybody name.
	URL string

	// Sessions keeps who is signed in. It has no default.
	Sessions scs.Store

	// Name is what people call this service.
	// Defaults to "tackhammer".
	Name string

	// Lang is the language, "en" or "zh", of people whose browser asks for
	// neither.
	// Defaults to "en".
	Lang string

	// Undo is how long a decision can be taken back before its output leaves.
	// Defaults to 10 seconds; negative for no such time.
	Undo time.Duration

	// Session is how long a person stays signed in.
	// Defaults to 12 hours.
	Session time.Duration

	// MaxUpload is the size in bytes of the largest file that is taken.
	// Defaults to 20 MiB.
	MaxUpload int64

	// Sure is the confidence from which on a field without marks is shown
	// folded, as one that needs no closer look.
	// Defaults to 0.85.
	Sure float64

	// Secure keeps the cookies to HTTPS.
	// Defaults to false.
	Secure bool

	// Clock tells the time.
	// Defaults to kit.Now.
	Clock kit.Clock

	// Logger is told of failures whose cause people are not shown.
	// Defaults to slog.Default().
	Logger *slog.Logger
}

// fill checks the config and sets its defaults.
func (c *Config) fill() error {
	if c.Service == nil || c.Accounts == nil || c.Sessions == nil {
		return kit.Errorf(kit.Internal, "set up the console: Service, Accounts and Sessions are needed")
	}
	if c.Lang == "" {
		c.Lang = "en"
	}
	if c.Lang != "en" && c.Lang != "zh" {
		return kit.Errorf(kit.Invalid, "set up the console: language %q is not known", c.Lang).WithHint("use en or zh")
	}
	if c.Sure < 0 || c.Sure > 1 {
		return kit.Errorf(kit.Invalid, "set up the console: Sure is %v", c.Sure).WithHint("use a confidence between 0 and 1")
	}
	orDefault(&c.Name, "tackhammer")
	orDefault(&c.Undo, 10*time.Second)
	orDefault(&c.Session, 12*time.Hour)
	orDefault(&c.MaxUpload, 20<<20)
	orDefault(&c.Sure, 0.85)
	c.Undo = max(c.Undo, 0)
	if c.Clock == nil {
		c.Clock = kit.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return nil
}

// orDefault sets a value that was left out.
func orDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// desk is a console at work.
type desk struct {
	Config
	sessions *scs.SessionManager
	cross    *http.CrossOriginProtection
	attempts *attempts
	tongues  map[string]*tongue
	pages    *pages
	assets   *assets
}

// Register puts the console's pages on e, at its root. It fails with kit.Invalid
// or kit.Internal when the config is not one to work with.
func Register(e *echo.Echo, cfg Config) error {
	if err := cfg.fill(); err != nil {
		return err
	}
	d := &desk{Config: cfg, cross: http.NewCrossOriginProtection(), attempts: newAttempts(cfg.Clock)}
	d.sessions = newSessions(cfg)
	var err error
	if d.assets, err = loadAssets(); err != nil {
		return err
	}
	if d.tongues, err = loadTongues(); err != nil {
		return err
	}
	if d.pages, err = loadPages(d); err != nil {
		return err
	}
	d.routes(e)
	return nil
}

// routes names every page. A GET changes nothing.
func (d *desk) routes(e *echo.Echo) {
	e.GET("/assets/:name", d.assets.serve)
	d.open(e, http.MethodGet, "/signin", d.showSignIn)
	d.open(e, http.MethodPost, "/signin", d.signIn)
	d.open(e, http.MethodGet, "/signin/link", d.showLink)
	d.open(e, http.MethodPost, "/signin/link", d.redeemLink)
	d.open(e, http.MethodPost, "/signout", d.signOut)
	d.open(e, http.MethodPost, "/settings", d.settings)
	d.open(e, http.MethodGet, "/help", d.help)
	d.open(e, http.MethodGet, "/help/statistics", d.statistics)

	d.page(e, http.MethodGet, "/", func(c echo.Context, _ *visit) error { return see(c, "/inbox") })
	d.page(e, http.MethodGet, "/inbox", d.inbox)
	d.page(e, http.MethodPost, uploadPath, d.upload)

	d.page(e, http.MethodPost, "/reviews/claim", d.claimNext)
	d.page(e, http.MethodGet, "/reviews/:id", d.showReview)
	d.page(e, http.MethodPost, "/reviews/:id/claim", d.claimOne)
	d.page(e, http.MethodPost, "/reviews/:id/decide", d.decide)
	d.page(e, http.MethodPost, "/reviews/:id/release", d.release)
	d.page(e, http.MethodPost, "/reviews/:id/blind", d.fillIn)
	d.page(e, http.MethodGet, "/canaries/:id", d.showCanary)
	d.page(e, http.MethodGet, "/reviewers", d.reviewers)
	d.page(e, http.MethodPost, "/reviews/:id/renew", d.renew)
	d.page(e, http.MethodPost, "/reviews/:id/edits", d.saveEdits)
	d.page(e, http.MethodPost, "/reviews/:id/take", d.takeVersion)
	d.page(e, http.MethodGet, "/reviews/:id/next", d.comes)
	// What answered a form is reloaded, or come back to after signing in again.
	for _, path := range []string{uploadPath, "/reviews/claim", "/decisions/:id/undo"} {
		d.page(e, http.MethodGet, path, func(c echo.Context, _ *visit) error { return see(c, "/inbox") })
	}
	d.page(e, http.MethodGet, "/cases/:id/retry", func(c echo.Context, _ *visit) error { return see(c, "/cases/"+c.Param("id")) })
	for _, act := range []string{"claim", "decide", "release", "blind", "edits", "take"} {
		d.page(e, http.MethodGet, "/reviews/:id/"+act, func(c echo.Context, _ *visit) error {
			return see(c, "/reviews/"+c.Param("id"))
		})
	}
	d.page(e, http.MethodPost, "/decisions/:id/undo", d.undo)

	d.page(e, http.MethodGet, "/cases", d.cases)
	d.page(e, http.MethodGet, "/cases/:id", d.showCase)
	d.page(e, http.MethodGet, "/cases/:id/original", d.original)
	d.page(e, http.MethodGet, "/cases/:id/pages/:page", d.pageOf)
	d.page(e, http.MethodGet, "/cases/:id/receipt", d.receipt)
	d.page(e, http.MethodPost, "/cases/:id/retry", d.retry)
	d.page(e, http.MethodGet, "/deliveries", d.deliveries)
	d.page(e, http.MethodGet, "/lots", d.lots)
	d.page(e, http.MethodGet, "/lots/:id", d.showLot)
	d.page(e, http.MethodPost, "/lots/:id/decision", d.decideLot)
	d.page(e, http.MethodGet, "/lots/:id/decision", func(c echo.Context, _ *visit) error { return see(c, "/lots/"+c.Param("id")) })
	d.page(e, http.MethodGet, "/board", d.board)
	d.page(e, http.MethodGet, "/board/:chart", d.boardPicture)
	d.page(e, http.MethodGet, "/costs", d.costs)
	d.page(e, http.MethodGet, "/costs/:chart", d.costPicture)
	d.whoRoutes(e)
	d.togetherRoutes(e)
	e.RouteNotFound("/*", d.lost)
}

// see sends the browser on to a page of the console.
func see(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }
