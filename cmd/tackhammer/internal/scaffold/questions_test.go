package scaffold

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
)

// asking is a source whose template asks a question of each type.
func asking(files ...string) Source {
	fs := fstest.MapFS{"ask/template.yaml": file(`name: ask
description: {en: A., zh: B.}
questions:
  - {name: noun, type: text, ask: {en: A?, zh: B?}, pattern: "[a-z]+", default: till}
  - {name: days, type: number, ask: {en: A?, zh: B?}, whole: true, min: 1, max: 1000000, default: 1000000}
  - {name: rate, type: number, ask: {en: A?, zh: B?}, default: 0.5}
  - {name: mail, type: yes-no, ask: {en: A?, zh: B?}, default: no}
  - name: how
    type: choice
    ask: {en: How?, zh: 如何?}
    choices: [{value: daily, en: Each day, zh: 每天}, weekly]
    default: weekly
    when: {lang: [en], answers: {mail: [yes]}}
  - {name: buyer, type: text, ask: {en: A?, zh: B?}}
files:
  - {path: mail, to: post, when: {answers: {mail: [yes]}}}
  - {path: mail/how.txt.tmpl, to: "<% .Answer \"noun\" %>.txt"}
`),
		"ask/go.mod.tmpl":       file("module <% .Module %>\n"),
		"ask/all.txt.tmpl":      file(`<% .Answer "noun" %> <% .Answer "days" %> <% .Answer "rate" %> <% if .Answer "mail" %>by mail, <% .Answer "how" %><% end %> <% quote (.Answer "buyer") %>`),
		"ask/mail/a/smtp.txt":   file("smtp"),
		"ask/mail/how.txt.tmpl": file(`<% if eq (.Answer "how") "" %>not asked<% else %><% .Answer "how" %><% end %>`)}
	for i := 0; i < len(files); i += 2 {
		fs["ask/"+files[i]] = file(files[i+1])
	}
	return Source{Templates: fs, Kit: tiny().Kit}
}

func TestAnswersFillATemplate(t *testing.T) {
	plan := mustPlan(t, asking(), Spec{Template: "ask", Answers: map[string]any{"buyer": `The "Shop"`}})
	if got, want := plan.text("all.txt"), `till 1000000 0.5  "The \"Shop\""`; got != want {
		t.Errorf("defaults: %q, want %q", got, want)
	}
	if plan.text("post/a/smtp.txt") != "" || plan.text("till.txt") != "not asked" {
		t.Errorf("a folder under a condition that does not hold: %q, and %q", plan.text("post/a/smtp.txt"), plan.text("till.txt"))
	}
	if want := map[string]any{"noun": "till", "days": 1000000, "rate": 0.5, "mail": false, "buyer": `The "Shop"`}; !reflect.DeepEqual(plan.Spec.Answers, want) {
		t.Errorf("answers %#v", plan.Spec.Answers)
	}
	plan = mustPlan(t, asking(), Spec{Template: "ask", Answers: map[string]any{"buyer": "B", "mail": "yes", "days": uint64(3), "noun": "desk", "how": "daily"}})
	if got, want := plan.text("all.txt"), `desk 3 0.5 by mail, daily "B"`; got != want {
		t.Errorf("answers: %q, want %q", got, want)
	}
	if plan.text("post/a/smtp.txt") != "smtp" || plan.text("desk.txt") != "daily" {
		t.Error("the files under a condition that holds are missing")
	}
	again, err := ReadSpec("spec.yaml", []byte(plan.text(".tackhammer/spec.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	if twice := mustPlan(t, asking(), again); twice.text(".tackhammer/base.zip") != plan.text(".tackhammer/base.zip") {
		t.Error("the spec that was kept makes another app")
	}
}

func TestAnswersAreRefused(t *testing.T) {
	for _, c := range []struct {
		answers map[string]any
		says    []string
	}{
		{nil, []string{"answer buyer: it has no default; it is one line of text, of 200 characters at most"}},
		{map[string]any{"buyer": "B", "dasy": 3}, []string{"answer dasy: the template ask does not ask that; did you mean days?"}},
		{map[string]any{"buyer": "B", "colour": "red"}, []string{"it asks noun, days, rate, mail, how, buyer"}},
		{map[string]any{"buyer": "two\nlines", "days": 0, "noun": "Till", "mail": "often", "how": "daily"}, []string{
			`answer noun: "Till" does not fit; it is text that matches [a-z]+`,
			"answer days: 0 does not fit; it is a whole number from 1 to 1000000",
			`answer mail: "often" does not fit; it is yes or no`,
			"answer how: it is not asked here, only when lang is en and mail is yes",
			`answer buyer: "two\nlines" does not fit`,
		}},
		{map[string]any{"buyer": "B", "mail": true, "how": "hourly"}, []string{`"hourly" does not fit; it is one of daily, weekly`}},
		{map[string]any{"buyer": 7, "days": 2.5, "rate": "half", "mail": 1}, []string{"answer buyer: 7", "answer days: 2.5", `answer rate: "half"`, "answer mail: 1"}},
	} {
		_, err := asking().Plan(Spec{Template: "ask", Answers: c.answers})
		for _, want := range c.says {
			if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v, want %q", c.answers, err, want)
			}
		}
	}
	if _, err := tiny().Plan(Spec{Template: "tiny", Answers: map[string]any{"a": 1}}); err == nil || !strings.Contains(err.Error(), "the template tiny asks nothing") {
		t.Errorf("an answer to a template without questions: %v", err)
	}
}

func TestParseAnswerInWords(t *testing.T) {
	m, err := asking().Manifest("ask")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		question int
		typed    string
		want     any
	}{
		{0, " desk ", "desk"}, {0, "", nil}, {1, "30", 30}, {1, "1e3", 1000}, {1, "NaN", nil}, {1, "1e400", nil}, {1, "x", nil},
		{2, "0.25", 0.25}, {2, "-4", -4}, {3, "Yes", true}, {3, "否", false}, {3, "maybe", nil}, {4, "daily", "daily"}, {4, "Daily", nil},
	} {
		got, err := m.Questions[c.question].Parse(c.typed)
		if got != c.want || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %q is read as %#v, %v; want %#v", m.Questions[c.question].Name, c.typed, got, err, c.want)
		}
	}
	if c := m.Questions[4].Choices; c[0].In("zh") != "每天" || c[1].In("en") != "weekly" {
		t.Errorf("labels %q, %q", c[0].In("zh"), c[1].In("en"))
	}
}

func TestAskedFollowsTheAnswers(t *testing.T) {
	m, err := asking().Manifest("ask")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec Spec
		n    int
	}{
		{Spec{}, 5},
		{Spec{Answers: map[string]any{"mail": true}}, 6},
		{Spec{Lang: "zh", Answers: map[string]any{"mail": true}}, 5},
	} {
		if got := m.Asked(c.spec); len(got) != c.n {
			t.Errorf("%+v is asked %d questions, want %d", c.spec, len(got), c.n)
		}
	}
}

func TestCarryKeepsWhatStillFits(t *testing.T) {
	m, err := asking().Manifest("ask")
	if err != nil {
		t.Fatal(err)
	}
	got, dropped := m.Carry(Spec{Answers: map[string]any{"noun": "Till", "days": uint64(5), "mail": true, "how": "daily", "gone": 1, "buyer": "B"}})
	want := map[string]any{"noun": "till", "days": 5, "rate": 0.5, "mail": true, "how": "daily", "buyer": "B"}
	if !reflect.DeepEqual(got, want) || strings.Join(dropped, " ") != "gone noun" {
		t.Errorf("carried %v, dropped %v", got, dropped)
	}
}

// A file's words are no commands to the terminal.
func TestUnknownAnswersArePrinted(t *testing.T) {
	_, err := Manifest{Name: "tiny"}.Answer(Spec{Answers: map[string]any{"a\x1b[31mb": "c"}})
	if err == nil || strings.ContainsRune(err.Error(), '\x1b') || !strings.Contains(err.Error(), `"a\x1b[31mb"`) {
		t.Errorf("%q", err)
	}
}
