package app

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

func TestAnExportGoesWhereThePathLeads(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(target, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no links here")
	}
	words := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	if err := writeFile(link, words); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(target); string(got) != "new" {
		t.Errorf("behind the link stands %q", got)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	err := writeFile(dir, words)
	if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("to a folder: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
