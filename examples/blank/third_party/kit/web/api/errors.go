package api

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/web/problem"
)

// huma has one way to make an error for the whole program, so it is set once
// before any API exists. Errors of huma's own checks thereby look like ours.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return ofHuma(status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		return recorded(ctx.Context(), ofHuma(status, message, errs))
	}
}

// requestKey finds what remember put into a request's context.
type requestKey struct{}

// request is what an error is told with.
type request struct {
	id  string
	log *slog.Logger
}

// remember keeps the request's id and log for the errors to come.
func (s *server) remember(ctx huma.Context, next func(huma.Context)) {
	id := humaecho.Unwrap(ctx).Response().Header().Get(problem.RequestID)
	next(huma.WithValue(ctx, requestKey{}, request{id: id, log: s.Log}))
}

// recorded puts the request's id into the problem of err and logs what is to
// be logged.
func recorded(ctx context.Context, err error) *problem.Problem {
	r, _ := ctx.Value(requestKey{}).(request)
	return problem.Of(err).Record(ctx, r.log, r.id)
}

// ofHuma turns a failed check of huma into a problem whose errors carry the
// path of the value as the client wrote it.
func ofHuma(status int, message string, errs []error) *problem.Problem {
	var fields []kit.FieldError
	for _, err := range errs {
		if err != nil {
			fields = append(fields, fieldOf(err))
		}
	}
	detail := "read the request: " + message
	if len(fields) > 0 {
		detail = "read the request: " + strings.TrimPrefix(fields[0].Path+": "+fields[0].Message, ": ")
	}
	return problem.OfStatus(status, detail, fields...)
}

// fieldOf names the value that an error of huma is about: "key", "limit".
func fieldOf(err error) kit.FieldError {
	var d huma.ErrorDetailer
	if !errors.As(err, &d) {
		return kit.FieldError{Message: err.Error()}
	}
	detail := d.ErrorDetail()
	place, path, _ := strings.Cut(detail.Location, ".")
	if missing, ok := strings.CutPrefix(detail.Message, "expected required property "); ok {
		name, _, _ := strings.Cut(missing, " ")
		return kit.FieldError{Path: strings.TrimPrefix(path+"."+name, "."), Message: "is missing"}
	}
	message := detail.Message
	if message == "unexpected property" {
		message = "unknown field"
	}
	if path == "" {
		path = place
	}
	return kit.FieldError{Path: path, Message: message}
}
