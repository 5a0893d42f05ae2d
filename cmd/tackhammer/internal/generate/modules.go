package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

const kitPath = "github.com/tackhammer/tackhammer/kit"

// modules writes kit/go.mod.tmpl, kit/go.sum.tmpl, and the go.mod.tmpl and
// go.sum of each template.
func modules(root string, src scaffold.Source) error {
	pins, err := readMod(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "tackhammer-generate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	for _, name := range src.Names() {
		spec := scaffold.ExampleSpec(name)
		plan, err := src.Plan(spec)
		if err != nil {
			return err
		}
		app := filepath.Join(tmp, name)
		if err := plan.Apply(context.Background(), app); err != nil {
			return err
		}
		if err := tidyBoth(app, spec.Module, pins); err != nil {
			return err
		}
		if err := keep(root, name, app, pins); err != nil {
			return err
		}
	}
	return nil
}

func tidyBoth(app, module string, pins *modfile.File) error {
	kitDir := filepath.Join(app, "third_party", "kit")
	if err := tidy(kitDir, kitPath, pins, false); err != nil {
		return err
	}
	return tidy(app, module, pins, true)
}

// tidy writes a go.mod that requires every module of pins and lets go mod tidy
// drop what is not needed: versions never come from the network.
func tidy(dir, module string, pins *modfile.File, withKit bool) error {
	mod := new(modfile.File)
	if err := mod.AddModuleStmt(module); err != nil {
		return err
	}
	if err := mod.AddGoStmt(pins.Go.Version); err != nil {
		return err
	}
	for _, r := range pins.Require {
		mod.AddNewRequire(r.Mod.Path, r.Mod.Version, true)
	}
	if withKit {
		mod.AddNewRequire(kitPath, "v0.0.0", false)
		if err := mod.AddReplace(kitPath, "", "./third_party/kit", ""); err != nil {
			return err
		}
	}
	out, err := mod.Format()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), out, 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, "go.sum")); err != nil {
		return err
	}
	cmd := exec.Command("go", "mod", "tidy")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("tidy %s: %w\n%s", module, err, out)
	}
	return nil
}

// keep writes the tidied files of app to where the next build embeds them.
func keep(root, template, app string, pins *modfile.File) error {
	kitDir := filepath.Join(app, "third_party", "kit")
	to := filepath.Join(root, "templates", template)
	for _, c := range []struct{ from, to, module string }{
		{filepath.Join(kitDir, "go.mod"), filepath.Join(root, "kit", "go.mod.tmpl"), kitPath},
		{filepath.Join(app, "go.mod"), filepath.Join(to, "go.mod.tmpl"), "<% .Module %>"},
	} {
		if err := keepMod(c.from, c.to, c.module, pins); err != nil {
			return err
		}
	}
	if err := keepSum(filepath.Join(kitDir, "go.sum"), filepath.Join(root, "kit", "go.sum.tmpl")); err != nil {
		return err
	}
	return keepSum(filepath.Join(app, "go.sum"), filepath.Join(to, "go.sum"))
}

func keepMod(from, to, module string, pins *modfile.File) error {
	mod, err := readMod(from)
	if err != nil {
		return err
	}
	if err := samePins(mod, pins); err != nil {
		return err
	}
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	line := mod.Module.Syntax // the module's path is a placeholder that modfile would refuse
	out := append([]byte("module "+module), raw[line.End.Byte:]...)
	fmt.Println("wrote", to)
	return os.WriteFile(to, out, 0o644)
}

// samePins fails when tidying chose another version than the root's.
func samePins(mod, pins *modfile.File) error {
	want := map[string]string{kitPath: "v0.0.0"}
	for _, r := range pins.Require {
		want[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range mod.Require {
		if want[r.Mod.Path] != r.Mod.Version {
			return fmt.Errorf("%s needs %s, the root's go.mod has %q", mod.Module.Mod.Path, r.Mod, want[r.Mod.Path])
		}
	}
	return nil
}

func keepSum(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	fmt.Println("wrote", to)
	return os.WriteFile(to, raw, 0o644)
}

func readMod(file string) (*modfile.File, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(file, raw, nil)
}
