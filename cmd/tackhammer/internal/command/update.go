package command

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

func updateCommand() *cli.Command {
	return &cli.Command{
		Name:  "update",
		Usage: "bring an app to this tackhammer, and keep its team's edits",
		Description: "What the team has not edited is replaced, what it has edited is merged line by line\n" +
			"(go.mod by module, nail.yaml by key), and what it deleted stays deleted. Nothing is\n" +
			"fetched: the merge base is in .tackhammer. The result is built, vetted and tested in a\n" +
			"copy first; the app is touched only when all of that passes, and then wholly or not\n" +
			"at all.\n\n" +
			"Where both sides changed the same lines, the files get marks, and the exit code is 3:\n" +
			"mend them and run update --continue, or take everything back with update --abort.",
		Flags: append(changeFlags(),
			&cli.StringFlag{Name: "template", Usage: "take a newer form of the app's template: a `FOLDER`, or git+https://HOST/REPO@COMMIT"},
			&cli.BoolFlag{Name: "continue", Usage: "end an update whose conflicts are mended"},
			&cli.BoolFlag{Name: "abort", Usage: "take back an update that has conflicts; --yes also what was edited since"}),
		Action: runUpdate,
	}
}

// changeFlags are those of every command that changes an app that is there.
func changeFlags() []cli.Flag {
	return append(dryRunFlags(),
		&cli.StringFlag{Name: "dir", Usage: "the app's `FOLDER`", Value: ".", DefaultText: "this one"},
		&cli.BoolFlag{Name: "no-test", Usage: "build and vet the result, and leave its tests out"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "ask nothing, and go on where git does not keep the folder"})
}

func runUpdate(c *cli.Context) error {
	if err := line.WantArgs(c, 0, 0); err != nil {
		return err
	}
	if err := oneWay(c); err != nil {
		return err
	}
	switch {
	case c.Bool("continue"):
		return continueUpdate(c)
	case c.Bool("abort"):
		return abortUpdate(c)
	}
	if err := openApp(c); err != nil {
		return err
	}
	n, err := nextUpdate(c)
	if err != nil {
		return err
	}
	return carryOut(c, "update", n)
}

// nextUpdate is the app by this tackhammer, and by the template that --template
// names in the place of the one that the app keeps.
func nextUpdate(c *cli.Context) (*scaffold.Next, error) {
	ref := c.String("template")
	if ref == "" {
		return source().Next(c.String("dir"), nil)
	}
	src, _, err := source().Use(c.Context, ref)
	if err != nil {
		return nil, err
	}
	return src.Next(c.String("dir"), func(spec *scaffold.Spec) error {
		dropped, err := src.Renew(spec)
		for _, name := range dropped {
			fmt.Fprintf(c.App.ErrWriter, say.Text("the answer %s is not taken over: the template no longer takes it as it was\n"), name)
		}
		return err
	})
}

// oneWay refuses flags that say different things.
func oneWay(c *cli.Context) error {
	ways := 0
	for _, way := range []string{"continue", "abort", "dry-run"} {
		if c.Bool(way) {
			ways++
		}
	}
	if ways > 1 {
		return kit.Errorf(kit.Invalid, "update: --continue, --abort and --dry-run exclude each other")
	}
	return wantDryRun(c)
}

// wantDryRun refuses flags that only a dry run has a use for.
func wantDryRun(c *cli.Context) error {
	if !c.Bool("dry-run") && (c.Bool("json") || c.Bool("all")) {
		return kit.Errorf(kit.Invalid, "%s: --json and --all go with --dry-run", c.Command.Name)
	}
	return nil
}

// openApp ends or takes back what an earlier command left half done in the app
// of --dir, and says so. A dry run writes nothing: it is refused there.
func openApp(c *cli.Context) error {
	if c.Bool("dry-run") || planning(c) {
		return nil
	}
	said, err := scaffold.Recover(c.String("dir"))
	if said != "" {
		fmt.Fprintln(c.App.ErrWriter, said)
	}
	return err
}

// carryOut shows, tries and writes an app's next state, and says what came of
// it: the one way of every command that changes an app. Act is the command in
// words.
func carryOut(c *cli.Context, act string, n *scaffold.Next) error {
	if planning(c) {
		return planNext(c, act, n)
	}
	if c.Bool("dry-run") {
		if n.From == n.To {
			return showChanges(c, act, n.Changes)
		}
		return showChanges(c, fmt.Sprintf(wordsOf(c)("%s: from %s to %s"), act, n.From, n.To), n.Changes)
	}
	if n.Nothing() {
		fmt.Fprintf(c.App.Writer, say.Text("nothing to do: the app is what %s makes of it\n"), n.To)
		return nil
	}
	if err := wantClean(c, n); err != nil {
		return err
	}
	printNext(c.App.Writer, n)
	if len(n.Conflicts()) == 0 {
		if err := n.Try(c.Context, scaffold.Checks{NoTest: c.Bool("no-test"), Say: say.Text}, c.App.Writer); err != nil {
			return err
		}
	}
	if err := n.Apply(c.Context); err != nil {
		return err
	}
	printDone(c, n.Dir, act)
	return nil
}

// wantClean refuses an app with edits that git could not bring back, and asks
// where there is no git.
func wantClean(c *cli.Context, n *scaffold.Next) error {
	files, kept, err := scaffold.Unclean(c.Context, n.Dir, n.Changes)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return kit.Errorf(kit.Conflict, "%s: not committed yet: %s", c.Command.Name, someOf(files)).
			WithHint("commit or stash them first, so that git shows what this command did, and can take it back")
	}
	if kept || c.Bool("yes") {
		if !kept {
			fmt.Fprintln(c.App.Writer, say.Text(noWayBack))
		}
		return nil
	}
	return askWithoutGit(c)
}

const noWayBack = "git does not keep this folder: there is no way back to what it holds now"

func askWithoutGit(c *cli.Context) error {
	in, ok := c.App.Reader.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return kit.Errorf(kit.Invalid, "%s: git does not keep the folder, and nobody is there to be asked", c.Command.Name).
			WithHint("git init && git add -A && git commit; or --yes, which goes on without")
	}
	fmt.Fprintf(c.App.Writer, say.Text("%s\ngo on? [y/N] "), say.Text(noWayBack))
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return kit.Errorf(kit.Conflict, "%s: you said no; nothing was changed", c.Command.Name)
	}
	return nil
}

// someOf names the first files of a list, and how many there are beside them.
func someOf(files []string) string {
	const most = 10
	if len(files) <= most {
		return strings.Join(files, ", ")
	}
	return fmt.Sprintf(say.Text("%s and %d more"), strings.Join(files[:most], ", "), len(files)-most)
}

func continueUpdate(c *cli.Context) error {
	if err := openApp(c); err != nil {
		return err
	}
	err := scaffold.Continue(c.Context, c.String("dir"), scaffold.Checks{NoTest: c.Bool("no-test"), Say: say.Text}, c.App.Writer)
	if err != nil {
		return err
	}
	printDone(c, c.String("dir"), "update")
	return nil
}

func abortUpdate(c *cli.Context) error {
	if err := openApp(c); err != nil {
		return err
	}
	if err := scaffold.Abort(c.Context, c.String("dir"), c.Bool("yes")); err != nil {
		return err
	}
	fmt.Fprintln(c.App.Writer, say.Text("the update is taken back: the app is as it was before it"))
	return nil
}
