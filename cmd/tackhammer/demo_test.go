package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The README's first command, with the real app: it is made, built and loaded,
// the link answers, Ctrl-C ends it with 0, and a second one picks it up.
func TestDemoShowsTheApp(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles an app")
	}
	bin, dir := build(t), filepath.Join(t.TempDir(), "demo")
	for _, want := range []string{"(made)", "(picked up)"} {
		said := demoOnce(t, bin, dir)
		if !strings.Contains(said, dir+" "+want) || !strings.Contains(said, "stopped") {
			t.Errorf("no %q or no end in:\n%s", want, said)
		}
	}
}

// demoOnce runs the demo until its sign-in link has answered, interrupts it,
// and returns all that it printed.
func demoOnce(t *testing.T, bin, dir string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "demo", "--dir", dir, "--addr", "127.0.0.1:0", "--no-open")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if link, ok := strings.CutPrefix(lines.Text(), "sign in  "); ok {
			page(t, link)
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
