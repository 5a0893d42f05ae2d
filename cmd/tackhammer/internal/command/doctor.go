package command

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/urfave/cli/v2"
	"golang.org/x/mod/modfile"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/doctor"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func doctorCommand() *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "tell whether this machine can make, build and run an app",
		ArgsUsage: "[DIR]",
		Description: "What is needed follows from the app in DIR (default: this folder), or from the spec that the flags name.\n" +
			"Each check says what is wrong and the one command that mends it; nothing is changed.\n" +
			"It asks the module mirror, Ollama's server and the database whether they answer.\n" +
			"The exit code is 0 when the app can be built and run as asked, 1 when not; warnings do not count.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "spec", Usage: "what an app is to be, from `FILE`"},
			&cli.StringFlag{Name: "template", Aliases: []string{"t"}, Usage: "what is to be made; `NAME` is one of tackhammer templates"},
			&cli.StringFlag{Name: "model", Usage: "who is to draft: baseline or ollama:`NAME`"},
			&cli.StringFlag{Name: "lang", Usage: "first language of the console: en or zh"},
			&cli.StringFlag{Name: "db", Usage: "where the cases are to be kept: sqlite or postgres"},
			&cli.StringFlag{Name: "addr", Value: "127.0.0.1:8080", Usage: "where it is to serve, `HOST:PORT`"},
			&cli.DurationFlag{Name: "limit", Value: 2 * time.Second, Usage: "how long one check may take; all run at once"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object for scripts"},
		},
		Action: runDoctor,
	}
}

func runDoctor(c *cli.Context) error {
	if err := line.WantArgs(c, 0, 1); err != nil {
		return err
	}
	p, err := patientFrom(c)
	if err != nil {
		return err
	}
	config := doctor.Config{Needs: p.needs(), Dir: p.dir, Addr: c.String("addr"), Limit: c.Duration("limit"), Say: wordsOf(c)}
	found := doctor.Examine(c.Context, config)
	if interrupted(c.Context) {
		return c.Context.Err()
	}
	if err := printDoctor(c, p, found); err != nil || doctor.CanRun(found) {
		return err
	}
	return kit.Errorf(kit.Unavailable, "doctor: this machine cannot run it as asked").WithHint("mend what is marked wrong, and ask again")
}

// patient is the app that the machine is examined for.
type patient struct {
	dir   string
	spec  scaffold.Spec
	files map[string][]byte // go.mod, go.sum and the Dockerfile, as they stand or would
}

// patientFiles are those of an app that tell what it needs.
var patientFiles = []string{"go.mod", "go.sum", "Dockerfile"}

// patientFrom is the app in the folder that c names, or else what its flags
// ask for.
func patientFrom(c *cli.Context) (patient, error) {
	p := patient{dir: cmp.Or(c.Args().First(), "."), files: map[string][]byte{}}
	made := filepath.Join(p.dir, ".tackhammer", "spec.yaml")
	file := c.String("spec")
	_, err := os.Stat(made)
	standing := err == nil && file == "" && c.String("template") == ""
	if standing {
		file = made
	}
	if file != "" {
		if p.spec, err = specFile(c, file); err != nil {
			return p, err
		}
	}
	if standing {
		if err := p.standing(); err != nil {
			return p, err
		}
	}
	return p, p.asked(c, standing)
}

// standing reads the app as its team has it: its nail.yaml has the last word on
// who drafts and where the cases are kept.
func (p *patient) standing() error {
	for _, name := range patientFiles {
		raw, err := os.ReadFile(filepath.Join(p.dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return kit.Errorf(kit.Internal, "doctor: %w", err)
		}
		p.files[name] = raw
	}
	n, err := nail.Load(filepath.Join(p.dir, "nail.yaml"))
	if kit.CodeOf(err) == kit.NotFound {
		return nil
	}
	if err == nil {
		p.spec.Model, p.spec.DB, p.spec.Lang = n.Model, n.Database, n.Lang
	}
	return err
}

// asked takes the flags, and renders the app where there is none yet.
func (p *patient) asked(c *cli.Context, standing bool) error {
	for flag, value := range map[string]*string{"template": &p.spec.Template, "model": &p.spec.Model, "lang": &p.spec.Lang, "db": &p.spec.DB} {
		*value = cmp.Or(c.String(flag), *value)
	}
	if standing {
		return p.known()
	}
	p.spec.Template = cmp.Or(p.spec.Template, demoTemplate)
	from, err := source().For(c.Context, p.spec)
	if err == nil && c.String("template") != "" { // which may be one of one's own
		from, p.spec.Template, err = source().Use(c.Context, p.spec.Template)
	}
	if err != nil {
		return err
	}
	plan, err := from.Plan(p.spec)
	if err != nil {
		return err
	}
	p.spec = plan.Spec
	for _, op := range plan.Ops {
		if slices.Contains(patientFiles, op.Path) {
			p.files[op.Path] = op.Data
		}
	}
	return nil
}

// known holds the flags of an app that stands to what there is.
func (p *patient) known() error {
	if !slices.Contains(scaffold.DBs, p.spec.DB) {
		return kit.Errorf(kit.Invalid, "use %q as database: it is one of %s", p.spec.DB, strings.Join(scaffold.DBs, ", "))
	}
	if !slices.Contains(scaffold.Langs, p.spec.Lang) {
		return kit.Errorf(kit.Invalid, "use %q as language: it is one of %s", p.spec.Lang, strings.Join(scaffold.Langs, ", "))
	}
	if strings.HasPrefix(p.spec.Model, "ollama:") {
		return scaffold.CheckModel(p.spec.Model)
	}
	return nil
}

func (p *patient) needs() doctor.Needs {
	n := doctor.Needs{Model: p.spec.Model, DB: p.spec.DB, Lang: p.spec.Lang, Sum: p.files["go.sum"]}
	if f, err := modfile.ParseLax("go.mod", p.files["go.mod"], nil); err == nil && f.Go != nil {
		n.Go = f.Go.Version
	}
	if strings.Contains(string(p.files["Dockerfile"]), "ffmpeg") { // an app's image holds what the app runs
		n.Programs = append(n.Programs, "ffmpeg")
	}
	return n
}

func printDoctor(c *cli.Context, p patient, found []doctor.Finding) error {
	w := c.App.Writer
	if c.Bool("json") {
		return printJSON(w, struct {
			CanRun   bool             `json:"can_run"`
			Template string           `json:"template"`
			Model    string           `json:"model"`
			DB       string           `json:"db"`
			Lang     string           `json:"lang"`
			Checks   []doctor.Finding `json:"checks"`
		}{doctor.CanRun(found), p.spec.Template, p.spec.Model, p.spec.DB, p.spec.Lang, found})
	}
	colour := colours(w)
	fmt.Fprintf(w, say.Text("%s, drafted by %s, kept in %s:\n\n"), colour.bold(p.spec.Template), p.spec.Model, p.spec.DB)
	for _, f := range found {
		printFinding(c, colour, f)
	}
	count := map[doctor.Level]int{}
	for _, f := range found {
		count[f.Level]++
	}
	end := colour.green(say.Text("this machine can run it"))
	if count[doctor.Wrong] > 0 {
		end = colour.red(say.Text("this machine cannot run it as asked"))
	}
	fmt.Fprintf(w, say.Text("\n%s: %d ok, %d to look at, %d wrong\n"), end, count[doctor.OK], count[doctor.Warn], count[doctor.Wrong])
	return nil
}

// printFinding is a row of the table: the level, the check, what it says, and
// below that the command, which is not folded so that it can be copied.
func printFinding(c *cli.Context, colour palette, f doctor.Finding) {
	paint := map[doctor.Level]func(string) string{doctor.OK: colour.green, doctor.Warn: colour.yellow, doctor.Wrong: colour.red}[f.Level]
	word := say.Text(string(f.Level))
	level := paint(word) + strings.Repeat(" ", 7-runewidth.StringWidth(word))
	const indent = 21
	fmt.Fprintf(c.App.Writer, "  %s%-12s%s\n", level, f.Name, line.Wrap(f.Says, indent))
	if f.Mend != "" {
		fmt.Fprintf(c.App.Writer, "%s%s\n", strings.Repeat(" ", indent), colour.bold("$ "+f.Mend))
	}
}
