package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// looks are the widths, languages and themes in which pages are looked at.
var looks = []struct {
	name, lang, theme string
	width, height     int64
}{{"wide-light-en", "en", "light", 1440, 900}, {"wide-dark-zh", "zh", "dark", 1440, 900},
	{"slim-light-zh", "zh", "light", 390, 844}, {"slim-dark-en", "en", "dark", 390, 844}}

// TestLookAtBars takes pictures of the pages that tell of certified bars, in
// the folder that CONSOLE_SHOTS names.
func TestLookAtBars(t *testing.T) {
	dir := os.Getenv("CONSOLE_SHOTS")
	if dir == "" {
		t.Skip("CONSOLE_SHOTS names no folder for pictures")
	}
	c := serve(t, gallery(t).withLots().withBars(), nil)
	for _, look := range looks {
		b := browse(t, c.base)
		b.run(chromedp.EmulateViewport(look.width, look.height))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		for name, path := range map[string]string{"lots": "/lots#bars", "board": "/board"} {
			b.run(b.open(path))
			b.shoot(filepath.Join(dir, "bars-"+name+"-"+look.name+".png"))
		}
	}
}

func TestBarsAreAccessible(t *testing.T) {
	long(t)
	source := axe(t)
	c := serve(t, newWorld().withLots().withBars(), nil)
	for _, look := range looks {
		b := browse(t, c.base)
		b.run(chromedp.EmulateViewport(look.width, look.height))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		for _, path := range []string{"/lots", "/board"} {
			b.run(b.open(path))
			b.accessible(source, path+" "+look.name)
		}
	}
}
