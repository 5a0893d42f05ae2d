package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/web/problem"
)

// givenID is an id that a proxy may give a request: nothing that could forge a
// line of the log.
var givenID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identify gives the request an id, or keeps the one that a proxy gave it, and
// sets the headers that every answer has.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(problem.RequestID)
		if !givenID.MatchString(id) {
			id = kit.NewID()
		}
		h := c.Response().Header()
		h.Set(problem.RequestID, id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// log writes a line for each request. The query is left out: a sign-in link
// holds its code there.
func (s *Server) log(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.Clock()
		if err := next(c); err != nil {
			c.Error(err)
		}
		r, w := c.Request(), c.Response()
		level := s.Logger.Info
		if quiet(r.URL.Path) && w.Status < 400 {
			level = s.Logger.Debug
		}
		level("request", "method", r.Method, "path", r.URL.Path, "status", w.Status, "bytes", w.Size,
			"ms", s.Clock().Sub(start).Milliseconds(), "ip", c.RealIP(), "request_id", w.Header().Get(problem.RequestID))
		return nil
	}
}

// quiet reports whether requests to path come so often, and say so little, that
// a log is better without them.
func quiet(path string) bool {
	return path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, "/assets/")
}

// guard turns a panic into an error, and bounds what a handler reads. The
// bound is a last one, in case a handler sets none: those that take files set
// their own, and the console takes several in one request.
func (s *Server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler: // the way to cut a connection: not a defect
				panic(p)
			default:
				err = kit.Errorf(kit.Internal, "panic: %v\n%s", p, debug.Stack())
			}
		}()
		r := c.Request()
		if !legible(r.URL) {
			return kit.Errorf(problem.Malformed, "read the address: it must be UTF-8 without U+0000")
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, max(64*s.MaxUpload, 1<<30))
		return next(c)
	}
}

// legible reports whether an address holds text alone, as both databases want
// it of what they look for.
func legible(u *url.URL) bool {
	query, err := url.QueryUnescape(u.RawQuery)
	if err != nil {
		return true // a handler that reads the query tells it
	}
	text := u.Path + query
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// fail answers a request that no handler answered: as problem details to a
// program, in a line to a person.
func (s *Server) fail(err error, c echo.Context) {
	r, w := c.Request(), c.Response()
	if w.Committed {
		s.Logger.ErrorContext(r.Context(), "answer broke off", "path", r.URL.Path, "error", err, "request_id", w.Header().Get(problem.RequestID))
		return
	}
	if r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/") {
		problem.Write(w, r, s.Logger, err)
		return
	}
	id := w.Header().Get(problem.RequestID)
	p := problem.Of(err).Record(r.Context(), s.Logger, id)
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	_ = c.String(p.Status, fmt.Sprintf("%d %s\n%s\n%s\n", p.Status, p.Title, p.Detail, id)) // the client may have gone away
}
