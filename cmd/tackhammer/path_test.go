package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// missing skips the test, or fails it where the build server must have all.
func missing(t *testing.T, words string) {
	t.Helper()
	if os.Getenv("TACKHAMMER_REQUIRE") != "" {
		t.Fatal("required here: " + words)
	}
	t.Skip(words)
}

// The whole path as a founder walks it: the demo is made and runs, a reviewer
// signs in by its link in a real browser, looks at a draft, fills in what the
// model did not, approves, and the delivery that leaves says so. First with
// the rules, then with a real Ollama server, whose model writes noise: it gives
// up, and the person fills the fields by hand.
func TestWholePathInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles an app")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "the program chromium is not installed")
	}
	bin := build(t)
	t.Run("rules", func(t *testing.T) {
		d := reviewed(t, chromium, bin, filepath.Join(t.TempDir(), "demo"))
		if d.Receipt.Model.Name != "rules" || d.Receipt.Prompt != "" {
			t.Errorf("drafted by %q with prompt %q", d.Receipt.Model.Name, d.Receipt.Prompt)
		}
	})
	t.Run("ollama", func(t *testing.T) {
		model := os.Getenv("OLLAMA_TINY_MODEL")
		if model == "" {
			missing(t, "OLLAMA_TINY_MODEL is not set: it names a small model of the Ollama server at OLLAMA_HOST")
		}
		d := reviewed(t, chromium, bin, filepath.Join(t.TempDir(), "demo"), "--model", "ollama:"+model)
		if !strings.HasPrefix(d.Receipt.Model.Name, model) || len(d.Receipt.Prompt) != 64 {
			t.Errorf("drafted by %q with prompt %q", d.Receipt.Model.Name, d.Receipt.Prompt)
		}
	})
}

// delivered is what a delivery's file says.
type delivered struct {
	Output struct {
		Company string          `json:"company"`
		Total   json.RawMessage `json:"total"`
	} `json:"output"`
	Receipt struct {
		Decision struct {
			Verdict string `json:"verdict"`
			Person  struct {
				Name string `json:"name"`
			} `json:"person"`
		} `json:"decision"`
		Model struct {
			Name string `json:"name"`
		} `json:"model"`
		Prompt string `json:"prompt_hash"`
	} `json:"receipt"`
}

// reviewed runs a demo, reviews one case in a browser and returns what was
// delivered, after the app has verified it.
func reviewed(t *testing.T, chromium, bin, dir string, more ...string) delivered {
	t.Helper()
	var d delivered
	demoWith(t, bin, append([]string{"--dir", dir}, more...), func(link string) {
		browse(t, chromium, link)
		file := firstDelivery(t, filepath.Join(dir, "data", "deliveries"))
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		for _, args := range [][]string{{"verify"}, {"verify", file}} {
			cmd := exec.Command(filepath.Join(dir, "bin", "app"), args...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %v\n%s", args, err, out)
			}
		}
	})
	if d.Output.Company != "Kedai Ujian 测试店" || string(d.Output.Total) != "12.5" && string(d.Output.Total) != "12.50" ||
		d.Receipt.Decision.Verdict != "edit" || d.Receipt.Decision.Person.Name != "Demo Reviewer" {
		t.Errorf("delivered %+v", d)
	}
	return d
}

// demoWith runs the demo, calls f with the sign-in link, interrupts the demo,
// and returns all that it printed.
func demoWith(t *testing.T, bin string, args []string, f func(link string)) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, append([]string{"demo", "--addr", "127.0.0.1:0", "--no-open"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Signal(syscall.SIGINT) }() // when f ends the test
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if link, ok := strings.CutPrefix(lines.Text(), "sign in  "); ok {
			f(link)
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s\n%s", err, &said, &stderr)
	}
	return said.String()
}

// browse signs in by the link, takes the next review, fills two fields in,
// and approves.
func browse(t *testing.T, chromium, link string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(2*time.Minute))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	defer stopAlloc()
	tab, stop := chromedp.NewContext(alloc)
	defer stop()
	ctx, cancel := context.WithTimeout(tab, 2*time.Minute)
	defer cancel()
	click := func(css string) chromedp.Action[chromedp.Void] {
		return chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(link), click("form.stack .primary")); err != nil {
		t.Fatalf("sign in: %v", err)
	}
	until(t, ctx, `location.pathname === "/inbox"`)
	// A draft may still be on its way: look again until one waits.
	for ready := false; !ready; {
		if err := chromedp.Do(ctx, chromedp.Sleep(500*time.Millisecond), chromedp.Reload()); err != nil {
			t.Fatalf("look at the inbox: %v", err)
		}
		var err error
		ready, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`!!document.querySelector('form[action="/reviews/claim"] button:enabled')`))
		if err != nil {
			t.Fatalf("look at the inbox: %v", err)
		}
	}
	if err := chromedp.Do(ctx, click(`form[action="/reviews/claim"] button`)); err != nil {
		t.Fatalf("take the next review: %v", err)
	}
	until(t, ctx, `location.pathname.startsWith("/reviews/")`)
	until(t, ctx, `document.readyState === "complete" && !!document.querySelector("[name='f.company']")`)
	for path, value := range map[string]string{"company": "Kedai Ujian 测试店", "total": "12.50"} {
		set := fmt.Sprintf(`(() => { const f = document.querySelector("[name='f.%s']"); f.closest("details").open = true;
			f.value = %q; f.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, path, value)
		until(t, ctx, set)
	}
	if err := chromedp.Do(ctx, click("button[value=approve]")); err != nil {
		t.Fatalf("approve: %v", err)
	}
	until(t, ctx, `!!document.querySelector('form[action$="/undo"]')`)
}

// until evaluates a script until it is true.
func until(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		if ok {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
			t.Fatalf("never true: %s (%v)\n%.1500s", script, err, text)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// firstDelivery waits for a file that was delivered: a decision made in the
// console leaves after the time in which it can be undone.
func firstDelivery(t *testing.T, dir string) string {
	t.Helper()
	for deadline := time.Now().Add(45 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "*.json")); len(files) > 0 {
			return files[0]
		}
	}
	t.Fatalf("nothing was delivered to %s", dir)
	return ""
}
