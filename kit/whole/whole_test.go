package whole_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tackhammer/tackhammer/kit/whole"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// A write that fails leaves what was there, and nothing beside it.
func TestReplaceIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := whole.Replace(path, 0o600, text("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := whole.Replace(path, 0o600, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return broken })
	if got, _ := os.ReadFile(path); !errors.Is(err, broken) || string(got) != "old" {
		t.Errorf("%v, the file holds %q", err, got)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

func TestNewReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	if err := whole.New(path, 0o600, text("first")); err != nil {
		t.Fatal(err)
	}
	err := whole.New(path, 0o600, text("second"))
	if got, _ := os.ReadFile(path); !errors.Is(err, fs.ErrExist) || string(got) != "first" {
		t.Errorf("%v, the file holds %q", err, got)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

func ExampleReplace() {
	dir, err := os.MkdirTemp("", "whole")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "greeting")
	fmt.Println(whole.Replace(path, 0o600, text("hello")))
	got, err := os.ReadFile(path)
	fmt.Println(string(got), err)
	// Output:
	// <nil>
	// hello <nil>
}
