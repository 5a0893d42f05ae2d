package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/web/api"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func ExampleRegister() {
	e := echo.New()
	if err := api.Register(e, api.Config{Service: &fake{}, Accounts: tokens{}}); err != nil {
		fmt.Println(err)
	}
	r := httptest.NewRequest("POST", "/api/v1/cases", strings.NewReader(`{"input": {"text": "TOTAL 9.00"}}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer bot")
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Location"), w.Body)
	// Output: 201 /api/v1/cases/c1 {"id":"c1","state":"drafting"}
}

func TestRegisterNeedsItsParts(t *testing.T) {
	if err := api.Register(echo.New(), api.Config{Service: &fake{}}); err == nil {
		t.Error("registered without accounts")
	}
}

func TestTokens(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	for _, header := range []string{"", "Basic bWVpOm1laQ==", "Bearer", "Bearer ", "Bearer nobody", "mei", "Bearer mei mei"} {
		a := c.do("GET", "/status", "", "", "Authorization", header)
		a.want(t, 401, "unauthorized")
		if a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: no WWW-Authenticate", header)
		}
	}
	if len(f.calls) != 0 {
		t.Errorf("the service was called: %v", f.calls)
	}
	if a := c.do("GET", "/status", "", "", "Authorization", "bearer mei"); a.status != 200 {
		t.Errorf("the scheme's case matters: %d", a.status)
	}
}

// The head is a hash over what is not told yet: something to try guesses on.
func TestTheHeadOfTheTrailIsForAdministrators(t *testing.T) {
	c := serve(t, &fake{}, tokens{}, nil)
	for token, told := range map[string]bool{"ada": true, "mei": false, "vic": false, "bot": false} {
		a := c.do("GET", "/status", token, "")
		if a.status != 200 || strings.Contains(a.raw, "9f2c") != told || strings.Contains(a.raw, `"chain"`) != told {
			t.Errorf("%s reads %d %s", token, a.status, a.raw)
		}
	}
}

// TestWhoMayDoWhat holds the table of roles and routes.
func TestWhoMayDoWhat(t *testing.T) {
	decision := `{"verdict":"approve","subject":"s1","epoch":3,"key":"k"}`
	for _, c := range []struct {
		method, path, body string
		allowed            string // of bot, mei, vic
	}{
		{"POST", "/cases", `{"input":{}}`, "bot mei"},
		{"GET", "/cases", "", "bot mei vic"},
		{"GET", "/cases/c1", "", "bot mei vic"},
		{"GET", "/cases/c1/original", "", "bot mei vic"},
		{"GET", "/cases/c1/history", "", "bot mei vic"},
		{"GET", "/reviews/r1", "", "bot mei vic"},
		{"GET", "/deliveries", "", "bot mei vic"},
		{"GET", "/status", "", "bot mei vic"},
		{"POST", "/reviews/claim", "", "mei"},
		{"POST", "/reviews/r1/decision", decision, "mei"},
		{"POST", "/reviews/r1/release", `{"epoch":3}`, "mei"},
		{"POST", "/reviews/r1/claim", "", "mei"},
	} {
		for _, token := range []string{"bot", "mei", "vic"} {
			f := &fake{input: "{}"}
			a := serve(t, f, tokens{}, nil).do(c.method, c.path, token, c.body)
			if strings.Contains(c.allowed, token) {
				if a.status > 201 || len(f.calls) != 1 {
					t.Errorf("%s %s by %s: %d %s", c.method, c.path, token, a.status, a.raw)
				}
				continue
			}
			a.want(t, 403, "forbidden")
			if len(f.calls) != 0 {
				t.Errorf("%s %s by %s reached the service", c.method, c.path, token)
			}
		}
	}
}

func TestSubmitJSON(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	a := c.do("POST", "/cases", "bot", `{"input": {"text": "x", "n": 12.50}, "name": "one"}`, "Idempotency-Key", "k 1")
	if a.status != 201 || a.str("id") != "c1" || a.str("state") != "drafting" || a.header.Get("Location") != "/api/v1/cases/c1" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if string(f.sub.Input) != `{"text": "x", "n": 12.50}` || f.sub.Name != "one" || f.sub.Key != "k 1" || f.sub.Content != "" {
		t.Errorf("submitted %+v", f.sub)
	}
	f.seen = true
	if a := c.do("POST", "/cases", "bot", `{"input":{}}`); a.status != 200 || a.str("id") != "c1" {
		t.Errorf("repeated: %d %s", a.status, a.raw)
	}
}

func TestSubmitFile(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	a := c.upload("bot", "../../收据 1.txt", [][2]string{{"file", "TOTAL 9.00"}}, "Idempotency-Key", "k")
	if a.status != 201 || a.str("id") != "c1" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if f.name != "收据 1.txt" || string(f.data) != "TOTAL 9.00" || f.key != "k" || f.unique {
		t.Errorf("imported %q %q key %q unique %v", f.name, f.data, f.key, f.unique)
	}
}

func TestSubmitRefuses(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, func(c *api.Config) { c.MaxBytes = 1000 })
	large := strings.Repeat("x", 1001)
	for _, x := range []struct {
		name, body, ct string
		status         int
		code, says     string
	}{
		{"no body", "", "application/json", 400, "malformed", "JSON object"},
		{"broken", `{"input":`, "application/json", 400, "malformed", "JSON object"},
		{"a list", `[]`, "application/json", 400, "malformed", "JSON object"},
		{"two", `{"input":{}} {}`, "application/json", 400, "malformed", "goes on"},
		{"no input", `{}`, "application/json", 422, "invalid", "input: must be there"},
		{"null input", `{"input":null}`, "application/json", 422, "invalid", "input"},
		{"text input", `{"input":"x"}`, "application/json", 422, "invalid", "input"},
		{"unknown", `{"input":{},"inptu":1}`, "application/json", 422, "invalid", "inptu: unknown field"},
		{"name", `{"input":{},"name":1}`, "application/json", 422, "invalid", "name: must be a string"},
		{"large", `{"input":{"a":"` + large + `"}}`, "application/json", 413, "too_large", "1000 bytes"},
		{"large tail", `{"input":{}}` + strings.Repeat(" ", 1000), "application/json", 413, "too_large", "1000 bytes"},
		{"text", "x", "text/plain", 415, "unsupported", "text/plain"},
		{"form", "a=b", "application/x-www-form-urlencoded", 415, "unsupported", "form"},
		{"no boundary", "x", "multipart/form-data", 415, "unsupported", "multipart"},
		{"no file", "--b--", "multipart/form-data; boundary=b", 422, "invalid", "file: is missing"},
		{"broken form", "--b\r\nContent-Dis", "multipart/form-data; boundary=b", 400, "malformed", "form is broken"},
	} {
		a := c.do("POST", "/cases", "bot", x.body, "Content-Type", x.ct)
		a.want(t, x.status, x.code)
		if !strings.Contains(a.str("detail"), x.says) {
			t.Errorf("%s: %q says nothing of %q", x.name, a.str("detail"), x.says)
		}
	}
	c.upload("bot", "a.txt", [][2]string{{"file", "a"}, {"file", "b"}}).want(t, 422, "invalid")
	c.upload("bot", "a.txt", [][2]string{{"file", "a"}, {"other", "b"}}).want(t, 422, "invalid")
	c.upload("bot", " ", [][2]string{{"file", "a"}}).want(t, 422, "invalid")
	c.upload("bot", "a.txt", [][2]string{{"file", large}}).want(t, 413, "too_large")
	c.upload("bot", "a.txt", [][2]string{{"file", strings.Repeat("x", 200_000)}}).want(t, 413, "too_large")
	if len(f.calls) != 0 {
		t.Errorf("something was made: %v", f.calls)
	}
	if a := c.upload("bot", "a.txt", [][2]string{{"file", large[:1000]}}); a.status != 201 {
		t.Errorf("a file at the limit: %d %s", a.status, a.raw)
	}
	c.do("POST", "/cases", "bot", `{"input":{}}`, "Idempotency-Key", strings.Repeat("k", 201)).want(t, 422, "invalid")
}

func TestCaseHasItsKeys(t *testing.T) {
	c := serve(t, &fake{input: `{"text":"x"}`}, tokens{}, nil)
	a := c.do("GET", "/cases/c1", "bot", "")
	for _, key := range []string{"id", "state", "step", "draft", "decision", "delivery", "error", "history"} {
		if _, there := a.json[key]; !there {
			t.Errorf("no key %q in %s", key, a.raw)
		}
	}
	if a.at("decision") != nil || a.at("delivery") != nil || a.at("error") != nil || a.str("input", "text") != "x" {
		t.Errorf("%s", a.raw)
	}
	if strings.Contains(a.raw, `"evidence":null`) {
		t.Errorf("evidence is null: %s", a.raw)
	}
	c.do("GET", "/cases/none", "bot", "").want(t, 404, "not_found")
}

func TestLists(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	a := c.do("GET", "/cases?state=failed&limit=7&after=c0", "bot", "")
	if f.filter.State != kit.Failed || f.filter.Limit != 7 || f.filter.After != "c0" || a.str("next") != "c1" {
		t.Errorf("filter %+v, answer %s", f.filter, a.raw)
	}
	if a := c.do("GET", "/cases?after=c1", "bot", ""); strings.TrimSpace(a.raw) != `{"items":[],"next":null}` {
		t.Errorf("the last page: %s", a.raw)
	}
	if c.do("GET", "/deliveries?limit=3&after=e0", "bot", ""); f.limit != 3 || f.after != "e0" {
		t.Errorf("limit %d after %q", f.limit, f.after)
	}
	for _, q := range []string{"/cases?state=open", "/cases?limit=0", "/cases?limit=201", "/cases?limit=x", "/cases?cursor=1", "/deliveries?state=failed"} {
		a := c.do("GET", q, "bot", "")
		a.want(t, 422, "invalid")
		if a.at("errors") == nil {
			t.Errorf("%s names nothing: %s", q, a.raw)
		}
	}
}

func TestOriginalRunsNowhere(t *testing.T) {
	a := serve(t, &fake{}, tokens{}, nil).do("GET", "/cases/c1/original", "mei", "")
	if a.raw != "<svg onload=alert(1)>" || a.header.Get("Content-Type") != "image/png" {
		t.Errorf("%s as %s", a.raw, a.header.Get("Content-Type"))
	}
	if a.header.Get("Content-Disposition") != "attachment" || a.header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("headers %v", a.header)
	}
}

func TestClaim(t *testing.T) {
	f := &fake{input: `{"text":"TOTAL 1","blob":"ab","name":"a.png","media_type":"image/png"}`}
	c := serve(t, f, tokens{}, nil)
	a := c.do("POST", "/reviews/claim", "mei", "")
	if a.status != 200 || a.str("id") != "r1" || a.str("case_id") != "c1" || a.str("subject") != "s1" || a.at("lease", "epoch") != 3.0 ||
		a.str("lease", "expires_at") == "" || a.str("step") != "check" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	field := a.at("fields").([]any)[0].(map[string]any)
	if field["path"] != "total" || field["value"] != 1.0 || field["confidence"] != 0.5 || len(field["evidence"].([]any)) != 0 {
		t.Errorf("field %v", field)
	}
	if a.str("source", "original_url") != "/api/v1/cases/c1/original" || a.str("source", "text") != "TOTAL 1" ||
		a.at("source", "spans") == nil || a.at("source", "blob") != nil {
		t.Errorf("source %v", a.at("source"))
	}
	if a := c.do("POST", "/reviews/claim", "mei", `{}`); a.status != 200 {
		t.Errorf("with a body: %d", a.status)
	}
	f.nobody = true
	if a := c.do("POST", "/reviews/claim", "mei", ""); a.status != 204 || a.raw != "" {
		t.Errorf("nothing waits: %d %q", a.status, a.raw)
	}
}

func TestSourceThatIsNoDocument(t *testing.T) {
	for _, input := range []string{`{"question":"why?"}`, `{"text":"x","branch":"north"}`, `[1]`, `{"text":5}`} {
		a := serve(t, &fake{input: input}, tokens{}, nil).do("GET", "/reviews/r1", "vic", "")
		if got, _ := json.Marshal(a.at("source")); string(got) != normal(input) {
			t.Errorf("source %s of %s", got, input)
		}
	}
}

func normal(raw string) string {
	var v any
	_ = json.Unmarshal([]byte(raw), &v)
	out, _ := json.Marshal(v)
	return string(out)
}

func TestDecide(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	a := c.do("POST", "/reviews/r1/decision", "mei",
		`{"verdict":"edit","fields":{"total":12.50,"date":null},"reason":"","subject":"s1","epoch":3,"key":"k"}`)
	if a.status != 200 || a.str("decision", "id") != "d1" || a.str("decision", "review_id") != "r1" || a.str("decision", "person", "name") != "Mei" || a.str("case", "id") != "c1" || a.str("case", "state") != "review" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if f.req.Verdict != kit.Edit || string(f.req.Fields["total"]) != "12.50" || string(f.req.Fields["date"]) != "null" ||
		f.req.Epoch != 3 || f.req.Key != "k" || f.req.Subject != "s1" || f.undo != 0 {
		t.Errorf("asked %+v undo %s", f.req, f.undo)
	}
	if a := c.do("POST", "/reviews/r1/decision", "mei",
		`{"verdict":"approve","fields":null,"confirmed":null,"redraft":null,"reason":null,"subject":"s1","epoch":3,"key":"k"}`); a.status != 200 {
		t.Errorf("with nulls: %d %s", a.status, a.raw)
	}
	if a := c.do("POST", "/reviews/r1/decision", "mei",
		`{"verdict":"return","confirmed":["date"],"redraft":["total"],"reason":"no","subject":"s1","epoch":3,"key":"k"}`); a.status != 200 ||
		!slices.Equal(f.req.Confirmed, []string{"date"}) || !slices.Equal(f.req.Redraft, []string{"total"}) {
		t.Errorf("asked %+v: %d %s", f.req, a.status, a.raw)
	}
}

func TestDecideRefuses(t *testing.T) {
	f := &fake{}
	c := serve(t, f, tokens{}, nil)
	const path = "/reviews/r1/decision"
	for _, x := range []struct{ body, names string }{
		{`{"verdict":"approve","subject":"s1","epoch":3}`, "key"},
		{`{"verdict":"approve","subject":"s1","epoch":3,"key":""}`, "key"},
		{`{"verdict":"approve","subject":"s1","key":"k"}`, "epoch"},
		{`{"verdict":"approve","epoch":3,"key":"k"}`, "subject"},
		{`{"subject":"s1","epoch":3,"key":"k"}`, "verdict"},
		{`{"verdict":"yes","subject":"s1","epoch":3,"key":"k"}`, "verdict"},
		{`{"verdict":"approve","subject":"s1","epoch":"3","key":"k"}`, "epoch"},
		{`{"verdict":"approve","subject":"s1","epoch":3.5,"key":"k"}`, "epoch"},
		{`{"verdict":"edit","fields":[],"subject":"s1","epoch":3,"key":"k"}`, "fields"},
		{`{"verdict":"approve","subject":"s1","epoch":3,"key":"k","undo":1}`, "undo"},
	} {
		a := c.do("POST", path, "mei", x.body)
		a.want(t, 422, "invalid")
		var named []string
		errs, _ := a.at("errors").([]any)
		for _, e := range errs {
			named = append(named, e.(map[string]any)["path"].(string))
		}
		if !slices.Contains(named, x.names) {
			t.Errorf("%s names %v", x.body, named)
		}
	}
	c.do("POST", path, "mei", "").want(t, 400, "malformed")
	c.do("POST", path, "mei", `{"verdict"`).want(t, 400, "malformed")
	c.do("POST", path, "mei", `{"verdict":"reject","verdict":"approve"}`).want(t, 400, "malformed")
	gbk := `{"verdict":"reject","reason":"` + "\xb2\xbb\xb6\xd4" + `","subject":"s1","epoch":3,"key":"k"}`
	c.do("POST", path, "mei", gbk).want(t, 400, "malformed")
	c.do("POST", path, "mei", "verdict=approve", "Content-Type", "application/x-www-form-urlencoded").want(t, 415, "unsupported")
	c.do("POST", path, "mei", `{"reason":"`+strings.Repeat("x", 1<<20)+`"}`).want(t, 413, "too_large")
	c.do("POST", "/reviews/r1/release", "mei", `{}`).want(t, 422, "invalid")
	if len(f.calls) != 0 {
		t.Errorf("the service was called: %v", f.calls)
	}
}

func TestServiceErrorsKeepTheirCode(t *testing.T) {
	f := &fake{err: &kit.Error{Code: kit.Invalid, Message: "decide review r1: total: no amount", Hint: "write 12.50",
		Fields: []kit.FieldError{{Path: "total", Message: "no amount"}}}}
	c := serve(t, f, tokens{}, nil)
	a := c.do("POST", "/reviews/r1/decision", "mei", `{"verdict":"edit","fields":{"total":"x"},"subject":"s","epoch":1,"key":"k"}`)
	a.want(t, 422, "invalid")
	if e := a.at("errors").([]any)[0].(map[string]any); e["path"] != "total" || e["message"] != "no amount" || a.str("hint") != "write 12.50" {
		t.Errorf("%s", a.raw)
	}
	for code, status := range map[kit.Code]int{kit.Stale: 409, kit.LostLease: 409, kit.Decided: 409, kit.Conflict: 409, kit.Forbidden: 403, kit.Unavailable: 503} {
		f.err = kit.Errorf(code, "claim a review")
		c.do("POST", "/reviews/claim", "mei", "").want(t, status, string(code))
	}
	f.err = errors.New("dial /run/secret.sock: refused")
	a = c.do("GET", "/status", "mei", "")
	a.want(t, 500, "internal")
	if strings.Contains(a.raw, "secret") || !strings.Contains(c.log.String(), "secret") {
		t.Errorf("answer %s, log %s", a.raw, c.log)
	}
}

func TestUnknownRoutes(t *testing.T) {
	c := serve(t, &fake{}, tokens{}, nil)
	c.do("GET", "/nothing", "mei", "").want(t, 404, "not_found")
	c.do("DELETE", "/cases/c1", "mei", "").want(t, 405, "method_not_allowed")
	a := c.do("GET", "/reviews/r1/decision", "mei", "")
	a.want(t, 405, "method_not_allowed")
	if a.header.Get("Allow") != "POST" {
		t.Errorf("allowed: %q", a.header.Get("Allow"))
	}
}

func TestLimits(t *testing.T) {
	c := serve(t, &fake{}, tokens{}, func(c *api.Config) { c.PerSecond = 1 })
	c.do("GET", "/status", "mei", "")
	c.do("GET", "/status", "mei", "")
	a := c.do("GET", "/status", "mei", "")
	a.want(t, 429, "rate_limited")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if a := c.do("GET", "/status", "vic", ""); a.status != http.StatusOK {
		t.Errorf("another user waits too: %d", a.status)
	}
}

// TestASlowServiceIsGivenUp holds that a request has an end, also one that
// waits for its turn to be read.
func TestASlowServiceIsGivenUp(t *testing.T) {
	c := serve(t, stuck{&fake{}}, tokens{}, func(c *api.Config) { c.Timeout, c.Uploads = 100*time.Millisecond, 1 })
	done := make(chan answered)
	for range 2 {
		go func() { done <- c.do("POST", "/cases", "bot", `{"input":{}}`) }()
	}
	for range 2 {
		(<-done).want(t, 503, "unavailable")
	}
}

// stuck is a service that never answers.
type stuck struct{ *fake }

func (stuck) Submit(ctx context.Context, _ auth.User, _ workflow.Submission) (workflow.Submitted, error) {
	<-ctx.Done()
	return workflow.Submitted{}, fmt.Errorf("submit: %w", ctx.Err())
}
