package tryout

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// Render makes the app of spec in memory, in gofmt's form, and reads its
// nail.yaml as the app itself would.
func Render(src scaffold.Source, spec scaffold.Spec) (*scaffold.Plan, error) {
	plan, err := src.Plan(spec)
	if err != nil {
		return nil, err
	}
	files := plan.Tree()
	raw, ok := files["nail.yaml"]
	if !ok {
		return plan, kit.Errorf(kit.Invalid, "render an app: it has no nail.yaml")
	}
	if _, err := nail.Parse("nail.yaml", raw.Data); err != nil {
		return plan, err
	}
	for _, wanted := range []string{"go.mod", "main.go"} {
		if _, ok := files[wanted]; !ok {
			return plan, kit.Errorf(kit.Invalid, "render an app: it has no %s", wanted)
		}
	}
	return plan, nil
}

// Prove writes the app into a folder app below dir, in the place of the one
// before, and vets and tests it there with no network. Where a step fails, what
// it said is in the error. The same place each time, and -trimpath, let the Go
// command build again only what differs.
func Prove(ctx context.Context, plan *scaffold.Plan, dir string) error {
	app := filepath.Join(dir, "app")
	if err := os.RemoveAll(app); err != nil {
		return kit.Errorf(kit.Internal, "clear %s: %w", app, err)
	}
	if err := plan.Apply(ctx, app); err != nil {
		return err
	}
	for _, args := range [][]string{{"vet", "./..."}, {"test", "-vet=off", "./..."}} {
		if err := goCommand(ctx, app, args...); err != nil {
			return err
		}
	}
	return nil
}

func goCommand(ctx context.Context, dir string, args ...string) error {
	if _, err := exec.LookPath("go"); err != nil {
		return kit.Errorf(kit.Unavailable, "run go %s: %w", args[0], err).WithHint("install Go from https://go.dev/dl and put it on the PATH")
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=readonly -trimpath")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it then removes its temporary files
	cmd.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return kit.Errorf(kit.Internal, "run go %s: %w", args[0], context.Cause(ctx))
		}
		return kit.Errorf(kit.Internal, "go %s fails:\n%s", strings.Join(args, " "), last(said.String(), 40))
	}
	return nil
}

func last(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// Result is what became of one spec.
type Result struct {
	Spec    scaffold.Spec
	Seconds float64
	Err     error // nil where the app stands
}

// All tries every spec, one after the other, and says so to progress. With
// build false it renders alone. It ends early when ctx does.
func All(ctx context.Context, src scaffold.Source, specs []scaffold.Spec, build bool, progress io.Writer) ([]Result, error) {
	dir, err := os.MkdirTemp("", "tackhammer-try-")
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	var all []Result
	for i, spec := range specs {
		began := time.Now()
		plan, err := Render(src, spec)
		if err == nil && build {
			err = Prove(ctx, plan, dir)
		}
		if ctx.Err() != nil {
			return all, kit.Errorf(kit.Internal, "try the template: %w", context.Cause(ctx))
		}
		r := Result{spec, time.Since(began).Seconds(), err}
		all = append(all, r)
		word := "ok"
		if err != nil {
			word = "fails"
		}
		fmt.Fprintf(progress, "%d of %d  %s  %.1f s\n", i+1, len(specs), word, r.Seconds)
	}
	return all, nil
}
