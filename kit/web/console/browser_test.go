package console_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/review"
)

// tab is a real browser at a console.
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string
	mu   sync.Mutex
	said []string // errors in the browser's console
}

type step = chromedp.Action[chromedp.Void]

func browse(t testing.TB, base string) *tab {
	t.Helper()
	long(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(need.Program(t, "chromium")), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-GB"), chromedp.WSURLReadTimeout(2*time.Minute))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(alloc)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	b := &tab{t: t, ctx: ctx, base: base}
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.IsException() {
				b.mu.Lock()
				b.said = append(b.said, m.Text+" "+m.URL)
				b.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done; stop(); stopAlloc() })
	return b
}

func (b *tab) run(steps ...step) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func (b *tab) open(path string) step { return chromedp.Navigate(b.base + path) }

func click(selector string) step { return chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible) }
func seen(selector string) step  { return chromedp.WaitVisible(chromedp.CSS(selector)) }
func fill(selector, value string) step {
	return chromedp.SendKeys(chromedp.CSS(selector), value, chromedp.NodeVisible)
}

// holds waits until a script is true.
func (b *tab) holds(script string) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](script))
		if is {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + document.body.innerText"))
			b.t.Fatalf("never true: %s (%v)\n%.1500s", script, err, text)
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// at waits until the browser shows a page.
func (b *tab) at(path string) {
	b.t.Helper()
	b.holds(fmt.Sprintf("location.pathname === %q && document.readyState === 'complete'", path))
}

// post sends a form from within the page.
func (b *tab) post(path, form string) {
	b.t.Helper()
	script := fmt.Sprintf(`fetch(%q,{method:"POST",body:new URLSearchParams(%q)}).then(r=>r.status)`, path, form)
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](script, chromedp.EvalAwaitPromise)); err != nil {
		b.t.Fatal(err)
	}
}

// keys presses keys one by one, once the page takes them.
func (b *tab) keys(keys ...string) {
	b.t.Helper()
	b.holds(`!!document.documentElement.dataset.ready`)
	for _, k := range keys {
		if taken[k] > 0 {
			b.run(press(k))
			continue
		}
		b.run(chromedp.KeyEvent(k))
	}
}

// taken are keys that a page takes for itself, with their codes.
var taken = map[string]int64{"\r": 13, "/": 191}

// press sends a key as a keyboard does: a page that takes it for itself gets no
// character after it.
func press(key string) step {
	code := taken[key]
	if key == "\r" {
		key = "Enter"
	}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key,
				WindowsVirtualKeyCode: code, NativeVirtualKeyCode: code})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// signIn signs a person in by their token.
func (b *tab) signIn(token string) {
	b.t.Helper()
	b.run(b.open("/signin"), fill("#secret", token+"\r"))
	b.at("/inbox")
}

// silent fails on any error that the browser saw.
func (b *tab) silent() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.said) > 0 {
		b.t.Errorf("the browser's console: %s", strings.Join(b.said, "\n"))
	}
}

func TestReviewByKeys(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	w.add("r2", "second.txt")
	b := browse(t, serve(t, w, nil).base)
	b.run(chromedp.EmulateViewport(1440, 900), b.open("/inbox"))
	b.at("/signin")
	b.signIn("tp_mei")
	b.keys("n")
	b.at("/reviews/r1")
	b.holds(`document.activeElement === document.body`) // nothing has focus, least of all Approve
	b.keys("j")
	b.holds(`document.activeElement.closest("details").id === "f3" && document.querySelector(".ev.on mark").textContent === "9.00"`)
	b.keys("\r")
	b.holds(`document.activeElement.name === "f.total"`)
	b.keys("1", "2", ".", "5", "0", "a", "\b") // "a" is a letter while typing
	b.holds(`document.activeElement.value === "12.50" && !document.querySelector("#f3 [data-was]").hidden`)
	b.holds(`document.querySelector("[data-edited]").checkVisibility() && !document.querySelector("[data-plain]").checkVisibility()`)
	b.keys("\r")
	b.holds(`document.activeElement.name === "f.address"`)
	b.run(chromedp.Reload())
	b.holds(`document.querySelector("[name='f.total']").value === "12.50"`) // typing outlives a reload
	b.keys("k", "\x1b", "a")
	b.at("/reviews/r2")
	if len(w.decided) != 1 || w.decided[0].Verdict != kit.Edit || string(w.decided[0].Fields["total"]) != "12.50" || len(w.decided[0].Fields) != 1 {
		t.Fatalf("decided %+v", w.decided)
	}
	b.keys("/", "c", "a", "s", "h", "\r")
	b.holds(`CSS.highlights.get("found").values().next().value.toString().toLowerCase() === "cash"`)
	b.keys("\x1b")
	b.keys("u") // take it back
	b.at("/reviews/r1")
	b.holds(`document.querySelector("[name='f.total']").value === "12.50"`)
	b.keys("x", "1")
	b.at("/reviews/r2")
	b.keys("u") // a rejection too
	b.at("/reviews/r1")
	b.keys("x", "5") // other: in words
	b.holds(`document.activeElement.id === "words-reject"`)
	b.keys("f", "a", "x", "\r")
	b.at("/reviews/r2")
	if last := w.decided[len(w.decided)-1]; last.Verdict != kit.Reject || !strings.Contains(last.Reason, "fax") {
		t.Fatalf("decided %+v", last)
	}
	b.keys("u")
	b.at("/reviews/r1")
	b.keys("x", "1")
	b.at("/reviews/r2")
	if last := w.decided[len(w.decided)-1]; last.Verdict != kit.Reject || last.Reason != "Cannot be read" {
		t.Fatalf("decided %+v", last)
	}
	b.keys("s")
	b.at("/inbox") // what one skips is left to others
	b.keys("?")
	b.holds(`document.querySelector("#keys").open`)
	b.silent()
}

// long skips what takes its time when tests are to be short.
func long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("a long look through a browser")
	}
}

func TestALostLeaseIsSaidAndTakenAgain(t *testing.T) {
	long(t)
	w := newWorld()
	w.add("r1", "first.txt")
	b := browse(t, serve(t, w, nil).base)
	b.signIn("tp_mei")
	b.keys("n")
	b.at("/reviews/r1")
	w.mu.Lock()
	w.reviews["r1"].Lease.ExpiresAt = w.now.Add(3 * time.Second)
	w.mu.Unlock()
	b.run(chromedp.Reload())
	b.keys("j", "\r", "1", "2")
	give := func(h *review.Holder) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reviews["r1"].Holder = h
	}
	give(&review.Holder{ID: omar.ID, Name: omar.Name})
	b.holds(`document.querySelector("[data-note]").textContent.startsWith("Omar Haddad holds this review now.") && !document.querySelector("[data-key=a]").checkVisibility()`)
	give(nil)
	b.keys("\x1b", "c")
	b.holds(`document.querySelector("[data-key=a]")?.checkVisibility() && document.querySelector("[name='f.total']").value === "12"`)
}

func TestALeaseIsRenewedWithoutStorage(t *testing.T) {
	for name, before := range map[string]string{
		"broken": `localStorage.setItem("edits:u-mei:r1", "{half"); localStorage.setItem("edits:x", '{"at":9e15}'); localStorage.setItem("edits:y", "null")`,
		"odd":    `localStorage.setItem("edits:u-mei:r1", JSON.stringify({ at: Date.now(), subject: "s-r1" }))`,
		"off":    `Object.defineProperty(window, "localStorage", { get() { throw new DOMException("it is off", "SecurityError"); } })`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.add("r1", "first.txt")
			b := browse(t, serve(t, w, nil).base)
			if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: before}); err != nil {
				t.Fatal(err)
			}
			b.signIn("tp_mei")
			b.post("/reviews/r1/claim", "")
			w.mu.Lock()
			w.reviews["r1"].Lease.ExpiresAt = w.now.Add(3 * time.Second)
			w.mu.Unlock()
			b.run(b.open("/reviews/r1"))
			b.keys("j", "\r", "1", "2")
			b.holds(`document.activeElement.value === "12" && !document.querySelector("#f3 [data-was]").hidden`)
			waitFor(t, func() bool {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.reviews["r1"].Lease.ExpiresAt.Sub(w.now) > time.Minute
			})
			b.run(b.open("/signin?out=1"))
			b.holds(`!!document.documentElement.dataset.ready`)
			b.silent()
		})
	}
}

func TestADecisionWaitsForAServerThatIsAway(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil)
	b := browse(t, c.base)
	b.signIn("tp_mei")
	b.keys("n")
	b.at("/reviews/r1")
	b.keys("j", "\r", "1", "2", "\x1b")
	c.stop()
	b.keys("a")
	b.holds(`document.querySelector("[data-offline]")?.checkVisibility() && document.querySelector("[name='f.total']").value === "12"`)
}

func TestPagesFitTheirScreen(t *testing.T) {
	long(t)
	w := gallery(t)
	b := browse(t, serve(t, w, nil).base)
	b.signIn("tp_mei")
	b.post("/reviews/r1/claim", "")
	b.post("/reviews/r2/claim", "")
	for _, width := range []int64{390, 768, 1440} {
		b.run(chromedp.EmulateViewport(width, 844))
		for _, path := range []string{"/inbox", "/reviews/r1", "/reviews/r2", "/reviews/r4", "/cases", "/cases/c-r5", "/cases/c-r6", "/deliveries", "/help", "/help/statistics"} {
			b.run(b.open(path))
			wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64](`Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)`))
			if err != nil || wide > width {
				t.Errorf("%s at %d px is %d px wide, %v", path, width, wide, err)
			}
		}
	}
	b.silent()
}

func TestAListIsSifted(t *testing.T) {
	long(t)
	w := newWorld()
	w.add("r1", "first.txt")
	w.add("r2", "second.txt")
	b := browse(t, serve(t, w, nil).base)
	b.signIn("tp_mei")
	shown := `[...document.querySelectorAll("[data-row-text]")].filter((row) => !row.hidden).length`
	none := `document.querySelector("[data-none]").checkVisibility()`
	b.keys("/", "s", "e", "c")
	b.holds(shown + ` === 1 && !` + none)
	b.keys("x")
	b.holds(shown + ` === 0 && ` + none)
	b.keys("\x1b")
	b.holds(shown + ` === 2 && !` + none)
	b.keys("j", "\r")
	b.at("/reviews/r1")
	b.silent()
}

func TestAScanIsMadeLarger(t *testing.T) {
	long(t)
	w := gallery(t)
	b := browse(t, serve(t, w, nil).base)
	b.run(chromedp.EmulateViewport(1440, 900))
	b.signIn("tp_mei")
	b.post("/reviews/r2/claim", "")
	b.run(b.open("/reviews/r2"), click(`.zoom [value="1"]`))
	b.holds(`document.querySelector(".sheet").offsetWidth > 700`)
	b.run(click(`label[for="view-text"]`), seen(".paper"))
	b.holds(`!document.querySelector(".zoom").checkVisibility() && !document.querySelector(".sheet").checkVisibility()`)
	b.silent()
}

func TestAWaitingPageFollowsAlong(t *testing.T) {
	long(t)
	w := newWorld()
	w.add("r1", "first.txt")
	c := serve(t, w, nil)
	b := browse(t, c.base)
	b.signIn("tp_mei")
	state := func(s kit.State) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.cases["c-r1"].State = s
	}
	state(kit.Drafting)
	b.run(b.open("/cases/c-r1"))
	b.holds(`!!document.querySelector(".state-drafting")`)
	state(kit.Delivering)
	b.holds(`!!document.querySelector(".state-delivering")`)
	b.silent()
	c.stop()
	b.holds(`document.querySelector("[data-offline]").checkVisibility()`)
}

func TestWorksWithoutScripts(t *testing.T) {
	w := newWorld()
	w.add("r1", "first.txt")
	w.add("r2", "second.txt")
	b := browse(t, serve(t, w, nil).base)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.EmulateViewport(390, 844), b.open("/signin/link?code=tl_once"), click("form.stack .primary"), seen(".table"))
	b.run(click(".table .act .button"), seen("#review .decide .primary"))
	b.run(click(`label[for="pane-source"]`), seen(".paper"), click(`label[for="pane-fields"]`), seen("#f3"))
	total := chromedp.CSS(`[name="f.total"]`)
	b.run(chromedp.SetValue(total, "12.5O"), click(".decide .primary"), seen("#f3.has-problem"))
	b.run(chromedp.SetValue(total, "12.50"), click(".decide .primary"), seen(".flash form"))
	if len(w.decided) != 1 || string(w.decided[0].Fields["total"]) != "12.50" {
		t.Fatalf("decided %+v", w.decided)
	}
	b.run(click(".flash .button"), seen(`#review[data-review="r1"]`))
	b.run(click(".because summary"), click(`[value="reject:foreign"]`), seen(`#review[data-review="r2"]`))
	if last := w.decided[len(w.decided)-1]; last.Verdict != kit.Reject || last.Reason != "Not for us" {
		t.Fatalf("decided %+v", last)
	}
}
