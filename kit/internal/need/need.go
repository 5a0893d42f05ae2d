// Package need finds what a test wants from its machine: shared data, an
// installed program, a server. What is missing skips the test with a reason,
// or fails it where TACKHAMMER_REQUIRE is set, so that a build server cannot
// pass by lacking things.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Skip ends the test because something is missing: as a skip, or as a failure
// where TACKHAMMER_REQUIRE is set.
func Skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("TACKHAMMER_REQUIRE") != "" {
		t.Fatalf("required here: "+format, args...)
	}
	t.Skipf(format, args...)
}

// Shared returns the folder that holds data/receipts: TACKHAMMER_SHARED, or the
// folder shared beside the module's root.
func Shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("TACKHAMMER_SHARED")
	if dir == "" {
		dir = filepath.Join(filepath.Dir(root(t)), "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "receipts")); err != nil {
		Skip(t, "no folder %s with the receipts data; set TACKHAMMER_SHARED", dir)
	}
	return dir
}

// Program returns the path of an installed program.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Skip(t, "the program %s is not installed", name)
	}
	return path
}

// Env returns an environment variable's value.
func Env(t testing.TB, name, hint string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		Skip(t, "%s is not set: %s", name, hint)
	}
	return v
}

// root walks up from the working folder to the one that holds go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the working folder")
		}
		dir = up
	}
}
