package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of the README.
type block struct{ kind, text string }

// tour lists the blocks of the README's tour in their order.
func tour(t *testing.T) []block {
	t.Helper()
	_, text, _ := strings.Cut(document(t, "README.md"), "\n## A tour in ten minutes\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var blocks []block
	for _, m := range regexp.MustCompile("(?ms)^```(sh|diff)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	if len(blocks) < 6 {
		t.Fatalf("the tour has only %d blocks", len(blocks))
	}
	return blocks
}

// walk is a user who follows the tour.
type walk struct {
	t        *testing.T
	bin, dir string
	app      string // the app's program, built anew after each change; "" before
	said     strings.Builder
}

// The README's tour works as it is written: each command line in its order,
// and the change of a field.
func TestTourWorksAsWritten(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles an app")
	}
	if _, err := exec.LookPath("git"); err != nil {
		missing(t, "the program git is not installed")
	}
	w := &walk{t: t, bin: build(t), dir: filepath.Join(t.TempDir(), "receipts-desk")}
	for _, b := range tour(t) {
		if b.kind == "diff" {
			w.apply(b.text)
			continue
		}
		for line := range strings.Lines(b.text) {
			w.do(strings.TrimSpace(line))
		}
	}
	w.faint()
	for _, want := range []string{"10 imported", "/signin/link?code=", "audit trail", "payment"} {
		if !strings.Contains(w.said.String(), want) {
			t.Errorf("the tour never says %q:\n%s", want, &w.said)
		}
	}
}

// apply changes the app as a reader is told to.
func (w *walk) apply(diff string) {
	w.t.Helper()
	cmd := exec.Command("git", "apply", "-")
	cmd.Dir, cmd.Stdin = w.dir, strings.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("git apply: %v\n%s", err, out)
	}
	if bad := goFmt(w.t, w.dir); len(bad) > 0 {
		w.t.Errorf("after the change gofmt would change %v", bad)
	}
	w.app = ""
}

// do runs a line of the tour. What serves until it is interrupted is shown by
// the demo's test.
func (w *walk) do(line string) {
	w.t.Helper()
	args := strings.Fields(line)
	switch {
	case line == "go run . serve" || args[0] == "cd":
	case strings.HasPrefix(line, "go run ./cmd/tackhammer new ../receipts-desk "):
		w.run(w.bin, append([]string{"new", w.dir}, args[5:]...)...)
	case strings.HasPrefix(line, "go run . "):
		if w.app == "" {
			w.app = filepath.Join(w.t.TempDir(), "app")
			goTool(w.t, w.dir, "build", "-o", w.app, ".")
		}
		w.run(w.app, args[3:]...)
	case strings.HasPrefix(args[0], "bin/"):
		w.run(filepath.Join(w.dir, args[0]), args[1:]...)
	case args[0] == "go":
		goTool(w.t, w.dir, args[1:]...)
	default:
		w.t.Errorf("the tour has a line that is not tried: %s", line)
	}
}

func (w *walk) run(program string, args ...string) {
	w.t.Helper()
	cmd := exec.Command(program, args...)
	if program != w.bin {
		cmd.Dir = w.dir
	}
	out, err := cmd.CombinedOutput()
	w.said.Write(out)
	if err != nil {
		w.t.Errorf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// faint holds the case that the tour corrects to its story: the rules take the
// subtotal for the total.
func (w *walk) faint() {
	w.t.Helper()
	const name = "faint-total"
	dir := w.t.TempDir()
	raw, err := os.ReadFile(filepath.Join(w.dir, "samples", name+".csv"))
	if err != nil {
		w.t.Fatal(err)
	}
	for file, data := range map[string][]byte{filepath.Join("cases", name+".csv"): raw, filepath.Join("answers", name+".json"): []byte(`{"total": 32.90}`)} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	cmd := exec.Command(w.app, "eval", "--cases", filepath.Join(dir, "cases"), "--answers", filepath.Join(dir, "answers"), "--json")
	cmd.Dir = w.dir
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), `"exact": 1`) {
		w.t.Errorf("the draft of %s is not the subtotal: %v\n%s", name, err, out)
	}
	for _, part := range []string{"32.90", "50.00", "11.65"} {
		if !strings.Contains(string(raw), part) || !strings.Contains(document(w.t, "README.md"), part) {
			w.t.Errorf("%s does not stand in both the sample and the README", part)
		}
	}
}
