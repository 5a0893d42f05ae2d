package scaffold

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit"
)

func TestSlugAndModule(t *testing.T) {
	for name, want := range map[string]string{
		"receipts-desk":   "receipts-desk",
		"My Receipts":     "my-receipts",
		"收据台":             "receipts",
		"收据 Desk 2":       "desk-2",
		"--a__b..c--":     "a-b-c",
		"Ünïcode":         "n-code",
		"UPPER":           "upper",
		"日本 con":          "app-con",
		"2024 receipts":   "app-2024-receipts",
		"V0":              "app-v0",
		"v2":              "app-v2",
		"v2 desk":         "v2-desk",
		"trailing space-": "trailing-space",
	} {
		s := Spec{Template: "receipts", Name: name}.filled()
		if s.Slug() != want || s.Module != "example.com/"+want {
			t.Errorf("%q: slug %q, module %q; want slug %q", name, s.Slug(), s.Module, want)
		}
	}
}

func TestSpecRefuses(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		says string
	}{
		{Spec{Template: "tniy"}, `find template "tniy"`},
		{Spec{Template: ""}, `find template ""`},
		{Spec{Template: ".."}, `find template ".."`},
		{Spec{Template: "tiny/prompts"}, `find template "tiny/prompts"`},
		{Spec{Template: "tiny", Module: "no dots"}, `use "no dots" as module path`},
		{Spec{Template: "tiny", Module: "../x"}, "as module path"},
		{Spec{Template: "tiny", Module: kitModule}, "the kit has it"},
		{Spec{Template: "tiny", Model: "gpt"}, `use "gpt" as model`},
		{Spec{Template: "tiny", Model: "ollama:"}, `use "ollama:" as model`},
		{Spec{Template: "tiny", Model: "ollama:a b"}, `use "ollama:a b" as model`},
		{Spec{Template: "tiny", Model: "ollama:x\nbar: 1"}, "as model"},
		{Spec{Template: "tiny", Model: "learned"}, `use "learned" as model of a new app: there is nothing learned yet`},
		{Spec{Template: "tiny", Model: "openai:qwen"}, `use "openai:qwen" as model of a new app: nothing says yet where its server is`},
		{Spec{Template: "tiny", Lang: "fr"}, `use "fr" as language: it is one of en, zh`},
		{Spec{Template: "tiny", DB: "mysql"}, `use "mysql" as database: it is one of sqlite, postgres`},
		{Spec{Template: "tiny", Name: "two\nlines"}, "characters that do not print"},
		{Spec{Template: "tiny", Name: " x"}, "begins or ends with a space"},
		{Spec{Template: "tiny", Name: "\xff"}, "not UTF-8"},
		{Spec{Template: "tiny", Name: strings.Repeat("a", 81)}, "81 characters"},
	} {
		_, err := tiny().Plan(c.spec)
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want an invalid %q", c.spec, err, c.says)
		}
	}
}

func TestUnknownTemplateHasAHint(t *testing.T) {
	for got, want := range map[string]string{"tinny": "did you mean tiny?", "zzzzzz": "there are: tiny"} {
		_, err := tiny().Plan(Spec{Template: got})
		if kit.HintOf(err) != want {
			t.Errorf("template %q: hint %q, want %q", got, kit.HintOf(err), want)
		}
	}
}

func TestPortable(t *testing.T) {
	for _, bad := range []string{"CON", "con.txt", "nul", "COM1", "lpt9.go", "a:b", "a?", "a.", "a ", "a\x01", `a\b`, strings.Repeat("x", 201)} {
		if kit.CodeOf(portable(bad)) != kit.Invalid {
			t.Errorf("portable(%q) passes", bad)
		}
	}
	for _, good := range []string{"console", "con-desk", "收据台", "my desk", ".gitignore", "com10"} {
		if err := portable(good); err != nil {
			t.Errorf("portable(%q): %v", good, err)
		}
	}
}

// nailName is what kit/nail takes as a name.
var nailName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Any name that passes the check gives a module path that passes Go's, and a
// slug that nail.yaml takes.
func TestEveryNameHasAModule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-A-Za-z0-9 ]{1,80}`), rapid.StringMatching(`[A-Za-z][0-9]{1,3}`)).Draw(t, "name")
		s := Spec{Template: "receipts", Name: name}.filled()
		if checkName(s.Name) != nil {
			return
		}
		if err := module.CheckPath(s.Module); err != nil {
			t.Fatalf("name %q: %v", s.Name, err)
		}
		if slug := s.Slug(); len(slug) > 63 || !nailName.MatchString(slug) {
			t.Fatalf("name %q: slug %q is no name for a nail", s.Name, slug)
		}
	})
}

func TestTheProgramIsWhatGoBuildWrites(t *testing.T) {
	for path, want := range map[string]string{"example.com/desk": "desk", "example.com/desk/v2": "desk", "example.com/Team/golden": "golden", "desk": "desk"} {
		if got := (Spec{Module: path}).Program(); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
