package scaffold

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

func TestASpecIsReadAsItWasWritten(t *testing.T) {
	spec := Spec{
		Template: "receipts", Name: "票据台", Module: "example.com/desk", Model: "ollama:qwen3:4b", Lang: "zh", DB: "postgres",
		Answers: map[string]any{"days": uint64(3), "loud": true, "who": "us"},
		Additions: Additions{
			Fields: []Field{{Name: "tax", Type: "money", Label: "Tax: all of it", LabelZh: "税额", Description: "as printed: all", Bar: 0.95},
				{Name: "kind", Type: "choice", Values: []string{"food", "交通"}}},
			Steps:     []Step{{Name: "round", Kind: "code"}, {Name: "sort", Kind: "draft", Title: "Sort", TitleZh: "分类"}},
			Importers: []Importer{{Name: "mail", Ext: ".eml"}},
			Targets:   []Target{{Name: "books", Kind: "webhook", URL: "https://b.example/in", SecretEnv: "BOOKS_SECRET"}},
			Channels:  []Channel{{Kind: "slack", URLEnv: "SLACK_URL"}},
			Models:    []string{"ollama:small"},
		},
	}
	raw, err := yaml.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"as written": string(raw), "on Windows": "\ufeff" + strings.ReplaceAll(string(raw), "\n", "\r\n")} {
		got, err := ReadSpec("spec.yaml", []byte(text))
		if err != nil || !reflect.DeepEqual(got, spec) {
			t.Errorf("%s: %v\n%+v\nwant %+v", name, err, got, spec)
		}
	}
}

// TestASpecThatIsWrongIsToldWithItsPlace has what people and machines write.
func TestASpecThatIsWrongIsToldWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", "s.yaml:1:1: it says nothing; a spec says at least template: NAME"},
		"comments":            {"# nothing\n", "s.yaml:1:1: it says nothing"},
		"null":                {"---\n...\n", "s.yaml:1:1: it says nothing"},
		"a word":              {"receipts\n", "s.yaml:1:1: receipts is not a group of keys, such as template: receipts"},
		"a list":              {"- template: receipts\n", "s.yaml:1:1: "},
		"unknown":             {"template: receipts\ntemplte: x\n", `s.yaml:2:1: unknown key "templte"; did you mean "template"?`},
		"far":                 {"zzzzzz: 1\n", `s.yaml:1:1: unknown key "zzzzzz"; known here: answers, channels, db, fields,`},
		"below":               {"template: r\nfields:\n  - name: tax\n    tpye: money\n", `s.yaml:4:5: unknown key "fields[0].tpye"; did you mean "fields[0].type"?`},
		"twice":               {"template: receipts\nname: a\nname: b\n", `s.yaml:3:1: mapping key "name" already defined at [2:1]`},
		"a number":            {"template: receipts\nname: 12\n", `s.yaml:2:7: name: 12 is not text; write "12"`},
		"a date":              {"template: receipts\nname: [a]\n", `s.yaml:2:7: name: [a] is not text`},
		"a group":             {"template: receipts\nfields: {name: tax}\n", `s.yaml:2:10: fields: {name: tax} is not a list`},
		"no group":            {"template: receipts\nfields: [tax]\n", `s.yaml:2:10: fields[0]: tax is not a group of keys`},
		"a bar":               {"template: r\nfields:\n- {name: a, type: text, bar: high}\n", `s.yaml:3:30: fields[0].bar: high is not a number`},
		"an answer":           {"template: r\nanswers: {a: [1]}\n", `s.yaml:2:14: answers.a: [1] is not one value`},
		"a language":          {"template: r\nlang: fr\n", `s.yaml:2:7: use "fr" as language: it is one of en, zh`},
		"a type":              {"template: r\nfields:\n  - name: tax\n    type: mony\n", `s.yaml:3:5: add field tax: "mony" is no type; there are text, date, number, money, yes-no, choice; did you mean money?`},
		"a name":              {"template: r\nsteps: [{name: A b, kind: code}]\n", `s.yaml:2:10: add step "A b": code cannot have that name; lower case with dashes, such as second-look`},
		"a path":              {"template: r\nmodule: ../../x\n", `s.yaml:2:9: use "../../x" as module path`},
		"two documents":       {"template: r\n---\ntemplate: s\n", "s.yaml:3:1: a second document begins here"},
		"a tab":               {"template: r\nfields:\n\t- x\n", "s.yaml:"},
		"open":                {"template: [\n", "s.yaml:1:"},
		"quotes":              {"template: \"x\n", "s.yaml:1:"},
		"an anchor":           {"name: &a x\ntemplate: *a\n", "s.yaml:1:7: anchors and aliases are not read here"},
		"a merge":             {"<<: {template: x}\n", "s.yaml:1:1: anchors and aliases are not read here"},
		"a tag":               {"template: !!binary aGk=\n", "s.yaml:1:11: tags and directives are not read here"},
		"not UTF-8":           {"template: \xff\xfe\n", "read s.yaml: it is not UTF-8"},
		"no text":             {"template: a\x00b\n", "read s.yaml: it is no text"},
		"huge":                {"# " + strings.Repeat("x", 1<<20), "read s.yaml: it is over 65536 bytes"},
		"a nest":              {"fields: " + strings.Repeat("[", 60_000), "nested too deep"},
		"a nest of groups":    {"answers: " + strings.Repeat("{a: ", 15_000), "nested too deep"},
		"a nest of lists":     {strings.Repeat("- ", 30_000) + "a", "nested too deep"},
		"a stair":             {stair(300), "nested too deep"},
		"a billion laughters": {bomb(), "anchors and aliases are not read here"},
		"a nest in quotes":    {"answers: " + strings.Repeat(`{"}": `, 10_000), "nested too deep"},
		"a nest of brackets":  {"answers: " + strings.Repeat("]", 30_000) + strings.Repeat("[", 30_000), "nested too deep"},
		"many mistakes":       {"models: [" + strings.Repeat("a,", 30_000) + "]\n", "; and 29980 more"},
		"a long value":        {"template: " + strings.Repeat("x y ", 10_000) + "\n", "use a name of 39999 characters"},
	} {
		began := time.Now()
		_, err := ReadSpec("s.yaml", []byte(c.text))
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
		if d := time.Since(began); d > time.Minute {
			t.Errorf("%s took %v", name, d)
		} else if d > time.Second/2 {
			t.Logf("%s took %v", name, d)
		}
	}
}

func TestAllThatIsWrongInASpecIsToldAtOnce(t *testing.T) {
	_, err := ReadSpec("s.yaml", []byte("template: r\nlnag: en\nfields:\n- {nam: tax}\n- x\n"))
	want := "s.yaml:2:1: unknown key \"lnag\"; did you mean \"lang\"?\ns.yaml:4:4: unknown key \"fields[0].nam\"; did you mean \"fields[0].name\"?\ns.yaml:5:3: fields[1]: x is not a group of keys"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if fields := kit.FieldsOf(err); len(fields) != 3 || fields[0].Path != "lnag" {
		t.Errorf("%+v", fields)
	}
}

// stair nests by indent, a level a line.
func stair(levels int) string {
	var b strings.Builder
	b.WriteString("answers:\n")
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	return b.String()
}

// bomb would be 9 to the power of 9 words.
func bomb() string {
	var b strings.Builder
	b.WriteString("a: &a [lol]\n")
	for c := 'b'; c < 'k'; c++ {
		b.WriteString(string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "x]\n")
	}
	return b.String()
}

func FuzzReadSpec(f *testing.F) {
	for _, s := range []string{"template: receipts\nfields: [{name: a, type: text}]\n", "a: &a [*a]", "- - -", "{", "x: |\n  y\n", "? a\n: b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		spec, err := ReadSpec("s.yaml", raw)
		if err != nil {
			if kit.CodeOf(err) != kit.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		again, err := yaml.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSpec("s.yaml", again); err != nil {
			t.Errorf("%v\n%s", err, again)
		}
	})
}
