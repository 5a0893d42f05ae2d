package command

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/whole"
)

func nailCommand() *cli.Command {
	flags := []cli.Flag{
		fileFlag(),
		&cli.StringFlag{Name: "lang", Usage: "ask in en or zh (default: what the file says, else the terminal's language)"},
		&cli.BoolFlag{Name: "no-input", Usage: "never ask, not even on a terminal"},
	}
	for _, q := range questions {
		if q.flag == "bar" {
			flags = append(flags, &cli.StringSliceFlag{Name: q.flag, Usage: q.usage})
			continue
		}
		flags = append(flags, &cli.StringFlag{Name: q.flag, Usage: q.usage})
	}
	return &cli.Command{
		Name: "nail", Usage: "write down the one job: who pays, what it costs today, how good it must be",
		Description: "On a terminal it asks, beginning with what nail.yaml says already; flags answer without being asked.\n" +
			"The file is made, or changed in place: its comments and all other keys stay. Without a terminal,\n" +
			"what is missing is told by the flag's name.",
		Flags: flags, Action: runNail, Subcommands: []*cli.Command{nailCheckCommand()},
	}
}

func fileFlag() *cli.StringFlag {
	return &cli.StringFlag{Name: "file", Value: "nail.yaml", Usage: "the `FILE` to make or change"}
}

func runNail(c *cli.Context) error {
	d, err := openDraft(c.String("file"), c.String("lang"))
	if err != nil {
		return err
	}
	given, err := d.take(c)
	if err != nil {
		return err
	}
	switch missing := d.missing(); {
	case atTerminal(c) && (given == 0 || len(missing) > 0):
		if err := d.ask(c.Context, c.App.Reader, c.App.Writer, plainTerminal()); err != nil {
			return err
		}
	case len(missing) > 0 && (given == 0 || !d.exists):
		return kit.Errorf(kit.Invalid, "nail: not said: %s; nothing was written", strings.Join(missing, ", ")).
			WithHint("give these flags, or run it in a terminal, where it asks")
	}
	return d.save(c.App.Writer)
}

// draft is a nail.yaml before it is written.
type draft struct {
	path    string
	lang    string // of the questions
	exists  bool
	before  []byte    // the file, or the skeleton of a new one
	nail    nail.Nail // what it says
	answers map[string]string
}

// openDraft reads the file at path, or begins a new one.
func openDraft(path, lang string) (*draft, error) {
	if lang != "" && lang != "en" && lang != "zh" {
		return nil, kit.Errorf(kit.Invalid, "use %q as language: it is one of en, zh", lang)
	}
	d := &draft{path: path, answers: map[string]string{}}
	n, err := nail.Load(path)
	switch kit.CodeOf(err) {
	case kit.NotFound:
		d.lang = cmp.Or(lang, say.Lang())
		d.before, d.nail, err = skeleton(path, d.lang)
	case "":
		d.exists, d.nail, d.lang = true, n, cmp.Or(lang, n.Lang)
		d.before, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	for _, q := range questions {
		d.answers[q.flag] = q.now(d.nail)
	}
	return d, nil
}

// skeleton is a new file, and what it says so far.
func skeleton(path, lang string) ([]byte, nail.Nail, error) {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, nail.Nail{}, kit.Errorf(kit.Invalid, "write %s: there is no folder %s", path, dir).WithHint("make it first, or name another --file")
	}
	name, err := scaffold.NameFor(dir)
	if err != nil {
		return nil, nail.Nail{}, err
	}
	slug := scaffold.Spec{Name: name}.Slug()
	n := nail.Nail{Name: slug, Lang: lang, Currency: "USD", Data: nail.Data{Cases: "golden/cases", Answers: "golden/answers"}}
	text := skeletonEN
	if lang == "zh" {
		text, n.Currency = skeletonZH, "CNY"
	}
	return []byte(fmt.Sprintf(text, slug)), n, nil
}

// take reads the flags that were given, and counts them.
func (d *draft) take(c *cli.Context) (given int, err error) {
	for _, q := range questions {
		if !c.IsSet(q.flag) {
			continue
		}
		given++
		text := c.String(q.flag)
		if q.flag == "bar" {
			text = joinBar(d.answers["bar"], c.StringSlice("bar"))
		}
		if err := q.check(strings.TrimSpace(text)); err != nil {
			return 0, kit.Errorf(kit.Invalid, "nail: --%s: %w", q.flag, err)
		}
		d.answers[q.flag] = strings.TrimSpace(text)
	}
	return given, nil
}

// missing lists the flags of what has to be said and is not.
func (d *draft) missing() []string {
	var flags []string
	for _, q := range questions {
		if q.needed && d.answers[q.flag] == "" {
			flags = append(flags, "--"+q.flag)
		}
	}
	return flags
}

// changes are those that make the file say what was answered.
func (d *draft) changes() ([]nail.Change, []string) {
	var all []nail.Change
	var names []string
	for _, q := range questions {
		if d.answers[q.flag] == q.now(d.nail) {
			continue
		}
		names = append(names, q.flag)
		if q.flag == "bar" {
			all = append(all, barChanges(d.nail.Bar, d.answers["bar"])...)
			continue
		}
		all = append(all, nail.Change{Path: q.path, Value: q.value(d.answers[q.flag])})
	}
	return all, names
}

// save writes the file whole or not at all, unless somebody changed it
// meanwhile.
func (d *draft) save(w io.Writer) error {
	changes, names := d.changes()
	if len(changes) == 0 && d.exists {
		fmt.Fprintf(w, say.Text("%s says that already: nothing was written\n"), d.path)
		return nil
	}
	after, err := nail.Edit(filepath.Base(d.path), d.before, changes...)
	if err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if d.exists {
		if mode, err = d.unchanged(); err != nil {
			return err
		}
	}
	write := func(w io.Writer) error { _, err := w.Write(after); return err }
	if d.exists {
		err = whole.Replace(d.target(), mode, write)
	} else {
		err = whole.New(d.path, mode, write)
	}
	if err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", d.path, err).WithHint("may you write in its folder?")
	}
	d.told(w, names)
	return nil
}

// unchanged returns the file's mode, and fails when it is not what was read.
func (d *draft) unchanged() (os.FileMode, error) {
	now, err := os.ReadFile(d.path)
	info, gone := os.Stat(d.path)
	if err != nil || gone != nil || !bytes.Equal(now, d.before) {
		return 0, kit.Errorf(kit.Conflict, "write %s: somebody changed it meanwhile; nothing was written", d.path).WithHint("run it again")
	}
	return info.Mode().Perm(), nil
}

// target is the file that a link leads to: it is to stay a link.
func (d *draft) target() string {
	if real, err := filepath.EvalSymlinks(d.path); err == nil {
		return real
	}
	return d.path
}

// told says what was written, and what comes next.
func (d *draft) told(w io.Writer, names []string) {
	if d.exists {
		fmt.Fprintf(w, say.Text("changed in %s: %s\n"), d.path, strings.Join(names, ", "))
	} else {
		fmt.Fprintf(w, say.Text("made %s\n"), d.path)
	}
	if missing := d.missing(); len(missing) > 0 {
		fmt.Fprintf(w, say.Text("still not said: %s\n"), strings.Join(missing, ", "))
	}
	check := self() + " nail check"
	if filepath.Clean(d.path) != "nail.yaml" {
		check += " " + shellQuote(d.path)
	}
	fmt.Fprintf(w, say.Text("next: %s\n"), check)
}

const skeletonEN = `# The nail: one painful job of one kind of customer, what it costs them today,
# and how good the machine has to be.

name: %s
lang: en

# Who pays, for what, and where it comes up.
buyer: ""
job: ""
scenario: ""

# What a case costs the customer today, by hand.
today: {minutes: 0, wage: 0}   # minutes of work per case; wage of an hour
volume: 0                      # cases a month
price: 0                       # what you ask for a case
currency: USD
gpu_hour: 0                    # what an hour of your GPU costs; 0 where a CPU does

# For each field, the share of drafts that must be right.
bar: {}

# Cases of your own, each with its right answer.
data: {cases: golden/cases, answers: golden/answers, source: ""}
`

const skeletonZH = `# 钉子：一类客户的一件苦差事，他们今天为它付出的代价，以及机器必须做到多好。

name: %s
lang: zh

# 谁付钱，做什么，在什么场合。
buyer: ""
job: ""
scenario: ""

# 客户今天手工处理一件的代价。
today: {minutes: 0, wage: 0}   # 每件几分钟；每小时工资
volume: 0                      # 每月件数
price: 0                       # 每件报价
currency: CNY
gpu_hour: 0                    # 显卡每小时的成本；只用 CPU 时为 0

# 每个字段的草稿必须达到的正确率。
bar: {}

# 你自己的案例，每个都有正确答案。
data: {cases: golden/cases, answers: golden/answers, source: ""}
`
