package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charmbracelet/huh"
	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// newWizard asks for what `new` needs, page by page, beginning with what is said
// already.
type newWizard struct {
	*asker
	r      *request
	lang   string
	words  newWords
	dry    bool // the end is a dry run
	looked <-chan modelServer
	found  modelServer
}

// modelServer is an Ollama server that was looked for.
type modelServer struct {
	address string   // "" where none answers
	tried   string   // the address that was tried
	models  []string // that it has
}

// ask puts all questions to a person, and fails, with nothing written, when the
// person gives up.
func (r *request) ask(c *cli.Context) error {
	w := newNewWizard(c.Context, r, newAsker(c.App.Reader, c.App.Writer, say.Lang(), plainTerminal()), say.Lang())
	w.dry = c.Bool("dry-run")
	err := w.all(c.Context)
	if errors.Is(err, errGivenUp) {
		return kit.Errorf(kit.Unavailable, "new: given up; nothing was written")
	}
	if err != nil && kit.CodeOf(err) == kit.Internal {
		return kit.Errorf(kit.Internal, "new: ask: %w", err).WithHint("give the answers as flags instead: --help lists them")
	}
	return err
}

// newNewWizard begins to look for a model server, which is not waited for until
// its models are asked about.
func newNewWizard(ctx context.Context, r *request, a *asker, lang string) *newWizard {
	found := make(chan modelServer, 1)
	go func() { found <- lookForServer(ctx) }()
	return &newWizard{asker: a, r: r, lang: lang, words: newWordsIn[lang], looked: found}
}

// lookForServer takes half a second at most.
func lookForServer(ctx context.Context) modelServer {
	base, err := ollamaserver.Address(os.Getenv("OLLAMA_HOST"))
	if err != nil {
		return modelServer{tried: os.Getenv("OLLAMA_HOST")}
	}
	s := modelServer{tried: base.String()}
	if _, models, err := askOllama(ctx, base.String()); err == nil {
		s.address, s.models = s.tried, models
	}
	return s
}

// all asks everything, and again where the person wants to change something.
func (w *newWizard) all(ctx context.Context) error {
	for {
		for _, page := range []func(context.Context) error{w.what, w.where, w.who, w.others, w.how, w.own, w.fields} {
			if err := page(ctx); err != nil {
				return err
			}
		}
		again, err := w.confirm(ctx)
		if err != nil || !again {
			return err
		}
	}
}

func (w *newWizard) page(ctx context.Context, head prompt, fields ...huh.Field) error {
	group := huh.NewGroup(fields...)
	if head.title != "" {
		group.Title(head.title).Description(strings.TrimPrefix(head.help+"\n", "\n"))
	}
	return w.run(ctx, group)
}

// what asks for the template and the name.
func (w *newWizard) what(ctx context.Context) error {
	all, err := w.r.src.List()
	if err != nil {
		return err
	}
	s := &w.r.spec
	var options []huh.Option[string]
	for _, m := range all {
		options = append(options, huh.NewOption(m.Name+": "+m.Description.In(w.lang), m.Name))
	}
	if m, err := w.r.src.Manifest(s.Template); err == nil && !slices.ContainsFunc(all, func(a scaffold.Manifest) bool { return a.Name == m.Name }) {
		options = append(options, huh.NewOption(m.Name+": "+m.Description.In(w.lang), m.Name)) // one's own
	}
	s.Template = cmp.Or(s.Template, all[0].Name)
	before := s.Template
	err = w.page(ctx, w.words.what, w.choose(w.words.template, &s.Template, options),
		w.text(w.words.name, &s.Name, true, func(v string) error {
			return scaffold.Spec{Template: "app", Name: strings.TrimSpace(v)}.Check()
		}))
	s.Name = strings.TrimSpace(s.Name)
	if s.Template != before {
		s.Answers, s.From = nil, "" // another template asks other things
	}
	return err
}

// where asks for the folder and the module.
func (w *newWizard) where(ctx context.Context) error {
	s := &w.r.spec
	w.r.dir = cmp.Or(w.r.dir, s.Slug())
	s.Module = cmp.Or(s.Module, "example.com/"+s.Slug())
	err := w.page(ctx, w.words.where,
		w.text(w.words.folder, &w.r.dir, true, func(v string) error {
			_, err := scaffold.Vacant(strings.TrimSpace(v))
			return err
		}),
		w.text(w.words.module, &s.Module, true, func(v string) error {
			return scaffold.Spec{Template: "app", Module: strings.TrimSpace(v)}.Check()
		}))
	w.r.dir, s.Module = strings.TrimSpace(w.r.dir), strings.TrimSpace(s.Module)
	return err
}

// otherModel stands for one that is typed.
const otherModel = "other"

// who asks for the model: of those that a server has, or a typed one.
func (w *newWizard) who(ctx context.Context) error {
	if w.looked != nil {
		w.found, w.looked = <-w.looked, nil
	}
	s := &w.r.spec
	s.Model = cmp.Or(s.Model, "baseline")
	p := w.words.model
	if w.found.address == "" {
		p.help += "\n" + fmt.Sprintf(w.words.noServer, w.found.tried)
	}
	choice := s.Model
	options := w.modelOptions(choice)
	if err := w.page(ctx, w.words.who, w.choose(p, &choice, options)); err != nil {
		return err
	}
	if choice != otherModel {
		s.Model = choice
		return nil
	}
	name := ""
	err := w.page(ctx, w.words.who, w.text(w.words.otherModel, &name, true, func(v string) error {
		return scaffold.CheckModel(ollamaName(v))
	}))
	s.Model = ollamaName(name)
	return err
}

func ollamaName(typed string) string {
	return "ollama:" + strings.TrimPrefix(strings.TrimSpace(typed), "ollama:")
}

func (w *newWizard) modelOptions(now string) []huh.Option[string] {
	options := []huh.Option[string]{huh.NewOption("baseline: "+w.words.baseline, "baseline")}
	for _, m := range w.usable() {
		options = append(options, huh.NewOption(m+": "+w.words.installed, m))
	}
	if now != "baseline" && !slices.Contains(w.usable(), now) {
		options = append(options, huh.NewOption(now, now))
	}
	return append(options, huh.NewOption(w.words.other, otherModel))
}

// usable are the models that are installed and that an app can name.
func (w *newWizard) usable() (all []string) {
	for _, m := range w.found.models {
		if scaffold.CheckModel("ollama:"+m) == nil {
			all = append(all, "ollama:"+m)
		}
	}
	return all
}

// others asks which of the other installed models `pick` is to try.
func (w *newWizard) others(ctx context.Context) error {
	s := &w.r.spec
	var options []huh.Option[string]
	for _, m := range w.usable() {
		if m != s.Model {
			options = append(options, huh.NewOption(m, m))
		}
	}
	if len(options) == 0 || !w.takesMore() {
		return nil
	}
	typed := slices.DeleteFunc(slices.Clone(s.Models), func(m string) bool { return slices.Contains(w.usable(), m) })
	marked := slices.Clone(s.Models)
	field := huh.NewMultiSelect[string]().Title(w.words.candidates.title).Description(w.words.candidates.help).Options(options...).Value(&marked).Filterable(false)
	if err := w.page(ctx, w.words.who, field); err != nil {
		return err
	}
	for _, m := range marked {
		if !slices.Contains(typed, m) {
			typed = append(typed, m)
		}
	}
	s.Models = typed
	return nil
}

// takesMore reports whether the template has a place for additions.
func (w *newWizard) takesMore() bool {
	m, err := w.r.src.Manifest(w.r.spec.Template)
	return err == nil && m.Adds != (scaffold.Adds{})
}

// how asks for the language and the database.
func (w *newWizard) how(ctx context.Context) error {
	s := &w.r.spec
	s.Lang, s.DB = cmp.Or(s.Lang, w.lang), cmp.Or(s.DB, scaffold.DBs[0])
	return w.page(ctx, w.words.how,
		w.choose(w.words.lang, &s.Lang, options(scaffold.Langs, w.words.langs)),
		w.choose(w.words.db, &s.DB, options(scaffold.DBs, w.words.dbs)))
}

func options(values []string, words map[string]string) (all []huh.Option[string]) {
	for _, v := range values {
		all = append(all, huh.NewOption(words[v], v))
	}
	return all
}

// confirm shows what will be written. It reports whether the person wants to
// change something first, and fails with errGivenUp where it is a no.
func (w *newWizard) confirm(ctx context.Context) (again bool, err error) {
	text, wrong := w.summary()
	yes := w.words.write
	if w.dry {
		yes = w.words.show
	}
	options := []huh.Option[string]{huh.NewOption(yes, "write"), huh.NewOption(w.words.change, "change"), huh.NewOption(w.words.leave, "leave")}
	if wrong {
		options = options[1:]
	}
	choice := options[0].Value
	p := prompt{w.words.summary.title, text + "\n"}
	if w.plain {
		fmt.Fprintf(w.out, "%s\n\n", text)
		p.help = ""
	}
	w.final = true
	err = w.page(ctx, prompt{}, w.choose(p, &choice, options))
	w.final = false
	if err == nil && choice == "leave" {
		err = errGivenUp
	}
	return choice == "change", err
}

// cleanDir is a folder as it is shown.
func cleanDir(dir string) string { return filepath.Clean(dir) }
