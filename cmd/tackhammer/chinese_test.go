package main

import (
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/rogpeppe/go-internal/testscript"
)

// fits fails where a line of what a script's last command printed is wider than
// a terminal of 80 columns. A Chinese letter takes two.
func fits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: fits")
	}
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if wide := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); wide > 80 {
			ts.Fatalf("%d cells: %s", wide, line)
		}
	}
}
