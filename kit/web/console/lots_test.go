package console_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (w *world) HasLots(context.Context) (bool, error) { return w.gathers || len(w.lots) > 0, nil }

func (w *world) Lots(context.Context, string, int) (workflow.Page[review.Lot], error) {
	return workflow.Page[review.Lot]{Items: w.lots}, w.fail
}

func (w *world) Lot(_ context.Context, id string) (*review.Lot, error) {
	i := slices.IndexFunc(w.lots, func(l review.Lot) bool { return l.ID == id })
	if i < 0 {
		return nil, kit.Errorf(kit.NotFound, "lot %s: there is no such lot", id)
	}
	l := w.lots[i]
	return &l, nil
}

func (w *world) DecideLot(ctx context.Context, by auth.User, id string, q review.LotRequest) (*review.Lot, bool, error) {
	l, err := w.Lot(ctx, id)
	switch {
	case err != nil:
		return nil, false, err
	case l.State == review.VoidLot:
		return nil, false, kit.Errorf(kit.Conflict, "decide lot %s: its bar is void", id)
	case q.Subject != l.Subject:
		return nil, false, kit.Errorf(kit.Stale, "decide lot %s: it changed since you saw it", id)
	case !q.Accept && q.Reason == "":
		return nil, false, kit.Errorf(kit.Invalid, "decide lot %s: reason: say why", id)
	}
	w.asked = append(w.asked, q)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.lots {
		if w.lots[i].ID == id {
			w.lots[i] = decided(w.lots[i], by, q, w.now)
			l = &w.lots[i]
		}
	}
	return l, false, nil
}

// decided is a lot as it is once somebody decided on it.
func decided(l review.Lot, by auth.User, q review.LotRequest, at time.Time) review.Lot {
	l.State, l.Seed = review.RejectedLot, strings.Repeat("0f", 32)
	if q.Accept {
		l.State = review.AcceptedLot
	}
	l.Person, l.DecidedAt, l.Reason = &review.Holder{ID: by.ID, Name: by.Name}, &at, q.Reason
	l.Cases = []review.LotCase{{CaseID: "c1", CaseName: "one.txt", Sampled: true, Outcome: review.Right},
		{CaseID: "c2", CaseName: "two.txt", Sampled: true, Outcome: review.Wrong}, {CaseID: "c3", CaseName: "three.txt"}}
	return l
}

// withLots adds a lot of each state; the wrong ones of the last two differ.
func (w *world) withLots() *world {
	bar := review.Bar{ID: "b", Step: "extract", Threshold: 0.9, Error: 0.05, Confidence: 0.95, Labels: 124, Wrong: 2,
		Model: kit.ModelInfo{Name: "qwen3:4b"}, CertifiedAt: w.now.Add(-240 * time.Hour)}
	void := bar
	void.Reason = "another was certified in its place"
	for _, l := range []review.Lot{{ID: "gathering", State: review.Gathering, Size: 34, Bar: bar}, {ID: "void", State: review.VoidLot, Size: 12, Bar: void},
		{ID: "broken", State: review.VoidLot, Looked: 12, Bar: void},
		{ID: "sampling", State: review.Sampling, Looked: 12, Bar: bar}, {ID: "good", State: review.Ready, Bar: bar},
		{ID: "bad", State: review.Ready, Result: &review.LotResult{Wrong: 1}, Bar: bar}} {
		l.Step, l.FullAt, l.Error, l.Confidence, l.OpenedAt, l.ClosesAt = "check", 200, 0.02, 0.95, w.now.Add(-5*time.Hour), w.now.Add(19*time.Hour)
		if l.Size == 0 {
			l.Size, l.Sample = 200, eval.SampleSize(200, 0.02, 0.95)
		}
		if l.State == review.Ready {
			if l.Result == nil {
				l.Result = &review.LotResult{}
			}
			l.Result.Bound = eval.LotBound(l.Result.Wrong, l.Sample, l.Size, 0.95)
			l.Subject, l.Looked, l.Result.Keeps = "s-"+l.ID, l.Sample, l.Result.Bound <= l.Error
		}
		w.lots = append(w.lots, l)
	}
	return w
}

func TestLotsAreShownAsFarAsTheyCame(t *testing.T) {
	c := serve(t, newWorld().withLots(), nil).as("tp_mei")
	c.get("/inbox").has(t, 200, `href="/lots"`)
	c.get("/lots").has(t, 200, "34 of 200 cases", "12 of 90 reviewed", "0 wrong of 90, at most 2 %", "reviewed one by one")
	c.get("/lots/gathering").has(t, 200, "34 of 200 cases have gathered")
	sampling := c.get("/lots/sampling")
	sampling.has(t, 200, "12 of 90 in the sample are reviewed", "Nobody is told which cases")
	sampling.lacks(t, "<form method=\"post\" action=\"/lots/", "wrong in the lot")
	c.get("/lots/void").has(t, 200, "another was certified in its place")
	broken := c.get("/lots/broken")
	broken.has(t, 200, "reviewed one by one")
	broken.lacks(t, "in the sample are reviewed", `action="/lots/`)
	c.get("/lots/none").has(t, 404)
	c.get("/lots?lang=zh").has(t, 200, "批次抽检", "已抽检 12 / 90")
	c.get("/lots/good?lang=zh").has(t, 200, "其中 0 单有误", "不超过 2%", "接受本批")
	serve(t, newWorld(), nil).as("tp_mei").get("/inbox").lacks(t, `href="/lots"`)
}

func TestWhoDecidesOnALotWhoseBarWasVoidedIsTold(t *testing.T) {
	w := newWorld().withLots()
	c := serve(t, w, nil).as("tp_mei")
	form := url.Values{"subject": {"s-good"}, "key": {c.get("/lots/good").field("key")}, "verdict": {"accept"}}
	i := slices.IndexFunc(w.lots, func(l review.Lot) bool { return l.ID == "good" })
	w.lots[i].State, w.lots[i].Result = review.VoidLot, nil
	late := c.post("/lots/good/decision", form)
	late.has(t, 409, "The bar of this lot was voided before you decided. Nothing was decided.", "reviewed one by one")
	late.lacks(t, `action="/lots/`)
	c.post("/lots/good/decision?lang=zh", form).has(t, 409, "本批所依据的准入标准已失效，未作出任何结论")
}

func TestALotIsAcceptedWithItsNumbersInFrontOfThePerson(t *testing.T) {
	w := newWorld().withLots()
	c := serve(t, w, nil).as("tp_mei")
	page := c.get("/lots/good")
	page.has(t, 200, "90 of the 200 cases were drawn at random and reviewed field by field. Wrong among them: 0.",
		"at most 2 % of all its cases are wrong, at 95 % confidence", "Promised, at most", "124 known answers, 2 wrong", "qwen3:4b",
		"Accept all 200 cases")
	form := url.Values{"subject": {"s-good"}, "key": {page.field("key")}, "verdict": {"accept"}}
	c.get("/lots/good/decision?"+form.Encode()).leads(t, "/lots/good") // an address alone decides nothing
	if len(w.asked) != 0 {
		t.Fatalf("a GET decided: %+v", w.asked)
	}
	c.post("/lots/good/decision", form).leads(t, "/lots/good")
	if len(w.asked) != 1 || !w.asked[0].Accept || w.asked[0].Subject != "s-good" || w.asked[0].Key == "" {
		t.Errorf("asked for %+v", w.asked)
	}
	c.get("/lots/good").has(t, 200, "The lot is accepted", "Mei Lin", "Seed of the sample", "three.txt", "not in the sample")
}

func TestALotThatBreaksItsPromiseCanOnlyBeRejected(t *testing.T) {
	w := newWorld().withLots()
	c := serve(t, w, nil).as("tp_mei")
	page := c.get("/lots/bad")
	page.has(t, 200, "the lot can only be rejected", "Wrong among them: 1.")
	page.lacks(t, "Accept the lot")
	form := url.Values{"subject": {"s-bad"}, "key": {"k"}, "verdict": {"reject"}}
	c.post("/lots/bad/decision", form).has(t, 422, "Say why")
	form.Set("reason", "the printer smears")
	form.Set("subject", "old")
	c.post("/lots/bad/decision", form).has(t, 409, "changed since you saw it", "the printer smears")
	form.Set("subject", "s-bad")
	c.post("/lots/bad/decision", form).leads(t, "/lots/bad")
	c.get("/lots/bad").has(t, 200, "The lot is rejected", "the printer smears")
	c.post("/lots/good/decision", url.Values{"verdict": {"both"}, "subject": {"s-good"}, "key": {"k"}}).has(t, 422)
}

func TestAViewerSeesALotAndDecidesNothing(t *testing.T) {
	page := serve(t, newWorld().withLots(), nil).as("tp_vera").get("/lots/good")
	page.has(t, 200, "Wrong among them: 0.")
	page.lacks(t, "Accept the lot", "Reject the lot")
}

// accepted adds a lot that Mei accepted.
func (w *world) accepted() {
	good := w.lots[slices.IndexFunc(w.lots, func(l review.Lot) bool { return l.ID == "good" })]
	done := decided(good, mei, review.LotRequest{Accept: true, Reason: "as good as ever"}, w.now)
	done.ID = "done"
	w.lots = append(w.lots, done)
}

func TestPagesOfLotsAreAccessible(t *testing.T) {
	long(t)
	source := axe(t)
	w := newWorld().withLots()
	w.accepted()
	c := serve(t, w, nil)
	for _, look := range []struct {
		lang, theme string
		width       int64
	}{{"en", "light", 1280}, {"zh", "dark", 390}} {
		b := browse(t, c.base)
		b.run(chromedp.EmulateViewport(look.width, 844))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		for _, path := range []string{"/lots", "/lots/gathering", "/lots/sampling", "/lots/good", "/lots/bad", "/lots/void", "/lots/done"} {
			b.run(b.open(path))
			if path == "/lots/good" {
				b.run(click(".lot-act summary"))
			}
			b.accessible(source, path+" "+look.lang+" "+look.theme)
		}
	}
}

// TestLookOfLots takes pictures of the pages of lots, as TestLook.
func TestLookOfLots(t *testing.T) {
	dir := os.Getenv("CONSOLE_SHOTS")
	if dir == "" {
		t.Skip("CONSOLE_SHOTS names no folder for pictures")
	}
	w := newWorld().withLots()
	w.accepted()
	c := serve(t, w, nil)
	for _, look := range []struct {
		name, lang, theme string
		width             int64
	}{{"wide-light-en", "en", "light", 1280}, {"wide-dark-zh", "zh", "dark", 1280}, {"slim-light-zh", "zh", "light", 390}, {"slim-dark-en", "en", "dark", 390}} {
		b := browse(t, c.base)
		b.run(chromedp.EmulateViewport(look.width, 900))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		for _, page := range []string{"", "/good", "/bad", "/sampling", "/done"} {
			b.run(b.open("/lots"+page), chromedp.Sleep(100*time.Millisecond))
			if page == "/good" {
				b.run(click(".lot-act summary"))
			}
			b.shoot(filepath.Join(dir, "lots"+strings.ReplaceAll(page, "/", "-")+"-"+look.name+".png"))
		}
	}
}

func TestNoLotsAreToldApartFromLotsThatAreOff(t *testing.T) {
	w := newWorld()
	c := serve(t, w, nil).as("tp_mei")
	c.get("/lots").has(t, 200, "No lots are switched on here", "Each case is reviewed by itself.")
	w.gathers = true
	page := c.get("/lots")
	page.has(t, 200, "No lots yet", "once it is measured how far that can be trusted")
	page.lacks(t, "switched on", "bar on", "certified")
}
