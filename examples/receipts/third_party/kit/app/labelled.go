package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// labelled is a case whose right answers are known.
type labelled struct {
	eval.Case
	Hash       string               // export.TextHash: what parts and models know the case by
	Unread     error                // why the document could not be read: the case counts as wrong
	Correction *workflow.Correction // the decision that the answers are from; nil for a file

	input json.RawMessage // of the workflow's first step
}

// labels are the cases that a model is measured on, or made from.
type labels struct {
	Cases      []labelled
	NoAnswer   []string // documents, by name, that have no answer
	NoDocument []string // and answers
	Files      int      // of Cases
	Decided    int      // of Cases: decided by people
	Repeated   int      // left out: the same text stands among Cases
	Unlooked   int      // left out: passed with a lot, and nobody looked at them
	Learned    int      // left out: the model under measurement was made from them
	NoField    []string // paths that are answered, and that no field has: left out

	casesDir, answersDir string
}

// labelFlags say where the labelled cases are.
func labelFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "from", Value: "files", Usage: "`SOURCE` of right answers: files, cases (what people decided here), or both"},
		&cli.StringFlag{Name: "cases", Usage: "`FOLDER` of documents; nail.yaml's data.cases otherwise"},
		&cli.StringFlag{Name: "answers", Usage: "`FOLDER` of NAME.json, an object of the right values; nail.yaml's data.answers otherwise"},
	}
}

// labels reads the labelled cases that the flags of labelFlags name. The
// database is opened only for those that people decided. A text that comes
// twice counts once: a file comes before a decision, and a later decision
// before an earlier one. It fails with kit.Invalid where there is no case.
func (c Config) labels(ctx context.Context, cc *cli.Context, n nail.Nail) (labels, error) {
	from := cc.String("from")
	if !slices.Contains([]string{"files", "cases", "both"}, from) {
		return labels{}, kit.Errorf(kit.Invalid, "choose the labelled cases: --from is %q", from).WithHint("write files, cases or both")
	}
	l := labels{casesDir: cmp.Or(cc.String("cases"), n.Data.Cases), answersDir: cmp.Or(cc.String("answers"), n.Data.Answers)}
	if from != "cases" {
		if err := l.addFiles(ctx, c.reader(n)); err != nil {
			return l, err
		}
	}
	if from != "files" {
		if err := l.addDecided(ctx, c, options(cc)); err != nil {
			return l, err
		}
	}
	if len(l.Cases) == 0 {
		return l, kit.Errorf(kit.Invalid, "find labelled cases: people decided on none yet").
			WithHint("review some cases, or give folders of documents and answers with --from files")
	}
	l.keepFields(c.Workflow(c.Baseline).FirstSchema())
	return l, nil
}

// Golden are the labelled cases that nail.yaml names under data, for a test to
// measure on. It fails with kit.Invalid where there is none, and where one that
// is there cannot be read.
func (c Config) Golden(ctx context.Context) ([]eval.Case, error) {
	n, err := c.nail("")
	if err != nil {
		return nil, err
	}
	l := labels{casesDir: n.Data.Cases, answersDir: n.Data.Answers}
	if err := l.addFiles(ctx, c.reader(n)); err != nil {
		return nil, err
	}
	for _, one := range l.Cases {
		if one.Unread != nil {
			return nil, one.Unread
		}
	}
	l.keepFields(c.Workflow(c.Baseline).FirstSchema())
	return l.cases(), nil
}

// keepFields takes out the answers to what is no field of the schema: to one
// that the app had once, say.
func (l *labels) keepFields(schema *model.Schema) {
	if schema == nil {
		return
	}
	known := kinds(schema)
	for _, one := range l.Cases {
		for path := range one.Answers {
			if _, ok := known[path]; !ok {
				delete(one.Answers, path)
				l.NoField = append(l.NoField, path)
			}
		}
	}
	slices.Sort(l.NoField)
	l.NoField = slices.Compact(l.NoField)
}

// addFiles adds the pairs of the two folders.
func (l *labels) addFiles(ctx context.Context, r *intake.Reader) error {
	if err := r.Check(); err != nil {
		return err
	}
	g, err := pairs(ctx, r, l.casesDir, l.answersDir)
	if err != nil {
		return err
	}
	l.NoAnswer, l.NoDocument = g.noAnswer, g.noDocument
	l.add(g.cases)
	l.Files = len(l.Cases)
	return nil
}

// add takes those whose text is new. Files that differ by as much as a space
// are two cases, for somebody put both there; a decided case that differs by
// spaces and marks alone is the same paper again.
func (l *labels) add(some []labelled) {
	seen := map[string]bool{}
	note := func(one labelled) { seen[one.Hash], seen[one.Document.Text] = true, true }
	for _, one := range l.Cases {
		note(one)
	}
	for _, one := range some {
		key := one.Hash
		if one.Correction == nil {
			key = one.Document.Text
		}
		if seen[key] && one.Unread == nil { // what could not be read has no text to go by
			l.Repeated++
			continue
		}
		note(one)
		l.Cases = append(l.Cases, one)
	}
}

// addDecided adds what people let out, by the last word on each case.
func (l *labels) addDecided(ctx context.Context, c Config, o Options) error {
	o.Model = "baseline" // nothing is drafted: no server is needed to read
	s, err := c.open(ctx, o, finds)
	if err != nil {
		return err
	}
	defer s.Close()
	all, err := s.decided(ctx, l)
	if err != nil {
		return err
	}
	slices.Reverse(all) // the latest word comes first
	before := len(l.Cases)
	l.add(all)
	slices.Reverse(l.Cases[before:])
	l.Decided = len(l.Cases) - before
	return nil
}

// corrected is how many corrections are read at a time.
const corrected = 500

// decided are the cases whose first draft people decided on, oldest decision
// first.
func (s *Service) decided(ctx context.Context, l *labels) (all []labelled, err error) {
	first, steps := s.Runner.Workflow.Reviews(), s.Runner.Workflow.Steps()
	if len(first) == 0 || len(steps) == 0 {
		return nil, nil
	}
	for after := ""; ; {
		p, err := s.Runner.Corrections(ctx, after, corrected)
		if err != nil {
			return nil, err
		}
		for _, cr := range p.Items {
			switch {
			case cr.Step != first[0].Name || cr.DraftStep != steps[0].Name:
			case cr.Lot != "":
				l.Unlooked++
			default:
				all = append(all, label(cr, first[0].Schema))
			}
		}
		if after = p.Next; after == "" {
			return all, nil
		}
	}
}

// label makes a labelled case of what a person let out.
func label(cr workflow.Correction, schema *model.Schema) labelled {
	l := labelled{Correction: &cr, Hash: cr.InputHash, input: cr.Input}
	l.Case = eval.Case{Name: cmp.Or(cr.CaseName, cr.CaseID), Answers: schema.Flatten(cr.Value)}
	if json.Unmarshal(cr.Input, &l.Document) == nil && l.Document.Text != "" {
		l.Hash = export.TextHash(l.Document.Text)
	}
	return l
}

// cases are the labelled cases as eval.Run takes them.
func (l labels) cases() []eval.Case {
	all := make([]eval.Case, len(l.Cases))
	for i, one := range l.Cases {
		all[i] = one.Case
	}
	return all
}

// notes say in sentences what was left out, and why.
func (l labels) notes() (out []string) {
	for _, lone := range []struct {
		words string
		names []string
	}{
		{"of " + l.casesDir + " have no answer", l.NoAnswer},
		{"of " + l.answersDir + " have no document", l.NoDocument},
		{"left out: answers to what is no field", l.NoField},
	} {
		if len(lone.names) == 0 {
			continue
		}
		more, shown := "", slices.Sorted(slices.Values(lone.names))
		if len(shown) > 10 {
			more, shown = fmt.Sprintf(" and %d more", len(shown)-10), shown[:10]
		}
		out = append(out, fmt.Sprintf("%d %s: %s%s", len(lone.names), lone.words, strings.Join(shown, ", "), more))
	}
	if l.Repeated > 0 {
		out = append(out, fmt.Sprintf("%d left out: a case with the same text is there already", l.Repeated))
	}
	if l.Unlooked > 0 {
		out = append(out, fmt.Sprintf("%d left out: they passed with a lot, and nobody looked at them", l.Unlooked))
	}
	if l.Learned > 0 {
		out = append(out, fmt.Sprintf("%d left out: the model was made from them, and is judged on others alone", l.Learned))
	}
	return out
}

// tellLabels says what is not in the score, where no program reads along.
func (c Config) tellLabels(l labels) {
	for _, words := range l.notes() {
		fmt.Fprintln(c.Err, words)
	}
}
