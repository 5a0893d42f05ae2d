package scaffold

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// parseManifest reads a manifest; file is what errors call it, and has reports
// whether the template holds a file or folder. It fails with kit.Invalid and
// tells every mistake with its line and column.
func parseManifest(file string, raw []byte, has func(path string) bool) (Manifest, error) {
	m := Manifest{}
	r := &manifestReader{reader{places: map[string]spot{}}}
	r.file(raw, map[string]value{
		"name":        r.text(&m.Name),
		"description": r.both(&m.Description),
		"questions":   r.each(func(n ast.Node, path string) { m.Questions = append(m.Questions, r.question(n, path)) }),
		"adds":        r.group(map[string]value{"input": r.text(&m.Adds.Input), "output": r.text(&m.Adds.Output)}),
		"files":       r.each(func(n ast.Node, path string) { m.Files = append(m.Files, r.rule(n, path)) }),
	})
	if len(r.places) > 0 || len(r.problems) == 0 { // otherwise nothing could be read, and that is told
		r.check(m, has)
	}
	return m, r.err(file)
}

// manifestReader reads a manifest's parts, and then checks how they go together.
type manifestReader struct{ reader }

func (r *manifestReader) question(node ast.Node, path string) (q Question) {
	r.group(map[string]value{
		"name": r.text(&q.Name), "type": r.text(&q.Type),
		"ask": r.both(&q.Ask), "help": r.both(&q.Help),
		"default": r.scalar(&q.Default), "pattern": r.text(&q.Pattern),
		"min": r.number(&q.Min), "max": r.number(&q.Max),
		"whole": r.yes(&q.Whole), "when": r.when(&q.When),
		"choices": r.each(func(n ast.Node, path string) { q.Choices = append(q.Choices, r.choice(n, path)) }),
	})(node, path)
	return q
}

func (r *manifestReader) choice(node ast.Node, path string) (c Choice) {
	if _, plain := textOf(node); plain {
		r.text(&c.Value)(node, path)
		return c
	}
	r.group(map[string]value{"value": r.text(&c.Value), "en": r.text(&c.Label.En), "zh": r.text(&c.Label.Zh)})(node, path)
	return c
}

func (r *manifestReader) rule(node ast.Node, path string) (rule Rule) {
	r.group(map[string]value{"path": r.text(&rule.Path), "to": r.text(&rule.To), "when": r.when(&rule.When)})(node, path)
	return rule
}

func (r *manifestReader) yes(to *bool) value {
	return func(node ast.Node, path string) {
		n, ok := node.(*ast.BoolNode)
		if !ok {
			r.kind(node, path, "true or false")
			return
		}
		*to = n.Value
	}
}

func (r *manifestReader) when(to *When) value {
	return r.group(map[string]value{"lang": r.texts(&to.Lang), "db": r.texts(&to.DB), "answers": func(node ast.Node, path string) {
		entries, ok := node.(ast.MapNode)
		if !ok {
			r.kind(node, path, "a group of keys")
			return
		}
		to.Answers = map[string][]any{}
		for it := entries.MapRange(); it.Next(); {
			name := keyName(it.Key())
			r.places[under(path, name)] = placeOf(it.Key().GetToken())
			r.each(func(n ast.Node, path string) {
				var v any
				r.scalar(&v)(n, path)
				to.Answers[name] = append(to.Answers[name], v)
			})(it.Value(), under(path, name))
		}
	}})
}

// check tells what is missing and what does not go together.
func (r *manifestReader) check(m Manifest, has func(string) bool) {
	r.want("", "name", m.Name, "a word such as retail")
	r.want("", "description.en", m.Description.En, "what an app of it does, in a sentence")
	r.want("", "description.zh", m.Description.Zh, "the same in Chinese")
	if m.Name != "" && (!kebabName.MatchString(m.Name) || m.Name == commonDir || deviceName.MatchString(m.Name) || len(m.Name) > 63) {
		r.add(r.at("name"), "name", "name: %q is not a template's name; it has lower-case letters and digits, with single dashes between, and is not %s", m.Name, commonDir)
	}
	r.checkAdds(m.Adds)
	for i := range m.Questions {
		r.checkQuestion(fmt.Sprintf("questions[%d]", i), &m.Questions[i], m.Questions[:i])
	}
	for i, rule := range m.Files {
		r.checkRule(fmt.Sprintf("files[%d]", i), rule, m, has)
		if slices.ContainsFunc(m.Files[:i], func(other Rule) bool { return other.Path == rule.Path }) && rule.Path != "" {
			r.add(r.at(fmt.Sprintf("files[%d].path", i)), "files", "files[%d].path: %s has a rule already", i, rule.Path)
		}
	}
}

// want tells that a key of the group at path is missing, and what it holds.
func (r *manifestReader) want(path, key, got, holds string) {
	at := under(path, key)
	if _, there := r.places[at]; got != "" || there { // it is there, and told where it is of the wrong kind
		return
	}
	up, _, _ := strings.Cut(key, ".")
	r.add(r.at(under(path, up), path), at, "%s: it is missing: %s", at, holds)
}

func (r *manifestReader) checkRule(path string, rule Rule, m Manifest, has func(string) bool) {
	r.want(path, "path", rule.Path, "the file or folder that the rule is for")
	switch {
	case rule.Path == "":
	case !fs.ValidPath(rule.Path) || rule.Path == ".":
		r.add(r.at(path+".path"), path, "%s.path: %q is no path below the template's folder: relative, with slashes, without ..", path, rule.Path)
	case rule.Path == manifestFile:
		r.add(r.at(path+".path"), path, "%s.path: %s is never part of an app", path, manifestFile)
	case !has(rule.Path):
		r.add(r.at(path+".path"), path, "%s.path: %s is not in the template", path, rule.Path)
	}
	if rule.To != "" && !strings.Contains(rule.To, leftDelim) {
		if err := safeTarget(rule.To); err != nil {
			r.add(r.at(path+".to"), path, "%s.to: %s", path, err)
		}
	}
	r.checkWhen(path+".when", rule.When, m.Questions)
}

// checkWhen tells of conditions on what nobody asks before. The values are put
// in the type of the answers that they are held against.
func (r *manifestReader) checkWhen(path string, w When, before []Question) {
	for i, l := range w.Lang {
		r.among(fmt.Sprintf("%s.lang[%d]", path, i), l, Langs)
	}
	for i, db := range w.DB {
		r.among(fmt.Sprintf("%s.db[%d]", path, i), db, DBs)
	}
	for name, values := range w.Answers {
		at := path + ".answers." + name
		i := slices.IndexFunc(before, func(q Question) bool { return q.Name == name })
		if i < 0 {
			r.add(r.at(at), at, "%s: no question of that name stands before", at)
			continue
		}
		for n, v := range values {
			checked, err := before[i].Check(v)
			if err != nil {
				r.add(r.at(fmt.Sprintf("%s[%d]", at, n)), at, "%s[%d]: %s", at, n, err)
			}
			values[n] = checked
		}
	}
}

func (r *manifestReader) among(path, got string, known []string) {
	if got != "" && !slices.Contains(known, got) {
		r.add(r.at(path), path, "%s: %q is none of %s", path, got, strings.Join(known, ", "))
	}
}

// compile reads a pattern as it is used: for the whole answer.
func compile(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile("^(?:" + pattern + ")$")
}
