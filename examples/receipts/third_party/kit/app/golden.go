package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/intake"
)

// golden is a set of documents with their right answers.
type golden struct {
	cases        []eval.Case      // each document that has an answer, read or not
	unread       map[string]error // why a document could not be read, by its case
	noAnswer     []string         // documents, by name, that have none
	noDocument   []string         // and answers
	documentsDir string
	answersDir   string
}

// pairs reads the documents that have an answer of the same name. One that
// cannot be read stays a case: it counts as wrong, and does not vanish from
// the score.
func pairs(ctx context.Context, r *intake.Reader, casesDir, answersDir string) (golden, error) {
	g := golden{unread: map[string]error{}, documentsDir: casesDir, answersDir: answersDir}
	files, errs := intake.Files([]string{casesDir})
	if len(errs) > 0 {
		return g, errs[0]
	}
	if _, errs := intake.Files([]string{answersDir}); len(errs) > 0 {
		return g, errs[0]
	}
	seen, err := named(files)
	if err != nil {
		return g, err
	}
	for _, f := range files {
		if err := g.add(ctx, r, stem(f.Path), f.Path); err != nil {
			return g, err
		}
	}
	if len(g.cases) == 0 {
		return g, kit.Errorf(kit.Invalid, "evaluate: no file of %s has an answer of the same name in %s", casesDir, answersDir).
			WithHint("case NAME.txt (or .csv, .pdf, .png) goes with answer NAME.json")
	}
	answers, err := os.ReadDir(answersDir)
	for _, a := range answers {
		if filepath.Ext(a.Name()) == ".json" && seen[stem(a.Name())] == "" {
			g.noDocument = append(g.noDocument, stem(a.Name()))
		}
	}
	return g, err
}

// named are the files by the name of their case. It fails with all that share
// one.
func named(files []intake.File) (map[string]string, error) {
	seen := map[string]string{}
	var doubles []string
	for _, f := range files {
		name := stem(f.Path)
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
func (g *golden) add(ctx context.Context, r *intake.Reader, name, path string) error {
	answers, err := readAnswers(filepath.Join(g.answersDir, name+".json"))
	if os.IsNotExist(err) {
		g.noAnswer = append(g.noAnswer, name)
		return nil
	}
	if err != nil {
		return err
	}
	doc, _, err := r.ReadFile(ctx, path)
	if err != nil {
		g.unread[name] = err
	}
	g.cases = append(g.cases, eval.Case{Name: name, Document: doc, Answers: answers})
	return nil
}

// stem is the name of a case: its file's, without folder and ending.
func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

func readAnswers(path string) (map[string]json.RawMessage, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	answers, err := eval.Paths(raw)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read the answers %s: %w", path, err).WithHint("write a JSON object of path: value")
	}
	return answers, nil
}

// tellUnpaired names what is not in the score, where no program reads along.
func (c Config) tellUnpaired(g golden) {
	for _, lone := range []struct {
		words string
		names []string
	}{
		{"of " + g.documentsDir + " have no answer", g.noAnswer},
		{"of " + g.answersDir + " have no document", g.noDocument},
	} {
		if len(lone.names) == 0 {
			continue
		}
		slices.Sort(lone.names)
		more, shown := "", lone.names
		if len(shown) > 10 {
			more, shown = fmt.Sprintf(" and %d more", len(shown)-10), shown[:10]
		}
		fmt.Fprintf(c.Err, "%d %s: %s%s\n", len(lone.names), lone.words, strings.Join(shown, ", "), more)
	}
}
