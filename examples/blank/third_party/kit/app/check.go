package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (c Config) checkCommand() *cli.Command {
	return &cli.Command{
		Name: "check", Usage: "check the workflow, nail.yaml, the prompts and the model",
		Description: "With --case or --file it says instead what that case would meet: how risky its draft is, which tier of\n" +
			"nail.yaml it falls into and why, who decides on it, until when, and what is sampled. A file is read and\n" +
			"drafted; no case is made of it.",
		Flags: shared(jsonFlag(),
			&cli.StringFlag{Name: "case", Usage: "the `ID` of a case in the database"},
			&cli.StringFlag{Name: "file", Usage: "a `FILE` that could be imported"}),
		Action: c.check,
	}
}

// margin is where the words of a finding begin.
const margin = len("WRONG  economics  ")

// finding is what one check said.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Warn  bool   `json:"warn,omitempty"` // it works, but not as one would expect
	Words string `json:"words"`
	Hint  string `json:"hint,omitempty"`
}

func (c Config) check(cc *cli.Context) error {
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return err
	}
	if cc.String("case") != "" || cc.String("file") != "" {
		return c.explain(cc)
	}
	found := c.findings(cc.Context, options(cc))
	if cc.Bool("json") {
		if err := c.printJSON(found); err != nil {
			return err
		}
	}
	var failed []string
	for _, f := range found {
		mark := "ok   "
		switch {
		case !f.OK:
			mark, failed = "WRONG", append(failed, f.Check)
		case f.Warn:
			mark = "warn "
		}
		if cc.Bool("json") {
			continue
		}
		fmt.Fprintf(c.Out, "%s  %-9s  %s\n", mark, f.Check, line.Wrap(f.Words, margin))
		if f.Hint != "" {
			fmt.Fprintf(c.Out, "%*s%s\n", margin, "", line.Wrap("hint: "+f.Hint, margin))
		}
	}
	if len(failed) > 0 {
		return kit.Errorf(kit.Internal, "check: wrong: %s", strings.Join(failed, ", "))
	}
	return nil
}

// findings runs each check.
func (c Config) findings(ctx context.Context, o Options) []finding {
	n, err := c.nail(o.Nail)
	found := []finding{told("nail", err, n.Job)}
	if err == nil {
		found = append(found, told("economics", nil, economics(n)))
		targets, err := c.targets(n.Deliver, o.Data)
		found = append(found, told("deliver", err, whither(n.Deliver, targets)))
		if len(c.Importers) > 0 {
			found = append(found, told("importers", c.reader(n).Check(), importerWords(c.Importers)))
		}
		channels, err := notifier(n)
		found = append(found, told("notify", err, channelWords(channels)))
		if n.Signin.OIDC.Issuer != "" {
			p, err := provider(n.Signin.OIDC)
			found = append(found, told("signin", err, waysIn(n.Signin.Password, p)))
		}
	}
	w := c.Workflow(c.Baseline)
	var path []string
	for _, s := range w.Steps() {
		path = append(path, s.Kind+" "+s.Name)
	}
	found = append(found, told("workflow", w.Check(), strings.Join(path, " → ")))
	if found[0].OK && len(n.Bar) > 0 {
		words, err := checkBar(n.Bar, w.FirstSchema())
		found = append(found, told("bar", err, words))
	}
	if found[0].OK {
		words, err := checkReviews(n, w)
		found = append(found, told("review", err, words))
		if err == nil {
			found = append(found, c.checkPeople(ctx, o, n, w))
		}
		if f, tell := c.checkBars(ctx, o, n, w); tell {
			found = append(found, f)
		}
	}
	if found[0].OK && n.Budget.Month > 0 {
		found = append(found, checkBudget(ctx, o, n))
	}
	words, err := c.checkPrompts(w, o)
	found = append(found, told("prompts", err, words))
	if found[0].OK {
		found = append(found, c.checkModel(ctx, o, n)...)
		if f, ok := c.checkPicked(ctx, o, n); ok {
			found = append(found, f)
		}
	}
	return found
}

func told(check string, err error, words string) finding {
	if err != nil {
		return finding{Check: check, Words: err.Error(), Hint: kit.HintOf(err)}
	}
	return finding{Check: check, OK: true, Words: words}
}

// economics says in two lines what the nail is worth: to the buyer, and to us.
func economics(n nail.Nail) string {
	e := n.Economics()
	money := nail.Amount
	buyer := fmt.Sprintf("the buyer, a month: %s %s by hand, %s here, %s saved", money(e.HumanMonth), n.Currency, money(e.Revenue), money(e.Saving))
	switch {
	case e.HumanMonth == 0:
		buyer = fmt.Sprintf("the buyer, a month: %s %s here; nail.yaml does not say what it costs by hand", money(e.Revenue), n.Currency)
	case e.Saving < 0:
		buyer = fmt.Sprintf("the buyer, a month: %s %s by hand, %s here: %s more", money(e.HumanMonth), n.Currency, money(e.Revenue), money(-e.Saving))
	}
	return buyer + fmt.Sprintf("\nus, a month, before the minutes of those who review: revenue %s %s, the model's machine %s%s, %s remain; "+
		"with 20 %% less revenue %s", money(e.Revenue), n.Currency, money(e.GPUMonth), breakEven(e), money(e.Margin), money(e.StressMargin))
}

// breakEven says how many cases pay for the model's machine, where it costs.
func breakEven(e nail.Economics) string {
	switch {
	case e.BreakEven < 0:
		return " (no number of cases pays it)"
	case e.BreakEven > 0:
		return fmt.Sprintf(" (%d cases pay it)", e.BreakEven)
	}
	return ""
}

// checkBar looks for each field that has a bar in what is drafted.
func checkBar(bar map[string]nail.Goal, schema *model.Schema) (string, error) {
	var words, known []string
	if schema != nil {
		for _, f := range schema.Fields() {
			known = append(known, f.Path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(bar)) {
		if !slices.Contains(known, path) {
			return "", unknownBar(path, known)
		}
		words = append(words, path+" "+percent(bar[path].Threshold))
	}
	return strings.Join(words, ", "), nil
}

func unknownBar(path string, known []string) error {
	err := kit.Errorf(kit.Invalid, "nail.yaml has a bar of %s, which is no field of the draft", path)
	if near := kit.Closest(path, known); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err.WithHint("the fields are %s", strings.Join(known, ", "))
}

// whither says where deliveries go.
func whither(d nail.Deliver, t *export.Targets) string {
	if t == nil {
		return ""
	}
	where := map[string]string{export.FolderTarget: "folder " + d.Folder, export.WebhookTarget: "webhook " + d.Webhook.URL}
	var words []string
	for _, name := range t.Targets() {
		words = append(words, cmp.Or(where[name], "the code's "+name))
	}
	return strings.Join(words, ", ")
}

// endingsOf are the kinds of files that the team's own code reads.
func endingsOf(all []intake.Importer) (endings []string) {
	for _, m := range all {
		endings = append(endings, m.Endings...)
	}
	return endings
}

// importerWords says which kinds of files the team's own code reads.
func importerWords(all []intake.Importer) string {
	var words []string
	for _, m := range all {
		words = append(words, m.Name+" reads "+strings.Join(m.Endings, ", "))
	}
	return strings.Join(words, "; ")
}

// checkPrompts loads the prompts and looks for one of each draft step.
func (c Config) checkPrompts(w *workflow.Workflow, o Options) (string, error) {
	p, err := c.prompts(o.Dev)
	if err != nil {
		return "", err
	}
	for _, s := range w.Steps() {
		if s.Kind == "draft" && !slices.Contains(p.Tasks(), s.Name) {
			return "", kit.Errorf(kit.Invalid, "the draft step %s has no prompt", s.Name).WithHint("write prompts/%s.md", s.Name)
		}
	}
	return strings.Join(p.Tasks(), ", "), nil
}

// checkModel asks the model who it is, and whether it answers by schema.
func (c Config) checkModel(ctx context.Context, o Options, n nail.Nail) []finding {
	m, err := c.model(o, n)
	if err != nil {
		return []finding{told("model", err, "")}
	}
	words, err := askModel(ctx, m)
	return slices.Concat([]finding{told("model", err, words)}, checkServers(ctx, m), c.checkLearned(o, n))
}

func askModel(ctx context.Context, m model.Provider) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	info, err := m.Info(ctx)
	if err != nil {
		return "", err
	}
	if p, ok := m.(interface{ Probe(context.Context) error }); ok {
		if err := p.Probe(ctx); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s (%.12s)", info.Name, info.Digest), nil
}
