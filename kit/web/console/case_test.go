package console_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

func TestACaseTellsItsWholeStory(t *testing.T) {
	w := gallery(t)
	c := serve(t, w, nil).as("tp_mei")
	c.get("/cases/c-r5").has(t, 200, "Delivered", `<del><span class="sr">removed: </span>9.00</del>`, `<ins><span class="sr"> added: </span>10.00</ins>`, "Approved with changes", "Omar Haddad",
		"approved with 1 change", "drafted with baseline", "delivered to folder", "Failing, 3 tries", "<summary>For auditors</summary>", `Number in the audit trail</dt><dd class="tabular">42<`, "brought the case in")
	c.get("/cases/c-r5?lang=zh").has(t, 200, "已交付", "修改 1 处后通过", "起草（baseline）", "已交付（文件夹）", "商家")
	failed := c.get("/cases/c-r6")
	failed.has(t, 200, "This case failed", "does not answer after 5 tries", "/cases/c-r6/retry", "could not go on at step")
	c.post("/cases/c-r6/retry", nil).leads(t, "/cases/c-r6")
	c.get("/cases/c-r6").has(t, 200, "It is being tried again", `data-live="3"`, "Drafting")
	c.get("/cases/c-r1").has(t, 200, "Review it", `href="/reviews/r1"`, "Not in the source")
	c.get("/deliveries").has(t, 200, "99-speedmart-1519.jpg", "Omar Haddad", "503 Service Unavailable")
	c.get("/cases/none").has(t, 404)
	receipt := c.get("/cases/c-r5/receipt")
	receipt.has(t, 200, `"output_hash": "9f2c`)
	if !strings.HasPrefix(receipt.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("headers %v", receipt.header)
	}
	c.get("/cases/c-r1/receipt").has(t, 404, "there is no receipt")
	w.tell("c-r1", "u-gone", "case.archived", map[string]string{"by": "rule 7"})
	c.get("/cases/c-r1").has(t, 200, "case.archived", "The service")
}

func TestTheOriginalOpensOnlyAsWhatIsSafe(t *testing.T) {
	w := newWorld()
	w.add("r1", "a/b\u202e\"c\".html")
	c := serve(t, w, nil).as("tp_mei")
	w.data = []byte("<script>alert(1)</script>")
	for _, k := range []struct{ media, kind, disposition, policy string }{
		{"text/html", "text/plain; charset=utf-8", "inline", "sandbox"},
		{"text/csv", "text/plain; charset=utf-8", "inline", "sandbox"},
		{"image/svg+xml", "application/octet-stream", "attachment", "sandbox"},
		{"image/png", "image/png", "inline", "sandbox"},
		{"application/pdf", "application/pdf", "inline", "default-src 'none'"},
		{"nonsense", "application/octet-stream", "attachment", "sandbox"},
	} {
		w.media = k.media
		a := c.get("/cases/c-r1/original")
		if a.status != 200 || a.header.Get("Content-Type") != k.kind || !strings.HasPrefix(a.header.Get("Content-Disposition"), k.disposition) ||
			!strings.HasPrefix(a.header.Get("Content-Security-Policy"), k.policy) || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", k.media, a.status, a.header)
		}
		if name := a.header.Get("Content-Disposition"); !strings.Contains(name, "a_b__c_.html") {
			t.Errorf("file name %s", name)
		}
	}
	if part := c.get("/cases/c-r1/original", "Range", "bytes=0-6"); part.status != 206 || part.body != "<script" {
		t.Errorf("range: %d %q", part.status, part.body)
	}
}

func TestAnOriginalIsKeptOnlyForThoseSignedIn(t *testing.T) {
	w := newWorld()
	r := w.add("r1", "a.png")
	w.cases["c-r1"].Input = []byte(`{"text":"","blob":"0a1b"}`)
	w.media, w.data = "image/png", []byte("scan")
	c := serve(t, w, nil).as("tp_mei")
	path := "/cases/" + r.CaseID + "/original"
	a := c.get(path)
	tag := a.header.Get("ETag")
	if a.status != 200 || tag != `"0a1b"` || a.header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d %v", a.status, a.header)
	}
	if again := c.get(path, "If-None-Match", tag); again.status != 304 || again.body != "" {
		t.Errorf("the same again: %d %q", again.status, again.body)
	}
	c.get(path, "If-None-Match", `"other"`).has(t, 200, "scan")
	c.post("/signout", nil).leads(t, "/signin?out=1")
	if out := c.get(path, "If-None-Match", tag); out.status != 303 || out.header.Get("Cache-Control") != "no-store" {
		t.Errorf("after signing out: %d %v", out.status, out.header)
	}
}

func TestSignInByTokenAndByLink(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil)
	c.post("/signin", url.Values{"secret": {"tp_wrong"}}).has(t, 401, "not known")
	c.post("/signin", url.Values{"secret": {"ts_bot"}}).has(t, 403, "belongs to a program")
	c.get("/inbox").leads(t, "/signin?next=%2Finbox")
	link := "/signin/link?code=tl_once"
	c.get(link).has(t, 200, "Sign in as Mei Lin", `value="tl_once"`)
	c.get(link).has(t, 200, "Sign in as Mei Lin") // looking uses nothing up
	c.post("/signin/link", url.Values{"code": {"tl_once"}}).leads(t, "/")
	c.get("/").leads(t, "/inbox")
	c.get("/inbox").has(t, 200, "mei@example.com", "Reviewer")
	c.get(link).has(t, 401, "used up or too old")
	c.post("/signin/link", url.Values{"code": {"tl_once"}}).has(t, 401, "used up")
	c.post("/signout", nil).leads(t, "/signin?out=1")
	c.get("/inbox").leads(t, "/signin?next=%2Finbox")
	a := c.post("/signin", url.Values{"secret": {"tp_omar"}, "next": {"/cases?state=failed"}})
	a.leads(t, "/cases?state=failed")
	if k := a.header.Get("Set-Cookie"); !strings.Contains(k, "HttpOnly") || !strings.Contains(k, "SameSite=Lax") || strings.Contains(k, "Secure") {
		t.Errorf("cookie %q", k)
	}
	w.codes["tl_two"] = vera.ID
	c.post("/signin", url.Values{"secret": {"tl_two"}, "next": {"https://evil.example"}}).leads(t, "/")
}

func TestADisabledPersonIsOutAtOnce(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil).as("tp_mei")
	c.get("/inbox").has(t, 200)
	gone := mei
	gone.Disabled = true
	w.people[mei.ID] = gone
	c.get("/inbox").leads(t, "/signin?next=%2Finbox")
	delete(w.people, mei.ID)
	c.get("/inbox").leads(t, "/signin?next=%2Finbox")
}

func TestGuessingAtTokensIsSlow(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil)
	for range 10 {
		c.post("/signin", url.Values{"secret": {"guess"}}).has(t, 401)
	}
	c.post("/signin", url.Values{"secret": {"tp_mei"}}).has(t, 429, "Wait 10 min")
	c.post("/signin/link", url.Values{"code": {"tl_once"}}).has(t, 429)
	w.pass(10 * time.Minute)
	c.as("tp_mei")
}

func TestSecureCookies(t *testing.T) {
	c := serve(t, newWorld(), func(cfg *console.Config) { cfg.Secure = true })
	a := c.post("/signin", url.Values{"secret": {"tp_mei"}})
	if k := a.header.Get("Set-Cookie"); !strings.Contains(k, "Secure") {
		t.Errorf("cookie %q", k)
	}
	k := c.post("/settings", url.Values{"lang": {"zh"}}).header.Get("Set-Cookie")
	if !strings.Contains(k, "Secure") || !strings.Contains(k, "HttpOnly") {
		t.Errorf("cookie %q", k)
	}
}

func TestAFormThatIsTooLargeIsRefused(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.post("/reviews/r1/decide", url.Values{"f.total": {strings.Repeat("9", 5<<20)}}).has(t, 413, "too large")
	w.fail = kit.Errorf(kit.Unavailable, "read the inbox: the database does not answer").WithHint("try again in a moment")
	c.get("/inbox").has(t, 503, "The service cannot be reached now", "try again in a moment")
}
