package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestAReviewForOthersIsSaidToBe(t *testing.T) {
	r, base, link := real(t, time.Minute, func(c *workflow.Config) { c.Policy = review.Policy{FourEyes: true} })
	c := client{t: t, base: base, http: newBrowser()}
	c.post("/signin", map[string][]string{"secret": {strings.TrimPrefix(link, "/signin/link?code=")}}).leads(t, "/")
	c.upload("a.txt", "KEDAI SATU\nTOTAL 1.00\n").has(t, 200, "1 taken")
	page, err := r.Cases(t.Context(), workflow.CaseFilter{})
	if err != nil {
		t.Fatal(err)
	}
	k := reaches(t, r, page.Items[0].ID, kit.InReview)
	const words = "You brought this case in."
	for _, path := range []string{"/inbox", "/reviews/" + k.ReviewID, "/cases/" + k.ID} {
		page := c.get(path)
		if page.status != 200 || strings.Contains(page.body, "/reviews/"+k.ReviewID+"/claim") || strings.Contains(page.body, ">Review it<") {
			t.Errorf("%s offers what is refused", path)
		}
		if !strings.Contains(page.body, words) && path != "/cases/"+k.ID {
			t.Errorf("%s does not say why: %s", path, page.body)
		}
	}
	c.post("/reviews/"+k.ReviewID+"/claim", nil).leads(t, "/inbox")
	c.get("/inbox").has(t, 200, "You cannot take this review. "+words)
}

func TestARowOfTheInboxSaysWhyItIsNotMine(t *testing.T) {
	w := newWorld()
	for _, id := range []string{"r1", "r2", "r3"} {
		w.add(id, id+".txt")
	}
	w.reviews["r1"].Cause = review.Seated
	w.reviews["r2"].Holder = &review.Holder{ID: vera.ID, Name: vera.Name}
	w.reviews["r3"].Quorum, w.reviews["r3"].Seat = 3, 1
	box := regexp.MustCompile(`<input type="checkbox" name="review" value="(r\d)"[^>]*?( disabled)?( aria-label="[^"]*")`)
	for user, want := range map[string]string{"tp_mei": "r1 disabled r2 disabled r3 ", "tp_omar": "r1 r2 r3 "} {
		page := serve(t, w, nil).as(user).get("/inbox")
		page.has(t, 200, "2 of 3 people still needed", "/reviews/r3/claim")
		got := ""
		for _, m := range box.FindAllStringSubmatch(page.body, -1) {
			got += m[1] + m[2] + " "
			if m[2] != "" && !strings.Contains(m[3], map[string]string{"r1": "You are one of the people deciding on this", "r2": "Vera Viewer holds it."}[m[1]]) {
				t.Errorf("%s is not said to be held: %s", m[1], m[3])
			}
		}
		if got != want || strings.Contains(page.body, "/reviews/r1/claim") || strings.Contains(page.body, "/reviews/r2/claim") {
			t.Errorf("%s may tick %s, want %s", user, got, want)
		}
	}
}

func TestABatchSaysWhatIsNotMine(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	w.together.results = []workflow.BatchItem{{ID: "r1", CaseName: "a.txt", Code: kit.Forbidden, Cause: review.BroughtIn}}
	c := serve(t, w, nil).as("tp_mei")
	c.post("/inbox/batch", url.Values{"review": {"r1"}, "act": {"return"}, "why": {"blurred"}, "words": {"dark"}, "key": {"k"}, "back": {"/inbox"}}).leads(t, "/inbox")
	c.get("/inbox").has(t, 200, "a.txt: You brought this case in.")
}

// Each case that was left as it was is named, with why; many are not all.
func TestABatchSaysWhatItLeftAndWhy(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	one := func(name string, item workflow.BatchItem) workflow.BatchItem { item.CaseName = name; return item }
	blind := workflow.BatchItem{Code: kit.Conflict, Obstacle: review.Unfilled}
	w.together.results = []workflow.BatchItem{{ID: "r1"}, one("b.txt", blind), one("c.txt", blind), one("d.txt", blind), one("e.txt", blind),
		one("f.txt", workflow.BatchItem{Code: kit.Forbidden, Pause: &review.Pause{Decided: 15}})}
	form := url.Values{"review": {"r1"}, "act": {"return"}, "why": {"values"}, "key": {"k"}, "back": {"/inbox"}}
	c := serve(t, w, nil).as("tp_mei")
	c.post("/inbox/batch", form).leads(t, "/inbox")
	c.get("/inbox").has(t, 200, "1 returned · b.txt, c.txt, d.txt and 1 more: It is blind. Fill the fields in first; it waits as before.",
		"f.txt: You have decided 15 in the last hour.")
	w.together.results = []workflow.BatchItem{one("b.txt", workflow.BatchItem{Code: kit.Forbidden, Cause: review.BroughtIn}),
		one("c.txt", workflow.BatchItem{Code: kit.Forbidden})}
	form.Set("act", "assign")
	o := serve(t, w, nil).as("tp_omar")
	o.post("/inbox/batch", form).leads(t, "/inbox")
	o.get("/inbox").has(t, 200, "b.txt: That person brought the case in. · c.txt: That person’s role does not decide on it.")
}

// TestAClaimTakesAnotherSeat claims a row of the inbox whose seat somebody
// took meanwhile; what was typed on a page is never put onto another review.
func TestAClaimTakesAnotherSeat(t *testing.T) {
	w := newWorld()
	for _, id := range []string{"r1", "r2"} {
		w.add(id, id+".txt")
	}
	w.reviews["r1"].Holder = &review.Holder{ID: omar.ID, Name: omar.Name}
	w.seats = map[string]string{"r1": "r2"}
	c := serve(t, w, nil).as("tp_mei")
	typed := url.Values{"f.company": {"Tan"}, "o.company": {"TAN"}, "subject": {"s-r1"}}
	c.post("/reviews/r1/claim", typed).has(t, 409, "Omar Haddad", `value="Tan"`)
	c.post("/reviews/r1/claim", nil).leads(t, "/reviews/r2")
	if w.reviews["r2"].Holder == nil {
		t.Error("nobody holds the other seat")
	}
}

func TestMyOwnDecisionIsSaidToBeMine(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	k := w.cases["c-r1"]
	k.ReviewID, k.Cause, k.Undecided = "r2", review.Seated, &workflow.Undecided{Out: 1, Others: 2}
	k.Decision = &review.Decision{ID: "d1", ReviewID: "r1", Verdict: kit.Edit, Person: review.Holder{ID: mei.ID, Name: mei.Name},
		Value: []byte(`{"company":"Other","total":7}`), Fields: map[string]string{"total": "changed"}, CreatedAt: w.now}
	page := serve(t, w, nil).as("tp_mei").get("/cases/c-r1")
	page.has(t, 200, "Your own decision", "Others still to decide: 1 of 2.")
	for _, promise := range []string{`class="changed"`, ">Review it<", ">Changed<"} {
		if strings.Contains(page.body, promise) {
			t.Errorf("the page has %s", promise)
		}
	}
	values, mine, _ := strings.Cut(page.body, `id="decision"`)
	mine, _, _ = strings.Cut(mine, "</section>")
	if strings.Contains(values, "Other") || !strings.Contains(mine, "<dt>Company</dt>") || !strings.Contains(mine, "<ins") || !strings.Contains(mine, "Other") {
		t.Errorf("what I changed is not said to be mine: %s", mine)
	}
	k.Undecided = nil
	page = serve(t, w, nil).as("tp_mei").get("/cases/c-r1")
	page.has(t, 200, `class="changed"`)
	if strings.Contains(page.body, "Your own decision") {
		t.Error("the case's decision is said to be one's own")
	}
}

func TestChoicesOfAReviewThatIsNotMineAreFixed(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	c := serve(t, w, nil).as("tp_mei")
	typed := url.Values{"f.kind": {"card"}, "o.kind": {"cash"}, "f.paid": {"false"}, "o.paid": {"true"}, "subject": {"s-r1"}, "epoch": {"7"},
		"verdict": {"approve"}, "key": {"k"}}
	w.reviews["r1"].Holder = &review.Holder{ID: omar.ID, Name: omar.Name}
	c.post("/reviews/r1/decide", typed).has(t, 409, `<select name="f.kind" disabled title="To be read only.`,
		`<input type="hidden" name="f.kind" value="card">`, `<input type="hidden" name="f.paid" value="false">`)
	w.reviews["r1"].Holder = &review.Holder{ID: mei.ID, Name: mei.Name}
	if page := c.get("/reviews/r1"); strings.Contains(page.body, " disabled title=") {
		t.Error("what is mine cannot be changed")
	}
}

func TestALongHistoryHasEarlierPages(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	w.tell("c-r1", mei.ID, "review.claimed", nil)
	k := w.cases["c-r1"]
	c := serve(t, w, nil).as("tp_mei")
	if page := c.get("/cases/c-r1"); strings.Contains(page.body, ">Earlier<") || strings.Contains(page.body, ">The newest<") {
		t.Error("a short history has further pages")
	}
	k.Earlier = "3"
	c.get("/cases/c-r1").has(t, 200, `<a href="/cases/c-r1?earlier=3#history">Earlier</a>`, "claimed")
	page := c.get("/cases/c-r1?earlier=3")
	page.has(t, 200, ">The newest<", "brought the case in")
	if strings.Contains(page.body, ">Earlier<") || strings.Index(page.body, "brought the case in") > strings.Index(page.body, "drafted") {
		t.Error("the first page is not the first, or not in order")
	}
}

func TestASearchOfTheInboxGoesOnToAllCases(t *testing.T) {
	w := newWorld()
	w.add("r1", "a.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.get("/inbox?q=tan+%26+sons").has(t, 200, `href="/cases?q=tan%20%26%20sons">Search in all cases</a>`, "Enter searches all reviews that wait.")
	c.get("/inbox").lacks(t, "Search in all cases")
	c.get("/cases").has(t, 200, "Enter searches all cases.")
}

func TestWordsToRulesAreSaidToBeForPeople(t *testing.T) {
	w := newWorld()
	r := w.add("r1", "a.txt")
	c := serve(t, w, nil).as("tp_mei")
	c.post("/reviews/r1/claim", nil).leads(t, "/reviews/r1")
	const words = "The rules do not read your words"
	r.Draft.Model.Name = "rules"
	page := c.get("/reviews/r1")
	page.has(t, 200, words, "Why is it returned?", "<kbd>d</kbd>")
	if strings.Count(page.body, words) != 1 {
		t.Error("a rejection says it, too")
	}
	r.Draft.Model.Name = "qwen"
	c.get("/reviews/r1").lacks(t, words)
}
