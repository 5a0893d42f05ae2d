package scaffold

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// release is a tiny source of a version: files are below the template's folder,
// and kit ones below the kit's, each by its path.
func release(version string, files, kitFiles map[string]string) Source {
	s := Source{Templates: fstest.MapFS{
		"tiny/template.yaml": file("name: tiny\ndescription: {en: A small one., zh: 小的。}\n"),
	}, Kit: fstest.MapFS{
		"go.mod.tmpl": file("module " + kitModule + "\n\ngo 1.26\n"),
		"go.sum.tmpl": file(""),
	}, Version: version}
	for path, text := range files {
		s.Templates.(fstest.MapFS)["tiny/"+path] = file(text)
	}
	for path, text := range kitFiles {
		s.Kit.(fstest.MapFS)[path] = file(text)
	}
	return s
}

// newApp writes an app of src into a fresh folder.
func newApp(t *testing.T, src Source) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	if err := mustPlan(t, src, Spec{Template: "tiny"}).Apply(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// set writes a file of an app as its team would.
func set(t *testing.T, dir, path, text string) {
	t.Helper()
	full := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, dir, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// snapshot is everything in a folder: modes, contents, links, empty folders.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir():
			all[rel] = info.Mode().String()
		case info.Mode().IsRegular():
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all[rel] = info.Mode().String() + " " + string(raw)
		default:
			aim, _ := os.Readlink(path)
			all[rel] = info.Mode().String() + " " + aim
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// unlike names what differs between two snapshots.
func unlike(a, b map[string]string) (names []string) {
	for name, v := range a {
		if w, ok := b[name]; !ok || v != w {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

func next(t *testing.T, src Source, dir string) *Next {
	t.Helper()
	n, err := src.Next(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// kinds are the kinds of changes by their path, without those of .tackhammer.
func kinds(n *Next) map[string]Kind {
	all := map[string]Kind{}
	for _, c := range n.Changes {
		if !isMark(c.Path) {
			all[c.Path] = c.Kind
		}
	}
	return all
}
