package workflow_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"
)

// TestThePromiseIsKeptByTheCompiler type-checks the programs of
// testdata/promise. Each says what the compiler must say of it; one without
// such words must compile.
func TestThePromiseIsKeptByTheCompiler(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles many programs")
	}
	programs := readPrograms(t)
	found := typeCheck(t, programs)
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			got := found[name]
			for _, want := range p.want {
				i := slices.IndexFunc(got, func(msg string) bool { return strings.Contains(msg, want) })
				if i < 0 {
					t.Errorf("the compiler does not say %q; it says\n\t%s", want, strings.Join(got, "\n\t"))
					continue
				}
				got = slices.Delete(slices.Clone(got), i, i+1)
			}
			if len(got) > 0 {
				t.Errorf("the compiler also says\n\t%s", strings.Join(got, "\n\t"))
			}
		})
	}
}

// program is a package of two files and what the compiler must say of it.
type program struct {
	source []byte
	want   []string
}

func readPrograms(t *testing.T) map[string]program {
	t.Helper()
	files, err := filepath.Glob("testdata/promise/*.txtar")
	if err != nil || len(files) < 7 {
		t.Fatalf("found %d programs, want at least 7; %v", len(files), err)
	}
	programs := map[string]program{}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var p program
		for _, f := range ar.Files {
			switch f.Name {
			case "desk.go":
				p.source = f.Data
			case "want":
				p.want = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
			}
		}
		programs[strings.TrimSuffix(filepath.Base(file), ".txtar")] = p
	}
	return programs
}

// typeCheck returns what the compiler says of each program. The programs are
// laid over this module's tree, so that they see it as a user's would.
func typeCheck(t *testing.T, programs map[string]program) map[string][]string {
	t.Helper()
	common, err := os.ReadFile("testdata/promise/common.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string][]byte{}
	var patterns []string
	for name, p := range programs {
		dir := filepath.Join(here, "testdata", "promise", name)
		overlay[filepath.Join(dir, "common.go")] = common
		overlay[filepath.Join(dir, "desk.go")] = p.source
		patterns = append(patterns, "./testdata/promise/"+name)
	}
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedTypes |
			packages.NeedSyntax | packages.NeedTypesInfo,
		Overlay: overlay,
	}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, pkg := range loaded {
		if pkg.Types == nil || pkg.Types.Scope().Lookup("receipt") == nil {
			t.Fatalf("%s was not type-checked: %v", pkg.PkgPath, pkg.Errors)
		}
		name := filepath.Base(pkg.PkgPath)
		found[name] = nil
		for _, e := range pkg.Errors { // each comes once from the build and once from the checker
			if e.Kind == packages.TypeError {
				found[name] = append(found[name], e.Msg)
			}
		}
	}
	if len(found) != len(programs) {
		t.Fatalf("type-checked %d programs of %d", len(found), len(programs))
	}
	return found
}
