package scaffold

import (
	"embed"
	"go/format"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// parts are the files that an addition of a kind brings along, one set for
// each addition. registry.go, which names them all, is every template's.
//
//go:embed parts
var parts embed.FS

// Adds are the types of a template that what is added stands on. A template
// without them takes no additions.
type Adds struct {
	Input  string // the Go type of what comes in
	Output string // and of what the first draft step yields, and its review approves
}

var goType = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,60}$`)

// checkAdds tells that one of the two types is missing, or is none.
func (r *manifestReader) checkAdds(a Adds) {
	if a == (Adds{}) {
		return
	}
	for _, t := range []struct{ key, name string }{{"input", a.Input}, {"output", a.Output}} {
		r.want("adds", t.key, t.name, "a Go type of the template")
		if t.name != "" && !goType.MatchString(t.name) {
			r.add(r.at("adds."+t.key), "adds", "adds.%s: %q is no exported Go type", t.key, t.name)
		}
	}
}

// withAdded puts the files of the additions to those of the template, in
// gofmt's form. It fails where names collide.
func withAdded(m Manifest, spec Spec, ops []Op) ([]Op, error) {
	added, err := addedOps(m, spec, ops)
	if err != nil {
		return nil, err
	}
	ops = append(ops, added...)
	if err := formatGo(ops); err != nil {
		return nil, err
	}
	return ops, collide(m, spec, ops)
}

// addedOps are the files that the additions of spec bring, but for those that
// the template makes itself.
func addedOps(m Manifest, spec Spec, made []Op) ([]Op, error) {
	if m.Adds == (Adds{}) {
		return nil, takesNone(m, spec)
	}
	there := map[string]bool{}
	for _, op := range made {
		there[op.Path] = true
	}
	var ops []Op
	r := &renderer{}
	add := func(file, to string, data any) error {
		if there[to] {
			return nil
		}
		text, err := parts.ReadFile("parts/" + file)
		if err != nil {
			return kit.Errorf(kit.Internal, "read the part %s: %w", file, err)
		}
		out, err := r.render(file, text, data)
		ops = append(ops, Op{Path: to, Mode: 0o644, Data: out})
		return err
	}
	if err := eachPart(m, spec, add); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(made, func(op Op) bool { return strings.HasPrefix(op.Path, answersDir) }) {
		return ops, nil
	}
	for _, f := range spec.Fields {
		if err := add("answers.csv.tmpl", answersDir+f.Name+".csv", f); err != nil {
			return nil, err
		}
	}
	return ops, nil
}

// answersDir holds the right answers of an app's labelled cases, where its
// template has any.
const answersDir = "golden/answers/"

// takesNone fails where something is added to a template that has no place for
// it.
func takesNone(m Manifest, spec Spec) error {
	if spec.Additions.None() {
		return nil
	}
	return kit.Errorf(kit.Unsupported, "add to an app of the template %s: it has no place for additions", m.Name).
		WithHint("its %s may say adds: {input: TYPE, output: TYPE}, and its files render them", manifestFile)
}

// None reports whether nothing was added.
func (a Additions) None() bool {
	return len(a.Fields)+len(a.Steps)+len(a.Importers)+len(a.Targets)+len(a.Channels)+len(a.Models) == 0
}

// eachPart calls add with each file of a part, where it goes, and what it is
// made with.
func eachPart(m Manifest, spec Spec, add func(file, to string, data any) error) error {
	var err error
	put := func(file, to string, data any) {
		if err == nil {
			err = add(file, to, data)
		}
	}
	for _, l := range spec.Chain("", m.Adds.Output).Links {
		put("step_"+l.Kind+".go.tmpl", l.File()+".go", l)
		if l.Kind == "draft" {
			put("prompt.md.tmpl", "prompts/"+l.Name+".md", l)
		} else {
			put("step_code_test.go.tmpl", l.File()+"_test.go", l)
		}
	}
	for _, i := range spec.Importers {
		put("importer.go.tmpl", i.File()+".go", i)
		put("importer_test.go.tmpl", i.File()+"_test.go", i)
	}
	for _, t := range spec.CodeTargets() {
		put("target.go.tmpl", t.File()+".go", t)
		put("target_test.go.tmpl", t.File()+"_test.go", t)
	}
	return err
}

// File is the name of the step's file, without its ending.
func (s Step) File() string { return fileOf("step", s.Name) }

// File is the name of the importer's file, without its ending.
func (i Importer) File() string { return fileOf("importer", i.Name) }

// File is the name of the target's file, without its ending.
func (t Target) File() string { return fileOf("target", t.Name) }

func fileOf(kind, name string) string { return kind + "_" + strings.ReplaceAll(name, "-", "_") }

// formatGo brings Go files into gofmt's form: with what is added, columns move.
// It fails with the place where one is no Go.
func formatGo(ops []Op) error {
	for i, op := range ops {
		if path.Ext(op.Path) != ".go" || strings.Contains("/"+op.Path, "/testdata/") {
			continue
		}
		out, err := format.Source(op.Data)
		if err != nil {
			return kit.Errorf(kit.Invalid, "render %s: it is no Go: %w", op.Path, err)
		}
		ops[i].Data = out
	}
	return nil
}
