package command

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestNothingIsColouredButOnATerminal(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm-256color")
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if p := colours(file); p.on {
		t.Error("a file gets colours")
	}
	p := colours(&bytes.Buffer{})
	if got := p.red("wrong") + p.diff("--- a\n@@ -1 +1 @@\n-x\n+y\n"); strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
}

func TestADiffIsColouredLineByLine(t *testing.T) {
	p := palette{on: true}
	got := p.diff("--- a\n+++ b\n@@ -1,2 +1,2 @@\n same\n--- x\n+\x1b[2Jy")
	want := "\x1b[1m--- a\x1b[0m\n\x1b[1m+++ b\x1b[0m\n\x1b[2m@@ -1,2 +1,2 @@\x1b[0m\n same\n\x1b[31m--- x\x1b[0m\n\x1b[32m+?[2Jy\x1b[0m"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := p.bold(""); got != "" {
		t.Errorf("nothing is %q", got)
	}
}
