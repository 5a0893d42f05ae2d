package verify

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// checkModule looks at what says where the kit comes from: go.mod, go.work and
// vendor.
func (s *session) checkModule(context.Context) error {
	s.checkGoMod()
	s.checkWorkspaces()
	s.checkVendor()
	return nil
}

func (s *session) checkGoMod() {
	raw, err := os.ReadFile(filepath.Join(s.root, "go.mod"))
	if err != nil {
		s.tell("does-not-compile", place{file: "go.mod"}, "%v", errors.Unwrap(err))
		return
	}
	mod, err := modfile.Parse("go.mod", raw, nil)
	if err != nil || mod.Module == nil {
		s.tell("does-not-compile", place{file: "go.mod"}, "go.mod cannot be read: %v", err)
		return
	}
	s.rep.App = mod.Module.Mod.Path
	s.checkReplaces("go.mod", mod.Replace, true)
}

// checkReplaces looks at replace directives: the kit's has to lead to the app's
// own, and others are told where the kit runs on what they replace.
func (s *session) checkReplaces(file string, all []*modfile.Replace, wanted bool) {
	uses, good := s.kitNeeds(), false
	for _, r := range all {
		at := place{file: file, line: r.Syntax.Start.Line, column: r.Syntax.Start.LineRune}
		switch {
		case r.Old.Path == kitPath && r.New.Version == "" && path.Clean(filepath.ToSlash(r.New.Path)) == kitDir && wanted:
			good = true
		case r.Old.Path == kitPath:
			s.tell("kit-replaced", at, "the kit is taken from %s", strings.TrimSpace(r.New.Path+" "+r.New.Version))
		case uses[r.Old.Path]:
			s.tell("replaced", at, "the kit runs on %s, and %s stands in for it", r.Old.Path, strings.TrimSpace(r.New.Path+" "+r.New.Version))
		}
	}
	if wanted && !good {
		s.tell("kit-replaced", place{file: file}, "nothing there leads to ./%s", kitDir)
	}
}

// kitNeeds are the modules that the kit requires.
func (s *session) kitNeeds() map[string]bool {
	needs := map[string]bool{}
	raw, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(kitDir), "go.mod"))
	if err != nil {
		return needs // told by checkKit
	}
	if mod, err := modfile.ParseLax("go.mod", raw, nil); err == nil {
		for _, r := range mod.Require {
			needs[r.Mod.Path] = true
		}
	}
	return needs
}

// checkWorkspaces looks for the go.work that a build in the app would use. The
// app is analysed without one.
func (s *session) checkWorkspaces() {
	for dir := s.root; ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "go.work")
		if raw, err := os.ReadFile(file); err == nil {
			s.checkWorkspace(dir, s.below(file), raw)
			return
		}
		if filepath.Dir(dir) == dir {
			return
		}
	}
}

func (s *session) checkWorkspace(dir, file string, raw []byte) {
	work, err := modfile.ParseWork(file, raw, nil)
	if err != nil {
		s.tell("workspace", place{file: file}, "it cannot be read: %v", err)
		return
	}
	s.checkReplaces(file, work.Replace, false)
	for _, use := range work.Use {
		used := filepath.Join(dir, filepath.FromSlash(use.Path))
		if filepath.IsAbs(use.Path) {
			used = use.Path
		}
		if s.below(used) != kitDir && isKit(used) {
			s.tell("workspace", place{file: file, line: use.Syntax.Start.Line, column: use.Syntax.Start.LineRune}, "it uses the kit in %s", use.Path)
		}
	}
}

// isKit reports that the module in dir calls itself the kit.
func isKit(dir string) bool {
	raw, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && modfile.ModulePath(raw) == kitPath
}

// checkVendor compares the kit in the folder vendor, which builds use before
// third_party/kit.
func (s *session) checkVendor() {
	vendor := filepath.Join(s.root, "vendor")
	if _, err := os.Stat(vendor); err != nil {
		return
	}
	top := filepath.Join(vendor, filepath.FromSlash(kitPath))
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(top, file) // both are absolute
		if own := filepath.Join(s.root, filepath.FromSlash(kitDir), rel); !sameFile(file, own) {
			s.tell("vendored", place{file: s.below(file)}, "it is not the file of %s", kitDir)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		s.tell("vendored", place{file: "vendor"}, "a build uses it, and the kit is not in it")
	} else if err != nil {
		s.tell("vendored", place{file: "vendor"}, "it cannot be read: %v", err)
	}
	s.left("the modules in vendor beside the kit: they were read from the module cache, and builds use vendor")
}

func sameFile(a, b string) bool {
	left, errA := os.ReadFile(a)
	right, errB := os.ReadFile(b)
	return errA == nil && errB == nil && bytes.Equal(left, right)
}

// checkCopy looks at one folder of the app for a second copy of the kit: a
// module that calls itself so, or most of the files of a room.
func (s *session) checkCopy(dir string, goFiles []string) {
	if isKit(filepath.Join(s.root, filepath.FromSlash(dir))) {
		s.tell("kit-copy", place{file: path.Join(dir, "go.mod")}, "its module is %s", kitPath)
		return
	}
	for _, room := range []string{"workflow", "review", "audit", "auth", "export", "store"} {
		names, err := filepath.Glob(filepath.Join(s.root, filepath.FromSlash(kitDir), room, "*.go"))
		if err != nil || len(names) == 0 {
			continue
		}
		same := 0
		for _, name := range names {
			if slices.Contains(goFiles, filepath.Base(name)) {
				same++
			}
		}
		if same*2 > len(names) {
			s.tell("kit-copy", place{file: dir}, "it has %d of the %d files of the kit's room %s", same, len(names), room)
		}
	}
}
