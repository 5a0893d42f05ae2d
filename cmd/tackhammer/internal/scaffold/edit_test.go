package scaffold

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// receiptsApp writes an app of the real receipts template.
func receiptsApp(t *testing.T) string {
	t.Helper()
	p, err := real(t).Plan(Spec{Template: "receipts", Name: "desk"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "app")
	if err := p.Apply(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// bring edits the spec of the app in dir and writes what comes of it, as add and
// remove do once it was tried.
func bring(t *testing.T, dir string, change func(*Spec) error) *Next {
	t.Helper()
	n, err := real(t).Next(dir, change)
	if err != nil {
		t.Fatal(err)
	}
	if c := n.Conflicts(); len(c) > 0 {
		t.Fatalf("conflicts in %v", c)
	}
	if err := n.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

func teamEdits(t *testing.T, dir, path, old, new string) {
	t.Helper()
	file := filepath.Join(dir, path)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), old) {
		t.Fatalf("%s lacks %q", path, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(raw), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree is an app's own files by path.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := eachFileSkipping(os.DirFS(dir), []string{"third_party"}, func(file string, data []byte) error {
		files[file] = string(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Everything is added, with a team's edits in between, and taken out again:
// what is left is the app as it was, and the edits.
func TestAddEditAndRemove(t *testing.T) {
	dir := receiptsApp(t)
	before := tree(t, dir)
	all := everything().Additions
	bring(t, dir, func(s *Spec) error { return s.AddField(all.Fields[0]) })
	teamEdits(t, dir, "receipt.go", "description=Discount", "description=What was taken off") // a team tunes what it added, and adds more
	teamEdits(t, dir, "prompts/extract.md", "- discount: Discount", "- discount: what was taken off")
	bring(t, dir, func(s *Spec) error { return s.AddField(all.Fields[1]) })
	bring(t, dir, func(s *Spec) error { s.Fields = all.Fields; return nil })
	bring(t, dir, func(s *Spec) error { return s.AddStep(all.Steps[0]) })
	teamEdits(t, dir, "workflow.go", `review.Policy{}) // its terms are nail.yaml's`, `review.Policy{Quorum: 2})`)
	teamEdits(t, dir, "workflow.go", `"en": "Read"`, `"en": "Reading"`)
	teamEdits(t, dir, "receipt.go", "The day of the sale", "The day of the purchase")
	teamEdits(t, dir, "nail.yaml", "volume: 2000", "volume: 500")
	bring(t, dir, func(s *Spec) error { return s.AddStep(all.Steps[1]) })
	bring(t, dir, func(s *Spec) error {
		s.Importers, s.Targets, s.Channels = all.Importers, all.Targets, all.Channels
		return s.AddStep(all.Steps[2])
	})
	bring(t, dir, func(s *Spec) error {
		return errors.Join(s.AddModel("ollama:qwen3:4b", false), s.AddModel("ollama:gemma3:4b", true))
	})
	for path, want := range map[string]string{
		"receipt.go": "What was taken off", "workflow.go": "Quorum: 2", "nail.yaml": "model: ollama:gemma3:4b",
		"registry.go": "readChatLog", "step_account.go": "WithSummary", "prompts/extract.md": "what was taken off",
	} {
		if got := tree(t, dir)[path]; !strings.Contains(got, want) {
			t.Fatalf("%s lacks %q:\n%s", path, want, got)
		}
	}
	removeAll(t, dir, all)
	after := tree(t, dir)
	for _, c := range []struct{ path, old, new string }{
		{"workflow.go", `review.Policy{}) // its terms are nail.yaml's`, `review.Policy{Quorum: 2})`},
		{"workflow.go", `"en": "Read"`, `"en": "Reading"`},
		{"receipt.go", "The day of the sale", "The day of the purchase"}, {"nail.yaml", "volume: 2000", "volume: 500"},
	} {
		before[c.path] = strings.Replace(before[c.path], c.old, c.new, 1)
	}
	for path, want := range before {
		if after[path] != want && path != ".tackhammer/lock.json" {
			t.Errorf("%s is another:\n%s", path, Change{Path: path, Old: []byte(want), New: []byte(after[path])}.Diff())
		}
		delete(after, path)
	}
	for path := range after {
		t.Errorf("%s is left", path)
	}
}

// removeAll takes everything out, once the edits of what was added are taken
// back: what a team edited would stay, and be a conflict where it stood between.
func removeAll(t *testing.T, dir string, all Additions) {
	t.Helper()
	teamEdits(t, dir, "receipt.go", "description=What was taken off", "description=Discount")
	teamEdits(t, dir, "prompts/extract.md", "- discount: what was taken off", "- discount: Discount")
	for _, one := range []struct {
		kind  string
		names []string
	}{
		{"field", namesOf(all.Fields, fieldName)}, {"step", namesOf(all.Steps, stepName)},
		{"importer", namesOf(all.Importers, importerName)}, {"target", namesOf(all.Targets, targetName)},
		{"channel", namesOf(all.Channels, channelKind)}, {"model", []string{"ollama:qwen3:4b", "ollama:gemma3:4b"}},
	} {
		bring(t, dir, func(s *Spec) error {
			var errs []error
			for _, name := range one.names {
				errs = append(errs, s.Remove(one.kind, name))
			}
			return errors.Join(errs...)
		})
	}
}

// A file that the team edited stays when the step that it came with goes.
func TestRemoveKeepsAnEditedFile(t *testing.T) {
	dir := receiptsApp(t)
	bring(t, dir, func(s *Spec) error { return s.AddStep(Step{Name: "summary", Kind: "draft"}) })
	teamEdits(t, dir, "step_summary.go", "return nil", "return []baseline.Guess{}")
	n := bring(t, dir, func(s *Spec) error { return s.Remove("step", "summary") })
	if _, there := tree(t, dir)["step_summary.go"]; !there {
		t.Error("the team's file is gone")
	}
	for _, c := range n.Changes {
		if c.Path == "step_summary.go" && (c.Kind != Keep || c.Why == "") {
			t.Errorf("%s: %s", c.Kind, c.Why)
		}
	}
}

func TestAddTwiceAndRemoveWhatIsNotThere(t *testing.T) {
	s := Spec{Model: "baseline"}
	for name, add := range map[string]func() error{
		"field":    func() error { return s.AddField(Field{Name: "discount"}) },
		"step":     func() error { return s.AddStep(Step{Name: "summary"}) },
		"importer": func() error { return s.AddImporter(Importer{Name: "mail"}) },
		"target":   func() error { return s.AddTarget(Target{Name: "books"}) },
		"channel":  func() error { return s.AddChannel(Channel{Kind: "slack"}) },
		"model":    func() error { return s.AddModel("ollama:a", false) },
	} {
		if err := add(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := add(); kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), "it is there already") {
			t.Errorf("%s twice: %v", name, err)
		}
		if err := s.Remove(name, "nothing"); kit.CodeOf(err) != kit.NotFound {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	if err := s.Remove("field", "discout"); kit.HintOf(err) != "did you mean discount?" {
		t.Errorf("%v: %s", err, kit.HintOf(err))
	}
	if err := s.Remove("room", "x"); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("%v", err)
	}
}

func TestTheModelThatDrafts(t *testing.T) {
	s := Spec{Model: "ollama:a", Additions: Additions{Models: []string{"ollama:b"}}}
	if err := s.AddModel("ollama:b", true); err != nil || s.Model != "ollama:b" || len(s.Models) != 1 || s.Models[0] != "ollama:a" {
		t.Errorf("%+v, %v", s, err)
	}
	if err := s.AddModel("ollama:b", true); kit.CodeOf(err) != kit.Conflict {
		t.Errorf("%v", err)
	}
	if err := s.Remove("model", "ollama:b"); err != nil || s.Model != "baseline" {
		t.Errorf("%+v, %v", s, err)
	}
}
