package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/web/api"
	"github.com/tackhammer/tackhammer/kit/web/problem"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// at is the time at which everything in the fake happened.
var at = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

// fake is a service that answers what a test sets and keeps what it was asked.
// It stands in for the runner where only HTTP is under test.
type fake struct {
	err     error    // what every call fails with, if set
	nobody  bool     // nothing waits to be claimed
	input   string   // JSON of the case's and review's input
	calls   []string // which methods were called
	sub     workflow.Submission
	name    string
	data    []byte
	key     string
	unique  bool
	filter  workflow.CaseFilter
	after   string
	inbox   workflow.InboxFilter
	comment workflow.Comment
	budget  *workflow.Budget
	from    time.Time
	to      time.Time
	limit   int
	req     review.Request
	epoch   int64
	undo    time.Duration
	lotReq  review.LotRequest
	seen    bool // the key was seen before
}

func (f *fake) call(name string) error {
	f.calls = append(f.calls, name)
	return f.err
}

func (f *fake) Submit(_ context.Context, _ auth.User, s workflow.Submission) (workflow.Submitted, error) {
	f.sub = s
	return workflow.Submitted{ID: "c1", State: kit.Drafting, Repeated: f.seen}, f.call("Submit")
}

func (f *fake) Import(_ context.Context, _ auth.User, name string, r io.Reader, key string, unique bool) (workflow.Submitted, error) {
	f.name, f.key, f.unique = name, key, unique
	f.data, _ = io.ReadAll(r)
	return workflow.Submitted{ID: "c1", State: kit.Drafting, Repeated: f.seen}, f.call("Import")
}

func (f *fake) Case(_ context.Context, _ auth.User, id string) (*workflow.Case, error) {
	if id != "c1" {
		return nil, kit.Errorf(kit.NotFound, "read case %s: no such case", id)
	}
	return &workflow.Case{CaseRow: row, Input: json.RawMessage(f.input), Draft: &draft, ReviewID: "r1",
		History: []workflow.Event{{At: at, Actor: "u", Kind: "case.made", CaseID: "c1", Data: json.RawMessage("{}")}}}, f.call("Case")
}

func (f *fake) History(_ context.Context, _ auth.User, id, after string, limit int) (workflow.Page[workflow.Event], error) {
	f.after, f.limit = after, limit
	if id != "c1" {
		return workflow.Page[workflow.Event]{}, kit.Errorf(kit.NotFound, "case %s: there is no such case", id)
	}
	return workflow.Page[workflow.Event]{Items: []workflow.Event{{At: at, Actor: "u", Kind: "case.made", CaseID: id, Data: json.RawMessage("{}")}}, Next: "4"}, f.call("History")
}

func (f *fake) Cases(_ context.Context, filter workflow.CaseFilter) (workflow.Page[workflow.CaseRow], error) {
	f.filter = filter
	p := workflow.Page[workflow.CaseRow]{Items: []workflow.CaseRow{row}, Next: "c1"}
	if filter.After == "c1" {
		p = workflow.Page[workflow.CaseRow]{}
	}
	return p, f.call("Cases")
}

func (f *fake) Original(context.Context, string) (string, []byte, error) {
	return "image/png", []byte("<svg onload=alert(1)>"), f.call("Original")
}

func (f *fake) Claim(context.Context, auth.User) (*review.Review, error) {
	if f.nobody {
		return nil, f.call("Claim")
	}
	return f.review(), f.call("Claim")
}

func (f *fake) ClaimSeat(_ context.Context, _ auth.User, id string) (*review.Review, error) {
	r := f.review()
	r.Seat, r.Quorum = 2, 2
	return r, f.call("ClaimSeat " + id)
}

func (f *fake) Review(context.Context, auth.User, string) (*review.Review, error) {
	return f.review(), f.call("Review")
}

func (f *fake) Release(_ context.Context, _ auth.User, _ string, epoch int64) error {
	f.epoch = epoch
	return f.call("Release")
}

func (f *fake) Decide(_ context.Context, by auth.User, id string, req review.Request, undo time.Duration) (workflow.Outcome, error) {
	f.req, f.undo = req, undo
	return workflow.Outcome{Case: row, Decision: review.Decision{ID: "d1", ReviewID: id, CaseID: "c1", Verdict: req.Verdict,
		Person: review.Holder{ID: by.ID, Name: by.Name}, Subject: req.Subject, CreatedAt: at}}, f.call("Decide")
}

func (f *fake) Deliveries(_ context.Context, after string, limit int) (workflow.Page[workflow.Delivery], error) {
	f.after, f.limit = after, limit
	return workflow.Page[workflow.Delivery]{Items: []workflow.Delivery{{ID: "e1", CaseID: "c1", Output: json.RawMessage(`{"total":1}`), CreatedAt: at}}}, f.call("Deliveries")
}

func (f *fake) Status(context.Context) (workflow.Status, error) {
	return workflow.Status{Workflow: "receipts", Database: "sqlite", Cases: map[kit.State]int64{kit.InReview: 2}, Oldest: &at,
		Budget: f.budget, Chain: &audit.Head{Seq: 7, Hash: "9f2c"}}, f.call("Status")
}

var row = workflow.CaseRow{ID: "c1", Name: "a.txt", State: kit.InReview, Step: "check", CreatedAt: at, UpdatedAt: at}

var draft = review.Draft{ID: "f1", Value: json.RawMessage(`{"total":1}`), Model: kit.ModelInfo{Name: "rules", Digest: "ab"},
	Fields: []kit.Field{{Path: "total", Value: json.RawMessage("1"), Confidence: 0.5}}, CreatedAt: at}

func (f *fake) review() *review.Review {
	return &review.Review{ID: "r1", CaseID: "c1", CaseName: "a.txt", Step: "check", State: review.Open, Subject: "s1",
		Lease: review.Lease{Epoch: 3, ExpiresAt: at}, Holder: &review.Holder{ID: "mei", Name: "Mei"},
		Draft: draft, Input: json.RawMessage(f.input), CreatedAt: at}
}

// tokens is the accounts of the fake: each name is a token.
type tokens struct{}

func (tokens) Authenticate(_ context.Context, token string) (auth.User, error) {
	for _, u := range []auth.User{
		{ID: "mei", Name: "Mei", Kind: auth.PersonKind, Role: auth.Reviewer},
		{ID: "vic", Name: "Vic", Kind: auth.PersonKind, Role: auth.Viewer},
		{ID: "ada", Name: "Ada", Kind: auth.PersonKind, Role: auth.Admin},
		{ID: "bot", Name: "Bot", Kind: auth.ServiceKind, Role: auth.Service},
	} {
		if token == u.ID {
			return u, nil
		}
	}
	return auth.User{}, kit.Errorf(kit.Unauthorized, "read the token: nobody has it")
}

// client talks to an API over real HTTP.
type client struct {
	t   *testing.T
	url string
	log *bytes.Buffer
}

// serve starts an API over service.
func serve(t *testing.T, service api.Service, accounts api.Accounts, set func(*api.Config)) client {
	t.Helper()
	var log bytes.Buffer
	c := api.Config{Service: service, Accounts: accounts, Log: slog.New(slog.NewTextHandler(&log, nil))}
	if set != nil {
		set(&c)
	}
	e := echo.New()
	e.HTTPErrorHandler = func(err error, ec echo.Context) { problem.Write(ec.Response(), ec.Request(), c.Log, err) }
	if err := api.Register(e, c); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	return client{t: t, url: s.URL + api.Prefix, log: &log}
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	raw    string
	json   map[string]any
}

// str reads a string of the answer by its path.
func (a answered) str(path ...string) string {
	v, _ := a.at(path...).(string)
	return v
}

func (a answered) at(path ...string) any {
	var v any = a.json
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// do sends a request; headers come in pairs.
func (c client) do(method, path, token, body string, headers ...string) answered {
	c.t.Helper()
	req, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answered{status: res.StatusCode, header: res.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.json) // tests of other forms read raw
	return a
}

// upload sends files as parts of a form, given as pairs of part and content.
func (c client) upload(token, fileName string, parts [][2]string, headers ...string) answered {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		part, err := w.CreateFormFile(p[0], fileName)
		if err != nil {
			c.t.Fatal(err)
		}
		_, _ = io.WriteString(part, p[1])
	}
	w.Close()
	return c.do("POST", "/cases", token, b.String(), append(headers, "Content-Type", w.FormDataContentType())...)
}

// want checks status and code of a problem.
func (a answered) want(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status || a.str("code") != code {
		t.Errorf("got %d %q, want %d %q: %s", a.status, a.str("code"), status, code, a.raw)
	}
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("problem as %q", ct)
	}
}
