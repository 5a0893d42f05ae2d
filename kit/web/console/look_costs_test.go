package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLookAtTheCosts takes pictures of the page of costs, and of what is said
// when the budget is spent, in the folder that CONSOLE_SHOTS names.
func TestLookAtTheCosts(t *testing.T) {
	dir := os.Getenv("CONSOLE_SHOTS")
	if dir == "" {
		t.Skip("CONSOLE_SHOTS names no folder for pictures")
	}
	for _, look := range []struct {
		name, lang, theme string
		width, height     int64
	}{{"wide-light-en", "en", "light", 1440, 1900}, {"wide-dark-zh", "zh", "dark", 1440, 1900},
		{"slim-light-zh", "zh", "light", 390, 3600}, {"slim-dark-en", "en", "dark", 390, 3600}, {"middle-light-en", "en", "light", 700, 800}} {
		w := gallery(t)
		b := browse(t, serve(t, w, nil).base)
		b.run(chromedp.EmulateViewport(look.width, look.height))
		b.signIn("tp_omar")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		for _, spent := range []bool{false, true} {
			name := "costs"
			if spent {
				w.spending.budget.Spent, w.spending.budget.Stopped, name = 101, true, "spent"
			}
			b.run(b.open("/costs"))
			b.shoot(filepath.Join(dir, name+"-"+look.name+".png"))
		}
		b.run(b.open("/inbox"))
		b.shoot(filepath.Join(dir, "spent-inbox-"+look.name+".png"))
	}
}
