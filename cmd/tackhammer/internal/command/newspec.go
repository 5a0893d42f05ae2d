package command

import (
	"fmt"
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// specFlags say what an app is to be.
func specFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "template", Aliases: []string{"t"}, Usage: "what to make; `NAME` is one of tackhammer templates, a folder, or git+https://HOST/REPO@COMMIT"},
		&cli.StringFlag{Name: "spec", Usage: "read what to make from `FILE`, YAML with the keys of .tackhammer/spec.yaml; - is standard input"},
		&cli.StringFlag{Name: "name", Usage: "what people call the app; the name of DIR otherwise"},
		&cli.StringFlag{Name: "module", Usage: "the Go module `PATH`; example.com/NAME otherwise"},
		&cli.StringFlag{Name: "model", Usage: "who drafts: baseline or ollama:`NAME`; learned and openai:NAME come later, in nail.yaml", DefaultText: "baseline"},
		&cli.StringFlag{Name: "lang", Usage: "first language of the console: en or zh", DefaultText: "en"},
		&cli.StringFlag{Name: "db", Usage: "where the cases are kept: sqlite or postgres", DefaultText: "sqlite"},
		&cli.StringSliceFlag{Name: "field", Usage: "draft this, too, more than once: `NAME:TYPE`, such as tax:money, or kind:choice:food,travel"},
		&cli.StringSliceFlag{Name: "step", Usage: "a step before the delivery: `NAME:KIND`, KIND being draft, with its review, or code"},
		&cli.StringSliceFlag{Name: "importer", Usage: "read another kind of file: `NAME:.EXT`, such as mail:.eml"},
		&cli.StringSliceFlag{Name: "target", Usage: "deliver there, too: `NAME:KIND`, such as ledger:code or books:webhook:https://books.example/in"},
		&cli.StringSliceFlag{Name: "channel", Usage: "tell people of what waits: `KIND:ENV`, such as slack:SLACK_URL"},
		&cli.StringSliceFlag{Name: "candidate", Usage: "a `MODEL` that the app's pick tries, ollama:NAME"},
		&cli.StringSliceFlag{Name: "set", Usage: "answer a question of the template: `NAME=VALUE`"},
	}
}

// request is what is asked for, and what it is to be made from.
type request struct {
	dir    string // as the user wrote it
	spec   scaffold.Spec
	src    scaffold.Source
	typed  map[string]string // answers to the template's questions, as --set has them
	mayAsk bool              // a person is there, and standard input is theirs
}

// readRequest reads the flags and the file that --spec names.
func readRequest(c *cli.Context) (*request, error) {
	dir, err := checkArgs(c)
	if err != nil {
		return nil, err
	}
	if err := wantDryRun(c); err != nil {
		return nil, err
	}
	r := &request{dir: dir, src: source(), typed: map[string]string{}, mayAsk: atTerminal(c) && c.String("spec") != "-"}
	if file := c.String("spec"); file != "" {
		if r.spec, err = specFile(c, file); err != nil {
			return nil, err
		}
	}
	if err := r.take(c); err != nil {
		return nil, err
	}
	if err := r.find(c); err != nil {
		return nil, err
	}
	if r.spec.Name == "" && dir != "" {
		r.spec.Name, err = scaffold.NameFor(dir)
	}
	return r, err
}

// take puts what flags say before what the file says.
func (r *request) take(c *cli.Context) error {
	s := &r.spec
	for flag, value := range map[string]*string{"name": &s.Name, "module": &s.Module, "model": &s.Model, "lang": &s.Lang, "db": &s.DB} {
		if c.IsSet(flag) {
			*value = c.String(flag)
		}
	}
	if c.IsSet("template") {
		s.Template, s.From = c.String("template"), ""
	}
	for _, text := range c.StringSlice("set") {
		name, value, err := scaffold.ParseAnswer(text)
		if err != nil {
			return err
		}
		r.typed[name] = value
	}
	return r.takeAdditions(c)
}

// takeAdditions puts what flags add to what the file adds; what has the same
// name goes in its place.
func (r *request) takeAdditions(c *cli.Context) error {
	for _, flag := range []string{"field", "step", "importer", "target", "channel", "candidate"} {
		if err := r.spec.Adopt(flag, c.StringSlice(flag)); err != nil {
			return err
		}
	}
	return nil
}

// find gets the template, and reads what was answered to its questions.
func (r *request) find(c *cli.Context) (err error) {
	switch {
	case r.spec.From != "":
		r.src, err = r.src.For(c.Context, r.spec)
	case r.spec.Template != "":
		r.src, r.spec.Template, err = r.src.Use(c.Context, r.spec.Template)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	m, err := r.src.Manifest(r.spec.Template)
	if err != nil {
		return err
	}
	return r.answer(m)
}

// answer reads the typed answers as their questions want them. What nobody asked
// stays text, and Plan says so.
func (r *request) answer(m scaffold.Manifest) error {
	answers := maps.Clone(r.spec.Answers)
	for _, name := range slices.Sorted(maps.Keys(r.typed)) {
		var value any = r.typed[name]
		if i := slices.IndexFunc(m.Questions, func(q scaffold.Question) bool { return q.Name == name }); i >= 0 {
			v, err := m.Questions[i].Parse(r.typed[name])
			if err != nil {
				return err
			}
			value = v
		}
		if answers == nil {
			answers = map[string]any{}
		}
		answers[name] = value
	}
	r.spec.Answers, r.typed = answers, map[string]string{}
	return nil
}

// missing names all that is needed and not said.
func (r *request) missing() (all []string, err error) {
	if r.dir == "" {
		all = append(all, "DIR")
	}
	if r.spec.Template == "" {
		return append(all, "--template"), nil
	}
	m, err := r.src.Manifest(r.spec.Template)
	if err != nil {
		return nil, err
	}
	for _, q := range m.Asked(r.spec) {
		if _, ok := r.spec.Answers[q.Name]; !ok && q.Default == nil {
			all = append(all, fmt.Sprintf("--set %s=%s", q.Name, answerKind(q)))
		}
	}
	return all, nil
}

// answerKind is what stands for an answer in a line of usage.
func answerKind(q scaffold.Question) string {
	switch q.Type {
	case "number":
		return "NUMBER"
	case "yes-no":
		return "yes|no"
	case "choice":
		var all string
		for i, c := range q.Choices {
			if i > 0 {
				all += "|"
			}
			all += c.Value
		}
		return all
	}
	return "TEXT"
}
