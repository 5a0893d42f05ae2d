package console_test

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/web/console"
)

// client is a browser without scripts.
type client struct {
	t    *testing.T
	w    *world
	http *http.Client
	base string
	log  *bytes.Buffer
	stop func()
}

// serve starts a console over w; tweak may change its config.
func serve(t *testing.T, w *world, tweak func(*console.Config)) *client {
	t.Helper()
	c := &client{t: t, w: w, log: &bytes.Buffer{}}
	cfg := console.Config{Service: w, Accounts: w, Sessions: memstore.NewWithCleanupInterval(0), Name: "Receipts desk",
		Clock: w.clock, Logger: slog.New(slog.NewTextHandler(c.log, nil))}
	if tweak != nil {
		tweak(&cfg)
	}
	e := echo.New()
	if err := console.Register(e, cfg); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	c.base, c.http = server.URL, newBrowser()
	c.stop = func() { server.CloseClientConnections(); server.Listener.Close() }
	return c
}

// newBrowser keeps cookies and follows nothing by itself.
func newBrowser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (c *client) do(r *http.Request) answer {
	c.t.Helper()
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func (c *client) get(path string, headers ...string) answer {
	c.t.Helper()
	r, _ := http.NewRequest("GET", c.base+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return c.do(r)
}

func (c *client) post(path string, form url.Values, headers ...string) answer {
	c.t.Helper()
	r, _ := http.NewRequest("POST", c.base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return c.do(r)
}

// as signs a person in.
func (c *client) as(token string) *client {
	c.t.Helper()
	c.post("/signin", url.Values{"secret": {token}}).leads(c.t, "/")
	return c
}

func (a answer) leads(t *testing.T, to string) {
	t.Helper()
	if a.status != 303 || a.header.Get("Location") != to {
		t.Fatalf("%d to %q, want 303 to %q: %.300s", a.status, a.header.Get("Location"), to, a.body)
	}
}

func (a answer) has(t *testing.T, status int, parts ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %.500s", a.status, status, a.body)
	}
	for _, p := range parts {
		if !strings.Contains(a.body, p) {
			t.Errorf("the page lacks %q", p)
		}
	}
}

func (a answer) lacks(t *testing.T, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(a.body, p) {
			t.Errorf("the page has %q", p)
		}
	}
}

var (
	inputs    = regexp.MustCompile(`<input[^>]*name="([cfo]\.[^"]+|subject|epoch|key|not|redraft|redraft\.shown)"[^>]*>`)
	valueAttr = regexp.MustCompile(`value="([^"]*)"`)
	areas     = regexp.MustCompile(`(?s)<textarea[^>]*name="((?:f|words)\.[^"]+)"[^>]*>\n?(.*?)</textarea>`)
	selects   = regexp.MustCompile(`(?s)<select name="([^"]+)".*?</select>`)
	chosen    = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// form reads what a browser would post of the decision form on a page.
func (a answer) form() url.Values {
	v := url.Values{}
	for _, m := range inputs.FindAllStringSubmatch(a.body, -1) {
		if strings.Contains(m[0], "checkbox") && !strings.Contains(m[0], " checked") {
			continue
		}
		if value := valueAttr.FindStringSubmatch(m[0]); value != nil {
			v.Add(m[1], html.UnescapeString(value[1]))
		}
	}
	for _, m := range areas.FindAllStringSubmatch(a.body, -1) {
		v.Add(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	for _, m := range selects.FindAllStringSubmatch(a.body, -1) {
		if value := chosen.FindStringSubmatch(m[0]); value != nil {
			v.Add(m[1], html.UnescapeString(value[1]))
		}
	}
	return v
}

func TestRegisterRefusesAConfigThatCannotWork(t *testing.T) {
	w, store := newWorld(), memstore.NewWithCleanupInterval(0)
	for name, cfg := range map[string]console.Config{
		"nothing":  {},
		"language": {Service: w, Accounts: w, Sessions: store, Lang: "fr"},
		"sure":     {Service: w, Accounts: w, Sessions: store, Sure: 85},
	} {
		if err := console.Register(echo.New(), cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestEveryPageIsGuarded(t *testing.T) {
	c := serve(t, newWorld(), nil)
	for _, path := range []string{"/inbox", "/cases", "/cases/x", "/cases/x/original", "/reviews/x", "/deliveries", "/"} {
		c.get(path).leads(t, "/signin?next="+url.QueryEscape(path))
	}
	for _, path := range []string{"/reviews/claim", "/reviews/x/decide", "/reviews/x/claim", "/decisions/x/undo", "/cases/x/retry", "/upload"} {
		if a := c.post(path, nil); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/signin") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	a := c.get("/signin")
	policy := a.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("policy %q lacks %q", policy, part)
		}
	}
	if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", a.header)
	}
	a.lacks(t, " style=", "<style", "<script>", "onclick")
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.post("/reviews/r1/claim", nil, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example").has(t, 403)
	c.post("/reviews/r1/claim", nil, "Origin", "https://evil.example").has(t, 403)
	if w.reviews["r1"].Holder != nil {
		t.Error("another site claimed a review")
	}
}

func TestAssetsAreKeptForGood(t *testing.T) {
	c := serve(t, newWorld(), nil)
	found := regexp.MustCompile(`/assets/[a-z]+\.[0-9a-f]{8}\.(css|js|svg)`).FindAllString(c.get("/signin").body, -1)
	if len(found) < 4 {
		t.Fatalf("assets %v", found)
	}
	for _, path := range found {
		a := c.get(path)
		if a.status != 200 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	c.get("/assets/console.css").has(t, 404)
}

func TestAnAddressThatLeadsNowhere(t *testing.T) {
	c := serve(t, newWorld(), nil)
	c.get("/case/1").has(t, 404, "There is no such page")
	if a := c.get("/api/v1/nothing"); a.status != 404 || strings.Contains(a.body, "<html") {
		t.Errorf("the API's address: %d %.80s", a.status, a.body)
	}
}

func TestADefectShowsANumberAndLogsItsCause(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil).as("tp_mei")
	w.fail = fmt.Errorf("open /var/secret.db: no space")
	a := c.get("/inbox")
	a.has(t, 500, "Something broke on our side")
	a.lacks(t, "secret")
	if ref := regexp.MustCompile(`<code>([^<]+)`).FindStringSubmatch(a.body); ref == nil || !strings.Contains(c.log.String(), ref[1]) ||
		!strings.Contains(c.log.String(), "secret.db") {
		t.Errorf("log %q", c.log)
	}
}

func TestListsFilterAndGoOn(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil).as("tp_mei")
	c.get("/inbox").has(t, 200, "No reviews wait", "Import files below")
	for i := range 55 {
		w.add(fmt.Sprintf("r%02d", i), fmt.Sprintf("receipt-%02d.txt", i))
	}
	a := c.get("/inbox")
	a.has(t, 200, `href="#import"`, `id="import"`, "receipt-00.txt", "receipt-49.txt", "/inbox?after=r49", "1 h", ">55<")
	a.lacks(t, "receipt-50.txt")
	c.get("/inbox?after=r49").has(t, 200, "receipt-50.txt")
	c.get("/inbox?mine=1").has(t, 200, "You hold no review")
	c.post("/reviews/r03/claim", nil).leads(t, "/reviews/r03")
	mine := c.get("/inbox?mine=1")
	mine.has(t, 200, "receipt-03.txt", "Continue")
	mine.lacks(t, "receipt-04.txt")
	c.get("/cases?state=review").has(t, 200, "receipt-54.txt", "In review")
	c.get("/cases?state=failed").has(t, 200, "No cases here")
	c.get("/cases?state=lost").has(t, 422)
	c.get("/deliveries").has(t, 200, "Nothing was delivered yet")
}

func TestUploadTellsWhatBecameOfEachFile(t *testing.T) {
	w := newWorld()
	c := serve(t, w, func(cfg *console.Config) { cfg.MaxUpload = 100 }).as("tp_mei")
	a := c.upload("a.txt", "one", "copy.txt", "one", "empty.txt", "", "big.txt", strings.Repeat("x", 101), "b\u202etxt.exe", "two", "just.txt", strings.Repeat("y", 100))
	a.has(t, 200, "3 taken, 1 here already, 2 refused", "the file is empty", "send the file again", "Larger than 100 B", "b⟨U&#43;202E⟩txt.exe",
		`href="/cases/`+w.files["one"]+`"><bdi>copy.txt`)
	c.upload().leads(t, "/inbox")
	serveVera := serve(t, w, nil).as("tp_vera")
	serveVera.upload("v.txt", "vvv").has(t, 403)
	if strings.Contains(strings.Join(w.imports, " "), "v.txt") {
		t.Error("a viewer imported a file")
	}
}

// upload posts files, given by name and content in turn.
func (c *client) upload(files ...string) answer {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i < len(files); i += 2 {
		part, _ := m.CreateFormFile("file", files[i])
		_, _ = io.WriteString(part, files[i+1])
	}
	m.Close()
	r, _ := http.NewRequest("POST", c.base+"/upload", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return c.do(r)
}

func TestLanguageAndThemeAreChosen(t *testing.T) {
	c := serve(t, newWorld(), nil)
	c.get("/signin").has(t, 200, `<html lang="en">`, "Sign in")
	c.get("/signin", "Accept-Language", "zh-TW,zh;q=0.9,en;q=0.5").has(t, 200, `<html lang="zh-CN">`, "登录")
	c.get("/signin?lang=zh").has(t, 200, "登录")
	c.get("/signin", "Accept-Language", "fr").has(t, 200, "Sign in")
	c.post("/settings", url.Values{"lang": {"zh"}, "back": {"/signin?next=%2Fcases"}}).leads(t, "/signin?next=%2Fcases")
	c.post("/settings", url.Values{"theme": {"dark"}, "back": {"//evil.example"}}).leads(t, "/")
	c.get("/signin", "Accept-Language", "en").has(t, 200, "登录", `data-theme="dark"`)
	c.post("/settings", url.Values{"lang": {"fr"}, "theme": {"pink"}, "back": {"/help"}}).leads(t, "/help")
	c.get("/help").has(t, 200, "快捷键", "修改后通过")
	zh := serve(t, newWorld(), func(cfg *console.Config) { cfg.Lang = "zh" })
	zh.get("/signin").has(t, 200, "登录")
}

func TestAFlashIsShownUntilItIsOld(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil).as("tp_mei")
	c.post("/reviews/claim", nil).leads(t, "/inbox")
	c.get("/inbox").has(t, 200, "Nothing else waits")
	c.get("/inbox").has(t, 200, "Nothing else waits")
	w.pass(9 * time.Second)
	c.get("/inbox").lacks(t, "Nothing else waits")
}
