package command

import (
	"bytes"
	"context"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
)

// fake is the source of an app that keeps the contract of the real one and
// builds in a second.
func fake() scaffold.Source {
	return scaffold.Source{Templates: os.DirFS("testdata/templates"), Kit: os.DirFS("testdata/kit")}
}

// newer is fake from another version of this program.
func newer(t *testing.T) scaffold.Source {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(fake().Templates, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fake().Templates, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files["receipts/NEWS"] = &fstest.MapFile{Data: []byte("new")}
	return scaffold.Source{Templates: files, Kit: fake().Kit}
}

// show runs the demo until its page opens, and returns what it printed and the
// page. The server must answer while the page is open.
func show(t *testing.T, d demo) (out, page string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var buf bytes.Buffer
	d.Addr, d.Out, d.Err = "127.0.0.1:0", &buf, &buf
	d.Open = func(link string) error {
		page = link
		resp, err := http.Get(link)
		if err != nil {
			t.Error(err)
		} else {
			resp.Body.Close()
		}
		cancel()
		return nil
	}
	if err := d.Run(ctx); err != nil {
		t.Fatalf("%v\n%s", err, &buf)
	}
	return buf.String(), page
}

func wantText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in:\n%s", p, text)
		}
	}
}

func TestDemo(t *testing.T) {
	t.Setenv("OLLAMA_HOST", "127.0.0.1:1")
	t.Setenv("DATABASE_URL", "postgres://of-another-app")
	dir := filepath.Join(t.TempDir(), "demo")
	d := demo{Source: fake(), Dir: dir}

	out, page := show(t, d)
	wantText(t, out, dir+" (made)", "samples  9 imported\n", "the first one takes", "some samples were not imported", "address  http://127.0.0.1:", "sign in  "+page, "stopped")
	wantText(t, page, "/sign-in?token=t")
	ended, err := os.ReadFile(filepath.Join(dir, "data", "ended"))
	if err != nil || !strings.HasPrefix(string(ended), "serve --addr 127.0.0.1:") {
		t.Errorf("the app was not ended in order: %q, %v", ended, err)
	}

	d.Model = "ollama:tiny"
	out, _ = show(t, d)
	wantText(t, out, dir+" (picked up)", "build    go build …")
	if ended, _ = os.ReadFile(filepath.Join(dir, "data", "ended")); !strings.HasSuffix(string(ended), " --model ollama:tiny") {
		t.Errorf("the model did not arrive: %q", ended)
	}

	d.Source = newer(t)
	out, _ = show(t, d)
	wantText(t, out, "brought up to this version")
	for _, f := range []string{"NEWS", "data/user"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Error(err)
		}
	}

	if err := os.WriteFile(filepath.Join(dir, "NEWS"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.Source = fake()
	out, _ = show(t, d)
	wantText(t, out, "picked up as it is", "NEWS was edited")
}

func TestDemoSaysWhyTheAppEnded(t *testing.T) {
	t.Setenv("OLLAMA_HOST", "127.0.0.1:1")
	var out bytes.Buffer
	d := demo{Source: fake(), Dir: filepath.Join(t.TempDir(), "demo"), Addr: "127.0.0.1:0", Model: "ollama:broken", Out: &out, Err: &out}
	err := d.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the model is broken") || !strings.Contains(kit.HintOf(err), "serve.log") {
		t.Errorf("%v (%s)", err, kit.HintOf(err))
	}
}

func TestDemoSaysWhyTheAppDoesNotBuild(t *testing.T) {
	src := newer(t)
	src.Templates.(fstest.MapFS)["receipts/bad.go"] = &fstest.MapFile{Data: []byte("package main\nvar x int = \"\"\n")}
	var out bytes.Buffer
	d := demo{Source: src, Dir: filepath.Join(t.TempDir(), "demo"), Addr: "127.0.0.1:0", Out: &out, Err: &out}
	if err := d.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "bad.go:") {
		t.Error(err)
	}
	t.Setenv("PATH", "")
	if err := d.Run(t.Context()); kit.CodeOf(err) != kit.Unavailable || !strings.Contains(kit.HintOf(err), "install Go") {
		t.Errorf("without go: %v", err)
	}
}

func TestDemoRefusesAForeignFolderAndATakenPort(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	d := demo{Source: fake(), Dir: dir, Addr: "127.0.0.1:0", Out: &bytes.Buffer{}}
	if err := d.Run(t.Context()); kit.CodeOf(err) != kit.Conflict || !strings.Contains(kit.HintOf(err), "--dir") {
		t.Errorf("a foreign folder: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d.Addr = l.Addr().String()
	if err := d.Run(t.Context()); kit.CodeOf(err) != kit.Conflict || !strings.Contains(kit.HintOf(err), "--addr 127.0.0.1:") {
		t.Errorf("a taken port: %v", err)
	}
}

func TestDemoDir(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv("LocalAppData", "")
	if _, err := demoDir(""); kit.CodeOf(err) != kit.Invalid || !strings.Contains(kit.HintOf(err), "--dir") {
		t.Errorf("without a home: %v", err)
	}
}

// A Ctrl-C while the app is being built is no failure either.
func TestDemoEndsInTheBuild(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	d := demo{Source: fake(), Dir: filepath.Join(t.TempDir(), "demo"), Addr: "127.0.0.1:0", Err: &out}
	d.Out = writer(func(p []byte) (int, error) {
		if bytes.HasPrefix(p, []byte("build")) {
			time.AfterFunc(20*time.Millisecond, cancel)
		}
		return out.Write(p)
	})
	if err := d.Run(ctx); err != nil || !strings.HasSuffix(out.String(), "\nstopped\n") {
		t.Errorf("%v\n%s", err, &out)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
