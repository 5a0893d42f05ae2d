package scaffold

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// manifestFile is the one file of a template that is not part of the app.
const manifestFile = "template.yaml"

// Manifest describes a template.
type Manifest struct {
	Name        string      `yaml:"name" json:"name"`
	Description Description `yaml:"description" json:"description"`
	Questions   []Question  `yaml:"-" json:"questions,omitempty"`
	Files       []Rule      `yaml:"files" json:"-"`
}

// Description says in a sentence, in each language, what an app of the
// template does.
type Description struct {
	En string `yaml:"en" json:"en"`
	Zh string `yaml:"zh" json:"zh"`
}

// In returns the sentence in lang.
func (d Description) In(lang string) string {
	if lang == "zh" {
		return d.Zh
	}
	return d.En
}

// Rule changes what becomes of one file of a template.
type Rule struct {
	Path string `yaml:"path"` // the file, below the template's folder
	To   string `yaml:"to"`   // where it goes in the app. Defaults to Path without .tmpl
	When When   `yaml:"when"` // leaves the file out unless the Spec fits
}

// When lists the values of a Spec under which a file is written, or a question
// asked. An empty list fits every value; all that is named has to fit.
type When struct {
	Lang    []string         `yaml:"lang" json:"lang,omitempty"`
	DB      []string         `yaml:"db" json:"db,omitempty"`
	Answers map[string][]any `yaml:"answers" json:"answers,omitempty"` // by question; as Spec.Answers holds them
}

func (w When) fits(s Spec) bool {
	for name, values := range w.Answers {
		if !slices.Contains(values, s.Answers[name]) {
			return false
		}
	}
	return (len(w.Lang) == 0 || slices.Contains(w.Lang, s.Lang)) &&
		(len(w.DB) == 0 || slices.Contains(w.DB, s.DB))
}

// String says the conditions in words.
func (w When) String() string {
	var all []string
	if len(w.Lang) > 0 {
		all = append(all, "lang is "+strings.Join(w.Lang, " or "))
	}
	if len(w.DB) > 0 {
		all = append(all, "db is "+strings.Join(w.DB, " or "))
	}
	for _, name := range slices.Sorted(maps.Keys(w.Answers)) {
		var values []string
		for _, v := range w.Answers[name] {
			values = append(values, said(v))
		}
		all = append(all, name+" is "+strings.Join(values, " or "))
	}
	return strings.Join(all, " and ")
}

// manifest reads and checks the manifest of a template that exists.
func (s Source) manifest(template string) (Manifest, error) {
	file := path.Join(template, manifestFile)
	raw, err := fs.ReadFile(s.Templates, file)
	if errors.Is(err, fs.ErrNotExist) || template == commonDir {
		return Manifest{}, s.unknown(template)
	}
	if err != nil {
		return Manifest{}, kit.Errorf(kit.Internal, "read %s: %w", file, err)
	}
	m, err := parseManifest(raw)
	if err != nil {
		return m, kit.Errorf(kit.Invalid, "read %s: %w", file, err)
	}
	if m.Name != template {
		return m, kit.Errorf(kit.Invalid, "read %s: its name is %q, its folder's is %q", file, m.Name, template)
	}
	for _, r := range m.Files {
		if _, err := fs.Stat(s.Templates, path.Join(template, r.Path)); err != nil {
			return m, kit.Errorf(kit.Invalid, "read %s: a rule names %s, which is not there", file, r.Path)
		}
	}
	return m, nil
}

func (s Source) unknown(template string) error {
	names, _ := s.folders() // a list that fails leaves the hint without names
	err := kit.Errorf(kit.Invalid, "find template %q: there is none of that name", template)
	if near := kit.Closest(template, names); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err.WithHint("there are: %s", strings.Join(names, ", "))
}

// parseManifest refuses unknown keys, and names the line of what it refuses.
func parseManifest(raw []byte) (Manifest, error) {
	var m Manifest
	dec := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	if err := dec.Decode(&m); err != nil {
		return m, errors.New(yaml.FormatError(err, false, true))
	}
	if m.Name == "" || m.Description.En == "" || m.Description.Zh == "" {
		return m, errors.New("name, description.en and description.zh are wanted")
	}
	for _, r := range m.Files {
		if err := r.check(); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (r Rule) check() error {
	if !fs.ValidPath(r.Path) || (r.To != "" && !fs.ValidPath(r.To)) {
		return kit.Errorf(kit.Invalid, "rule %q to %q: paths are relative, with slashes, without ..", r.Path, r.To)
	}
	for _, l := range r.When.Lang {
		if err := oneOf("language", l, Langs); err != nil {
			return err
		}
	}
	for _, db := range r.When.DB {
		if err := oneOf("database", db, DBs); err != nil {
			return err
		}
	}
	return nil
}
