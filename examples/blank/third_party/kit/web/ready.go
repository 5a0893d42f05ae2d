package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
)

// checkTimeout is how long one check of GET /readyz may take.
const checkTimeout = 3 * time.Second

// check is one thing that a server needs to be ready.
type check struct {
	name   string
	needed bool // without it nothing works
	ask    func(ctx context.Context) error
}

// checked is how a check went. Causes are for the log alone: anybody may ask.
type checked struct {
	Name   string   `json:"name"`
	OK     bool     `json:"ok"`
	Needed bool     `json:"needed"`
	Code   kit.Code `json:"code,omitempty"`
}

// readiness is the answer of GET /readyz: "ok", "degraded" when something is
// missing that is not needed for all work, "failing" with 503 otherwise.
type readiness struct {
	Status string    `json:"status"`
	Checks []checked `json:"checks"`
}

func (s *Server) checks() []check {
	var all []check
	if s.DB != nil {
		all = append(all, check{"database", true, s.DB.Ping}, check{"migrations", true, s.migrated})
	}
	if s.Model != nil {
		all = append(all, check{"model", false, func(ctx context.Context) error {
			_, err := s.Model.Info(ctx)
			return err
		}})
	}
	return all
}

// migrated fails when the program is newer than the database.
func (s *Server) migrated(ctx context.Context) error {
	n, err := s.DB.Pending(ctx)
	if err == nil && n > 0 {
		err = kit.Errorf(kit.Unavailable, "use the database: it lacks %d migrations", n)
	}
	return err
}

// ready runs the checks beside each other.
func (s *Server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), checkTimeout)
	defer cancel()
	all := s.checks()
	answer := readiness{Status: "ok", Checks: make([]checked, len(all))}
	var running sync.WaitGroup
	for i, one := range all {
		running.Go(func() { answer.Checks[i] = s.run(ctx, one) })
	}
	running.Wait()
	status := http.StatusOK
	for _, done := range answer.Checks {
		switch {
		case done.OK:
		case done.Needed:
			status, answer.Status = http.StatusServiceUnavailable, "failing"
		case answer.Status == "ok":
			answer.Status = "degraded"
		}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(status, answer)
}

// run asks one check, and does not wait for one that will not end.
func (s *Server) run(ctx context.Context, one check) checked {
	answer := make(chan error, 1)
	go func() { answer <- one.ask(ctx) }()
	var err error
	select {
	case err = <-answer:
	case <-ctx.Done():
		err = kit.Errorf(kit.Unavailable, "ask the %s: %w", one.name, ctx.Err())
	}
	if err != nil {
		s.Logger.Warn("not ready", "check", one.name, "error", err)
	}
	return checked{Name: one.name, OK: err == nil, Needed: one.needed, Code: kit.CodeOf(err)}
}
