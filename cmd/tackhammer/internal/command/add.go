package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/huh"
	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

// addition is a kind of what can be added to an app that is there.
type addition struct {
	kind  string // field
	named string // what its argument is called in the help: NAME or KIND
	usage string
	help  string
	flags []cli.Flag
	wants []want

	// change edits the spec by the argument and the flags.
	change func(c *cli.Context, name string, s *scaffold.Spec) error
	// next says what is left for the team to do, a line each.
	next func(c *cli.Context, name string) []string
}

// want is a flag without which nothing is added.
type want struct {
	flag    string
	ask     string   // the question to a person
	example string   // what a value looks like
	among   []string // the values that there are; any where it is empty
	when    func(c *cli.Context, name string) bool
}

func addCommand() *cli.Command {
	return changing("add", "add a field, a step or another part to an app",
		"What is added is written into the app's spec, and the app is made anew from it: the\n"+
			"team's edits are merged, as in an update. Nothing is touched until the result builds and\n"+
			"passes its tests in a copy. tackhammer remove takes it out again.", runAdd)
}

func removeCommand() *cli.Command {
	return changing("remove", "take out what was added to an app",
		"The inverse of add: what the team edited stays, and is told. Nothing is touched until\n"+
			"the result builds and passes its tests in a copy.", runRemove)
}

// changing is a command with a command below it for each kind of addition.
func changing(name, usage, help string, run func(*cli.Context, addition) error) *cli.Command {
	cmd := &cli.Command{Name: name, Usage: usage, Description: help}
	for _, a := range additions() {
		sub := &cli.Command{Name: a.kind, Usage: fmt.Sprintf(say.Text(name+" %s"), say.Text(a.usage)), ArgsUsage: a.named,
			Flags:  changeFlags(),
			Action: func(c *cli.Context) error { return run(c, a) }}
		if name == "add" {
			sub.Description, sub.Flags = a.help, append(slices.Clone(a.flags), sub.Flags...)
		}
		cmd.Subcommands = append(cmd.Subcommands, sub)
	}
	return cmd
}

func runAdd(c *cli.Context, a addition) error {
	name, err := a.name(c)
	if err != nil {
		return err
	}
	if err := a.complete(c, name); err != nil {
		return err
	}
	err = changeApp(c, fmt.Sprintf("add %s %s", a.kind, name), func(s *scaffold.Spec) error { return a.change(c, name, s) })
	if err != nil || c.Bool("dry-run") || planning(c) {
		return err
	}
	for _, what := range a.next(c, name) {
		fmt.Fprintln(c.App.Writer, what)
	}
	return nil
}

func runRemove(c *cli.Context, a addition) error {
	name, err := a.name(c)
	if err != nil {
		return err
	}
	return changeApp(c, fmt.Sprintf("remove %s %s", a.kind, name), func(s *scaffold.Spec) error { return s.Remove(a.kind, name) })
}

// changeApp edits the spec of the app in --dir and brings the app to it.
func changeApp(c *cli.Context, act string, change func(*scaffold.Spec) error) error {
	if err := wantDryRun(c); err != nil {
		return err
	}
	if err := openApp(c); err != nil {
		return err
	}
	n, err := source().Next(c.String("dir"), change)
	if err != nil {
		return err
	}
	return carryOut(c, act, n)
}

// name is the command's argument.
func (a addition) name(c *cli.Context) (string, error) {
	if err := line.WantArgs(c, 1, 1); err != nil {
		return "", err
	}
	name := c.Args().First()
	if a.kind == "model" && !strings.HasPrefix(name, "ollama:") {
		name = "ollama:" + name // as `ollama list` has it
	}
	return name, nil
}

// complete asks for what is missing, or lists it where nobody can be asked.
func (a addition) complete(c *cli.Context, name string) error {
	var missing []want
	for _, w := range a.wants {
		if !c.IsSet(w.flag) && (w.when == nil || w.when(c, name)) {
			missing = append(missing, w)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !c.Bool("yes") && atTerminal(c) {
		return a.ask(c, name)
	}
	var flags []string
	for _, w := range missing {
		flags = append(flags, w.flagText())
	}
	return kit.Errorf(kit.Invalid, "add %s %s: missing %s", a.kind, name, strings.Join(flags, ", ")).
		WithHint("tackhammer add %s %s %s", a.kind, name, strings.Join(flags, " "))
}

// flagText is the flag as one types it.
func (w want) flagText() string {
	if len(w.among) > 0 {
		return "--" + w.flag + " " + strings.Join(w.among, "|")
	}
	return "--" + w.flag + " " + shellQuote(w.example)
}

// ask puts the questions one after the other: what the next one is hangs on the
// answer before.
func (a addition) ask(c *cli.Context, name string) error {
	asker := newAsker(c.App.Reader, c.App.Writer, say.Lang(), plainTerminal())
	for i, w := range a.wants {
		if c.IsSet(w.flag) || w.when != nil && !w.when(c, name) {
			continue
		}
		asker.final = i == len(a.wants)-1
		var value string
		err := asker.run(c.Context, huh.NewGroup(w.question(asker, &value)))
		if errors.Is(err, errGivenUp) {
			return kit.Errorf(kit.Unavailable, "add %s %s: given up; nothing was written", a.kind, name)
		}
		if err != nil {
			return kit.Errorf(kit.Internal, "add %s %s: ask: %w", a.kind, name, err)
		}
		if err := c.Set(w.flag, strings.TrimSpace(value)); err != nil {
			return kit.Errorf(kit.Invalid, "add %s %s: %w", a.kind, name, err)
		}
	}
	return nil
}

func (w want) question(asker *asker, value *string) huh.Field {
	p := prompt{title: say.Text(w.ask), help: w.example}
	if len(w.among) > 0 {
		return asker.choose(p, value, huh.NewOptions(w.among...))
	}
	return asker.text(p, value, true, func(string) error { return nil })
}
