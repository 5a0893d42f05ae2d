package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
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
		said := demoWith(t, bin, []string{"--dir", dir}, func(link string) { page(t, link) })
		if !strings.Contains(said, dir+" "+want) || !strings.Contains(said, "stopped") {
			t.Errorf("no %q or no end in:\n%s", want, said)
		}
	}
}

// A demo that is killed, and so tells the app nothing, leaves nothing running.
func TestAKilledDemoLeavesNoAppBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles an app")
	}
	cmd := exec.Command(build(t), "demo", "--addr", "127.0.0.1:0", "--no-open", "--dir", filepath.Join(t.TempDir(), "demo"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	address := ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		address, _ = strings.CutPrefix(lines.Text(), "address  ")
		if !strings.HasPrefix(address, "http") {
			address = ""
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if address == "" {
		t.Fatal("the demo told no address")
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(address + "/healthz")
		if err != nil {
			return
		}
		resp.Body.Close()
		if time.Now().After(end) {
			t.Fatal("the app goes on")
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
