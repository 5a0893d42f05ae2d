package scaffold

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// manifestFile is the one file of a template that is not part of the app.
const manifestFile = "template.yaml"

// Manifest describes a template.
type Manifest struct {
	Name        string      `json:"name"`
	Description Description `json:"description"`
	Questions   []Question  `json:"questions,omitempty"`
	Adds        Adds        `json:"-"`
	Files       []Rule      `json:"-"`
}

// Description says in a sentence, in each language, what an app of the
// template does.
type Description struct {
	En string `json:"en"`
	Zh string `json:"zh"`
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
	Path string // the file, or the folder of files, below the template's folder
	To   string // where it goes in the app; may hold <% %>. Defaults to Path without .tmpl
	When When   // leaves the file out unless the Spec fits
}

// When lists the values of a Spec under which a file is written, or a question
// asked. An empty list fits every value; all that is named has to fit.
type When struct {
	Lang    []string         `json:"lang,omitempty"`
	DB      []string         `json:"db,omitempty"`
	Answers map[string][]any `json:"answers,omitempty"` // by question; as Spec.Answers holds them
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
	file := s.label(template) + "/" + manifestFile
	raw, err := fs.ReadFile(s.Templates, path.Join(template, manifestFile))
	if errors.Is(err, fs.ErrNotExist) || template == commonDir {
		return Manifest{}, s.unknown(template)
	}
	if err != nil {
		return Manifest{}, kit.Errorf(kit.Internal, "read %s: %w", file, err)
	}
	m, err := parseManifest(file, raw, func(name string) bool {
		_, err := fs.Stat(s.Templates, path.Join(template, name))
		return err == nil
	})
	if err != nil {
		return m, err
	}
	if m.Name != template {
		return m, kit.Errorf(kit.Invalid, "read %s: its name is %q, its folder's is %q", file, m.Name, template)
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
