package command

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

const newUsage = "tackhammer new DIR --template NAME"

func newCommand() *cli.Command {
	return &cli.Command{
		Name:      "new",
		Usage:     "write a new app into DIR",
		ArgsUsage: "DIR",
		Description: "DIR is made, or is an empty folder. Nothing is written unless everything is. " +
			"On a terminal it asks where DIR or --template is missing, shows what it would write, and prints the line that " +
			"writes the same without questions. Flags, --spec FILE and the answers give the same bytes, today and next year. " +
			"A flag goes before what the file says; what a flag adds comes to what the file adds.",
		Flags: slices.Concat(specFlags(), dryRunFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "no-input", Usage: "never ask, not even on a terminal"},
		}),
		Action: runNew,
	}
}

func runNew(c *cli.Context) error {
	r, err := readRequest(c)
	if err != nil {
		return err
	}
	missing, err := r.missing()
	if err != nil {
		return err
	}
	asked := len(missing) > 0 && r.mayAsk
	if asked {
		err = r.ask(c)
	} else if len(missing) > 0 {
		err = notSaid("new", missing)
	}
	if err != nil {
		return err
	}
	plan, err := r.src.Plan(r.spec)
	if err != nil {
		return err
	}
	switch {
	case c.Bool("dry-run"):
		return r.show(c, plan)
	case planning(c):
		return r.planNew(c, plan)
	}
	if err := plan.Apply(c.Context, r.dir); err != nil {
		return err
	}
	printNew(c.App.Writer, r.dir, plan)
	if asked {
		fmt.Fprintf(c.App.Writer, say.Text("\nThe same again, without questions:\n%s\n"), r.commandLine(plan.Spec))
	}
	return nil
}

// show is the dry run.
func (r *request) show(c *cli.Context, plan *scaffold.Plan) error {
	if _, err := scaffold.Vacant(r.dir); err != nil {
		return err
	}
	return showChanges(c, newTitle(wordsOf(c), r.dir, plan), plan.Changes())
}

func newTitle(words func(string) string, dir string, p *scaffold.Plan) string {
	return fmt.Sprintf(words("new %s in %s, from the template %s"), p.Spec.Name, folderIn(words, dir), p.Spec.Template)
}

// notSaid names all that a command is missing.
func notSaid(command string, missing []string) error {
	names, _ := source().List() // without them the hint is shorter
	var all []string
	for _, m := range names {
		all = append(all, m.Name)
	}
	return kit.Errorf(kit.Invalid, "%s: not said: %s; nothing was written", command, strings.Join(missing, ", ")).
		WithHint("%s; the templates are %s. On a terminal `tackhammer new` asks", newUsage, strings.Join(all, ", "))
}

// countFiles counts the files of an app, and those of the kit in it.
func countFiles(p *scaffold.Plan) (own, lib int) {
	for _, op := range p.Ops {
		if strings.HasPrefix(op.Path, "third_party/") {
			lib++
		} else {
			own++
		}
	}
	return own, lib
}

// printNew says what was made and what to type next.
func printNew(w io.Writer, dir string, p *scaffold.Plan) {
	own, lib := countFiles(p)
	fmt.Fprintf(w, say.Text("made %s in %s, from the template %s:\n%d files, and the kit with %d\n"), p.Spec.Name, folder(dir), p.Spec.Template, own, lib)
	fmt.Fprint(w, say.Text("\nnext:\n"))
	for _, step := range nextSteps(dir, p) {
		fmt.Fprintf(w, "  %s\n", step)
	}
	fmt.Fprintln(w, say.Text("\n`user link` prints a link. Open it while `serve` runs: it signs you in."))
}

// nextSteps are what to type once the app is there.
func nextSteps(dir string, p *scaffold.Plan) (steps []string) {
	if dir != "." {
		steps = append(steps, "cd "+shellQuote(filepath.Clean(dir)))
	}
	steps = append(steps, "go test ./...")
	if p.Spec.DB == "postgres" {
		steps = append(steps, "export DATABASE_URL=postgres://USER:PASSWORD@HOST/DATABASE")
	}
	steps = append(steps, "go run . user add --name You --email you@example.com --role admin")
	if slices.ContainsFunc(p.Ops, func(op scaffold.Op) bool { return strings.HasPrefix(op.Path, "samples/") }) {
		steps = append(steps, "go run . import samples")
	}
	return append(steps, "go run . user link you@example.com", "go run . serve")
}

// folder names a folder in a sentence.
func folder(dir string) string { return folderIn(say.Text, dir) }

func folderIn(words func(string) string, dir string) string {
	if dir = filepath.Clean(dir); dir == "." {
		return words("this folder")
	}
	return fmt.Sprintf(words("the folder %s"), dir)
}

// shellQuote makes a word that a shell reads back as s.
func shellQuote(s string) string {
	others := "-_./:@+,="
	if runtime.GOOS == "windows" {
		others += `\`
	}
	plain := func(r rune) bool {
		return r >= 0x80 && unicode.IsGraphic(r) && !unicode.IsSpace(r) ||
			r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(others, r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// checkArgs takes DIR or nothing.
func checkArgs(c *cli.Context) (dir string, err error) {
	if err := line.WantArgs(c, 0, 1); err != nil {
		return "", err
	}
	if c.NArg() == 1 && c.Args().First() == "" {
		return "", kit.Errorf(kit.Invalid, "%s: DIR is empty", c.Command.Name).WithHint("%s", newUsage)
	}
	return c.Args().First(), nil
}
