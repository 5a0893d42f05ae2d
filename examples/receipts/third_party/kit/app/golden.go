package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/golden"
	"github.com/tackhammer/tackhammer/kit/intake"
)

// pairing is a set of documents with their right answers.
type pairing struct {
	cases      []labelled // each document that has an answer, read or not
	noAnswer   []string   // documents, by name, that have none
	noDocument []string   // and answers
	answers    *golden.Answers
}

// pairs reads the documents that have an answer of the same name. One that
// cannot be read stays a case: it counts as wrong, and does not vanish from
// the score.
func pairs(ctx context.Context, r *intake.Reader, casesDir, answersDir string) (pairing, error) {
	var g pairing
	files, errs := intake.Files([]string{casesDir})
	if len(errs) > 0 {
		return g, noFolder(errs[0], "cases", "documents")
	}
	var err error
	if g.answers, err = golden.Open(answersDir); err != nil {
		return g, noFolder(err, "answers", "NAME.json")
	}
	seen, err := named(files)
	if err != nil {
		return g, err
	}
	for _, f := range files {
		if err := g.add(ctx, r, golden.Case(f.Path), f.Path); err != nil {
			return g, err
		}
	}
	if len(g.cases) == 0 {
		return g, kit.Errorf(kit.Invalid, "evaluate: no file of %s has an answer of the same name in %s", casesDir, answersDir).
			WithHint("case NAME.txt (or .csv, .pdf, .png) goes with answer NAME.json, or with a line NAME of a sheet")
	}
	for _, name := range g.answers.Names() {
		if seen[name] == "" {
			g.noDocument = append(g.noDocument, name)
		}
	}
	return g, nil
}

// noFolder says how to name a folder that is not there. Any other error stays
// as it is.
func noFolder(err error, flag, holds string) error {
	if kit.CodeOf(err) != kit.NotFound {
		return err
	}
	return kit.Errorf(kit.NotFound, "%w", err).
		WithHint("name the folder of %s with --%s FOLDER, or under data.%s in nail.yaml", holds, flag, flag)
}

// named are the files by the name of their case. It fails with all that share
// one.
func named(files []intake.File) (map[string]string, error) {
	seen := map[string]string{}
	var doubles []string
	for _, f := range files {
		name := golden.Case(f.Path)
		if other := seen[name]; other != "" {
			doubles = append(doubles, fmt.Sprintf("%s and %s are both the case %s", other, f.Path, name))
			continue
		}
		seen[name] = f.Path
	}
	if len(doubles) > 0 {
		return nil, kit.Errorf(kit.Invalid, "evaluate: %s", strings.Join(doubles, "; ")).
			WithHint("one document goes with one answer: rename one of two, or move it elsewhere")
	}
	return seen, nil
}

// add pairs one document with its answer.
func (g *pairing) add(ctx context.Context, r *intake.Reader, name, path string) error {
	answers, err := g.answers.Of(name)
	if err != nil {
		return err
	}
	if answers == nil {
		g.noAnswer = append(g.noAnswer, name)
		return nil
	}
	doc, _, unread := r.ReadFile(ctx, path)
	l := labelled{Case: eval.Case{Name: name, Document: doc, Answers: answers}, Hash: export.TextHash(doc.Text), Unread: unread}
	if unread != nil {
		l.Hash = kit.Hash([]byte("unread " + name)) // no two of them are the same
	}
	l.input, err = json.Marshal(doc)
	g.cases = append(g.cases, l)
	return err
}
