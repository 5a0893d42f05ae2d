package intake

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// tree makes files, with their path as content, and links ("from -> to").
func tree(t *testing.T, entries ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, e := range entries {
		from, to, isLink := strings.Cut(e, " -> ")
		path := filepath.Join(root, from)
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil && isLink {
			err = os.Symlink(to, path)
		} else if err == nil {
			err = os.WriteFile(path, []byte(e), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// listed is what Files finds of root, as paths relative to it.
func listed(t *testing.T, root string, paths ...string) ([]string, []error) {
	t.Helper()
	for i, p := range paths {
		paths[i] = filepath.Join(root, p)
	}
	files, errs := Files(paths)
	var names []string
	for _, f := range files {
		rel, err := filepath.Rel(root, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, rel)
	}
	return names, errs
}

func TestFiles(t *testing.T) {
	root := tree(t, "b.txt", "a/z.txt", "a/b/c.txt", ".hidden/x.txt", "a/.dot", "合计.txt", "empty/.keep")
	names, errs := listed(t, root, ".")
	if want := []string{"a/b/c.txt", "a/z.txt", "b.txt", "合计.txt"}; !slices.Equal(names, want) || errs != nil {
		t.Errorf("files %q, %v; want %q", names, errs, want)
	}
	names, errs = listed(t, root, "a/z.txt", "a", "a/.dot", ".hidden")
	if want := []string{"a/z.txt", "a/b/c.txt", "a/.dot", ".hidden/x.txt"}; !slices.Equal(names, want) || errs != nil {
		t.Errorf("named ones: %q, %v; want %q", names, errs, want)
	}
	files, _ := Files([]string{filepath.Join(root, "b.txt")})
	if files[0].Size != int64(len("b.txt")) {
		t.Errorf("size %d", files[0].Size)
	}
}

func TestFilesGoOnAfterTrouble(t *testing.T) {
	root := tree(t, "a.txt")
	names, errs := listed(t, root, "none.txt", "a.txt")
	var u *Unusable
	if len(errs) != 1 || !errors.As(errs[0], &u) || filepath.Base(u.Path) != "none.txt" {
		t.Errorf("the path of %v is not told", errs)
	}
	if len(errs) != 1 || kit.CodeOf(errs[0]) != kit.NotFound || !strings.Contains(errs[0].Error(), "none.txt: no such file") || len(names) != 1 {
		t.Errorf("files %q, errors %v", names, errs)
	}
	if _, errs := Files([]string{os.DevNull}); len(errs) != 1 || kit.CodeOf(errs[0]) != kit.Unsupported {
		t.Errorf("a device: %v", errs)
	}
}

func TestFilesStayInTheFolder(t *testing.T) {
	outside := tree(t, "secret.txt")
	root := tree(t, "in/a.txt", "in/.data/b.txt",
		"in/same.txt -> a.txt", "in/b.txt -> .data/b.txt", "in/loop -> .", "in/up -> ..",
		"in/out.txt -> "+filepath.Join(outside, "secret.txt"), "in/outdir -> "+outside, "in/gone -> nowhere", "top -> in")
	names, errs := listed(t, root, "in")
	if want := []string{"in/a.txt", "in/b.txt"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	var said []string
	for _, err := range errs {
		said = append(said, strings.TrimPrefix(err.Error(), "read "+filepath.Join(root, "in")+"/"))
	}
	if want := []string{"gone: no such file or folder", "out.txt: a link that leads out of the folder",
		"outdir: a link that leads out of the folder", "up: a link that leads out of the folder"}; !slices.Equal(said, want) {
		t.Errorf("errors %q, want %q", said, want)
	}
	if names, _ = listed(t, root, "top"); !slices.Equal(names, []string{"top/a.txt", "top/b.txt"}) {
		t.Errorf("a folder named by a link: %q", names)
	}
}

func TestReadFile(t *testing.T) {
	root := tree(t, "a.txt")
	doc, _, err := new(Reader).ReadFile(context.Background(), filepath.Join(root, "a.txt"))
	if err != nil || doc.Text != "a.txt" || doc.Name != "a.txt" {
		t.Errorf("%+v, %v", doc, err)
	}
	for path, code := range map[string]kit.Code{"b.txt": kit.NotFound, ".": kit.Unsupported} {
		if _, _, err := new(Reader).ReadFile(context.Background(), filepath.Join(root, path)); kit.CodeOf(err) != code {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNamesAreHarmless(t *testing.T) {
	long := strings.Repeat("合", 100)
	for in, want := range map[string]string{
		"receipt.jpg": "receipt.jpg", "../../etc/passwd": "passwd", `C:\Users\me\a.txt`: "a.txt", "a/": "unnamed", "": "unnamed",
		"..": "unnamed", "a\x00b\n\x1b.txt": "ab.txt", "gpj.\u202eexe": "gpj.exe", "\xff合.txt": "合.txt", " a.txt ": "a.txt",
		long + ".txt":                   long[:249] + ".txt",
		"a." + strings.Repeat("b", 300): "a." + strings.Repeat("b", 253),
	} {
		if got := baseName(in); got != want || len(got) > 255 {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
