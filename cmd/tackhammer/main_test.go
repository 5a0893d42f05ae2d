package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tackhammer":        main,
		"tackhammer-first":  release("0.1.0", firstFiles),
		"tackhammer-next":   release("0.2.0", nextFiles),
		"tackhammer-real-1": realRelease(0),
		"tackhammer-real-2": realRelease(1),
		"tackhammer-real-3": realRelease(2),
	})
}

func TestScripts(t *testing.T) {
	settings := map[string]string{} // scripts have no home, and none of the environment
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "CGO_ENABLED"} {
		settings[name] = goEnv(t, name)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exit": exitCode, "fits": fits},
		// What a script needs may be missing, but not on the build server.
		Condition: func(name string) (bool, error) {
			if name != "required" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return os.Getenv("TACKHAMMER_REQUIRE") != "", nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "C.UTF-8")
			program, err := exec.LookPath("tackhammer")
			if err != nil {
				return err
			}
			env.Setenv("THIS", program) // for scripts that change the PATH
			for name, value := range settings {
				env.Setenv(name, value)
			}
			return nil
		},
	})
}

// exitCode runs a program and holds it to an exit code: exit 3 tackhammer new DIR.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(*exec.ExitError); ok {
		got = strings.TrimPrefix(exit.Error(), "exit status ")
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// build returns the path of the program.
func build(tb testing.TB) string {
	tb.Helper()
	bin := filepath.Join(tb.TempDir(), "tackhammer")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// BenchmarkNew measures tackhammer new as a user meets it, with the start of
// the program. It has to stay under half a second.
func BenchmarkNew(b *testing.B) {
	bin, dir := build(b), b.TempDir()
	for i := 0; b.Loop(); i++ {
		app := filepath.Join(dir, strconv.Itoa(i))
		if out, err := exec.Command(bin, "new", app, "--template", "receipts").CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	if each := b.Elapsed() / time.Duration(b.N); each > 500*time.Millisecond {
		b.Errorf("a new app takes %v", each)
	}
}
