package console_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// TestRowsArePickedAndReturnedByKeys needs no pointer: j and x pick rows, Tab
// leads to what is done with them.
func TestRowsArePickedAndReturnedByKeys(t *testing.T) {
	long(t)
	w := newWorld()
	for i := range 3 {
		w.add(fmt.Sprintf("r%d", i), fmt.Sprintf("%d.txt", i))
	}
	w.together.results = []workflow.BatchItem{{ID: "r0"}, {ID: "r2"}}
	b := browse(t, serve(t, w, nil).base)
	b.signIn("tp_mei")
	picked := `[...document.querySelectorAll("[name=review]:checked")].map((box) => box.value).join(" ")`
	bar := `document.querySelector("#batch").checkVisibility()`
	b.holds(`!` + bar)
	b.keys("j", "x", "j", "x", "x", "j", "x")
	b.holds(picked + ` === "r0 r2" && ` + bar + ` && document.querySelector("[data-picked]").textContent === "2 selected"`)
	b.run(chromedp.Focus(chromedp.CSS("#batch [name=words]")))
	b.keys("x", "y")
	b.holds(picked + ` === "r0 r2" && document.querySelector("#batch [name=words]").value === "xy"`)
	b.run(chromedp.Focus(chromedp.CSS("#batch [value=return]")), chromedp.KeyEvent("\r"))
	b.holds(`document.querySelector(".flash")?.textContent.includes("2 returned")`)
	if len(w.together.batches) != 1 || !strings.Contains(w.together.batches[0], "[r0 r2]: Values are wrong: xy") {
		t.Errorf("asked for %q", w.together.batches)
	}
	b.silent()
}

func TestASearchGoesOnToEverything(t *testing.T) {
	long(t)
	w := newWorld()
	w.add("r1", "first.txt")
	b := browse(t, serve(t, w, nil).base)
	b.signIn("tp_mei")
	b.keys("/", "t", "a", "n")
	b.holds(`document.querySelector("[data-none]").checkVisibility()`)
	b.run(chromedp.KeyEvent("\r"))
	b.holds(`location.search === "?q=tan" && document.querySelector("[data-row-text]").checkVisibility()`)
	if w.together.asked.Query != "tan" {
		t.Errorf("asked for %+v", w.together.asked)
	}
	b.silent()
}

// TestACommentBesideTheReviewKeepsThePageInPlace: the decision bar stays at the
// bottom of the window, wherever one comes from.
func TestACommentBesideTheReviewKeepsThePageInPlace(t *testing.T) {
	long(t)
	w := newWorld()
	w.add("r1", "first.txt")
	w.together.comments = []workflow.Comment{{ID: "k", CaseID: "c-r1", Text: "@mei look", CreatedAt: w.now, Person: review.Holder{ID: omar.ID, Name: omar.Name}}}
	b := browse(t, serve(t, w, nil).base)
	b.signIn("tp_mei")
	b.post("/reviews/r1/claim", "")
	b.run(chromedp.EmulateViewport(1280, 700), b.open("/reviews/r1#comments"))
	b.holds(`scrollY === 0 && Math.abs(document.querySelector(".decide").getBoundingClientRect().bottom - innerHeight) < 1`)
	b.run(chromedp.Focus(chromedp.CSS("#comment-text")))
	b.keys("y", "e", "s")
	b.holds(`document.querySelector("#comment-text").value === "yes"`)
	b.run(chromedp.Focus(chromedp.CSS("#comments .say .button")))
	b.run(chromedp.KeyEvent("\r")) // the browser's own: no page takes it
	b.holds(`location.hash === "#comments" && document.querySelector(".talk")?.textContent.includes("yes")`)
	b.silent()
}
