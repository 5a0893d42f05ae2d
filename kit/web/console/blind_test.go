package console_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

const slipText = "KEDAI BIRU\nTOTAL 12.50\nCHANGE 7.50\n"

func blindly(c *workflow.Config) { c.Policy = review.Policy{Blind: 1} }

// wrongTotal puts an error into each draft's total.
func wrongTotal(c *workflow.Config) {
	c.Policy = review.Policy{Canaries: 1}
	c.Canaries = []workflow.Canary{{Name: "a wrong total", Make: func(s workflow.Specimen) (string, json.RawMessage, bool) {
		return "total", json.RawMessage("5.70"), len(s.Values["total"]) > 0
	}}}
}

// sitting is a browser without scripts at a real console, signed in, with a
// slip that waits.
func sitting(t *testing.T, opts ...func(*workflow.Config)) (*workflow.Runner, *client, string) {
	t.Helper()
	r, base, link := real(t, -1, opts...)
	c := &client{t: t, http: newBrowser(), base: base}
	_, code, _ := strings.Cut(link, "code=")
	c.post("/signin/link", url.Values{"code": {code}}).leads(t, "/")
	return r, c, slipWaits(t, r, "slip.txt", slipText)
}

func slipWaits(t *testing.T, r *workflow.Runner, name, text string) string {
	t.Helper()
	accounts := auth.Accounts{DB: r.DB}
	token, err := accounts.ServiceToken(t.Context(), "scanner")
	if err != nil {
		t.Fatal(err)
	}
	scanner, err := accounts.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	made, err := r.Import(t.Context(), scanner, name, strings.NewReader(text), "", false)
	if err != nil {
		t.Fatal(err)
	}
	reaches(t, r, made.ID, kit.InReview)
	return made.ID
}

// field reads a hidden input of a page.
func (a answer) field(name string) string {
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return m[1]
}

// claimed claims the next review and returns its address and page.
func (c *client) claimed() (string, answer) {
	c.t.Helper()
	at := c.post("/reviews/claim", url.Values{}).header.Get("Location")
	return at, c.get(at)
}

func TestABlindReviewIsFilledInWithoutScripts(t *testing.T) {
	r, c, id := sitting(t, blindly)
	at, page := c.claimed()
	page.has(t, 200, `action="`+at+`/blind"`, "Fill the fields in from the source alone", "KEDAI BIRU")
	page.lacks(t, `value="7.50"`, `value="KEDAI BIRU"`, "conf-", `class="ev"`, "rules", `value="approve"`)
	seen := c.get("/cases/" + id)
	seen.has(t, 200, "the draft is hidden")
	seen.lacks(t, "conf-", "<dt>Total</dt>")
	c.get("/inbox").lacks(t, "conf-low", "conf-mid")

	form := url.Values{"epoch": {page.field("epoch")}, "f.company": {""}, "f.total": {"12.50"}}
	refused := c.post(at+"/blind", form)
	refused.has(t, 422, `value="12.50"`, "Look at the fields that are marked", "has-problem")
	form.Set("f.company", "Kedai Biru")
	if early := c.post(at+"/decide", url.Values{"verdict": {"approve"}, "subject": {page.field("subject")}, "epoch": form["epoch"], "key": {"k"}}); early.status != 409 {
		t.Errorf("a decision before the answer got %d", early.status)
	}
	c.post(at+"/blind", form).leads(t, at)
	shown := c.get(at)
	shown.has(t, 200, "You and the draft differ in 2 of 2 fields.", "yours-table", "Kedai Biru", `value="7.50"`, `value="approve"`)
	c.post(at+"/blind", form).leads(t, at) // a second click
	c.post(at+"/decide", url.Values{"verdict": {"approve"}, "subject": {shown.field("subject")}, "epoch": {shown.field("epoch")}, "key": {"k2"},
		"o.total": {"7.50"}, "f.total": {"12.50"}, "o.company": {"KEDAI BIRU"}, "f.company": {"KEDAI BIRU"}}).leads(t, "/inbox")
	if done := reaches(t, r, id, kit.Delivered); string(done.Delivery.Output) != `{"company":"KEDAI BIRU","total":12.50}` {
		t.Errorf("delivered %s", done.Delivery.Output)
	}
}

func TestABlindReviewIsFilledInByKeys(t *testing.T) {
	r, base, link := real(t, -1, blindly)
	slipWaits(t, r, "slip.txt", slipText)
	b := browse(t, base)
	b.run(chromedp.EmulateViewport(1440, 900), b.open(link), click("form.stack .primary"))
	b.at("/inbox")
	b.keys("n")
	b.holds(`!!document.querySelector("#blind [data-input]")`)
	b.keys("j", "K", "e", "d", "a", "i", "\r", "1", "2", ".", "5", "0", "\r")
	b.holds(`document.activeElement.matches(".blind-acts .primary")`)
	b.holds(`!document.querySelector("[data-kept]").hidden`)
	b.run(chromedp.Reload())
	b.holds(`document.querySelector("[name='f.total']").value === "12.50"`)
	b.holds(`!!document.documentElement.dataset.ready`)
	b.keys("d")
	b.holds(`document.querySelectorAll(".yours-table tbody tr").length === 2 && document.querySelector("[name='f.total']").value === "7.50"`)
	b.run(click(`.yours-table tr:nth-child(2) [data-take]`))
	b.holds(`document.querySelector("[name='f.total']").value === "12.50"`)
}

func TestACanaryLooksLikeAnyReviewAndIsToldOnceDecided(t *testing.T) {
	r, c, _ := sitting(t, wrongTotal)
	at, planted := c.claimed()
	planted.has(t, 200, `value="5.70"`)
	decide := func(at string, page answer, total string) answer {
		return c.post(at+"/decide", url.Values{"verdict": {"approve"}, "subject": {page.field("subject")}, "epoch": {page.field("epoch")},
			"key": {kit.NewID()}, "o.total": {page.field("o.total")}, "f.total": {total}, "o.company": {"KEDAI BIRU"}, "f.company": {"KEDAI BIRU"}})
	}
	reviewID := strings.TrimPrefix(at, "/reviews/")
	if early := c.get("/canaries/" + reviewID); early.status != 404 {
		t.Errorf("before the decision it is told: %d", early.status)
	}
	decide(at, planted, "5.70").leads(t, "/canaries/"+reviewID)
	c.get("/canaries/"+reviewID).has(t, 200, "This one slipped by", "<bdi>5.70</bdi>", "<bdi>7.50</bdi>", "It happens to everybody", "comes back for its real review", `class="ev"`)
	c.get("/canaries/"+reviewID+"?lang=zh").has(t, 200, "这处漏看了", "谁都会有看漏的时候")

	again, real := c.claimed()
	if again == at {
		t.Fatal("the canary is shown again")
	}
	real.has(t, 200, `value="7.50"`)
	if a, b := faceless(planted.body), faceless(real.body); a != b {
		t.Errorf("the page of a canary differs from another:\n%s", firstDifference(a, b))
	}
	decide(again, real, "7.50").leads(t, "/inbox")

	slipWaits(t, r, "other.txt", slipText)
	at, planted = c.claimed()
	decide(at, planted, "12.50").leads(t, "/canaries/"+strings.TrimPrefix(at, "/reviews/"))
	c.get("/canaries/"+strings.TrimPrefix(at, "/reviews/")).has(t, 200, "Well seen")
	c.get("/reviewers").has(t, 200, "Mei Lin", "1 of 2")
}

// faceless is a page without ids, times, the file's name and the one value
// that differs.
func faceless(page string) string {
	for _, p := range []string{`[0-9a-f]{8}-[0-9a-f-]{27}`, `[0-9a-f]{64}`, `\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?( UTC)?`, `name="epoch" value="\d+"`, `data-renew="\d+"`, `[57]\.[57]0`} {
		page = regexp.MustCompile(p).ReplaceAllString(page, "…")
	}
	return page
}

func firstDifference(a, b string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[max(0, i-80):min(len(a), i+120)] + "\n---\n" + b[max(0, i-80):min(len(b), i+120)]
		}
	}
	return "one is longer"
}

func TestWhoSeesWhoseFigures(t *testing.T) {
	w := newWorld()
	own := serve(t, w, nil).as("tp_mei").get("/reviewers")
	own.has(t, 200, "How you review", "Mei Lin", "90 %", "7 of 8")
	own.lacks(t, "Omar Haddad</bdi></td>")
	all := serve(t, w, nil).as("tp_omar").get("/reviewers?days=90&lang=zh")
	all.has(t, 200, "每位审核员", "Mei Lin", "Omar Haddad", `href="/reviewers?days=90" aria-current="page"`)
	viewer := serve(t, w, nil).as("tp_vera")
	if got := viewer.get("/reviewers"); got.status != 403 {
		t.Errorf("a viewer got %d", got.status)
	}
	viewer.get("/inbox").lacks(t, `href="/reviewers"`)
}
