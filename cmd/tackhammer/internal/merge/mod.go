package merge

import (
	"bytes"
	"cmp"
	"go/version"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/tackhammer/tackhammer/kit"
)

// Mod merges go.mod by what its lines mean, module by module, and keeps ours'
// comments and order. What one side alone changed is taken. Where both gave a
// module, go or the toolchain another version, the higher stands; a module that
// one side removed stays while the other changed it. Two different replacements
// of one module are a conflict between marks. It fails with kit.Invalid where a
// version cannot be read.
func Mod(base, ours, theirs []byte, n Names) (merged []byte, conflicts int, err error) {
	if whole, ok := oneSided(base, ours, theirs); ok {
		return whole, 0, nil
	}
	c := clothes{ends: true, mark: true, crlf: endsOf(ours) == crlf, bom: bytes.HasPrefix(ours, byteOrderMark)}
	var states [3]modState
	for i, text := range [][]byte{base, ours, theirs} {
		f, err := modfile.Parse("go.mod", c.off(text), nil)
		if err != nil {
			return nil, 0, kit.Errorf(kit.Invalid, "merge go.mod: %w", err)
		}
		states[i] = modOf(f)
	}
	want, clashes := mergeMod(states[0], states[1], states[2])
	if maps.Equal(want, states[1]) && len(clashes) == 0 {
		return ours, 0, nil
	}
	text, err := rewriteMod(c.off(ours), want)
	if err != nil {
		return nil, 0, err
	}
	for _, k := range clashes {
		if text, err = markMod(text, k, states, n); err != nil {
			return nil, 0, err
		}
	}
	return c.on(text), len(clashes), nil
}

// modKey names a statement of a go.mod: what it is, and of which module.
type modKey struct{ kind, name, version string }

// modState is what a go.mod says: a text for each statement. Statements that
// only are there or not have the text "+", retractions their reason behind it.
type modState map[modKey]string

func modOf(f *modfile.File) modState {
	s := modState{}
	if f.Module != nil {
		s[modKey{kind: "module"}] = f.Module.Mod.Path
	}
	if f.Go != nil {
		s[modKey{kind: "go"}] = f.Go.Version
	}
	if f.Toolchain != nil {
		s[modKey{kind: "toolchain"}] = f.Toolchain.Name
	}
	for _, r := range f.Require {
		k := modKey{kind: "require", name: r.Mod.Path}
		s[k] = higherVersion(s[k], r.Mod.Version)
		if r.Indirect {
			s[modKey{kind: "indirect", name: r.Mod.Path}] = "+"
		}
	}
	for _, r := range f.Replace {
		s[modKey{"replace", r.Old.Path, r.Old.Version}] = strings.TrimSuffix(r.New.Path+" "+r.New.Version, " ")
	}
	modSets(f, s)
	return s
}

// modSets adds the statements that are there or not.
func modSets(f *modfile.File, s modState) {
	for _, x := range f.Exclude {
		s[modKey{"exclude", x.Mod.Path, x.Mod.Version}] = "+"
	}
	for _, r := range f.Retract {
		s[modKey{"retract", r.Low, r.High}] = "+" + r.Rationale
	}
	for _, t := range f.Tool {
		s[modKey{kind: "tool", name: t.Path}] = "+"
	}
	for _, i := range f.Ignore {
		s[modKey{kind: "ignore", name: i.Path}] = "+"
	}
	for _, g := range f.Godebug {
		s[modKey{kind: "godebug", name: g.Key}] = g.Value
	}
}

// mergeMod is what the merged file is to say, and the statements of which both
// sides made different things, which stay ours.
func mergeMod(base, ours, theirs modState) (want modState, clashes []modKey) {
	want = modState{}
	all := maps.Clone(base)
	maps.Copy(all, ours)
	maps.Copy(all, theirs)
	for _, k := range modKeys(all) {
		text, ok := k.merge(base[k], ours.mark(k, base), theirs[k])
		if !ok {
			clashes = append(clashes, k)
		}
		if text != "" {
			want[k] = text
		}
	}
	for _, k := range modKeys(want) {
		if k.kind == "indirect" && want[modKey{kind: "require", name: k.name}] == "" {
			delete(want, k)
		}
	}
	return want, clashes
}

// mark is the statement's text; a module that is not required is as indirect as
// the base has it.
func (s modState) mark(k modKey, base modState) string {
	if k.kind == "indirect" && s[modKey{kind: "require", name: k.name}] == "" {
		return base[k]
	}
	return s[k]
}

func modKeys(s modState) []modKey {
	return slices.SortedFunc(maps.Keys(s), func(a, b modKey) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.name, b.name), strings.Compare(a.version, b.version))
	})
}

// merge is what becomes of one statement; "" is none. ok is false when the two
// sides cannot both be right.
func (k modKey) merge(base, ours, theirs string) (text string, ok bool) {
	switch {
	case theirs == base, theirs == ours, theirs == "":
		if ours == base {
			return theirs, true
		}
		return ours, true
	case ours == base, ours == "":
		return theirs, true
	}
	switch k.kind {
	case "require":
		return higherVersion(ours, theirs), true
	case "go":
		return higherGo("go"+ours, "go"+theirs)[len("go"):], true
	case "toolchain":
		return higherGo(ours, theirs), true
	case "replace":
		return higherReplacement(ours, theirs)
	case "godebug":
		return ours, false
	}
	return ours, true
}

func higherVersion(a, b string) string {
	if semver.Compare(a, b) < 0 {
		return b
	}
	return a
}

func higherGo(a, b string) string {
	if version.Compare(a, b) < 0 {
		return b
	}
	return a
}

// higherReplacement is the higher of two versions of the same replacement;
// two different ones are no question of height.
func higherReplacement(ours, theirs string) (text string, ok bool) {
	a, aVersion, _ := strings.Cut(ours, " ")
	b, bVersion, _ := strings.Cut(theirs, " ")
	if a != b {
		return ours, false
	}
	return strings.TrimSuffix(a+" "+higherVersion(aVersion, bVersion), " "), true
}
