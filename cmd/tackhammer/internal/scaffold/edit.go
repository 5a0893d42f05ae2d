package scaffold

import (
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// AddField puts f behind the other fields. Like every Add of a Spec it fails
// with kit.Conflict where one of the name is there, so that a second run
// changes nothing; what cannot be is Source.Plan's to refuse.
func (s *Spec) AddField(f Field) error { return put(&s.Fields, "field", f, fieldName) }

// AddStep puts the step before the delivery, behind the other steps.
func (s *Spec) AddStep(step Step) error { return put(&s.Steps, "step", step, stepName) }

// AddImporter puts i to the importers.
func (s *Spec) AddImporter(i Importer) error {
	return put(&s.Importers, "importer", i, importerName)
}

// AddTarget puts t to the targets.
func (s *Spec) AddTarget(t Target) error { return put(&s.Targets, "target", t, targetName) }

// AddChannel puts c to the channels, of which there is one a kind.
func (s *Spec) AddChannel(c Channel) error { return put(&s.Channels, "channel", c, channelKind) }

// AddModel makes a model one that `pick` tries, or with use the one that drafts.
// What drafted before then becomes one to try, where a server has it.
func (s *Spec) AddModel(name string, use bool) error {
	if s.Model == name || !use && slices.Contains(s.Models, name) {
		return kit.Errorf(kit.Conflict, "add %s %s: it is there already", "model", name)
	}
	if !use {
		s.Models = append(slices.Clone(s.Models), name)
		return nil
	}
	s.Models = slices.DeleteFunc(slices.Clone(s.Models), func(m string) bool { return m == name })
	if strings.HasPrefix(s.Model, "ollama:") {
		s.Models = append(s.Models, s.Model)
	}
	s.Model = name
	return nil
}

// Remove takes out what was added of a kind (field, step, importer, target,
// channel or model) under a name. It fails with kit.NotFound and the nearest
// name where it is not there.
func (s *Spec) Remove(kind, name string) error {
	switch kind {
	case "field":
		return take(&s.Fields, kind, name, fieldName)
	case "step":
		return take(&s.Steps, kind, name, stepName)
	case "importer":
		return take(&s.Importers, kind, name, importerName)
	case "target":
		return take(&s.Targets, kind, name, targetName)
	case "channel":
		return take(&s.Channels, kind, name, channelKind)
	case "model":
		if s.Model == name && name != "baseline" {
			s.Model = "baseline" // what is left is the floor
			return nil
		}
		return take(&s.Models, kind, name, modelName)
	}
	return kit.Errorf(kit.Invalid, "remove %s %s: nothing of that kind can be added", kind, name)
}

// Adopt reads texts, each in the form of the flag of that name (field, step,
// importer, target, channel or candidate), and puts them to the additions; what
// has the same name goes in its place. Two of the texts may not have one name:
// one of them would be lost without a word.
func (a *Additions) Adopt(flag string, texts []string) error {
	switch flag {
	case "field":
		return adopt(&a.Fields, texts, ParseField, fieldName)
	case "step":
		return adopt(&a.Steps, texts, ParseStep, stepName)
	case "importer":
		return adopt(&a.Importers, texts, ParseImporter, importerName)
	case "target":
		return adopt(&a.Targets, texts, ParseTarget, targetName)
	case "channel":
		return adopt(&a.Channels, texts, ParseChannel, channelKind)
	}
	return adopt(&a.Models, texts, ParseCandidate, modelName)
}

func adopt[T any](all *[]T, texts []string, parse func(string) (T, error), name func(T) string) error {
	given := map[string]bool{}
	list := slices.Clone(*all)
	for _, text := range texts {
		v, err := parse(text)
		if err != nil {
			return err
		}
		if given[name(v)] {
			return kit.Errorf(kit.Invalid, "add %q: it is named twice", text)
		}
		given[name(v)] = true
		if i := slices.Index(namesOf(list, name), name(v)); i >= 0 {
			list[i] = v
		} else {
			list = append(list, v)
		}
	}
	*all = list
	return nil
}

// Names lists what was added of a kind (field, step, importer, target, channel
// or model), as Remove calls it.
func (a Additions) Names(kind string) []string {
	switch kind {
	case "field":
		return namesOf(a.Fields, fieldName)
	case "step":
		return namesOf(a.Steps, stepName)
	case "importer":
		return namesOf(a.Importers, importerName)
	case "target":
		return namesOf(a.Targets, targetName)
	case "channel":
		return namesOf(a.Channels, channelKind)
	}
	return a.Models
}

func fieldName(f Field) string       { return f.Name }
func stepName(s Step) string         { return s.Name }
func importerName(i Importer) string { return i.Name }
func targetName(t Target) string     { return t.Name }
func channelKind(c Channel) string   { return c.Kind }
func modelName(m string) string      { return m }

// put appends to a copy: the Spec that the list came from stays as it is.
func put[T any](list *[]T, kind string, item T, name func(T) string) error {
	if slices.Contains(namesOf(*list, name), name(item)) {
		return kit.Errorf(kit.Conflict, "add %s %s: it is there already", kind, name(item)).
			WithHint("tackhammer remove %s %s takes it out", kind, name(item))
	}
	*list = append(slices.Clone(*list), item)
	return nil
}

func take[T any](list *[]T, kind, wanted string, name func(T) string) error {
	names := namesOf(*list, name)
	i := slices.Index(names, wanted)
	if i >= 0 {
		*list = slices.Delete(slices.Clone(*list), i, i+1)
		if len(*list) == 0 {
			*list = nil // as where nothing was ever added
		}
		return nil
	}
	err := kit.Errorf(kit.NotFound, "remove %s %s: nothing of that name was added", kind, wanted)
	if near := kit.Closest(wanted, names); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	if len(names) == 0 {
		return err.WithHint("nothing of that kind was added to this app; what the template came with is yours to edit")
	}
	return err.WithHint("there are: %s", strings.Join(names, ", "))
}

// List parts a text at its commas, of either language; what is empty is left
// out.
func List(text string) []string { return splitList(text) }
