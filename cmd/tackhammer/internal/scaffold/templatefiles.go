package scaffold

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// templateOps renders a template's files and, below them, those that every
// template shares: where both make one file of the app, the template's stands.
func (s Source) templateOps(m Manifest, spec Spec) ([]Op, error) {
	r := &renderer{}
	own, err := s.folderOps(m, spec, r)
	if err != nil {
		return nil, err
	}
	shared, err := s.folderOps(Manifest{Name: commonDir, Adds: m.Adds}, spec, r)
	if err != nil {
		return nil, err
	}
	mine := map[string]bool{}
	for _, op := range own {
		mine[op.Path] = true
	}
	for _, op := range shared {
		if !mine[op.Path] {
			own = append(own, op)
		}
	}
	return own, nil
}

// folderOps renders the files of a template's folder. It makes nothing of a
// folder that is not there.
func (s Source) folderOps(m Manifest, spec Spec, r *renderer) ([]Op, error) {
	if _, err := fs.Stat(s.Templates, m.Name); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	sub, err := fs.Sub(s.Templates, m.Name)
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "open template %s: %w", m.Name, err)
	}
	data := view{spec, m.Questions, s.version(), m.Adds}
	var ops []Op
	err = eachFile(sub, func(file string, text []byte) error {
		rule := m.ruleOf(file)
		if file == manifestFile || !rule.When.fits(spec) {
			return nil
		}
		to, err := m.target(file, rule, data, r)
		if err != nil {
			return err
		}
		out, err := r.render(m.Name+"/"+file, text, data)
		if err != nil {
			return err
		}
		ops = append(ops, Op{Path: to, Mode: 0o644, Data: out})
		return nil
	})
	return ops, err
}

// view is what a template file sees: the Spec, and the answers in their types.
type view struct {
	Spec
	questions  []Question
	Tackhammer string // the version that makes the app, without v
	Adds       Adds   // the types that the template declares, "" where it has none
}

// Answer returns the answer to a question of the template; where the question
// is not asked under its conditions, "", 0 or false.
func (v view) Answer(name string) (any, error) {
	i := slices.IndexFunc(v.questions, func(q Question) bool { return q.Name == name })
	if i < 0 {
		return nil, kit.Errorf(kit.Invalid, "the template asks no question %q", name)
	}
	if a, ok := v.Answers[name]; ok {
		return a, nil
	}
	return v.questions[i].zero(), nil
}

// ruleOf is the rule for a file: its own, or that of the nearest folder above.
func (m Manifest) ruleOf(file string) Rule {
	for at := file; at != "."; at = path.Dir(at) {
		if i := slices.IndexFunc(m.Files, func(r Rule) bool { return r.Path == at }); i >= 0 {
			return m.Files[i]
		}
	}
	return Rule{Path: file}
}

// target is where a file of the template goes in the app.
func (m Manifest) target(file string, rule Rule, data view, r *renderer) (string, error) {
	to := strings.TrimSuffix(file, ".tmpl")
	if rule.To != "" {
		made, err := r.render("the path to ("+rule.To+").tmpl", []byte(rule.To), data)
		if err != nil {
			return "", kit.Errorf(kit.Invalid, "place %s/%s: %w", m.Name, file, err)
		}
		to = string(made) + strings.TrimSuffix(strings.TrimPrefix(file, rule.Path), ".tmpl")
		if rule.Path == file {
			to = string(made)
		}
	}
	if err := safeTarget(to); err != nil {
		return "", kit.Errorf(kit.Invalid, "place %s/%s: %w", m.Name, file, err)
	}
	if low := strings.ToLower(to); (low == "go.mod" || low == "go.sum") && strings.TrimSuffix(file, ".tmpl") != to {
		return "", kit.Errorf(kit.Invalid, "place %s/%s: %s comes from a file of that name alone", m.Name, file, to)
	}
	return to, nil
}
