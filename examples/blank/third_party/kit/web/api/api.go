// Package api serves a reviewed service to programs: JSON over HTTP under
// /api/v1, with its OpenAPI 3.1 document and a page that reads it out.
//
// Register adds the routes to an echo. Whoever calls shows a bearer token: a
// service's token submits and reads, a person's token also claims reviews and
// decides them. Failures are problem details of RFC 9457 with a code. Nothing
// changes by GET, and what changes can be repeated: POST /cases by its
// Idempotency-Key, a decision by its key.
//
//	e := echo.New()
//	err := api.Register(e, api.Config{Service: runner, Accounts: accounts, Log: log})
//
// A program's path through it: POST /cases, then GET /cases/{id} until its
// state is final. A person's: POST /reviews/claim, then
// POST /reviews/{id}/decision with the subject and the epoch of that answer.
package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Prefix is where the API stands.
const Prefix = "/api/v1"

// Service is what the API needs of a workflow's runner.
type Service interface {
	lotService
	costService

	Submit(ctx context.Context, by auth.User, s workflow.Submission) (workflow.Submitted, error)
	Import(ctx context.Context, by auth.User, name string, r io.Reader, key string, unique bool) (workflow.Submitted, error)
	Case(ctx context.Context, by auth.User, id string) (*workflow.Case, error)
	Cases(ctx context.Context, f workflow.CaseFilter) (workflow.Page[workflow.CaseRow], error)
	History(ctx context.Context, by auth.User, caseID, after string, limit int) (workflow.Page[workflow.Event], error)
	Original(ctx context.Context, caseID string) (mediaType string, data []byte, err error)
	Comments(ctx context.Context, caseID string) ([]workflow.Comment, error)
	AddComment(ctx context.Context, by auth.User, caseID, text, key string) (workflow.Comment, error)
	Inbox(ctx context.Context, f workflow.InboxFilter) (workflow.Page[workflow.Waiting], error)
	Claim(ctx context.Context, by auth.User) (*review.Review, error)
	ClaimSeat(ctx context.Context, by auth.User, id string) (*review.Review, error)
	Review(ctx context.Context, by auth.User, id string) (*review.Review, error)
	Release(ctx context.Context, by auth.User, id string, epoch int64) error
	Decide(ctx context.Context, by auth.User, id string, req review.Request, undo time.Duration) (workflow.Outcome, error)
	AnswerBlind(ctx context.Context, by auth.User, id string, epoch int64, fields map[string]json.RawMessage) (*review.Review, error)
	Figures(ctx context.Context, by auth.User, from, to time.Time) ([]review.Figures, error)
	Deliveries(ctx context.Context, after string, limit int) (workflow.Page[workflow.Delivery], error)
	Status(ctx context.Context) (workflow.Status, error)
}

// Accounts tells whose token it is. A token that nobody has fails with
// kit.Unauthorized.
type Accounts interface {
	Authenticate(ctx context.Context, token string) (auth.User, error)
}

// Config is what Register needs.
type Config struct {
	// Service does the work. It has no default.
	Service Service

	// Accounts knows the tokens. It has no default.
	Accounts Accounts

	// Log takes what failed on this side. Defaults to slog.Default().
	Log *slog.Logger

	// Title is the name of the service in the OpenAPI document.
	// Defaults to "tackhammer".
	Title string

	// MaxBytes bounds a request's file, and its body when that is JSON.
	// Defaults to 20 MiB.
	MaxBytes int64

	// Timeout is how long one request may take. Defaults to a minute.
	Timeout time.Duration

	// Uploads is how many submissions are read at a time; further ones wait
	// for their turn. Defaults to 8.
	Uploads int

	// PerSecond is how many requests a second one user may send, in bursts of
	// twice that. It holds back a client that runs wild. Defaults to 1000.
	PerSecond float64
}

func (c Config) filled() (Config, error) {
	if c.Service == nil || c.Accounts == nil {
		return c, kit.Errorf(kit.Internal, "register the API: it lacks its service or its accounts")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Title == "" {
		c.Title = "tackhammer"
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = 20 << 20
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Uploads == 0 {
		c.Uploads = 8
	}
	if c.PerSecond == 0 {
		c.PerSecond = 1000
	}
	return c, nil
}

// server is the API of one service.
type server struct {
	Config
	huma    huma.API
	uploads chan struct{} // a place for each submission that is being read
	rates   *rates
}

// Register adds the API to e. It fails when c lacks what has no default.
func Register(e *echo.Echo, c Config) error {
	c, err := c.filled()
	if err != nil {
		return err
	}
	s := &server{Config: c, uploads: make(chan struct{}, c.Uploads), rates: newRates(c.PerSecond)}
	group := e.Group(Prefix)
	s.huma = humaecho.NewWithGroup(e, group, humaConfig(c.Title))
	s.huma.UseMiddleware(s.timed, s.remember, s.authenticate)
	s.registerCases()
	s.registerReviews()
	s.registerInbox()
	s.registerBlind()
	s.registerLots()
	s.registerCosts()
	s.registerRest()
	return s.publish(group)
}

// timed gives each request an end, so that a stuck database or client cannot
// hold it for ever. It is no middleware of the group: with one, echo answers
// 404 where the method alone is wrong.
func (s *server) timed(c huma.Context, next func(huma.Context)) {
	ctx, cancel := context.WithTimeout(c.Context(), s.Timeout)
	defer cancel()
	c.SetHeader("Cache-Control", "no-store")
	c.SetHeader("X-Content-Type-Options", "nosniff")
	next(huma.WithContext(c, ctx))
}
