package console_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestTheInboxAsksForWhatItsAddressSays(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil).as("tp_mei")
	for address, want := range map[string]workflow.InboxFilter{
		"":                           {},
		"mine=1":                     {Mine: mei.ID},
		"held=me":                    {Mine: mei.ID},
		"held=free":                  {Free: true},
		"held=u-omar&overdue=1":      {Mine: omar.ID, Overdue: true},
		"assigned=me&escalated=1":    {Assigned: mei.ID, Escalated: true},
		"tier=high&step=check&q=a+b": {Tier: "high", Step: "check", Query: "a b"},
		"below=70":                   {Below: .7},
		"below=x&overdue=yes":        {},
		"below=900":                  {Below: 1},
	} {
		page := c.get("/inbox?" + address)
		page.has(t, 200)
		want.Limit, want.By = 50, mei
		if w.together.asked != want {
			t.Errorf("%s asks for %+v, want %+v", address, w.together.asked, want)
		}
		if address != "" && address != "below=x&overdue=yes" && !strings.Contains(page.body, `href="/inbox">Clear filters</a>`) {
			t.Errorf("%s cannot be taken back", address)
		}
	}
}

func TestTheInboxTellsWhatWaits(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	w.together.counts = workflow.Counts{Assigned: 3, Overdue: 100, Mentions: 2}
	c := serve(t, w, nil).as("tp_mei")
	c.get("/inbox").has(t, 200, `Assigned to me <span class="tabular">3</span>`, `<span class="tabular">99&#43;</span>`, `href="/mentions" class="calls"`,
		`name="review" value="r1"`, `placeholder="Search"`, "Overdue</span>")
	c.get("/inbox?lang=zh").has(t, 200, "指派给我", "已逾期", "截止时间")
	if page := c.get("/inbox"); strings.Contains(page.body, `value="assign"`) {
		t.Error("a reviewer is offered to assign")
	}
	w.together.more = "0.5.r9"
	c.get("/inbox?below=50").has(t, 200, "Look further", "after=0.5.r9", "below=50")
	v := serve(t, w, nil).as("tp_vera")
	w.together.more = ""
	if page := v.get("/inbox"); strings.Contains(page.body, `name="review"`) {
		t.Error("a viewer is offered to pick reviews")
	}
}

func TestPickedReviewsAreReturnedOrAssigned(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	w.add("r2", "second.txt")
	w.together.results = []workflow.BatchItem{{ID: "r1"}, {ID: "r2", CaseName: "second.txt", Code: kit.LostLease, Holder: &review.Holder{Name: "Omar Haddad"}}, {ID: "r3", Code: kit.Decided},
		{ID: "r4", Code: kit.Decided}, {ID: "r5", Code: kit.TooLarge}}
	c := serve(t, w, nil).as("tp_mei")
	form := func(pairs ...string) url.Values {
		v := url.Values{"review": {"r1", "r2"}, "back": {"/inbox?mine=1"}, "key": {"k"}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	c.post("/inbox/batch", form("act", "return", "why", "values", "words", "see page 2")).leads(t, "/inbox?mine=1")
	c.get("/inbox").has(t, 200, "1 returned · second.txt: Omar Haddad holds it. · One review, One review: It was decided already. · One review: That was not possible.")
	c.post("/inbox/batch", form("act", "return", "why", "other")).leads(t, "/inbox?mine=1")
	c.get("/inbox").has(t, 200, "Say why, in a few words.")
	c.post("/inbox/batch", url.Values{"act": {"return"}, "back": {"//evil.example"}}).leads(t, "/")
	c.get("/inbox").has(t, 200, "Nothing was selected.")
	c.post("/inbox/batch", form("act", "assign", "to", "u-omar")).has(t, 403)
	o := serve(t, w, nil).as("tp_omar")
	o.get("/inbox").has(t, 200, `value="assign"`, `<option value="u-mei">Mei Lin</option>`)
	o.post("/inbox/batch", form("act", "assign", "to", "u-mei")).leads(t, "/inbox?mine=1")
	want := []string{"Mei Lin returns [r1 r2]: Values are wrong: see page 2, true", "Omar Haddad assigns [r1 r2] to u-mei"}
	if strings.Join(w.together.batches, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked for %q, want %q", w.together.batches, want)
	}
}

func TestAViewIsSavedUsedAndRemoved(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil).as("tp_mei")
	if strings.Contains(c.get("/inbox").body, "Save this view") {
		t.Error("the whole list is offered to be saved")
	}
	c.get("/inbox?below=70&after=1.2.r0").has(t, 200, `name="query" value="below=70"`)
	c.post("/views", url.Values{"page": {"inbox"}, "name": {"Un<sure"}, "query": {"below=70"}}).leads(t, "/inbox?below=70")
	c.get("/inbox?below=70").has(t, 200, `href="/inbox?below=70" class="view" aria-current="true"`, "Un&lt;sure", "/views/v0/drop")
	c.post("/views/v0/drop", url.Values{"back": {"/inbox"}}).leads(t, "/inbox")
	c.post("/views/v0/drop", nil).has(t, 404)
}

func TestCasesAreSearched(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.get("/cases?q=tan+sons&state=review").has(t, 200, `value="tan sons"`, `href="/cases?q=tan&#43;sons&amp;state=failed"`, "Save this view")
	if want := (workflow.CaseFilter{Query: "tan sons", State: kit.InReview, Limit: 50}); w.together.searched != want {
		t.Errorf("searched for %+v", w.together.searched)
	}
	c.get("/cases?q=%22%3Cscript%3E&state=failed").has(t, 200, "No case has these words", "&lt;script&gt;")
}

func TestCommentsAreWrittenAndTakenBack(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.get("/cases/c-r1").has(t, 200, "Nobody has said anything yet.", `action="/cases/c-r1/comments"`)
	say := url.Values{"comment": {"@zed <b>look</b>\r\nhere"}, "key": {"k"}, "back": {"/reviews/r1"}}
	c.post("/cases/c-r1/comments", say).leads(t, "/reviews/r1#comments")
	c.get("/reviews/r1").has(t, 200, "@zed &lt;b&gt;look&lt;/b&gt;\nhere", "several people’s: @zed", "/comments/k0/drop")
	v := serve(t, w, nil).as("tp_vera")
	if page := v.get("/cases/c-r1"); !strings.Contains(page.body, "look") || strings.Contains(page.body, "comment-text") || strings.Contains(page.body, "k0/drop") {
		t.Error("a viewer reads, and no more")
	}
	c.post("/comments/k0/drop", url.Values{"back": {"/cases/c-r1"}}).leads(t, "/cases/c-r1#comments")
	c.get("/cases/c-r1").has(t, 200, "This comment was taken back.")
}

func TestCommentsAreHiddenWithTheDraft(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	w.together.comments = []workflow.Comment{{ID: "k", CaseID: "c-r1", Text: "it says 9.00", Person: review.Holder{ID: omar.ID, Name: omar.Name}}}
	c := serve(t, w, nil).as("tp_mei")
	c.get("/cases/c-r1").has(t, 200, "it says 9.00")
	w.cases["c-r1"].Concealed, w.reviews["r1"].Concealed = "hidden", "hidden"
	for _, path := range []string{"/cases/c-r1", "/reviews/r1"} {
		if page := c.get(path); page.status != 200 || strings.Contains(page.body, "it says 9.00") {
			t.Errorf("%s tells what a colleague said: %d", path, page.status)
		}
	}
}

func TestMentionsAreListedAndRead(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil).as("tp_mei")
	c.get("/mentions").has(t, 200, "Nobody has called you")
	w.together.calls = []workflow.Mention{{CaseName: "a<b.txt", Comment: workflow.Comment{ID: "k", CaseID: "c", Text: "@mei look", CreatedAt: w.now.Add(-time.Hour)}}}
	c.get("/mentions").has(t, 200, `href="/cases/c#comment-k"`, "a&lt;b.txt", "@mei look", "Mark all as read")
	c.post("/mentions/seen", nil).leads(t, "/mentions")
	c.post("/mentions/seen", url.Values{"case": {"c"}}).leads(t, "/cases/c#comments")
	if got := strings.Join(w.together.seen, " "); got != "u-mei u-meic" {
		t.Errorf("seen: %s", got)
	}
}

func TestTheInboxCallsTiersByTheirTitles(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	w.reviews["r1"].Tier = "high"
	c := serve(t, w, nil).as("tp_mei")
	c.get("/inbox").has(t, 200, `<option value="high">High risk</option>`, `<bdi>High risk</bdi>`)
	c.get("/inbox?lang=zh").has(t, 200, `<option value="high">高风险</option>`, `<bdi>高风险</bdi>`)
}
