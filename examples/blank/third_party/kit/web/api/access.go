package api

import (
	"context"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"golang.org/x/time/rate"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/web/problem"
)

// userKey finds the caller in a request's context.
type userKey struct{}

// authenticate lets through who shows a token that somebody has.
func (s *server) authenticate(ctx huma.Context, next func(huma.Context)) {
	user, err := s.caller(ctx)
	if err != nil {
		c := humaecho.Unwrap(ctx)
		if problem.Status(err) == 429 {
			c.Response().Header().Set("Retry-After", "1")
		}
		problem.Write(c.Response(), c.Request(), s.Log, err)
		return
	}
	next(huma.WithValue(ctx, userKey{}, user))
}

func (s *server) caller(ctx huma.Context) (auth.User, error) {
	scheme, token, _ := strings.Cut(ctx.Header("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return auth.User{}, kit.Errorf(kit.Unauthorized, "read the token: the request has none").
			WithHint("send the header Authorization: Bearer TOKEN; the command user token makes one")
	}
	user, err := s.Accounts.Authenticate(ctx.Context(), token)
	if err != nil {
		return user, err
	}
	if !s.rates.allow(user.ID) {
		return user, kit.Errorf(problem.RateLimited, "serve %s: more than %g requests a second", user.Name, s.PerSecond).
			WithHint("wait a second, then send fewer at a time")
	}
	return user, nil
}

// caller is who authenticate let through.
func caller(ctx context.Context) auth.User {
	user, _ := ctx.Value(userKey{}).(auth.User)
	return user
}

// maySubmit refuses who only reads.
func maySubmit(by auth.User) error {
	if by.MaySubmit() {
		return nil
	}
	return kit.Errorf(kit.Forbidden, "submit a case: %s may only read", by.Name)
}

// mayDecide refuses who is no person, or a person who only reads. The runner
// and the database refuse them too; this tells it before anything is read.
func mayDecide(by auth.User, act string) error {
	switch {
	case !by.Person():
		return kit.Errorf(kit.Forbidden, "%s: %s is a service, and only a person decides", act, by.Name).
			WithHint("use the token of a person: user token EMAIL")
	case !by.MayDecide():
		return kit.Errorf(kit.Forbidden, "%s: %s may only read", act, by.Name)
	}
	return nil
}

// rates holds a bucket of requests for each user.
type rates struct {
	perSecond float64
	mu        sync.Mutex
	of        map[string]*rate.Limiter
}

func newRates(perSecond float64) *rates {
	return &rates{perSecond: perSecond, of: map[string]*rate.Limiter{}}
}

// allow takes one request from the user's bucket.
func (r *rates) allow(user string) bool {
	r.mu.Lock()
	l := r.of[user]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(r.perSecond), max(1, int(2*r.perSecond)))
		r.of[user] = l
	}
	r.mu.Unlock()
	return l.Allow()
}
