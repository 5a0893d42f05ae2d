package scaffold

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// mostQuestions is what a person may be asked for one app.
const mostQuestions = 40

// checkQuestion tells what does not go together in q, which stands at path
// behind before, and puts its default and conditions in their types.
func (r *manifestReader) checkQuestion(path string, q *Question, before []Question) {
	r.checkName(path, q.Name, before)
	r.want(path, "ask.en", q.Ask.En, "what people are asked")
	r.want(path, "ask.zh", q.Ask.Zh, "the same in Chinese")
	if (q.Help.En == "") != (q.Help.Zh == "") {
		r.add(r.at(path+".help"), path, "%s.help: it is there in one language; write en and zh", path)
	}
	r.checkWhen(path+".when", q.When, before)
	r.want(path, "type", q.Type, strings.Join(QuestionTypes, ", "))
	if q.Type == "" {
		return
	}
	if !slices.Contains(QuestionTypes, q.Type) {
		r.add(r.at(path+".type"), path, "%s.type: %q is none of %s%s", path, q.Type, strings.Join(QuestionTypes, ", "), didYouMean(q.Type, QuestionTypes))
		return
	}
	sofar := len(r.problems)
	r.checkFits(path, *q)
	r.checkChoices(path, q.Choices, q.Type)
	if q.Type == "text" && q.Pattern != "" { // what nobody can guess, `template check` cannot try
		r.want(path, "default", said(q.Default), "text that matches the pattern")
	}
	if q.Default != nil && len(r.problems) == sofar {
		r.checkDefault(path, q)
	}
}

func (r *manifestReader) checkDefault(path string, q *Question) {
	v, err := q.Check(q.Default)
	if err != nil {
		r.add(r.at(path+".default"), path, "%s.default: %v does not fit; %s", path, q.Default, q.wants())
	}
	q.Default = v
}

func (r *manifestReader) checkName(path, name string, before []Question) {
	at := r.at(path + ".name")
	r.want(path, "name", name, "a word in snake_case")
	switch {
	case name == "":
	case !snakeName.MatchString(name) || len(name) > 40:
		r.add(at, path, "%s.name: %q is not in snake_case, of 40 letters at most", path, name)
	case slices.Contains(specKeys(), name):
		r.add(at, path, "%s.name: every app is asked for its %s already; take another word", path, name)
	case slices.ContainsFunc(before, func(q Question) bool { return q.Name == name }):
		r.add(at, path, "%s.name: %s is asked already", path, name)
	case len(before) == mostQuestions:
		r.add(at, path, "%s: one question too many; %d are the most", path, mostQuestions)
	}
}

// specKeys are the names of what every app is asked.
func specKeys() (all []string) {
	for _, t := range []reflect.Type{reflect.TypeFor[Spec](), reflect.TypeFor[Additions]()} {
		for i := range t.NumField() {
			if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" {
				all = append(all, name)
			}
		}
	}
	return all
}

// checkFits tells of keys that the type has no use for, and of limits that
// leave nothing.
func (r *manifestReader) checkFits(path string, q Question) {
	for _, k := range []struct{ key, of string }{
		{"choices", "choice"}, {"pattern", "text"}, {"whole", "number"}, {"min", "number"}, {"max", "number"},
	} {
		if _, there := r.places[path+"."+k.key]; there && q.Type != k.of {
			r.add(r.at(path+"."+k.key), path, "%s.%s: it is for questions of the type %s, and this is %s", path, k.key, k.of, q.Type)
		}
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		r.add(r.at(path+".min"), path, "%s.min: %v is more than max, %v", path, *q.Min, *q.Max)
	}
	if _, err := compile(q.Pattern); err != nil {
		r.add(r.at(path+".pattern"), path, "%s.pattern: %s", path, err)
	}
}

func (r *manifestReader) checkChoices(path string, choices []Choice, kind string) {
	if kind != "choice" {
		return
	}
	if _, there := r.places[path+".choices"]; !there || len(choices) == 1 {
		r.add(r.at(path+".choices", path), path, "%s.choices: a choice is among two answers at least", path)
	}
	for i, c := range choices {
		at := fmt.Sprintf("%s.choices[%d]", path, i)
		r.want(at, "value", c.Value, "the answer")
		switch {
		case c.Value == "":
		case !(Question{Type: "text"}).takes(c.Value):
			r.add(r.at(at), path, "%s: %q is not one line of %d characters at most", at, c.Value, longestAnswer)
		case slices.ContainsFunc(choices[:i], func(other Choice) bool { return other.Value == c.Value }):
			r.add(r.at(at), path, "%s: %s is there already", at, c.Value)
		case (c.Label.En == "") != (c.Label.Zh == ""):
			r.add(r.at(at), path, "%s: its label is there in one language; write en and zh", at)
		}
	}
}

// didYouMean is a remark behind a word that is none of known.
func didYouMean(got string, known []string) string {
	if near := kit.Closest(got, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
