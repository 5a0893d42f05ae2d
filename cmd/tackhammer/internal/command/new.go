package command

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

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
		Description: "DIR is made, or is an empty folder. Nothing is written unless everything is.\n" +
			"The same arguments always write the same bytes.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "template", Aliases: []string{"t"}, Usage: "what to make; `NAME` is one of tackhammer templates"},
			&cli.StringFlag{Name: "name", Usage: "what people call the app; the name of DIR otherwise"},
			&cli.StringFlag{Name: "module", Usage: "the Go module `PATH`; example.com/NAME otherwise"},
			&cli.StringFlag{Name: "model", Usage: "who drafts: baseline or ollama:`NAME`; learned and openai:NAME come later, in nail.yaml", Value: "baseline", DefaultText: "baseline"},
			&cli.StringFlag{Name: "lang", Usage: "first language of the console: en or zh", Value: "en", DefaultText: "en"},
			&cli.StringFlag{Name: "db", Usage: "where the cases are kept: sqlite or postgres", Value: "sqlite", DefaultText: "sqlite"},
		},
		Action: runNew,
	}
}

func runNew(c *cli.Context) error {
	if err := line.WantArgs(c, 1, 1); err != nil {
		return err
	}
	spec, err := specFrom(c)
	if err != nil {
		return err
	}
	plan, err := source().Plan(spec)
	if err != nil {
		return err
	}
	dir := c.Args().First()
	if err := plan.Apply(c.Context, dir); err != nil {
		return err
	}
	printNew(c.App.Writer, dir, plan)
	return nil
}

func specFrom(c *cli.Context) (scaffold.Spec, error) {
	dir := c.Args().First()
	if dir == "" {
		return scaffold.Spec{}, kit.Errorf(kit.Invalid, "new: DIR is empty").WithHint("%s", newUsage)
	}
	spec := scaffold.Spec{
		Template: c.String("template"),
		Name:     c.String("name"),
		Module:   c.String("module"),
		Model:    c.String("model"),
		Lang:     c.String("lang"),
		DB:       c.String("db"),
	}
	if spec.Template == "" {
		return spec, kit.Errorf(kit.Invalid, "new: no template is named").
			WithHint("%s; there are: %s", newUsage, strings.Join(source().Names(), ", "))
	}
	var err error
	if spec.Name == "" {
		spec.Name, err = scaffold.NameFor(dir)
	}
	return spec, err
}

// printNew says what was made and what to type next.
func printNew(w io.Writer, dir string, p *scaffold.Plan) {
	own, lib := 0, 0
	for _, op := range p.Ops {
		if strings.HasPrefix(op.Path, "third_party/") {
			lib++
		} else {
			own++
		}
	}
	fmt.Fprintf(w, "made %s in %s, from the template %s:\n%d files, and the kit with %d\n", p.Spec.Name, folder(dir), p.Spec.Template, own, lib)
	fmt.Fprintf(w, "\nnext:\n")
	if dir != "." {
		fmt.Fprintf(w, "  cd %s\n", shellQuote(filepath.Clean(dir)))
	}
	fmt.Fprintln(w, "  go test ./...")
	if p.Spec.DB == "postgres" {
		fmt.Fprintln(w, "  export DATABASE_URL=postgres://USER:PASSWORD@HOST/DATABASE")
	}
	fmt.Fprintln(w, "  go run . user add --name You --email you@example.com --role admin")
	if slices.ContainsFunc(p.Ops, func(op scaffold.Op) bool { return strings.HasPrefix(op.Path, "samples/") }) {
		fmt.Fprintln(w, "  go run . import samples")
	}
	fmt.Fprintln(w, "  go run . user link you@example.com")
	fmt.Fprintln(w, "  go run . serve")
	fmt.Fprintln(w, "\n`user link` prints a link. Open it while `serve` runs: it signs you in.")
}

// folder names a folder in a sentence.
func folder(dir string) string {
	if dir = filepath.Clean(dir); dir == "." {
		return "this folder"
	}
	return "the folder " + dir
}

// shellQuote makes a word that a shell reads back as s.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 0x80 || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@+,\\", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
