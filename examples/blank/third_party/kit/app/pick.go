package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func (c Config) pickCommand() *cli.Command {
	return &cli.Command{
		Name: "pick", Usage: "choose the smallest model that reaches the bar of nail.yaml",
		Description: "Tries the rules, the learned model and the models of the Ollama server, the smallest first, and then those\n" +
			"named openai:NAME, which are at openai.urls of nail.yaml and whose size nobody tells, on labelled\n" +
			"cases, until one reaches every goal of the bar at its confidence; the risk is shared by all that are tried. A\n" +
			"candidate is left as soon as it can no longer pass or fail: the choice is that of trying every case, with fewer\n" +
			"calls. A model that does not fit the GPU is refused. The choice goes into nail.yaml, which otherwise stays as it\n" +
			"is, and all figures into picked.json in --data. What models answered is kept in --data, so that a run that was\n" +
			"interrupted goes on where it was. --try compares one model with today's on the same cases instead.",
		Flags: shared(append(labelFlags(), jsonFlag(),
			&cli.StringFlag{Name: "models", Usage: "`NAMES` of Ollama's models to try, and openai:NAME of others, with commas between; nail.yaml's candidates and today's otherwise, or all of Ollama's; baseline and learned are always tried"},
			&cli.BoolFlag{Name: "dev", Usage: "read prompts from the working folder"},
			&cli.StringFlag{Name: "vram", Usage: "`SIZE` of the GPU's memory, such as 24GiB; what this machine shows otherwise"},
			&cli.IntFlag{Name: "parallel", Value: 4, Usage: "how many drafts to make at a time"},
			&cli.BoolFlag{Name: "full", Usage: "try every case of every candidate: the same choice, more exact figures"},
			&cli.BoolFlag{Name: "fresh", Usage: "ask a model's server again what it answered before"},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be chosen, and write neither nail.yaml nor picked.json"},
			&cli.StringFlag{Name: "try", Usage: "compare the `MODEL` with today's: keep or switch"},
			&cli.Float64Flag{Name: "margin", Value: 0.02, Usage: "with --try: what a smaller model may lose, as a `SHARE` of the cases"},
			&cli.BoolFlag{Name: "write", Usage: "with --try: write the model into nail.yaml where switching is advised"},
			&cli.BoolFlag{Name: "ladder", Usage: "list small open-weight models that could be tried, and end"},
			&cli.BoolFlag{Name: "pull", Usage: "first fetch what is missing of --models, or of the ladder up to --up-to"},
			&cli.StringFlag{Name: "up-to", Value: "4GB", Usage: "with --pull: the largest `SIZE` to fetch"},
			&cli.BoolFlag{Name: "yes", Usage: "with --pull: do not ask"})...),
		Action: c.pick,
	}
}

func (c Config) pick(cc *cli.Context) error {
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return err
	}
	if cc.Bool("ladder") {
		return c.listLadder(cc)
	}
	p, err := c.picking(cc)
	if err != nil {
		return err
	}
	if cc.Bool("pull") {
		if err := p.pull(cc.Context, cc); err != nil {
			return err
		}
	}
	if cc.IsSet("try") {
		return p.try(cc.Context, cc)
	}
	return p.choose(cc.Context, cc)
}

// picking is a choice that is being made.
type picking struct {
	Config
	options Options
	nail    nail.Nail
	labels  labels
	goals   []eval.Goal
	kinds   map[string]eval.Kind
	vram    vram
	how     how
	notes   []string // what the reader should know
}

// picking reads what every choice begins with: the nail and its goals, the
// labelled cases, and the GPU's size.
func (c Config) picking(cc *cli.Context) (*picking, error) {
	p := &picking{Config: c, options: options(cc)}
	var err error
	if p.nail, err = c.nail(p.options.Nail); err != nil {
		return nil, err
	}
	p.options.Data = cmp.Or(p.options.Data, "data")
	p.how = how{parallel: min(max(1, cc.Int("parallel")), max(1, p.nail.Slots)), fresh: cc.Bool("fresh"), silent: cc.Bool("json")}
	schema := c.Workflow(c.Baseline).FirstSchema()
	if p.kinds = kinds(schema); len(p.nail.Bar) == 0 {
		return nil, kit.Errorf(kit.Invalid, "pick: nail.yaml has no bar to reach").WithHint("write one, such as bar: {%s: 0.95}", firstField(p.kinds))
	}
	if _, err := checkBar(p.nail.Bar, schema); err != nil {
		return nil, err
	}
	p.goals = goals(p.nail)
	if p.vram, err = gpu(cc.Context, cc.String("vram")); err != nil {
		return nil, err
	}
	if p.labels, err = c.labels(cc.Context, cc, p.nail); err == nil {
		c.tellLabels(p.labels)
	}
	return p, err
}

func firstField(kinds map[string]eval.Kind) string {
	for _, path := range slices.Sorted(maps.Keys(kinds)) {
		return path
	}
	return "total"
}

// names are the models to try, with commas between: those of the flag, else
// nail.yaml's candidates and the model of today, else none.
func (p *picking) names(cc *cli.Context) string {
	if said := cc.String("models"); said != "" || len(p.nail.Candidates) == 0 {
		return said
	}
	names := p.nail.Candidates
	if today := cmp.Or(p.options.Model, p.nail.Model); !slices.Contains(names, today) {
		names = append([]string{today}, names...)
	}
	return strings.Join(names, ",")
}

// choose tries the candidates and writes the choice down.
func (p *picking) choose(ctx context.Context, cc *cli.Context) error {
	contenders, err := p.contenders(ctx, p.names(cc))
	if err != nil {
		return err
	}
	choice, err := p.climb(ctx, contenders, cc.Bool("full"))
	if err != nil {
		return err
	}
	r := p.report(contenders, choice)
	if err := p.writeChoice(cc, &r); err != nil {
		return err
	}
	if cc.Bool("json") {
		err = p.printJSON(r)
	} else {
		err = p.printPick(r)
	}
	if err == nil && r.Chosen == "" {
		err = kit.Errorf(kit.BelowBar, "pick: %s", r.Missing)
	}
	return err
}

// say tells the reader what happens, where no program reads along.
func (p *picking) say(format string, args ...any) {
	if !p.how.silent {
		fmt.Fprintf(p.Err, format+"\n", args...)
	}
}
