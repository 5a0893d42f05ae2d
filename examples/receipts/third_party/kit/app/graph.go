package app

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (c Config) graphCommand() *cli.Command {
	return &cli.Command{
		Name: "graph", Usage: "print every step of the workflow, what feeds it, and how people review",
		Description: "It reads nail.yaml and asks no model, no database and no network. What is wrong is told with the rest and\n" +
			"ends it with exit code 1. `tackhammer verify` proves a workflow by what this prints.",
		Flags:  []cli.Flag{nailFlag(), jsonFlag()},
		Action: c.graph,
	}
}

// graph is a workflow for programs. Its names are a promise to those that read
// it.
type graph struct {
	Workflow string   `json:"workflow"`
	Steps    []node   `json:"steps"`
	Faults   []string `json:"faults"` // none, where every path to a delivery crosses a review
}

// node is one step.
type node struct {
	Name  string  `json:"name"`
	Kind  string  `json:"kind"` // draft, code, review or deliver
	From  string  `json:"from"` // "" for the input
	Terms []terms `json:"terms,omitempty"`
}

// terms say who decides, in a tier or where none is met.
type terms struct {
	Tier   string   `json:"tier,omitempty"`
	Quorum int      `json:"quorum"`
	Roles  []string `json:"roles"`
	Lot    int      `json:"lot"`    // how many sure cases make a lot, 0 for none
	Sample int      `json:"sample"` // of a lot's cases, how many a person looks at
}

func (c Config) graph(cc *cli.Context) error {
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return err
	}
	n, err := c.nail(options(cc).Nail)
	if err != nil {
		return err
	}
	w := c.Workflow(c.Baseline)
	g := graphOf(n, w)
	err = w.Check()
	if err == nil {
		err = fits(n, w)
	}
	if err != nil {
		g.Faults = strings.Split(err.Error(), "\n")
		err = kit.Errorf(kit.Internal, "graph: wrong: %w", err)
	}
	told := c.printGraph
	if cc.Bool("json") {
		told = func(g graph) error { return c.printJSON(g) }
	}
	return cmp.Or(told(g), err)
}

// nailFlag is one of the flags that commands share.
func nailFlag() cli.Flag {
	return &cli.StringFlag{Name: "nail", Usage: "`FILE` to configure by; nail.yaml here, else the built-in one"}
}

// graphOf lists the steps with the terms that the code and nail.yaml give them
// together.
func graphOf(n nail.Nail, w *workflow.Workflow) graph {
	g := graph{Workflow: w.Name(), Steps: []node{}, Faults: []string{}}
	for _, s := range w.Graph() {
		step := node{Name: s.Name, Kind: s.Kind, From: s.From}
		if s.Policy != nil {
			p := s.Policy.Or(policy(n)).Defaults()
			step.Terms = append(step.Terms, termsFor("", p))
			for _, t := range p.Tiers {
				step.Terms = append(step.Terms, termsFor(t.Name, t.Terms(p)))
			}
		}
		g.Steps = append(g.Steps, step)
	}
	return g
}

func termsFor(tier string, p review.Policy) terms {
	t := terms{Tier: tier, Quorum: p.Quorum, Lot: p.Lots.Size}
	for _, r := range p.Roles {
		t.Roles = append(t.Roles, string(r))
	}
	if t.Lot > 0 {
		t.Sample = eval.SampleSize(t.Lot, p.Lots.Error, p.Lots.Confidence)
	}
	return t
}

func (c Config) printGraph(g graph) error {
	tab := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	for _, s := range g.Steps {
		fmt.Fprintf(tab, "%s\t%s\tof %s\n", s.Kind, s.Name, cmp.Or(s.From, "the input"))
		for _, t := range s.Terms {
			fmt.Fprintf(tab, "\t\t%s\n", t.words())
		}
	}
	return tab.Flush()
}

func (t terms) words() string {
	words := fmt.Sprintf("%d of %s", t.Quorum, strings.Join(t.Roles, ", "))
	if t.Tier != "" {
		words = "tier " + t.Tier + ": " + words
	}
	if t.Lot > 0 {
		words += fmt.Sprintf("; lots of %d, %d looked at", t.Lot, t.Sample)
	}
	return words
}
