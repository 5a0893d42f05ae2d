package verify

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

const (
	kitPath = "github.com/tackhammer/tackhammer/kit" // the module
	kitDir  = "third_party/kit"                      // in an app
)

// promiseRooms are the rooms of the kit that keep the promise: whoever edits one
// can let a draft out. An edit of another room is read like the app's own code.
var promiseRooms = []string{"workflow", "review", "audit", "auth", "export", "store", "eval", "web", "app"}

// checkKit holds the kit in the app to the released one, and the lock to what
// it locks.
func (s *session) checkKit(context.Context) error {
	memory, err := scaffold.ReadMemory(s.root)
	if err != nil {
		s.tell("lock", place{file: ".tackhammer"}, "%v", err)
		memory.Base = nil
	}
	s.spec = memory.Spec
	released, err := s.Source.KitTree()
	if err != nil {
		return err
	}
	s.checkMemory(memory, released)
	against, name := released, "tackhammer "+s.Source.Release()
	if s.lock.Tackhammer != s.Source.Release() {
		s.tell("kit-version", place{file: ".tackhammer/lock.json"},
			"tackhammer %s made the app, and this is %s: it does not have that kit to compare with. go run github.com/tackhammer/tackhammer/cmd/tackhammer@v%s verify has it",
			s.lock.Tackhammer, s.Source.Release(), s.lock.Tackhammer)
		against, name = kitOf(memory.Base), "the base in .tackhammer"
	}
	return s.compareKit(against, name)
}

// checkMemory holds lock, base and spec to each other, and where the versions
// are the same to what this program makes of the spec.
func (s *session) checkMemory(m scaffold.Memory, released scaffold.Tree) {
	if m.Base == nil {
		return
	}
	at := place{file: ".tackhammer/lock.json"}
	if odd := m.Odd(); len(odd) > 0 {
		s.tell("lock", at, "base.zip and the lock differ in %s", some(odd))
	}
	if hash, err := scaffold.KitHash(m.Base); err == nil && hash != m.Lock.Kit {
		s.tell("lock", at, "the lock says %s of the kit, and the kit in base.zip is %s", m.Lock.Kit, hash)
	}
	if m.Lock.Template != m.Spec.Template {
		s.tell("lock", at, "the lock is of the template %q, and spec.yaml of %q", m.Lock.Template, m.Spec.Template)
	}
	if m.Lock.Tackhammer != s.Source.Release() {
		return
	}
	if odd := differing(kitOf(m.Base), released); len(odd) > 0 {
		s.tell("lock", at, "the lock and base.zip are of another kit than that of tackhammer %s: they differ in %s", s.Source.Release(), some(odd))
	}
	s.checkMade(m, at)
}

// checkMade makes the app again in memory and compares.
func (s *session) checkMade(m scaffold.Memory, at place) {
	plan, err := s.Source.Again(s.root, m.Spec)
	if err != nil {
		s.tell("lock", place{file: ".tackhammer/spec.yaml"}, "tackhammer %s does not make an app of it: %v", s.Source.Release(), err)
		return
	}
	if odd := differing(ownOf(m.Base), ownOf(plan.Tree())); len(odd) > 0 {
		s.tell("lock", at, "tackhammer %s makes other files of spec.yaml than base.zip holds: %s", s.Source.Release(), some(odd))
		return
	}
	if s.rep.Count(Error) > 0 {
		return // told before: the lock or its kit
	}
	s.proof("the lock, the base and the spec in .tackhammer belong together, and are what tackhammer %s makes", s.Source.Release())
}

// kitOf are the files of the kit.
func kitOf(t scaffold.Tree) scaffold.Tree { return part(t, true) }

// ownOf are the other files.
func ownOf(t scaffold.Tree) scaffold.Tree { return part(t, false) }

func part(t scaffold.Tree, ofKit bool) scaffold.Tree {
	out := scaffold.Tree{}
	for path, f := range t {
		if strings.HasPrefix(path, kitDir+"/") == ofKit {
			out[path] = f
		}
	}
	return out
}

// differing lists, sorted, the paths that only one has or that differ.
func differing(a, b scaffold.Tree) (odd []string) {
	for path, f := range a {
		if g, ok := b[path]; !ok || !bytes.Equal(f.Data, g.Data) {
			odd = append(odd, path)
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok {
			odd = append(odd, path)
		}
	}
	slices.Sort(odd)
	return odd
}

// compareKit holds each file of the kit in the app against the ones that it
// should be.
func (s *session) compareKit(want scaffold.Tree, name string) error {
	have, err := s.readKit()
	if errors.Is(err, fs.ErrNotExist) {
		s.tell("kit-replaced", place{file: kitDir}, "there is no kit in the app")
		return nil
	}
	if err != nil {
		return err
	}
	odd := differing(have, want)
	for _, path := range odd {
		s.edited[path] = true
		how := s.word("changed")
		if _, ok := have[path]; !ok {
			how = s.word("gone")
		} else if _, ok := want[path]; !ok {
			how = s.word("added")
		}
		s.tellEdited(path, how, name)
	}
	switch {
	case len(odd) > 0:
		s.rep.Kit = "edited"
	case s.lock.Tackhammer == s.Source.Release():
		s.rep.Kit = "pristine"
		s.proof("the kit is that of %s, byte by byte: %d files", name, len(have))
	}
	return nil
}

// tellEdited tells of one file of the kit. A promise is in Go, in the
// migrations and in what the module is made of; a new test cannot break it.
func (s *session) tellEdited(path, how, name string) {
	room, _, _ := strings.Cut(strings.TrimPrefix(path, kitDir+"/"), "/")
	test := strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/testdata/")
	if !slices.Contains(promiseRooms, room) || test {
		s.tell("kit-edited", place{file: path}, "%s since %s", how, name)
		return
	}
	if s.AllowKitEdits {
		s.tell("kit-edited", place{file: path}, "%s since %s, in a room that keeps the promise: allowed here, and not proven", how, name)
		return
	}
	r := ruleOf("kit-edited")
	s.add(Finding{Rule: r.ID, Severity: Error, File: path,
		Words: s.sentence("%s since %s, in a room that keeps the promise", how, name),
		Mend:  s.sentence("%s; --allow-kit-edits makes this a warning", s.word(r.Mend))})
}

// readKit reads the kit in the app. A link is an addition of its own: what it
// leads to is not followed.
func (s *session) readKit() (scaffold.Tree, error) {
	have := scaffold.Tree{}
	top := filepath.Join(s.root, filepath.FromSlash(kitDir))
	if real, err := filepath.EvalSymlinks(top); err == nil && real != top {
		s.tell("kit-replaced", place{file: kitDir}, "it is a link to %s", real)
	}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var data []byte
		if d.Type().IsRegular() {
			data, err = os.ReadFile(path)
		} else {
			data = []byte("no plain file: " + d.Type().String())
		}
		have[s.below(path)] = scaffold.File{Data: data}
		return err
	})
	return have, err
}

// some names a few of many.
func some(all []string) string {
	if len(all) > 5 {
		return strings.Join(all[:5], ", ") + " and others"
	}
	return strings.Join(all, ", ")
}
