package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLookAtTheDesk takes pictures of a review's fields in each state, in the
// folder that CONSOLE_SHOTS names.
func TestLookAtTheDesk(t *testing.T) {
	dir := os.Getenv("CONSOLE_SHOTS")
	if dir == "" {
		t.Skip("CONSOLE_SHOTS names no folder for pictures")
	}
	for _, look := range []struct {
		name, lang, theme string
		width, height     int64
	}{{"wide-light-en", "en", "light", 1440, 900}, {"wide-dark-zh", "zh", "dark", 1440, 900},
		{"slim-light-zh", "zh", "light", 390, 844}, {"slim-dark-en", "en", "dark", 390, 844}, {"middle-light-en", "en", "light", 1000, 800}} {
		w := gallery(t)
		torn(w)
		lock(w.reviews["r1"], "date")
		b := browse(t, serve(t, w, nil).base)
		shot := func(name string) { b.shoot(filepath.Join(dir, "desk-"+name+"-"+look.name+".png")) }
		b.run(chromedp.EmulateViewport(look.width, look.height))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		b.post("/reviews/r1/claim", "")
		b.post("/reviews/r2/claim", "")
		b.run(b.open("/reviews/r1"))
		shot("versions")
		b.keys("j", "2", "j", "y", "y", "e")
		b.holds(`document.querySelector("[data-kept]").checkVisibility()`)
		shot("states")
		b.keys("\x1b", "r")
		shot("redraft")
		b.run(b.open("/reviews/r1"))
		shot("back")
		b.keys("a")
		b.at("/reviews/r2")
		b.keys("j")
		shot("next")
		w.cases["c-r1"].Decision.Stood = []string{"d-ada"}
		b.run(b.open("/cases/c-r1"))
		shot("case")
	}
}
