package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// explained is what a draft meets, for programs.
type explained struct {
	Case       string   `json:"case"` // its name
	Step       string   `json:"step"`
	Confidence float64  `json:"confidence"` // of the least sure field
	GaveUp     string   `json:"gave_up,omitempty"`
	Marks      []string `json:"marks"` // "total: not_found"
	Tier       string   `json:"tier"`  // "" for none
	Why        string   `json:"why"`
	Quorum     int      `json:"quorum"`
	Terms      []string `json:"terms"` // in sentences
}

// explain says what a case of the database, or a file, would meet.
func (c Config) explain(cc *cli.Context) error {
	if cc.String("case") != "" && cc.String("file") != "" {
		return kit.Errorf(kit.Invalid, "check: --case and --file are given both").WithHint("ask for one at a time")
	}
	of := c.explainCase
	if cc.String("file") != "" {
		of = c.explainFile
	}
	step, facts, err := of(cc.Context, cc)
	if err != nil {
		return err
	}
	e := explanation(step, facts)
	if cc.Bool("json") {
		return c.printJSON(e)
	}
	e.print(c.Out)
	return nil
}

func (c Config) explainCase(ctx context.Context, cc *cli.Context) (workflow.ReviewStep, review.Facts, error) {
	s, err := c.open(ctx, options(cc), finds)
	if err != nil {
		return workflow.ReviewStep{}, review.Facts{}, err
	}
	defer s.Close()
	return s.Runner.Facts(ctx, cc.String("case"))
}

// explainFile drafts a file without making a case of it.
func (c Config) explainFile(ctx context.Context, cc *cli.Context) (step workflow.ReviewStep, f review.Facts, err error) {
	n, w, err := c.ready(options(cc))
	if err != nil {
		return step, f, err
	}
	doc, _, err := c.reader(n).ReadFile(ctx, cc.String("file"))
	if err != nil {
		return step, f, noFile(cc.String("file"), err)
	}
	input, err := json.Marshal(doc)
	if err != nil {
		return step, f, err
	}
	d, err := w.FirstDraft(ctx, input)
	if err != nil {
		return step, f, err
	}
	step = w.Reviews()[0] // a checked workflow has one, and its drafts are FirstDraft's
	step.Policy = step.Policy.Or(policy(n)).Defaults()
	return step, review.Facts{Name: doc.Name, Value: d.Value, Schema: step.Schema, Fields: d.Fields, GaveUp: d.GaveUp}, nil
}

// noFile says what was asked for where no such file is.
func noFile(path string, err error) error {
	if _, gone := os.Stat(path); gone == nil {
		return err
	}
	return kit.Errorf(kit.NotFound, "check: %w", err).WithHint("--file takes the path of a file that import could read; --case takes the ID of a case")
}

// ready reads the nail and checks the workflow with it, without a database.
func (c Config) ready(o Options) (nail.Nail, *workflow.Workflow, error) {
	n, err := c.nail(o.Nail)
	if err != nil {
		return n, nil, err
	}
	m, err := c.model(o, n)
	if err != nil {
		return n, nil, err
	}
	w := c.Workflow(m)
	if err := w.Check(); err != nil {
		return n, nil, err
	}
	if err := c.reader(n).Check(); err != nil {
		return n, nil, err
	}
	return n, w, fits(n, w)
}

// explanation is what a draft meets at a step whose policy is filled.
func explanation(step workflow.ReviewStep, f review.Facts) explained {
	terms, tier, why := step.Policy.For(f)
	e := explained{Case: f.Name, Step: step.Name, Confidence: f.Confidence(), GaveUp: f.GaveUp, Marks: []string{},
		Tier: tier, Why: why, Quorum: terms.Quorum, Terms: sentences(terms)}
	for _, field := range f.Fields {
		for _, m := range field.Marks {
			e.Marks = append(e.Marks, field.Path+": "+string(m))
		}
	}
	return e
}

func (e explained) print(w io.Writer) {
	fmt.Fprintf(w, "%s at the step %s\n", e.Case, e.Step)
	fmt.Fprintf(w, "risk: the least sure field has a confidence of %.2f\n", e.Confidence)
	if e.GaveUp != "" {
		fmt.Fprintf(w, "      %s\n", line.Wrap("the model gave up: "+e.GaveUp, 6))
	}
	for _, m := range e.Marks {
		fmt.Fprintf(w, "      %s\n", m)
	}
	if e.Tier == "" {
		fmt.Fprintln(w, "tier: none; the review's own terms hold")
	} else {
		fmt.Fprintf(w, "tier: %s\n      %s\n", e.Tier, line.Wrap(e.Why, 6))
	}
	fmt.Fprintf(w, "\n%s\n", line.Wrap(strings.Join(e.Terms, "\n"), 0))
	fmt.Fprintln(w, "Which cases are in a share is drawn by case and told to nobody.")
}

// checkReviews says how drafts are reviewed, tier by tier.
func checkReviews(n nail.Nail, w *workflow.Workflow) (string, error) {
	if err := fits(n, w); err != nil {
		return "", err
	}
	var words []string
	eachTerms(n, w, func(name, when string, p review.Policy) {
		words = append(append(words, name+when+":"), indented(sentences(p))...)
	})
	return strings.Join(words, "\n"), nil
}

func indented(lines []string) []string {
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}
