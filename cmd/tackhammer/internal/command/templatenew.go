package command

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

func runTemplateNew(c *cli.Context) error {
	if err := line.WantArgs(c, 2, 2); err != nil {
		return err
	}
	name, dir := c.Args().Get(0), c.Args().Get(1)
	ops, err := starter(name, c.String("from"))
	if err != nil {
		return err
	}
	if err := (&scaffold.Plan{Ops: ops}).Apply(c.Context, dir); err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, say.Text("made the template %s in %s: %d files\n\nnext:\n"), name, folder(dir), len(ops))
	fmt.Fprintf(c.App.Writer, "  tackhammer template check %s\n", shellQuote(dirWord(dir)))
	fmt.Fprintf(c.App.Writer, "  tackhammer new app --template %s\n", shellQuote(templateRef(dir)))
	return nil
}

// starter is a template of that name with the files of another.
func starter(name, from string) ([]scaffold.Op, error) {
	src := source()
	if _, err := src.Manifest(from); err != nil {
		return nil, err
	}
	sub, err := fs.Sub(src.Templates, from)
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "open the template %s: %w", from, err)
	}
	var ops []scaffold.Op
	err = fs.WalkDir(sub, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sub, file)
		if file == "template.yaml" {
			data = []byte(starterManifest(name, string(data)))
		}
		ops = append(ops, scaffold.Op{Path: file, Mode: 0o644, Data: data})
		return err
	})
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "read the template %s: %w", from, err)
	}
	ops = append(ops, scaffold.Op{Path: "CONTACT.md.tmpl", Mode: 0o644, Data: []byte(starterFile)})
	return ops, scaffold.CheckManifest("template.yaml", ops)
}

// topKey is a key of a manifest that stands for itself, with all below it.
var topKey = regexp.MustCompile(`(?m)^[a-z]+:(.*\n)((?: .*\n|\n)*)`)

// starterManifest is another template's manifest under a new name, with
// questions.
func starterManifest(name, from string) string {
	kept := topKey.FindAllString(from, -1)
	var b strings.Builder
	fmt.Fprintf(&b, starterHead, name)
	files := "files:\n"
	for _, part := range kept {
		switch key, rest, _ := strings.Cut(part, ":"); key {
		case "name", "description", "questions":
		case "files":
			files += strings.TrimPrefix(rest, "\n")
		default:
			b.WriteString(strings.TrimRight(part, "\n") + "\n")
		}
	}
	b.WriteString(files + starterRule)
	return b.String()
}

const starterHead = `# A template: every file in this folder but this one is written into the app.
# A file that ends in .tmpl loses that ending and is filled in: <%% .Name %%> is
# what people call the app, <%% .Answer "keeper" %%> an answer to a question below.
name: %s
description:
  en: One sentence on what an app of this template does.
  zh: 一句话说明由此模板生成的服务做什么。

# What every app is asked besides its name, language, database and model. The
# types are text, number, yes-no and choice.
questions:
  - name: keeper
    type: text
    ask: {en: Who keeps the service running?, zh: 由谁维护这个服务？}
    default: the team
  - name: on_call
    type: yes-no
    ask: {en: Is somebody on call at night?, zh: 夜间有人值班吗？}
    default: no
  - name: within_minutes
    type: number
    ask: {en: Within how many minutes do they answer?, zh: 多少分钟内响应？}
    whole: true
    min: 5
    max: 240
    default: 30
    when: {answers: {on_call: [yes]}}

`

const starterRule = `  # Exceptions: where a file goes, and when it is left out.
  - path: CONTACT.md.tmpl
    to: docs/CONTACT.md
`

const starterFile = `# Who to ask about <% .Name %>

Kept running by <% .Answer "keeper" %>.
<%- if .Answer "on_call" %>

At night somebody answers within <% .Answer "within_minutes" %> minutes.
<%- end %>
`
