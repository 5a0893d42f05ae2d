package console_test

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

// held is a console with two reviews, the first of which Mei holds, and the
// page that she sees.
func held(t *testing.T) (*world, *client, answer) {
	w := newWorld()
	w.add("r1", "first.txt")
	w.add("r2", "second.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.post("/reviews/claim", nil).leads(t, "/reviews/r1")
	return w, c, c.get("/reviews/r1")
}

func verdict(form url.Values, v string) url.Values {
	form.Set("verdict", v)
	return form
}

func TestReviewPageShowsWhatAsksForALook(t *testing.T) {
	_, _, a := held(t)
	a.has(t, 200, "2 fields need a look", "Not in the source", "Repaired", `<mark>9.00</mark>`, `<mark>TAN &amp; SONS TRADING SDN BHD</mark>`)
	var order []string
	for _, m := range regexp.MustCompile(`data-row="(f\d)"( open)?`).FindAllStringSubmatch(a.body, -1) {
		order = append(order, m[1]+m[2])
	}
	if got := strings.Join(order, ","); got != "f3 open,f2 open,f0,f1,f4,f5" {
		t.Errorf("order %s", got)
	}
	a.lacks(t, "autofocus")
	for _, ref := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(a.body, -1) {
		if !strings.Contains(a.body, `id="`+ref[1]+`"`) {
			t.Errorf("a link leads to #%s, which is not there", ref[1])
		}
	}
}

func TestAGetClaimsNothing(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil).as("tp_mei")
	a := c.get("/reviews/r1")
	a.has(t, 200, "Nobody holds this review", `formaction="/reviews/r1/claim"`)
	a.lacks(t, `value="approve"`)
	c.get("/reviews/r1/claim").leads(t, "/reviews/r1")
	c.get("/reviews/r1/decide").leads(t, "/reviews/r1")
	if w.reviews["r1"].Holder != nil {
		t.Error("a GET claimed a review")
	}
	c.get("/reviews/nothing").has(t, 404, "there is no such review")
}

func TestApproveAsItIs(t *testing.T) {
	w, c, a := held(t)
	form := verdict(a.form(), "approve")
	c.post("/reviews/r1/decide", form).leads(t, "/reviews/r2")
	if d := w.decided[0]; d.Verdict != kit.Approve || len(d.Fields) != 0 || d.Subject != "s-r1" || d.Epoch != 1 || d.Key == "" {
		t.Fatalf("decided %+v", d)
	}
	c.get("/reviews/r2").has(t, 200, "Approved: first.txt", "/decisions/dec-1/undo")
	c.post("/reviews/r1/decide", form).leads(t, "/reviews/r2") // a second click
	if len(w.decided) != 1 || w.reviews["r2"].Holder == nil {
		t.Errorf("a second click decided again: %d", len(w.decided))
	}
}

func TestApproveWithChangesSendsOnlyTheChanges(t *testing.T) {
	w, c, a := held(t)
	form := verdict(a.form(), "approve")
	form.Set("f.total", "１,２３４.50")
	form.Set("f.company", "")
	form["f.paid"] = []string{"false"} // the box was emptied
	form.Set("f.address", "NO. 53\r\nTAMAN DAYA")
	c.post("/reviews/r1/decide", form).leads(t, "/reviews/r2")
	got, _ := json.Marshal(w.decided[0].Fields)
	want := `{"address":"NO. 53\nTAMAN DAYA","company":null,"paid":false,"total":1234.50}`
	if w.decided[0].Verdict != kit.Edit || string(got) != want {
		t.Errorf("%s %s, want %s", w.decided[0].Verdict, got, want)
	}
}

func TestAValueThatCannotBeIsShownAtItsField(t *testing.T) {
	w, c, a := held(t)
	form := verdict(a.form(), "approve")
	form.Set("f.total", "nine")
	form.Set("f.company", "KEPT SDN BHD")
	again := c.post("/reviews/r1/decide", form)
	again.has(t, 422, "Nothing was decided yet", "Write a number", `value="nine"`, `value="KEPT SDN BHD"`, "has-problem")
	form = verdict(again.form(), "approve")
	form.Set("f.total", "-1") // the service's own rule
	again = c.post("/reviews/r1/decide", form)
	again.has(t, 422, `value="-1"`, `value="KEPT SDN BHD"`, "has-problem", "Must be at least 0.")
	c.post("/reviews/r1/decide?lang=zh", form).has(t, 422, "不能小于 0。")
	if len(w.decided) != 0 {
		t.Fatal("decided")
	}
	form = verdict(again.form(), "approve")
	form.Set("f.total", "9.00")
	c.post("/reviews/r1/decide", form).leads(t, "/reviews/r2")
	if len(w.decided[0].Fields) != 1 {
		t.Errorf("fields %s", w.decided[0].Fields)
	}
}

func TestRejectAndReturnNeedAReason(t *testing.T) {
	w, c, a := held(t)
	form := verdict(a.form(), "reject:other")
	again := c.post("/reviews/r1/decide", form)
	again.has(t, 422, "Say why, in a few words")
	form = verdict(again.form(), "return:values")
	form.Set("words.return", "the total is with tax")
	form.Set("words.reject", "not this")
	c.post("/reviews/r1/decide", form).leads(t, "/reviews/r2")
	if d := w.decided[0]; d.Verdict != kit.Return || d.Reason != "Values are wrong: the total is with tax" || d.Fields != nil {
		t.Errorf("decided %+v", d)
	}
	form = verdict(c.get("/reviews/r2").form(), "reject:foreign")
	form.Set("f.total", "5") // a rejection changes nothing
	c.post("/reviews/r2/decide", form).leads(t, "/inbox")
	if d := w.decided[1]; d.Verdict != kit.Reject || d.Reason != "Not for us" || d.Fields != nil {
		t.Errorf("decided %+v", d)
	}
	c.post("/reviews/r2/decide", verdict(c.get("/reviews/r2").form(), "explode")).has(t, 409)
}

func TestAStaleDecisionIsShownAgainWithTheEdits(t *testing.T) {
	w, c, a := held(t)
	form := verdict(a.form(), "approve")
	form.Set("f.total", "12.50")
	r := w.reviews["r1"]
	r.Subject, r.Draft.Value = "s-new", json.RawMessage(strings.ReplaceAll(string(r.Draft.Value), "TAN & SONS TRADING", "BOOK TALK"))
	for i := range r.Draft.Fields {
		r.Draft.Fields[i].Value = schema.Flatten(r.Draft.Value)[r.Draft.Fields[i].Path]
	}
	again := c.post("/reviews/r1/decide", form)
	again.has(t, 409, "the draft changed since you saw it", `value="12.50"`, `name="f.company" value="BOOK TALK SDN BHD"`)
	if len(w.decided) != 0 {
		t.Fatal("a stale decision was taken")
	}
	c.post("/reviews/r1/decide", verdict(again.form(), "approve")).leads(t, "/reviews/r2")
	if d := w.decided[0]; d.Subject != "s-new" || len(d.Fields) != 1 || string(d.Fields["total"]) != "12.50" {
		t.Errorf("decided %+v", d)
	}
}

func TestALostLeaseKeepsTheEdits(t *testing.T) {
	w, c, a := held(t)
	form := verdict(a.form(), "approve")
	form.Set("f.total", "12.50")
	w.reviews["r1"].Holder, w.reviews["r1"].Lease.Epoch = &review.Holder{ID: omar.ID, Name: omar.Name}, 2
	again := c.post("/reviews/r1/decide", form)
	again.has(t, 409, "Omar Haddad holds this review now", `value="12.50"`, "Try to claim")
	still := c.post("/reviews/r1/claim", again.form())
	still.has(t, 409, "Omar Haddad", `value="12.50"`)
	w.reviews["r1"].Holder = nil
	mine := c.post("/reviews/r1/claim", still.form())
	mine.has(t, 200, "Yours until", `value="12.50"`)
	c.post("/reviews/r1/decide", verdict(mine.form(), "approve")).leads(t, "/reviews/r2")
	if len(w.decided) != 1 || string(w.decided[0].Fields["total"]) != "12.50" {
		t.Errorf("decided %+v", w.decided)
	}
}

func TestALeaseThatRanOutUnnoticedIsTakenAgain(t *testing.T) {
	w, c, a := held(t)
	w.reviews["r1"].Holder = nil
	c.post("/reviews/r1/decide", verdict(a.form(), "approve")).leads(t, "/reviews/r2")
	if len(w.decided) != 1 || w.decided[0].Epoch != 2 {
		t.Errorf("decided %+v", w.decided)
	}
}

func TestADecidedReviewSaysByWhom(t *testing.T) {
	w, c, a := held(t)
	w.reviews["r1"].State = review.Decided
	w.cases["c-r1"].Decision = &review.Decision{ReviewID: "r1", Verdict: kit.Approve, Person: review.Holder{ID: omar.ID, Name: omar.Name}}
	again := c.post("/reviews/r1/decide", verdict(a.form(), "approve"))
	again.has(t, 409, "Your decision was not recorded.", "Omar Haddad decided this review: Approved.")
	again.lacks(t, `value="approve"`)
}

func TestUndoWhileItWaits(t *testing.T) {
	w, c, a := held(t)
	c.post("/reviews/r1/decide", verdict(a.form(), "approve")).leads(t, "/reviews/r2")
	w.pass(9 * time.Second)
	c.get("/inbox").has(t, 200, "/decisions/dec-1/undo")
	c.post("/decisions/dec-1/undo", nil).leads(t, "/reviews/r1")
	c.get("/reviews/r1").has(t, 200, "You hold the review again", "Yours until")
	c.post("/reviews/r1/decide", verdict(c.get("/reviews/r1").form(), "approve")).leads(t, "/reviews/r2")
	w.pass(11 * time.Second)
	c.get("/inbox").lacks(t, "/undo")
	c.post("/decisions/dec-2/undo", nil).leads(t, "/inbox")
	c.get("/inbox").has(t, 200, "Too late to undo")
	off := serve(t, w, func(cfg *console.Config) { cfg.Undo = -1 }).as("tp_mei")
	off.post("/reviews/r2/decide", verdict(off.get("/reviews/r2").form(), "approve"))
	off.get("/inbox").lacks(t, "/undo")
}

func TestRenewReleaseAndNext(t *testing.T) {
	w, c, a := held(t)
	c.post("/reviews/r1/renew", url.Values{"epoch": {"1"}}).has(t, 200, `"expires_at":"20`)
	c.post("/reviews/r1/renew", url.Values{"epoch": {"7"}}).has(t, 409, `"message":`)
	c.post("/reviews/claim", a.form()).leads(t, "/reviews/r2") // next, and the first stays held
	c.post("/reviews/claim", nil).leads(t, "/reviews/r1")
	c.post("/reviews/r1/release", url.Values{"epoch": {"1"}}).leads(t, "/inbox")
	if w.reviews["r1"].Holder != nil {
		t.Error("still held")
	}
	c.get("/inbox").has(t, 200, "Given back to the queue: "+w.reviews["r1"].CaseName)
	c.get("/cases").lacks(t, "Given back")
	gone := serve(t, w, nil)
	gone.post("/reviews/r2/renew", url.Values{"epoch": {"1"}}, "Accept", "application/json").has(t, 401, "Sign in")
}

func TestAViewerLooksAndDecidesNothing(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil).as("tp_vera")
	a := c.get("/reviews/r1")
	a.has(t, 200, "You may look at reviews")
	a.lacks(t, `name="verdict"`, "formaction")
	list := c.get("/inbox")
	list.lacks(t, "/reviews/claim", "/claim\"", "Import files</h2>")
	c.post("/reviews/r1/claim", nil).has(t, 403, "Vera Viewer may not")
	if w.reviews["r1"].Holder != nil {
		t.Error("a viewer holds a review")
	}
}

func TestHostileTextStaysText(t *testing.T) {
	w := newWorld()
	r := w.add("r1", "invoice\u202efdp.exe<script>alert(1)</script>")
	evil := `</pre><script>alert("text")</script><img src=x onerror=alert(1)> "quoted" 'too' {{.}}`
	long := strings.Repeat("付款 12.50 ", 15000) // over 200 KB
	doc := kit.Document{Name: r.CaseName, Text: evil + "\n" + long}
	r.Input, _ = json.Marshal(doc)
	company, _ := json.Marshal(evil + "\u202e")
	r.Draft.Value = json.RawMessage(`{"company":` + string(company) + `,"date":"not a day","address":"a","total":1,"kind":"barter","paid":false}`)
	r.Draft.Fields = []kit.Field{{Path: "company", Value: company, Evidence: []kit.Evidence{
		{Start: 0, End: len(evil), Text: evil}, {Start: 3, End: 9, Text: "x"}, {Start: -5, End: 3}, {Start: 2, End: 1 << 30},
		{Start: len(evil) + 2, End: len(evil) + 3, Text: "cut"}}}}
	r.Comment, r.Draft.GaveUp, r.Draft.Model.Name = evil, evil, evil
	w.cases[r.CaseID].Input = r.Input
	c := serve(t, w, nil).as("tp_mei")
	c.post("/reviews/r1/claim", nil)
	for _, path := range []string{"/reviews/r1", "/cases/" + r.CaseID, "/inbox", "/cases"} {
		a := c.get(path)
		if a.status != 200 {
			t.Fatalf("%s: %d", path, a.status)
		}
		a.lacks(t, `<script>alert`, `<img src=x`, "\u202e</bdi>")
		if strings.Contains(html.UnescapeString(a.body), "<title>invoice\u202e") {
			t.Errorf("%s: the title turns around", path)
		}
	}
	a := c.get("/reviews/r1")
	a.has(t, 200, "Hidden characters", "付款 12.50", `type="text"`)
	if !strings.Contains(a.body, `value="not a day"`) || !strings.Contains(a.body, `value="barter"`) {
		t.Error("an input hides what it cannot hold")
	}
	again := c.post("/reviews/r1/decide", verdict(a.form(), "approve"))
	again.has(t, 422, "has-problem") // the draft itself breaks the schema
	again.lacks(t, "data-was>")      // and nothing that was not touched counts as changed
}

func TestAnInputThatIsNoDocumentIsShownWhole(t *testing.T) {
	w := newWorld()
	r := w.add("r1", "from the API")
	r.Input = json.RawMessage(`{"customer":"Ann","lines":[{"sku":"A1","n":2}]}`)
	c := serve(t, w, nil).as("tp_mei")
	c.get("/reviews/r1").has(t, 200, "&#34;customer&#34;: &#34;Ann&#34;")
	r.Input = json.RawMessage(`{"text":"hello","store":"North"}`)
	c.get("/reviews/r1").has(t, 200, "hello", "More about the case", "North")
}

func TestASessionThatEndedOverADecision(t *testing.T) {
	w, c, a := held(t)
	c.post("/signout", nil).leads(t, "/signin?out=1")
	c.post("/reviews/r1/decide", verdict(a.form(), "approve")).leads(t, "/signin?next=%2Freviews%2Fr1%2Fdecide")
	c.get("/signin?next=%2Freviews%2Fr1%2Fdecide").has(t, 200, "Your session has ended, and the decision was not recorded.")
	c.get("/signin?next=%2Finbox").lacks(t, "Your session has ended")
	if len(w.decided) != 0 {
		t.Errorf("decided %+v", w.decided)
	}
	back := serve(t, w, nil).as("tp_mei")
	for path, to := range map[string]string{"/reviews/r1/decide": "/reviews/r1", "/reviews/r1/release": "/reviews/r1", "/reviews/r1/claim": "/reviews/r1",
		"/reviews/claim": "/inbox", "/decisions/dec-1/undo": "/inbox", "/upload": "/inbox", "/cases/c-r1/retry": "/cases/c-r1"} {
		back.get(path).leads(t, to)
	}
}
