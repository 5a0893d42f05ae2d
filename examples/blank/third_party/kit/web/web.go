// Package web puts the console and the API of a reviewed service behind one
// address.
//
// New joins them with what every request passes: an id, a log line, a guard
// against panics, safe headers and a bound on what is read. Serve listens until
// its context ends and lets what is under way finish:
//
//	server, err := web.New(web.Config{Service: runner, Accounts: accounts, Sessions: sessions, DB: db})
//	if err != nil {
//		return err
//	}
//	return server.Serve(ctx, "127.0.0.1:8080", func(address string) { fmt.Println("listening on", address) })
//
// GET /healthz tells that the process is up, GET /readyz that it can work.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/web/api"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

// Service is what the console and the API stand on; *workflow.Runner is one.
type Service interface {
	api.Service
	console.Service
}

// Database is what GET /readyz asks; *store.DB is one.
type Database interface {
	Ping(ctx context.Context) error
	Pending(ctx context.Context) (migrations int, err error)
}

// Model is what GET /readyz asks; every model.Provider is one.
type Model interface {
	Info(ctx context.Context) (kit.ModelInfo, error)
}

// Config says what a server stands on and how it looks.
type Config struct {
	// Service does the work. It has no default.
	Service Service

	// Accounts knows the people, their tokens and their sign-in links. One that
	// is console.People too, as auth.Accounts is, has pages to manage them.
	// It has no default.
	Accounts console.Accounts

	// Provider is an OpenID provider to sign in by. Defaults to none.
	Provider *auth.Provider

	// NoPassword is for a service whose people have no passwords.
	// Defaults to false.
	NoPassword bool

	// Mail sends invitations. Defaults to none: they are copied from the page.
	Mail console.Mail

	// Kinds are the endings of files that the app's own importers read, such as
	// .eml: the page to upload on names them. Defaults to none.
	Kinds []string

	// URL is where people reach the console; invitations link to it. Defaults to
	// the host of the request that makes one.
	URL string

	// Sessions keeps who is signed in. It has no default.
	Sessions scs.Store

	// DB is asked whether the server is ready. Defaults to none, which is
	// always ready.
	DB Database

	// Model is asked too. A model that does not answer is told of, but people
	// can review meanwhile, so the server stays ready. Defaults to none.
	Model Model

	// Name is what people call the service. Defaults to "tackhammer".
	Name string

	// Lang is the console's language, "en" or "zh", for browsers that ask for
	// neither. Defaults to "en".
	Lang string

	// Undo is how long a decision in the console can be taken back; negative
	// for not at all. Defaults to 10 seconds.
	Undo time.Duration

	// MaxUpload is the size in bytes of the largest file that is taken.
	// Defaults to 20 MiB.
	MaxUpload int64

	// Secure is for a server behind a proxy that speaks TLS: it keeps browsers
	// to HTTPS, and takes a client's address from X-Forwarded-For, as proxies on
	// a private network set it. Defaults to false: who connects is the client.
	Secure bool

	// Grace is how long requests under way may take when the server stops.
	// Defaults to 10 seconds.
	Grace time.Duration

	// Clock tells the time. Defaults to kit.Now.
	Clock kit.Clock

	// Logger takes a line for each request, and what failed on this side.
	// Defaults to slog.Default().
	Logger *slog.Logger
}

func (c Config) filled() (Config, error) {
	if c.Service == nil || c.Accounts == nil || c.Sessions == nil {
		return c, kit.Errorf(kit.Internal, "set up the server: it lacks its service, accounts or sessions")
	}
	if c.Name == "" {
		c.Name = "tackhammer"
	}
	if c.MaxUpload == 0 {
		c.MaxUpload = 20 << 20
	}
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
	if c.Clock == nil {
		c.Clock = kit.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}

// Server serves one service. It is an http.Handler, too.
type Server struct {
	Config
	echo *echo.Echo
}

// New puts the server together. It fails when c lacks what has no default, or
// names a language that the console does not speak.
func New(c Config) (*Server, error) {
	c, err := c.filled()
	if err != nil {
		return nil, err
	}
	s := &Server{Config: c, echo: echo.New()}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.fail
	s.echo.IPExtractor = echo.ExtractIPDirect()
	if c.Secure {
		s.echo.IPExtractor = echo.ExtractIPFromXFFHeader()
	}
	s.echo.Use(s.identify, s.log, s.guard)
	s.echo.GET("/healthz", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	s.echo.GET("/readyz", s.ready)
	if err := s.registerAPI(); err != nil {
		return nil, err
	}
	return s, s.registerConsole()
}

func (s *Server) registerAPI() error {
	return api.Register(s.echo, api.Config{Service: s.Service, Accounts: s.Accounts, Log: s.Logger,
		Title: s.Name, MaxBytes: s.MaxUpload})
}

func (s *Server) registerConsole() error {
	people, _ := s.Accounts.(console.People)
	return console.Register(s.echo, console.Config{Service: s.Service, Accounts: s.Accounts, Sessions: s.Sessions,
		People: people, Provider: s.Provider, NoPassword: s.NoPassword, Mail: s.Mail, URL: s.URL, Kinds: s.Kinds,
		Name: s.Name, Lang: s.Lang, Undo: s.Undo, MaxUpload: s.MaxUpload, Secure: s.Secure, Clock: s.Clock, Logger: s.Logger})
}

// ServeHTTP answers one request. HEAD goes where GET goes: the request is
// copied, since net/http looks at the first one and leaves the body out.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		get := r.WithContext(r.Context())
		get.Method = http.MethodGet
		r = get
	}
	s.echo.ServeHTTP(w, r)
}
