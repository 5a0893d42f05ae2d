package problem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/web/problem"
)

func ExampleOf() {
	err := kit.Errorf(kit.Decided, "decide review 7: Ann Lee approved it at 14:05")
	p := problem.Of(fmt.Errorf("submit: %w", err))
	fmt.Println(p.Status, p.Code, p.Title)
	// Output: 409 decided A decision was already made
}

func TestEachCodeHasItsStatus(t *testing.T) {
	for code, status := range map[kit.Code]int{
		kit.Invalid: 422, kit.NotFound: 404, kit.Unauthorized: 401, kit.Forbidden: 403, kit.TooLarge: 413,
		kit.Conflict: 409, kit.Stale: 409, kit.LostLease: 409, kit.Decided: 409, kit.Duplicate: 409,
		kit.Unsupported: 415, kit.Unavailable: 503, kit.Internal: 500,
	} {
		if got := problem.Status(kit.Errorf(code, "do x")); got != status {
			t.Errorf("%s: status %d, want %d", code, got, status)
		}
	}
}

func TestOfKeepsWhatHelpsTheCaller(t *testing.T) {
	err := &kit.Error{Code: kit.Invalid, Message: "decide 7: total is no amount", Hint: "write 12.50",
		Fields: []kit.FieldError{{Path: "total", Message: "is no amount"}}}
	p := problem.Of(fmt.Errorf("wrapped: %w", err))
	if p.Detail != "wrapped: decide 7: total is no amount" || p.Hint != "write 12.50" || len(p.Errors) != 1 ||
		p.Type != "/api/v1/docs#invalid" || p.Title == "" || p.Code != kit.Invalid {
		t.Errorf("%+v", p)
	}
}

func TestOfKnowsHTTPErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   kit.Code
	}{
		{echo.ErrNotFound, 404, kit.NotFound},
		{echo.ErrMethodNotAllowed, 405, problem.MethodNotAllowed},
		{echo.ErrUnsupportedMediaType, 415, kit.Unsupported},
		{echo.NewHTTPError(400, "bad"), 400, problem.Malformed},
		{echo.NewHTTPError(418, struct{}{}), 400, problem.Malformed},
		{echo.NewHTTPError(502, "secret upstream"), 500, kit.Internal},
		{&http.MaxBytesError{Limit: 3}, 413, kit.TooLarge},
		{fmt.Errorf("query: %w", context.DeadlineExceeded), 503, kit.Unavailable},
		{problem.OfStatus(422, "x"), 422, kit.Invalid},
		{problem.OfStatus(409, "x"), 409, kit.Conflict},
		{problem.OfStatus(408, "x"), 503, kit.Unavailable},
		{problem.OfStatus(429, "x"), 429, problem.RateLimited},
		{errors.New("disk"), 500, kit.Internal},
	} {
		if p := problem.Of(c.err); p.Status != c.status || p.Code != c.code {
			t.Errorf("%v: %d %s, want %d %s", c.err, p.Status, p.Code, c.status, c.code)
		}
	}
}

func write(method string, err error) (*httptest.ResponseRecorder, string) {
	var log bytes.Buffer
	w := httptest.NewRecorder()
	w.Header().Set(problem.RequestID, "r-1")
	problem.Write(w, httptest.NewRequest(method, "/api/v1/cases", nil), slog.New(slog.NewTextHandler(&log, nil)), err)
	return w, log.String()
}

func TestWriteHidesInternalErrorsAndLogsThem(t *testing.T) {
	w, log := write("GET", errors.New("open /var/secret.db: no space"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "r-1") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log, "secret.db") || !strings.Contains(log, "r-1") {
		t.Errorf("log %q", log)
	}
}

func TestWriteSendsProblemDetails(t *testing.T) {
	w, log := write("POST", kit.Errorf(kit.Unauthorized, "read the token: there is none").WithHint("send it"))
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w.Code != 401 || w.Header().Get("Content-Type") != "application/problem+json" ||
		w.Header().Get("WWW-Authenticate") != `Bearer realm="api"` || log != "" {
		t.Errorf("%d %v, log %q", w.Code, w.Header(), log)
	}
	for key, want := range map[string]any{"code": "unauthorized", "status": 401.0, "hint": "send it", "request_id": "r-1"} {
		if got[key] != want {
			t.Errorf("%s: %v, want %v", key, got[key], want)
		}
	}
}

func TestWriteAnswersHEADWithoutABody(t *testing.T) {
	if w, _ := write("HEAD", kit.Errorf(kit.NotFound, "find x")); w.Code != 404 || w.Body.Len() != 0 {
		t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestCodesComeInOrder(t *testing.T) {
	codes := problem.Codes()
	for i := 1; i < len(codes); i++ {
		if codes[i].Status < codes[i-1].Status {
			t.Errorf("%d after %d", codes[i].Status, codes[i-1].Status)
		}
	}
	if len(codes) != 17 {
		t.Errorf("%d codes", len(codes))
	}
}

func TestADatabaseThatIsAwayComesBack(t *testing.T) {
	away := &pgconn.PgError{Code: "57P03", Message: "the database system at 10.0.0.7 is starting up"}
	for _, err := range []error{away, kit.Errorf(kit.Internal, "sign in: %w", away), kit.Errorf(kit.Unavailable, "begin: %w", away)} {
		p := problem.Of(err)
		if p.Status != 503 || p.Code != kit.Unavailable || strings.Contains(p.Detail, "10.0.0.7") {
			t.Errorf("%v became %+v", err, p)
		}
	}
}
