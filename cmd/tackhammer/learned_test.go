package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// What the template's rules and what is learned from corrections reach on real
// receipts is measured in the app itself: testdata/real is put beside its
// files. The figures stand in the log.
func TestLearnedOnRealReceipts(t *testing.T) {
	if testing.Short() {
		t.Skip("trains many models")
	}
	receipts := realReceipts(t)
	dir := receiptsApp(t)
	cmd := exec.Command("go", "test", "-count=1", "-timeout", "15m", "-v", "-run", "^TestReal", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TACKHAMMER_RECEIPTS="+receipts, "GOFLAGS=-mod=mod -trimpath", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("the app's measures: %v", err)
	}
	for _, measure := range []string{"TestRealHalves", "TestRealClosedLoop"} {
		if !strings.Contains(string(out), "--- PASS: "+measure) {
			t.Errorf("%s did not run to its end", measure)
		}
	}
}

// realReceipts is the folder of labelled receipts.
func realReceipts(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TACKHAMMER_SHARED")
	if dir == "" {
		dir = filepath.Join(root, "..", "shared")
	}
	dir, err := filepath.Abs(filepath.Join(dir, "data", "receipts"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		missing(t, "no folder "+dir+" with labelled receipts; set TACKHAMMER_SHARED")
	}
	return dir
}

// receiptsApp writes a fresh receipts app whose kit is this repository's, and
// the measures beside its files.
func receiptsApp(t *testing.T) string {
	t.Helper()
	plan, err := source(t).Plan(scaffold.ExampleSpec("receipts"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, op := range plan.Ops {
		if !strings.HasPrefix(op.Path, "third_party/") && !strings.HasSuffix(op.Path, "_test.go") {
			put(t, filepath.Join(dir, filepath.FromSlash(op.Path)), op.Data)
		}
	}
	for from, to := range map[string]string{"testdata/real/real_test.go": "real_test.go", "testdata/real/loop_test.go": "loop_test.go", root + "/go.sum": "go.sum"} {
		raw, err := os.ReadFile(filepath.FromSlash(from))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, to), raw)
	}
	put(t, filepath.Join(dir, "go.mod"), besideTheRoot(t))
	return dir
}

func put(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

// besideTheRoot is a go.mod that takes the kit from this repository, with the
// repository's own pins: what was built here is not built again.
func besideTheRoot(t *testing.T) []byte {
	t.Helper()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(here, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range mod.Tool {
		if err := mod.DropTool(tool.Path); err != nil {
			t.Fatal(err)
		}
	}
	const kit = "github.com/tackhammer/tackhammer"
	for _, err := range []error{mod.AddModuleStmt("receipts-desk"), mod.AddRequire(kit, "v0.0.0"), mod.AddReplace(kit, "", here, "")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	mod.Cleanup()
	out, err := mod.Format()
	if err != nil {
		t.Fatal(err)
	}
	return out
}
