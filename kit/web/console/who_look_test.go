package console_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

// whoPages are the pages of people, by name.
func whoPages(o *office) map[string]string {
	return map[string]string{"account": "/account?welcome=1", "people": "/people", "person": "/people/" + o.mei.ID, "services": "/people/services"}
}

// peopled is an office with something to see on each of its pages.
func peopled(t *testing.T) *office {
	o := newOffice(t, func(cfg *console.Config) {
		cfg.Provider = &auth.Provider{Name: "Acme SSO", Issuer: "http://127.0.0.1:1"}
	})
	other := o.another().enters(o, o.mei)
	if a := other.post("/account/tokens", url.Values{"name": {"laptop, nightly import"}, "days": {"30"}}); a.status != 200 {
		t.Fatalf("make a token: %d", a.status)
	}
	o.another().enters(o, o.boss).post("/people/services", url.Values{"service": {"till"}, "name": {"shop 3"}, "days": {"365"}})
	gone, err := o.accounts.Add(t.Context(), "Gone", "gone@example.com", auth.Lead)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.accounts.Delete(t.Context(), o.boss.ID, gone.ID); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestLookAtPeople takes pictures of the pages of people, as TestLook does of
// the others.
func TestLookAtPeople(t *testing.T) {
	dir := os.Getenv("CONSOLE_SHOTS")
	if dir == "" {
		t.Skip("CONSOLE_SHOTS names no folder for pictures")
	}
	o := peopled(t)
	each(t, o, func(b *tab, name, look string) {
		b.shoot(filepath.Join(dir, "who-"+name+"-"+look+".png"))
	})
}

// TestPeoplesPagesAreAccessible holds them to what TestPagesAreAccessible holds
// the others to.
func TestPeoplesPagesAreAccessible(t *testing.T) {
	long(t)
	source := axe(t)
	each(t, peopled(t), func(b *tab, name, look string) { b.accessible(source, name+" "+look) })
}

// each opens each page of people in both themes and languages, on a phone and
// on a desk.
func each(t *testing.T, o *office, look func(b *tab, name, look string)) {
	for _, l := range []struct {
		name, lang, theme string
		width             int64
	}{{"wide-en-light", "en", "light", 1280}, {"wide-zh-dark", "zh", "dark", 1280}, {"slim-zh-light", "zh", "light", 390}, {"slim-en-dark", "en", "dark", 390}} {
		b := browse(t, o.base)
		b.run(chromedp.EmulateViewport(l.width, 2200), b.open("/signin"))
		b.post("/settings", "lang="+l.lang+"&back=/")
		b.post("/settings", "theme="+l.theme+"&back=/")
		b.run(b.open("/signin"))
		look(b, "signin", l.name)
		b.run(b.open("/signin/link?invited=1&code="+o.link(t, o.boss)), click("main form .primary"), seen(".who-page"))
		for name, path := range whoPages(o) {
			b.run(b.open(path))
			b.holds("document.documentElement.scrollWidth <= innerWidth")
			look(b, name, l.name)
		}
	}
}
