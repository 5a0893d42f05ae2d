package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/web"
	"github.com/tackhammer/tackhammer/kit/web/problem"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type note struct{ kit.Document }

type label struct {
	Title string `json:"title"`
}

// lines is a log that many goroutines write.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// oddService is a runner whose Status does what a test wants.
type oddService struct {
	*workflow.Runner
	status func(context.Context) (workflow.Status, error)
}

func (o oddService) Status(ctx context.Context) (workflow.Status, error) {
	if o.status != nil {
		return o.status(ctx)
	}
	return o.Runner.Status(ctx)
}

// oddModel does not answer.
type oddModel struct{}

func (oddModel) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{}, errors.New("dial tcp 10.0.0.9:11434: refused")
}

// site is a server of a test.
type site struct {
	*web.Server
	db    *store.DB
	log   *lines
	token string // of a person
}

func build(t *testing.T, set func(*web.Config, *oddService)) site {
	t.Helper()
	db := storetest.SQLite(t)
	signer, err := audit.MakeSigner(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	m := baseline.New("rules", "v1", func(note) []baseline.Guess { return nil })
	w, in := workflow.New[note]("notes")
	checked := workflow.Review(workflow.Draft(in, "extract", model.Extract[note, label](m, "extract")), "check", review.Policy{})
	workflow.Deliver(checked, "export", func(_ context.Context, a workflow.Approved[label]) (any, error) { return a.Value(), nil })
	log := &lines{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	runner, err := workflow.NewRunner(workflow.Config{DB: db, Workflow: w, Signer: signer, Model: m, Logger: logger})
	must(t, err)
	service := oddService{Runner: runner}
	accounts := auth.Accounts{DB: db}
	c := web.Config{Accounts: accounts, Sessions: auth.Sessions(db, nil), DB: db, Model: m, Name: "desk", Logger: logger}
	if set != nil {
		set(&c, &service)
	}
	c.Service = service
	server, err := web.New(c)
	must(t, err)
	_, err = accounts.Add(t.Context(), "Mei", "mei@example.com", auth.Reviewer)
	must(t, err)
	token, err := accounts.Token(t.Context(), "mei@example.com")
	must(t, err)
	return site{Server: server, db: db, log: log, token: token}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ask sends a request; headers come in pairs.
func (s site) ask(method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestNewNeedsItsParts(t *testing.T) {
	if _, err := web.New(web.Config{}); err == nil {
		t.Error("a server of nothing")
	}
}

func TestHealth(t *testing.T) {
	s := build(t, nil)
	if w := s.ask("GET", "/healthz"); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"status":"ok"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := s.ask("GET", "/readyz")
	want := `{"status":"ok","checks":[{"name":"database","ok":true,"needed":true},{"name":"migrations","ok":true,"needed":true},{"name":"model","ok":true,"needed":false}]}`
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	must(t, s.db.Close())
	if w := s.ask("GET", "/readyz"); w.Code != 503 || !strings.Contains(w.Body.String(), `"failing"`) {
		t.Errorf("without a database: %d %s", w.Code, w.Body)
	}
	if w := s.ask("GET", "/healthz"); w.Code != 200 {
		t.Errorf("alive without a database: %d", w.Code)
	}
}

// lateDB is a database that lacks migrations.
type lateDB struct{ *store.DB }

func (lateDB) Pending(context.Context) (int, error) { return 2, nil }

func TestReadinessTellsWhatIsMissing(t *testing.T) {
	s := build(t, func(c *web.Config, _ *oddService) { c.Model = oddModel{} })
	w := s.ask("GET", "/readyz")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"degraded"`) || strings.Contains(w.Body.String(), "10.0.0.9") {
		t.Errorf("without a model: %d %s", w.Code, w.Body)
	}
	if !strings.Contains(s.log.String(), "10.0.0.9") {
		t.Errorf("the cause is not logged: %s", s.log)
	}
	s = build(t, func(c *web.Config, _ *oddService) { c.DB = lateDB{c.DB.(*store.DB)} })
	if w := s.ask("GET", "/readyz"); w.Code != 503 {
		t.Errorf("with migrations to come: %d %s", w.Code, w.Body)
	}
}

func TestRequestsHaveAnID(t *testing.T) {
	s := build(t, nil)
	if a, b := s.ask("GET", "/healthz").Header().Get(problem.RequestID), s.ask("GET", "/healthz").Header().Get(problem.RequestID); a == "" || a == b {
		t.Errorf("ids %q and %q", a, b)
	}
	if id := s.ask("GET", "/healthz", problem.RequestID, "proxy-7").Header().Get(problem.RequestID); id != "proxy-7" {
		t.Errorf("the proxy's id became %q", id)
	}
	if id := s.ask("GET", "/healthz", problem.RequestID, "x level=ERROR").Header().Get(problem.RequestID); strings.Contains(id, " ") {
		t.Errorf("a forged id was kept: %q", id)
	}
}

func TestTheLogKeepsSecretsOut(t *testing.T) {
	s := build(t, nil)
	s.ask("GET", "/signin/link?code=topsecret", "Authorization", "Bearer topsecret")
	if log := s.log.String(); !strings.Contains(log, "path=/signin/link") || strings.Contains(log, "topsecret") {
		t.Errorf("log %s", log)
	}
}

func TestAPIBesideTheConsole(t *testing.T) {
	s := build(t, nil)
	token := "Bearer " + s.token
	for _, c := range []struct {
		method, path, code string
		status             int
	}{
		{"GET", "/api/v1/nothing", "not_found", 404},
		{"GET", "/api/v2/cases", "not_found", 404},
		{"GET", "/api", "not_found", 404},
		{"DELETE", "/api/v1/cases", "method_not_allowed", 405},
		{"PUT", "/api/v1/cases/x", "method_not_allowed", 405},
		{"GET", "/api/v1/reviews/x/decision", "method_not_allowed", 405},
		{"GET", "/api/v1/cases/x", "not_found", 404},
		{"GET", "/api/v1/cases?limit=0", "invalid", 422},
	} {
		w := s.ask(c.method, c.path, "Authorization", token)
		var p problem.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.status || string(p.Code) != c.code || p.RequestID != w.Header().Get(problem.RequestID) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
		if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("%s %s as %s", c.method, c.path, ct)
		}
	}
	if w := s.ask("GET", "/api/v1/status"); w.Code != 401 {
		t.Errorf("without a token: %d", w.Code)
	}
	if w := s.ask("GET", "/no/such/page"); w.Code != 404 || !strings.Contains(w.Header().Get("Content-Type"), "text/html") {
		t.Errorf("the console's 404: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if w := s.ask("GET", "/inbox"); w.Code/100 != 3 {
		t.Errorf("the inbox without signing in: %d", w.Code)
	}
	if w := s.ask("GET", "/signin"); w.Code != 200 || !strings.Contains(w.Body.String(), "desk") {
		t.Errorf("the sign-in page: %d", w.Code)
	}
}

func TestPanicsAreHeld(t *testing.T) {
	s := build(t, func(_ *web.Config, o *oddService) {
		o.status = func(context.Context) (workflow.Status, error) { panic("password=hunter2") }
	})
	w := s.ask("GET", "/api/v1/status", "Authorization", "Bearer "+s.token)
	if w.Code != 500 || strings.Contains(w.Body.String(), "hunter2") || !strings.Contains(s.log.String(), "hunter2") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSecureHeaders(t *testing.T) {
	s := build(t, func(c *web.Config, _ *oddService) { c.Secure = true })
	for _, path := range []string{"/healthz", "/signin", "/api/v1/docs", "/api/v1/status"} {
		h := s.ask("GET", path).Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" || h.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// Behind a proxy all people would share its address, and the ten wrong tokens
// of one would keep the others out.
func TestBehindAProxyTheClientIsWhomItNames(t *testing.T) {
	for secure, want := range map[bool]string{true: "ip=203.0.113.9", false: "ip=10.0.0.2"} {
		s := build(t, func(c *web.Config, _ *oddService) { c.Secure = secure })
		r := httptest.NewRequest(http.MethodGet, "/signin", nil)
		r.RemoteAddr = "10.0.0.2:5000"
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		s.ServeHTTP(httptest.NewRecorder(), r)
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("secure %v: %s is not in\n%s", secure, want, s.log)
		}
	}
}

// run serves s until the test ends or stop is called.
func run(t *testing.T, s site) (address string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	up, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- s.Serve(ctx, "127.0.0.1:0", func(a string) { up <- a }) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = stop() })
	select {
	case address = <-up:
	case err := <-done:
		t.Fatal(err)
	}
	return address, stop
}

func TestServeAndStop(t *testing.T) {
	s := build(t, nil)
	address, stop := run(t, s)
	res, err := http.Head("http://" + address + "/api/v1/docs")
	must(t, err)
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 || len(body) != 0 || res.ContentLength <= 0 {
		t.Errorf("HEAD: %d, %d bytes, length %d", res.StatusCode, len(body), res.ContentLength)
	}
	if res, err = http.Head("http://" + address + "/api/v1/reviews/claim"); err != nil || res.StatusCode != 405 {
		t.Errorf("HEAD of a POST: %v %v", res, err)
	}
	err = s.Serve(t.Context(), address, nil)
	if kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), address) || kit.HintOf(err) == "" {
		t.Errorf("the address twice: %v", err)
	}
	if err := s.Serve(t.Context(), "nowhere", nil); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Errorf("no address: %v", err)
	}
	must(t, stop())
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("it still listens")
	}
}

func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	for _, c := range []struct {
		name  string
		grace time.Duration
		takes time.Duration
		want  int
	}{{"finishes", 20 * time.Second, 200 * time.Millisecond, 200}, {"is cut", 50 * time.Millisecond, time.Minute, 0}} {
		t.Run(c.name, func(t *testing.T) {
			begun := make(chan struct{})
			s := build(t, func(cfg *web.Config, o *oddService) {
				cfg.Grace = c.grace
				o.status = func(ctx context.Context) (workflow.Status, error) {
					close(begun)
					select {
					case <-time.After(c.takes):
					case <-ctx.Done():
					}
					return workflow.Status{Workflow: "notes"}, nil
				}
			})
			address, stop := run(t, s)
			got := make(chan int, 1)
			go func() {
				req, _ := http.NewRequest("GET", "http://"+address+"/api/v1/status", nil)
				req.Header.Set("Authorization", "Bearer "+s.token)
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					got <- 0
					return
				}
				got <- res.StatusCode
			}()
			<-begun
			must(t, stop())
			if status := <-got; status != c.want {
				t.Errorf("the request got %d, want %d", status, c.want)
			}
		})
	}
}

func ExampleServer_Serve() {
	err := (&web.Server{}).Serve(context.Background(), "127.0.0.1:port", nil)
	fmt.Println(kit.CodeOf(err), kit.HintOf(err))
	// Output: invalid --addr takes HOST:PORT of this machine, such as 127.0.0.1:8080
}
