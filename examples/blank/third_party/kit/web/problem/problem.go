// Package problem turns an error into what an HTTP client is told of it.
//
// Of decides the status and the words; it is the one place where an error's
// code becomes an HTTP status. Write sends them as problem details of RFC
// 9457. An error that is not the caller's doing is logged whole under the
// request's id and shown with that id alone, so that no path, query or key of
// the machine leaves it.
//
//	if err != nil {
//		problem.Write(w, r, log, err) // 409 {"code":"stale","detail":…}
//	}
package problem

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
)

// Codes of failures that only HTTP knows.
const (
	Malformed        kit.Code = "malformed"          // the body or an address is not what it says it is
	MethodNotAllowed kit.Code = "method_not_allowed" // the address has no such method
	NotAcceptable    kit.Code = "not_acceptable"     // no form of answer that the client accepts
	RateLimited      kit.Code = "rate_limited"       // too many requests in a short time
)

// RequestID is the header that carries the request's id.
const RequestID = "X-Request-Id"

// meaning is what a code means to an HTTP client.
type meaning struct {
	status int
	title  string
}

var meanings = map[kit.Code]meaning{
	Malformed:        {http.StatusBadRequest, "The request cannot be read"},
	kit.Unauthorized: {http.StatusUnauthorized, "A valid token is needed"},
	kit.Forbidden:    {http.StatusForbidden, "Not allowed"},
	kit.NotFound:     {http.StatusNotFound, "No such thing"},
	MethodNotAllowed: {http.StatusMethodNotAllowed, "No such method here"},
	NotAcceptable:    {http.StatusNotAcceptable, "No acceptable form of answer"},
	kit.Conflict:     {http.StatusConflict, "Not in a state for this"},
	kit.Stale:        {http.StatusConflict, "What was seen has changed since"},
	kit.LostLease:    {http.StatusConflict, "The review is not held by the caller"},
	kit.Decided:      {http.StatusConflict, "A decision was already made"},
	kit.Duplicate:    {http.StatusConflict, "The same content is already a case"},
	kit.TooLarge:     {http.StatusRequestEntityTooLarge, "Too large"},
	kit.Unsupported:  {http.StatusUnsupportedMediaType, "A kind of input that is not read"},
	kit.Invalid:      {http.StatusUnprocessableEntity, "The input breaks a rule"},
	RateLimited:      {http.StatusTooManyRequests, "Too many requests"},
	kit.Internal:     {http.StatusInternalServerError, "Something failed here"},
	kit.Unavailable:  {http.StatusServiceUnavailable, "Not available now"},
}

// Problem is the body of an answer to a request that failed, as of RFC 9457.
type Problem struct {
	Type      string           `json:"type" format:"uri-reference" doc:"Where this code is documented"`
	Title     string           `json:"title" doc:"What kind of failure it is, the same for each code"`
	Status    int              `json:"status" doc:"The HTTP status"`
	Detail    string           `json:"detail" doc:"What failed, in words for people"`
	Code      kit.Code         `json:"code" doc:"What kind of failure it is, for programs"`
	Hint      string           `json:"hint,omitempty" doc:"How to mend it"`
	Errors    []kit.FieldError `json:"errors,omitempty" doc:"The values that break a rule"`
	RequestID string           `json:"request_id,omitempty" doc:"Names this request in the server's log"`

	cause error // whole, for the log
}

// Of tells what a client is to know of err. The status is 500 and the words
// say nothing of the cause when the failure is not the caller's doing.
func Of(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if e := ofHTTP(err); e != nil {
		return e
	}
	code := kit.CodeOf(err)
	if _, known := meanings[code]; !known || code == kit.Internal {
		return hidden(err)
	}
	p = New(code, err.Error(), kit.FieldsOf(err)...)
	p.Hint, p.cause = kit.HintOf(err), err
	return p
}

// New makes the problem of a code.
func New(code kit.Code, detail string, fields ...kit.FieldError) *Problem {
	m := meanings[code]
	return &Problem{Type: "/api/v1/docs#" + string(code), Title: m.title, Status: m.status,
		Detail: detail, Code: code, Errors: fields}
}

// OfStatus makes the problem of an HTTP status that a router or a parser chose.
func OfStatus(status int, detail string, fields ...kit.FieldError) *Problem {
	code := kit.Internal
	switch status {
	case http.StatusConflict:
		code = kit.Conflict
	case http.StatusRequestTimeout:
		code = kit.Unavailable
	default:
		for c, m := range meanings {
			if m.status == status {
				code = c
			}
		}
	}
	if code == kit.Internal && status >= 400 && status < 500 {
		code = Malformed
	}
	return New(code, detail, fields...)
}

// ofHTTP knows the errors of net/http and echo, and those of time running out.
func ofHTTP(err error) *Problem {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		p := New(kit.TooLarge, "the request's body is over the limit")
		p.cause = err
		return p
	}
	var he *echo.HTTPError
	if errors.As(err, &he) && he.Code < 500 {
		detail, ok := he.Message.(string)
		if !ok {
			detail = http.StatusText(he.Code)
		}
		return OfStatus(he.Code, detail)
	}
	if code := kit.CodeOf(err); (code == kit.Internal || code == kit.Unavailable) && store.IsAway(err) {
		p := New(kit.Unavailable, "the database does not answer") // where it is stays in the log
		p.Hint, p.cause = "try again in a moment", err
		return p
	}
	if kit.CodeOf(err) == kit.Internal && errors.Is(err, context.DeadlineExceeded) {
		p := New(kit.Unavailable, "the request took too long and was given up")
		p.Hint, p.cause = "try again in a moment", err
		return p
	}
	return nil
}

// hidden is the problem of a failure whose cause is for the log alone.
func hidden(err error) *Problem {
	p := New(kit.Internal, "the server could not do this; its log tells why, under the request's id")
	p.cause = err
	return p
}

// Status is the HTTP status of err.
func Status(err error) int { return Of(err).Status }

// Codes lists every code with its status and title, for a document of them.
func Codes() []Problem {
	var all []Problem
	for code := range meanings {
		all = append(all, *New(code, ""))
	}
	slices.SortFunc(all, func(a, b Problem) int {
		return cmp.Or(a.Status-b.Status, cmp.Compare(a.Code, b.Code))
	})
	return all
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// Unwrap returns the error that the problem was made of, for the log.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problem details.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Record returns p with the request's id in it, and logs what went wrong on
// this side whole.
func (p *Problem) Record(ctx context.Context, log *slog.Logger, id string) *Problem {
	q := *p
	q.RequestID = id
	if p.Status >= 500 && log != nil {
		log.ErrorContext(ctx, "request failed", "request_id", id, "code", p.Code, "error", p.reason())
	}
	return &q
}

func (p *Problem) reason() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return p.Detail
}

// Write answers a request with the problem details of err. The request's id is
// taken from the answer's headers, where the server put it.
func Write(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	p := Of(err).Record(r.Context(), log, w.Header().Get(RequestID))
	body, _ := json.Marshal(p) // a Problem has no value that JSON lacks
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="api"`)
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(append(body, '\n')) // the client may have gone away
	}
}
