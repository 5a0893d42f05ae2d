// Command generate rewrites what is committed of generated files:
//
//	go run ./cmd/tackhammer/internal/generate modules    # go.mod and go.sum of the kit and of the templates
//	go run ./cmd/tackhammer/internal/generate examples   # examples/TEMPLATE, a fresh app of each template
//
// Both have to run in this order, each built anew, as the second embeds what
// the first one wrote; go generate ./cmd/tackhammer does that. Versions come
// from the go.mod at the root and from nowhere else: an app is tested with the
// versions that this repository is tested with.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tackhammer/tackhammer"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/templates"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	k, err := fs.Sub(tackhammer.Kit, "kit")
	if err != nil {
		return err
	}
	src := scaffold.Source{Templates: templates.FS, Kit: k}
	if len(args) == 1 {
		switch args[0] {
		case "modules":
			return modules(root, src)
		case "examples":
			return examples(root, src)
		}
	}
	return fmt.Errorf("one argument is wanted: modules or examples")
}

// moduleRoot walks up to the folder that holds go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working folder")
		}
		dir = up
	}
}

// examples writes a fresh app of each template into examples.
func examples(root string, src scaffold.Source) error {
	for _, name := range src.Names() {
		plan, err := src.Plan(scaffold.ExampleSpec(name))
		if err != nil {
			return err
		}
		dir := filepath.Join(root, "examples", name)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := plan.Apply(context.Background(), dir); err != nil {
			return err
		}
		fmt.Println("wrote", dir)
	}
	return nil
}
