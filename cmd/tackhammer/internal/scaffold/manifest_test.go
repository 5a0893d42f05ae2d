package scaffold

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
)

const head = "name: tiny\ndescription: {en: A., zh: B.}\n"

// asks is a manifest of questions, from the third line on.
func asks(lines ...string) string { return head + "questions:\n" + strings.Join(lines, "\n") + "\n" }

func TestManifestRefuses(t *testing.T) {
	const ask = ", ask: {en: A?, zh: B?}"
	for _, c := range []struct{ text, says string }{
		{"name: tiny\n", "1:1: description.en: it is missing"},
		{"name: tiny\ndescription:\n  en: A.\n", "3:3: description.zh: it is missing"},
		{head + "fiels: []\n", `3:1: unknown key "fiels"; did you mean "files"?`},
		{head + "questions: yes\n", `3:12: questions: yes is not a list`},
		{head + "questions: []\n", `3:12: questions: an empty list`},
		{head + "questions:\n", `3:1: questions: no value`},
		{"name: [\n", "1:7: "},
		{"", "1:1: the file is empty"},
		{"# nothing\n", "1:1: the file is empty"},
		{head + "---\nname: two\n", "4:1: a second document"},
		{"name: &a tiny\ndescription: {en: *a, zh: *a}\n", "name: &a tiny is not text"},
		{"name: !!str tiny\n", "is not text"},
		{"name: tiny\n" + strings.Repeat("# a long remark\n", 3000), "bytes; 32768 are the most"},
		{"name: " + strings.Repeat("[", 20000), "brackets stand in brackets"},
		{strings.Replace(head, "tiny", "other", 1), `its name is "other", its folder's is "tiny"`},
		{strings.Replace(head, "tiny", "Tiny Ones", 1), `1:7: name: "Tiny Ones" is not a template's name`},
		{strings.Replace(head, "tiny", "common", 1), `1:7: name: "common" is not a template's name`},
		{head + "files: [{path: gone.md}]\n", "3:16: files[0].path: gone.md is not in the template"},
		{head + "files: [{to: gone.md}]\n", "3:10: files[0].path: it is missing"},
		{head + "files: [{path: ../up.md}]\n", "without .."},
		{head + "files: [{path: a.md, to: /etc/passwd}]\n", "3:26: files[0].to: use the path \"/etc/passwd\""},
		{head + "files: [{path: a.md, to: .git/hooks/post-checkout}]\n", "git keeps .git for itself"},
		{head + "files: [{path: template.yaml}]\n", "template.yaml is never part of an app"},
		{head + "files:\n  - path: a.md\n  - path: a.md\n", "5:11: files[1].path: a.md has a rule already"},
		{head + "files: [{path: a.md, when: {lang: [fr]}}]\n", `3:36: files[0].when.lang[0]: "fr" is none of en, zh`},
		{head + "files: [{path: a.md, when: {db: [dbase]}}]\n", `3:34: files[0].when.db[0]: "dbase" is none of sqlite, postgres`},
		{head + "files: [{path: a.md, when: {answers: {who: [me]}}}]\n", "3:39: files[0].when.answers.who: no question of that name"},

		{asks("- {name: who, type: text}"), "4:4: questions[0].ask.en: it is missing"},
		{asks("- {name: who, type: text, ask: {en: Who?}}"), "4:33: questions[0].ask.zh: it is missing"},
		{asks("- {name: who" + ask + "}"), "4:4: questions[0].type: it is missing: text, number, yes-no, choice"},
		{asks("- {name: who, type: txt" + ask + "}"), `4:21: questions[0].type: "txt" is none of text, number, yes-no, choice; did you mean text?`},
		{asks("- {name: Who, type: text" + ask + "}"), `4:10: questions[0].name: "Who" is not in snake_case`},
		{asks("- {name: db, type: text" + ask + "}"), "every app is asked for its db already"},
		{asks("- {name: steps, type: text" + ask + "}"), "every app is asked for its steps already"},
		{asks("- {name: who, type: text"+ask+"}", "- {name: who, type: text"+ask+"}"), "5:10: questions[1].name: who is asked already"},
		{asks("- {name: who, type: text" + ask + ", help: {en: H.}}"), "help: it is there in one language"},
		{asks("- {name: n, type: number" + ask + ", default: many}"), "questions[0].default: many does not fit; it is a number"},
		{asks("- {name: n, type: number" + ask + ", default: 1.5, whole: true}"), "1.5 does not fit; it is a whole number"},
		{asks("- {name: n, type: number" + ask + ", min: 5, max: 2}"), "questions[0].min: 5 is more than max, 2"},
		{asks("- {name: n, type: number" + ask + ", min: low}"), "questions[0].min: low is not a number"},
		{asks("- {name: n, type: number" + ask + ", whole: maybe}"), "questions[0].whole: maybe is not true or false"},
		{asks("- {name: n, type: number" + ask + ", default: 7, min: 8}"), "7 does not fit; it is a number, 8 at least"},
		{asks("- {name: s, type: text" + ask + ", pattern: '['}"), "questions[0].pattern: error parsing regexp"},
		{asks("- {name: s, type: text" + ask + ", pattern: '[a-z]+'}"), "questions[0].default: it is missing"},
		{asks("- {name: s, type: text" + ask + ", pattern: '[a-z]+', default: A1}"), "A1 does not fit; it is text that matches [a-z]+"},
		{asks("- {name: s, type: text" + ask + ", default: 7}"), "7 does not fit; it is one line of text"},
		{asks("- {name: s, type: text" + ask + ", max: 7}"), "questions[0].max: it is for questions of the type number, and this is text"},
		{asks("- {name: s, type: text" + ask + ", default: [a]}"), "questions[0].default: [a] is not text, a number, yes or no"},
		{asks("- {name: c, type: choice" + ask + "}"), "a choice is among two answers at least"},
		{asks("- {name: c, type: choice" + ask + ", choices: [a]}"), "a choice is among two answers at least"},
		{asks("- {name: c, type: choice" + ask + ", choices: [a, b, a]}"), "4:66: questions[0].choices[2]: a is there already"},
		{asks("- {name: c, type: choice" + ask + ", choices: [a, {value: b, en: B}]}"), "its label is there in one language"},
		{asks("- {name: c, type: choice" + ask + ", choices: [a, b], default: d}"), "questions[0].default: d does not fit; it is one of a, b"},
		{asks("- {name: y, type: yes-no" + ask + ", default: perhaps}"), "perhaps does not fit; it is yes or no"},
		{asks("- {name: y, type: yes-no" + ask + ", choices: [a, b]}"), "it is for questions of the type choice"},
		{asks("- {name: s, type: text"+ask+", when: {answers: {later: [yes]}}}", "- {name: later, type: yes-no"+ask+"}"), "questions[0].when.answers.later: no question of that name stands before"},
		{asks("- {name: y, type: yes-no"+ask+"}", "- {name: s, type: text"+ask+", when: {answers: {y: [often]}}}"), "questions[1].when.answers.y[0]: answer y: \"often\" does not fit; it is yes or no"},
	} {
		src := Source{Templates: fstest.MapFS{"tiny/template.yaml": file(c.text), "tiny/a.md": file("")}}
		_, err := src.List()
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "tiny/template.yaml") {
			t.Errorf("%.300s\n%v\nwant %q", c.text, err, c.says)
		}
	}
}

// Every mistake is told at once, in the order of the file.
func TestManifestTellsAll(t *testing.T) {
	_, err := parseManifest("m.yaml", []byte(asks("- {name: X, type: txt, ask: {en: A?}}")+"fiels: 1\n"), func(string) bool { return true })
	want := []string{`m.yaml:4:10: questions[0].name: "X" is not`, "m.yaml:4:19: questions[0].type:", "m.yaml:4:30: questions[0].ask.zh", "m.yaml:5:1: unknown key"}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%v", err)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("line %d is %q, want %q", i, lines[i], want[i])
		}
	}
}

// Whatever a manifest holds, reading it ends, and never in a panic.
func FuzzManifest(f *testing.F) {
	f.Add(asks("- {name: who, type: choice, ask: {en: A?, zh: B?}, choices: [a, {value: b}], default: a, when: {lang: [en]}}"))
	f.Add(head + "files: [{path: a.md, to: b.md, when: {answers: {who: [1, true, x]}}}]\n")
	f.Add("- a\n- b: &x [*x]\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseManifest("m.yaml", []byte(text), func(string) bool { return true })
		if err == nil && (m.Name == "" || m.Description.Zh == "") {
			t.Errorf("%q is taken as %+v", text, m)
		}
	})
}
