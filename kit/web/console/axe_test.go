package console_test

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit/internal/need"
)

// rules are those of WCAG 2.2 at the levels A and AA, as axe-core tags them.
const runAxe = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
	.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + " " + n.failureSummary)).join("\n"))`

// axe is the source of axe-core, in one file.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(need.Env(t, "TACKHAMMER_AXE", "the file axe.min.js of the package axe-core"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// accessible holds what the browser shows to WCAG 2.2 AA.
func (b *tab) accessible(source, where string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](source+";0")); err != nil {
		b.t.Fatalf("load axe: %v", err)
	}
	faults, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](runAxe, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("run axe: %v", err)
	}
	for fault := range strings.SplitSeq(faults, "\n") {
		if strings.TrimSpace(fault) != "" {
			b.t.Errorf("%s: %s", where, fault)
		}
	}
}

// TestPagesAreAccessible holds each page, in both themes and languages and at
// the widths of a phone and a desk, to WCAG 2.2 AA as far as axe-core sees.
func TestPagesAreAccessible(t *testing.T) {
	long(t)
	source := axe(t)
	c := serve(t, gallery(t), nil)
	pages := []string{"/signin", "/inbox", "/reviews/r1", "/reviews/r2", "/reviews/r4", "/cases", "/cases/c-r5", "/cases/c-r6", "/deliveries", "/board", "/help", "/help/statistics", "/nowhere"}
	for _, look := range []struct {
		lang, theme string
		width       int64
	}{{"en", "light", 1280}, {"zh", "dark", 1280}, {"zh", "light", 390}, {"en", "dark", 390}} {
		b := browse(t, c.base)
		b.run(chromedp.EmulateViewport(look.width, 844))
		b.signIn("tp_mei")
		b.post("/settings", "lang="+look.lang+"&back=/")
		b.post("/settings", "theme="+look.theme+"&back=/")
		b.post("/reviews/r1/claim", "")
		for _, path := range pages {
			b.run(b.open(path))
			b.accessible(source, path+" "+look.lang+" "+look.theme)
		}
	}
}
