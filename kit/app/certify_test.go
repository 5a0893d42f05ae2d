package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

// graders is the desk with rules that are as sure as the note is clear: of the
// clear notes nearly all titles are right.
func graders(version string) app.Config {
	c := desk()
	c.Baseline = baseline.New("rules", version, func(n note) []baseline.Guess {
		line, rest, _ := strings.Cut(n.Text, "\n")
		sure := 0.6
		if strings.HasPrefix(rest, "clear") {
			sure = 0.8
		}
		return []baseline.Guess{{Path: "title", Value: line, Confidence: sure, End: len(line)},
			{Path: "words", Value: nil, Confidence: 0.9}}
	})
	return c
}

// golden writes n notes with their right titles; of those that are not clear
// every third title is another one.
func golden(t *testing.T, n int) []string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		title, look := fmt.Sprintf("Note %d", i), "clear"
		if i%2 == 0 {
			look = "smudged"
		}
		writeNote(t, filepath.Join(dir, "cases", fmt.Sprintf("n%04d.txt", i)), fmt.Sprintf("%s\n%s %d\n", title, look, i))
		if i%6 == 0 {
			title = "Another"
		}
		writeNote(t, filepath.Join(dir, "answers", fmt.Sprintf("n%04d.json", i)), fmt.Sprintf(`{"title":%q}`, title))
	}
	return []string{"--cases", filepath.Join(dir, "cases"), "--answers", filepath.Join(dir, "answers")}
}

func writeNote(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runs runs a command and wants its exit code.
func runs(t *testing.T, c app.Config, want int, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	c.Out, c.Err = &o, &e
	if code := c.Run(context.Background(), append([]string{"test-desk"}, args...)); code != want {
		t.Fatalf("%s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, &o, &e)
	}
	return o.String(), e.String()
}

func TestCertifyStoresABarThatDraftsAreHeldTo(t *testing.T) {
	data := []string{"--data", filepath.Join(t.TempDir(), "data")}
	with := func(args ...string) []string { return append(args, data...) }
	c, labels := graders("v1"), golden(t, 600)
	runs(t, c, 0, with("user", "add", "--name", "Lea", "--email", "lea@example.com", "--role", "lead")...)
	runs(t, c, 0, with("user", "add", "--name", "Ann", "--email", "ann@example.com")...)
	certify := func(c app.Config, want int, args ...string) (string, string) {
		return runs(t, c, want, append(with(append([]string{"certify", "--error", "0.05"}, args...)...), labels...)...)
	}
	if _, errs := certify(c, 2); !strings.Contains(errs, "nobody is named") {
		t.Errorf("nobody: %s", errs)
	}
	if _, errs := certify(c, 2, "--by", "lea@example.com", "--confidence", "1"); !strings.Contains(errs, "cannot be meant") {
		t.Errorf("certain: %s", errs)
	}
	if _, errs := certify(c, 1, "--by", "ann@example.com"); !strings.Contains(errs, "neither lead nor admin") {
		t.Errorf("a reviewer: %s", errs)
	}
	out, _ := certify(c, 0, "--dry-run")
	if !strings.Contains(out, "nothing was stored") {
		t.Errorf("dry: %s", out)
	}
	if out, _ := runs(t, c, 0, with("check")...); strings.Contains(out, "certified") {
		t.Errorf("check before: %s", out)
	}
	out, errs := certify(c, 0, "--by", "lea@example.com")
	t.Logf("%s%s", out, errs)
	if !strings.Contains(out, "of cases pass, at most 5 % wrong, 95 % sure, from ") || !strings.Contains(out, "stored as bar ") || !strings.Contains(errs, "lets nothing pass in lots") {
		t.Errorf("certified: %s%s", out, errs)
	}
	if out, _ := runs(t, c, 0, with("check")...); !strings.Contains(inOneLine(out), "of cases pass, at most 5 % wrong") {
		t.Errorf("check: %s", out)
	}
	if out, _ := runs(t, graders("v2"), 0, with("check")...); !strings.Contains(inOneLine(out), "does not hold for the present drafts: another model") {
		t.Errorf("check with other rules: %s", out)
	}
	runs(t, c, 0, with("verify")...)
	var cert struct {
		Passes bool `json:"passes"`
		Bar    struct {
			Labels, Cases int
			Share         float64
			Calibration   string
		} `json:"bar"`
	}
	out, _ = certify(c, 0, "--by", "lea@example.com", "--json")
	if err := json.Unmarshal([]byte(out), &cert); err != nil || !cert.Passes || cert.Bar.Cases < cert.Bar.Labels || cert.Bar.Share <= 0.3 || len(cert.Bar.Calibration) != 64 {
		t.Errorf("%+v, %v", cert, err)
	}
	out, errs = runs(t, c, 4, append(with("certify", "--error", "0.001", "--by", "lea@example.com"), labels...)...)
	if !strings.Contains(out, "nothing passes") || !strings.Contains(errs, "2995 with 0 wrong") {
		t.Errorf("too strict: %s%s", out, errs)
	}
}

// inOneLine is what was wrapped.
func inOneLine(out string) string { return strings.Join(strings.Fields(out), " ") }
