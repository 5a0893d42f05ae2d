package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// answersIn writes files into a folder of answers.
func answersIn(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestTheSheetOfAField goes the way of a field that was added: its cases are
// listed, some are filled in, and those are measured; and what is no field is
// left out of the score.
func TestTheSheetOfAField(t *testing.T) {
	var out, errs strings.Builder
	c := deskOf(nil, nil)
	c.Out, c.Err = &out, &errs
	cases := answersIn(t, map[string]string{"a.txt": "A\n", "b.txt": "B\n", "c.txt": "C\n"})
	answers := answersIn(t, map[string]string{"a.json": `{"old": "gone"}`, "b.json": `{}`})
	run := func(args ...string) string {
		t.Helper()
		out.Reset()
		errs.Reset()
		if code := c.Run(t.Context(), append([]string{"desk", "eval", "--cases", cases, "--answers", answers}, args...)); code != 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		return out.String()
	}
	if got := run("--unanswered", "title"); got != "a,\nb,\nc,\n" {
		t.Errorf("unanswered are %q", got)
	}
	sheet := filepath.Join(answers, "title.csv")
	if err := os.WriteFile(sheet, []byte("case,title\na,A\nb,\nc,D\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run("--unanswered", "title"); got != "b,\n" {
		t.Errorf("then %q", got)
	}
	if got := run("--misses"); !strings.Contains(got, "title") || strings.Contains(got, "old") {
		t.Errorf("the score is\n%s", got)
	}
	if !strings.Contains(errs.String(), "1 left out: answers to what is no field: old") {
		t.Errorf("it tells %q", errs.String())
	}
	if code := c.Run(t.Context(), []string{"desk", "eval", "--unanswered", "titel"}); code != 2 || !strings.Contains(errs.String(), "did you mean title?") {
		t.Errorf("a field that is none: exit %d, %s", code, errs.String())
	}
}
