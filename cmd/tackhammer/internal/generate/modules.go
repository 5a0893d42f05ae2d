package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

const kitPath = "github.com/tackhammer/tackhammer/kit"

// modules writes kit/go.mod.tmpl and kit/go.sum.tmpl, and go.mod.tmpl and
// go.sum of the apps: one for all templates, below templates/common, and one
// of its own for a template that needs other modules than the first.
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
	var common modFiles
	for i, name := range src.Names() {
		own, err := tidied(src, name, filepath.Join(tmp, name), pins)
		if err != nil {
			return err
		}
		if i == 0 {
			common = own
			err = keepFirst(root, filepath.Join(tmp, name), own, pins)
		} else {
			err = own.keepUnlike(common, filepath.Join(root, "templates", name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tidied makes the example of a template in the folder app and tidies it.
func tidied(src scaffold.Source, name, app string, pins *modfile.File) (modFiles, error) {
	spec := scaffold.ExampleSpec(name)
	plan, err := src.Plan(spec)
	if err != nil {
		return modFiles{}, err
	}
	if err := plan.Apply(context.Background(), app); err != nil {
		return modFiles{}, err
	}
	if err := tidyBoth(app, spec.Module, pins); err != nil {
		return modFiles{}, err
	}
	return readModFiles(app, "<% .Module %>", pins)
}

// keepFirst writes the modules of the kit and those of the first app, which
// are every template's that says nothing else.
func keepFirst(root, app string, own modFiles, pins *modfile.File) error {
	kit, err := readModFiles(filepath.Join(app, "third_party", "kit"), kitPath, pins)
	if err != nil {
		return err
	}
	if err := kit.write(filepath.Join(root, "kit", "go.mod.tmpl"), filepath.Join(root, "kit", "go.sum.tmpl")); err != nil {
		return err
	}
	return own.writeTo(filepath.Join(root, "templates", "common"))
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

// modFiles are a tidied go.mod and go.sum.
type modFiles struct{ mod, sum []byte }

// readModFiles reads them from dir, with module as the module's path. It fails
// when a version is not that of pins.
func readModFiles(dir, module string, pins *modfile.File) (modFiles, error) {
	file := filepath.Join(dir, "go.mod")
	mod, err := readMod(file)
	if err != nil {
		return modFiles{}, err
	}
	if err := samePins(mod, pins); err != nil {
		return modFiles{}, err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return modFiles{}, err
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return modFiles{}, err
	}
	line := mod.Module.Syntax // the module's path may be a placeholder that modfile would refuse
	return modFiles{mod: append([]byte("module "+module), raw[line.End.Byte:]...), sum: sum}, nil
}

func (f modFiles) write(mod, sum string) error {
	fmt.Println("wrote", mod, "and", sum)
	if err := os.WriteFile(mod, f.mod, 0o644); err != nil {
		return err
	}
	return os.WriteFile(sum, f.sum, 0o644)
}

// writeTo writes f to where the next build embeds it.
func (f modFiles) writeTo(dir string) error {
	return f.write(filepath.Join(dir, "go.mod.tmpl"), filepath.Join(dir, "go.sum"))
}

// keepUnlike writes f to dir where it is not common, and else takes away what
// an earlier run wrote there.
func (f modFiles) keepUnlike(common modFiles, dir string) error {
	if !bytes.Equal(f.mod, common.mod) || !bytes.Equal(f.sum, common.sum) {
		return f.writeTo(dir)
	}
	for _, name := range []string{"go.mod.tmpl", "go.sum"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
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

func readMod(file string) (*modfile.File, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(file, raw, nil)
}
