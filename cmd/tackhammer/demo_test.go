package main

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// The README's first command, with the real app: it is made, built and loaded,
// the link answers, Ctrl-C ends it with 0, and a second one picks it up.
func TestDemoShowsTheApp(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles an app")
	}
	bin, dir := build(t), filepath.Join(t.TempDir(), "demo")
	for _, want := range []string{"(made)", "(picked up)"} {
		said := demoWith(t, bin, []string{"--dir", dir}, func(link string) { page(t, link) })
		if !strings.Contains(said, dir+" "+want) || !strings.Contains(said, "stopped") {
			t.Errorf("no %q or no end in:\n%s", want, said)
		}
	}
}

func page(t *testing.T, link string) {
	t.Helper()
	resp, err := http.Get(link)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("<html")) {
		t.Errorf("get %s: %s, %v\n%.300s", link, resp.Status, err, body)
	}
}
