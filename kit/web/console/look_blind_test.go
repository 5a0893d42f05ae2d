package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// TestBlindPagesAreAccessible holds the pages of blind reviews, of canaries
// and of figures to axe-core, and takes their pictures where CONSOLE_SHOTS
// names a folder for them.
func TestBlindPagesAreAccessible(t *testing.T) {
	source, dir := axe(t), os.Getenv("CONSOLE_SHOTS")
	for _, look := range []struct {
		name, lang, theme string
		width, height     int64
	}{{"wide-light-en", "en", "light", 1440, 900}, {"slim-dark-zh", "zh", "dark", 390, 844}} {
		t.Run(look.name, func(t *testing.T) {
			r, base, link := real(t, -1, wrongTotal)
			slipWaits(t, r, "slip.txt", slipText)
			b := browse(t, base)
			b.run(chromedp.EmulateViewport(look.width, look.height), b.open(link), click("form.stack .primary"))
			b.at("/inbox")
			b.post("/settings", "lang="+look.lang+"&back=/")
			b.post("/settings", "theme="+look.theme+"&back=/")
			hold := func(name string) {
				t.Helper()
				b.run(chromedp.Sleep(150 * time.Millisecond))
				b.accessible(source, name)
				if dir != "" {
					b.shoot(filepath.Join(dir, name+"-"+look.name+".png"))
				}
			}
			b.run(b.open("/inbox"))
			b.keys("n")
			b.holds(`location.pathname.startsWith("/reviews/") && !!document.querySelector(".decide .primary")`)
			b.run(click(".decide .primary"))
			b.holds(`location.pathname.startsWith("/canaries/")`)
			hold("canary")
			b.run(b.open("/reviewers"))
			hold("reviewers-one")

			r, base, link = real(t, -1, func(c *workflow.Config) { c.Policy = review.Policy{Blind: 1} })
			slipWaits(t, r, "slip.txt", slipText+strings.Repeat("a line of goods 1.00\n", 30))
			b = browse(t, base)
			b.run(chromedp.EmulateViewport(look.width, look.height), b.open(link), click("form.stack .primary"))
			b.at("/inbox")
			b.post("/settings", "lang="+look.lang+"&back=/")
			b.post("/settings", "theme="+look.theme+"&back=/")
			b.run(b.open("/inbox"))
			b.keys("n")
			b.holds(`!!document.querySelector("#blind [data-input]")`)
			hold("blind")
			b.run(chromedp.SetValue(chromedp.CSS("[name='f.company']"), "Kedai Biru"), click(".blind-acts .primary"))
			b.holds(`!!document.querySelector(".yours-table, .has-problem")`)
			hold("blind-refused")
			b.run(chromedp.SetValue(chromedp.CSS("[name='f.total']"), "12.50"), click(".blind-acts .primary"))
			b.holds(`!!document.querySelector(".yours-table")`)
			hold("yours")

			c := serve(t, newWorld(), nil)
			b = browse(t, c.base)
			b.run(chromedp.EmulateViewport(look.width, look.height))
			b.signIn("tp_omar")
			b.post("/settings", "lang="+look.lang+"&back=/")
			b.post("/settings", "theme="+look.theme+"&back=/")
			b.run(b.open("/reviewers"))
			hold("reviewers")
		})
	}
}
