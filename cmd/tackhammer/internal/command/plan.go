package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/whole"
)

// planOutput is the flag that makes a plan of what a command would do.
const planOutput = "output"

// planCommand has the commands that write, each of which makes a plan instead.
func planCommand(commands ...*cli.Command) *cli.Command {
	var sub []*cli.Command
	for _, c := range commands {
		sub = append(sub, planned(c))
	}
	return &cli.Command{
		Name:  "plan",
		Usage: "write down what a command would do, to be read first and applied later",
		Description: "The plan is YAML for people: what is asked for, the state of the folder, and each operation with its diff. " +
			"Nothing else is written. `tackhammer apply FILE` does what it says, as long as the folder is what it was.",
		Subcommands: sub,
	}
}

// planned is a command whose flags for doing things are those for planning them.
func planned(c *cli.Command) *cli.Command {
	p := *c
	p.Subcommands, p.Flags = nil, nil
	for _, s := range c.Subcommands {
		p.Subcommands = append(p.Subcommands, planned(s))
	}
	if c.Action == nil {
		return &p
	}
	notHere := []string{"dry-run", "all", "json", "no-input", "continue", "abort", "yes", "no-test"}
	p.Flags = slices.DeleteFunc(slices.Clone(c.Flags), func(f cli.Flag) bool { return slices.Contains(notHere, f.Names()[0]) })
	p.Flags = append(p.Flags, &cli.StringFlag{Name: planOutput, Aliases: []string{"o"}, Usage: "write the plan to `FILE`; - prints it", Value: "-"})
	return &p
}

// planning reports whether a command is to write a plan, and nothing else.
func planning(c *cli.Context) bool { return c.String(planOutput) != "" }

// planNew writes the plan of a new app.
func (r *request) planNew(c *cli.Context, plan *scaffold.Plan) error {
	p, err := newPlanFile(r.dir, plan)
	if err != nil {
		return err
	}
	return writePlan(c, r.src, p, plan.Changes())
}

func newPlanFile(dir string, plan *scaffold.Plan) (scaffold.PlanFile, error) {
	standing, err := scaffold.Vacant(dir)
	p := scaffold.PlanFile{Command: "new", Title: newTitle(inEnglish, dir, plan), Folder: filepath.ToSlash(dir), Before: scaffold.Missing, Spec: plan.Spec}
	if standing {
		p.Before = scaffold.Empty
	}
	return p, err
}

// planNext writes the plan of an app's next state. The first word of act is the
// command.
func planNext(c *cli.Context, act string, n *scaffold.Next) error {
	if n.Nothing() {
		fmt.Fprintf(c.App.ErrWriter, say.Text("nothing to do: the app is what %s makes of it; no plan was written\n"), n.To)
		return nil
	}
	return writePlan(c, source(), nextPlanFile(c.String("dir"), act, n), n.Changes)
}

func nextPlanFile(dir, act string, n *scaffold.Next) scaffold.PlanFile {
	command, _, _ := strings.Cut(act, " ")
	return scaffold.PlanFile{Command: command, Title: act, Folder: filepath.ToSlash(dir), Spec: n.Spec}
}

// writePlan prints a plan, or puts it into a file that is none yet or is a plan.
func writePlan(c *cli.Context, src scaffold.Source, p scaffold.PlanFile, changes []scaffold.Change) error {
	text, err := src.WritePlan(p, changes)
	if err != nil {
		return err
	}
	file := c.String(planOutput)
	if file == "-" {
		_, err := c.App.Writer.Write(text)
		return err
	}
	if old, err := os.ReadFile(file); err == nil {
		if _, err := scaffold.ReadPlan(file, old); kit.CodeOf(err) == kit.Invalid {
			return kit.Errorf(kit.Conflict, "write the plan to %s: something else is there; nothing was written", file)
		}
	}
	if abs, err := filepath.Abs(file); err == nil && p.Command == "new" {
		if dir, err := filepath.Abs(p.Folder); err == nil && filepath.Dir(abs) == dir {
			return kit.Errorf(kit.Invalid, "write the plan to %s: the app goes there, and its folder has to be empty", file).
				WithHint("name a file outside of %s", folder(p.Folder))
		}
	}
	err = whole.Replace(file, 0o644, func(w io.Writer) error { _, err := w.Write(text); return err })
	if err != nil {
		return kit.Errorf(kit.Invalid, "write the plan to %s: %w", file, err)
	}
	fmt.Fprintf(c.App.Writer, say.Text("wrote %s: read it, then\n  %s apply %s\n"), file, self(), shellQuote(file))
	return nil
}

func applyCommand() *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "do what a plan says, as long as the folder is what it was",
		ArgsUsage: "FILE",
		Description: "FILE is what `tackhammer plan` wrote; - is standard input. What is written comes from this program, which plans once more: " +
			"where that is not what FILE says, where a file that it touches has changed or FILE itself, nothing is done and the exit code is 3.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "dir", Usage: "the app's `FOLDER`, where it is not the one of the plan"},
			&cli.BoolFlag{Name: "no-test", Usage: "build and vet the result, and leave its tests out"},
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "ask nothing, and go on where git does not keep the folder"},
		},
		Action: runApply,
	}
}

func runApply(c *cli.Context) error {
	if err := line.WantArgs(c, 1, 1); err != nil {
		return err
	}
	p, err := readPlan(c)
	if err != nil {
		return err
	}
	dir := filepath.FromSlash(p.Folder)
	if c.String("dir") != "" {
		dir = c.String("dir")
	}
	if p.Command == "new" {
		return applyNew(c, p, dir)
	}
	return applyNext(c, p, dir)
}

func readPlan(c *cli.Context) (scaffold.PlanFile, error) {
	name, raw, err := readInput(c, c.Args().First())
	if err != nil {
		return scaffold.PlanFile{}, err
	}
	return scaffold.ReadPlan(name, raw)
}

// applyNew plans the app once more, and writes it where it is the same.
func applyNew(c *cli.Context, p scaffold.PlanFile, dir string) error {
	src, err := source().For(c.Context, p.Spec)
	if err != nil {
		return err
	}
	plan, err := src.Plan(p.Spec)
	if err != nil {
		return err
	}
	again, err := newPlanFile(dir, plan)
	if err != nil {
		return err
	}
	again.Title, again.Folder = p.Title, p.Folder
	if err := stillPlanned(src, p, again, plan.Changes()); err != nil {
		return err
	}
	if err := plan.Apply(c.Context, dir); err != nil {
		return err
	}
	printNew(c.App.Writer, dir, plan)
	return nil
}

// applyNext computes the app's next state once more, and carries it out where it
// is the same.
func applyNext(c *cli.Context, p scaffold.PlanFile, dir string) error {
	said, err := scaffold.Recover(dir)
	if said != "" {
		fmt.Fprintln(c.App.ErrWriter, said)
	}
	if err != nil {
		return err
	}
	src, err := plannedSource(c, p, dir)
	if err != nil {
		return err
	}
	n, err := src.Next(dir, func(s *scaffold.Spec) error { *s = p.Spec; return nil })
	if err != nil {
		return err
	}
	again := nextPlanFile(p.Folder, p.Title, n)
	if err := stillPlanned(src, p, again, n.Changes); err != nil {
		return err
	}
	return carryOut(c, p.Title, n)
}

// plannedSource makes the app of a plan: this program, with a newer form of the
// app's template where the plan takes one.
func plannedSource(c *cli.Context, p scaffold.PlanFile, dir string) (scaffold.Source, error) {
	m, err := scaffold.ReadMemory(dir)
	if err != nil || m.Spec.From == p.Spec.From {
		return source(), nil // what is wrong with the app, Next tells
	}
	return source().For(c.Context, p.Spec)
}

func stillPlanned(src scaffold.Source, p, again scaffold.PlanFile, changes []scaffold.Change) error {
	now, err := src.WritePlan(again, changes)
	if err != nil {
		return err
	}
	return p.Still(now)
}
