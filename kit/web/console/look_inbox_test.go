package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// rare is a gallery of what seldom happens: rounds that are not for who looks,
// a canary caught and one missed, a lease that was lost, a page that is stale.
func rare(t *testing.T) *world {
	w := gallery(t)
	w.reviews["r1"].Quorum, w.reviews["r1"].Seat = 3, 1
	w.reviews["r3"].Cause = review.Seated
	w.add("r7", "kedai-runcit-7.txt").Cause = review.BroughtIn
	found := workflow.CanaryFound{Path: "total", Planted: []byte("5.70"), Truth: []byte("7.50")}
	w.canaries = map[string]workflow.CanaryFound{"r1": found}
	found.Caught = true
	w.canaries["r2"] = found
	k := w.cases["c-r3"]
	k.Cause, k.Undecided = review.Seated, &workflow.Undecided{Out: 1, Others: 2}
	k.Decision = &review.Decision{ID: "d1", ReviewID: "r3", Verdict: kit.Edit, Person: review.Holder{ID: mei.ID, Name: mei.Name}, CreatedAt: w.now}
	w.cases["c-r5"].Earlier = "2"
	w.together.views = []workflow.SavedView{{ID: "v1", Page: "inbox", Name: "High risk, mine", Query: "mine=1&tier=high", Mine: true, Shared: true},
		{ID: "v2", Page: "inbox", Name: "月底逾期", Query: "overdue=1&step=check"}}
	return w
}

// TestLookAtWhatSeldomHappens takes pictures of it, in the folder that
// CONSOLE_SHOTS names.
func TestLookAtWhatSeldomHappens(t *testing.T) {
	dir := os.Getenv("CONSOLE_SHOTS")
	if dir == "" {
		t.Skip("CONSOLE_SHOTS names no folder for pictures")
	}
	for _, look := range []struct {
		name, lang, theme string
		width, height     int64
	}{{"wide-light-en", "en", "light", 1280, 800}, {"wide-dark-zh", "zh", "dark", 1280, 800},
		{"slim-light-zh", "zh", "light", 390, 844}, {"slim-dark-en", "en", "dark", 390, 844}} {
		w := rare(t)
		b := browse(t, peopled(t).base)
		shot := func(name string) { b.shoot(filepath.Join(dir, "rare-"+name+"-"+look.name+".png")) }
		b.run(chromedp.EmulateViewport(look.width, look.height), b.open("/signin"))
		shot("signin")
		b = browse(t, serve(t, w, nil).base)
		b.run(chromedp.EmulateViewport(look.width, look.height))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		for name, path := range map[string]string{"inbox": "/inbox", "missed": "/canaries/r1", "caught": "/canaries/r2", "kept": "/reviews/r3",
			"mine-alone": "/cases/c-r3", "history": "/cases/c-r5?earlier=3#history", "views": "/inbox?mine=1&tier=high"} {
			b.run(b.open(path))
			shot(name)
		}
		b.post("/reviews/r1/claim", "")
		b.run(b.open("/reviews/r1"))
		w.reviews["r1"].Subject = "another"
		b.keys("a")
		b.run(seen(".notice"))
		shot("stale")
		w.reviews["r1"].Holder = &review.Holder{ID: omar.ID, Name: omar.Name}
		b.run(b.open("/reviews/r1"))
		shot("held")
		w.reviews["r1"].Holder = &review.Holder{ID: mei.ID, Name: mei.Name}
		b.run(b.open("/reviews/r1"))
		w.reviews["r1"].Holder = &review.Holder{ID: omar.ID, Name: omar.Name}
		b.keys("a")
		b.run(seen(".notice"))
		shot("lost")
	}
}
