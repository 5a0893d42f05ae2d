package scaffold

import (
	"os"
	"path/filepath"
	"testing"
)

// What is written ends its lines as the team's file does, or as the new one where
// the team kept the ending.
func TestLevelChoosesTheEnding(t *testing.T) {
	for _, c := range []struct {
		base, ours, theirs string
		want               ending
	}{
		{"a\nb\n", "a\nc\n", "a\nb\nd\n", lf},
		{"a\nb\n", "a\r\nb\r\n", "a\nd\n", crlf},
		{"a\r\nb\r\n", "a\nb\n", "a\r\nd\r\n", lf},
		{"a\nb\n", "a\nb\n", "a\r\nb\r\n", crlf},
		{"a\n", "a", "b\n", lf},
		{"a\nb\n", "a\r\nb\n", "a\nd\n", mixed},
		{"a\rb", "a\rb", "c", mixed},
		{"\x00\n", "\x00\r\n", "c\n", mixed},
	} {
		s := level([]byte(c.base), []byte(c.ours), []byte(c.theirs))
		if s.end != c.want {
			t.Errorf("%q, %q, %q: %q, want %q", c.base, c.ours, c.theirs, s.end, c.want)
		}
		if s.end == mixed && (string(s.ours) != c.ours || string(s.end.with(s.theirs)) != c.theirs) {
			t.Errorf("%q: mixed endings are changed", c.ours)
		}
	}
	if !sameText([]byte("a\nb\n"), []byte("a\r\nb\r\n")) || sameText([]byte("a\n"), []byte("a")) || sameText([]byte("\x00\n"), []byte("\x00\r\n")) {
		t.Error("sameText")
	}
}

func TestLookFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	set(t, dir, "real/file.txt", "x")
	must(t, os.Symlink("real", filepath.Join(dir, "inside")))
	must(t, os.Symlink(filepath.Dir(dir), filepath.Join(dir, "outside")))
	must(t, os.Symlink("real/file.txt", filepath.Join(dir, "link.txt")))
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	for path, want := range map[string]string{
		"real/file.txt": "", "none": "", "none/below": "", "inside/file.txt": "inside is a link", "outside/x": "outside is a link",
		"link.txt": "it is a link", "real": "it is a folder", "real/file.txt/below": "real/file.txt is no folder",
	} {
		is, err := look(root, path)
		if err != nil || is.odd != want || (is.file != nil) != (path == "real/file.txt") {
			t.Errorf("%s: %+v, %v, want %q", path, is, err, want)
		}
	}
}
