package command

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// additions are the kinds of what can be added, in the order of the help.
func additions() []addition {
	return []addition{fieldAddition(), stepAddition(), importerAddition(), targetAddition(), channelAddition(), modelAddition()}
}

func fieldAddition() addition {
	return addition{
		kind: "field", named: "NAME", usage: "a value that is drafted and reviewed",
		help: "The field stands in the struct with its schema, in the prompt, in the form that people\n" +
			"review, and with --bar in nail.yaml. The right values of the labelled cases stand in a\n" +
			"sheet of their own, golden/answers/NAME.csv: a case without one is not counted. The\n" +
			"rules draft nothing for the field until you write one.",
		flags: []cli.Flag{
			&cli.StringFlag{Name: "type", Usage: fmt.Sprintf(say.Text("its `TYPE`: %s"), strings.Join(scaffold.FieldTypes, ", "))},
			&cli.StringFlag{Name: "values", Usage: "of a choice: the `VALUES`, with commas between"},
			&cli.StringFlag{Name: "label", Usage: "what people read in English; the name in words otherwise"},
			&cli.StringFlag{Name: "label-zh", Usage: "what people read in Chinese; the English otherwise"},
			&cli.StringFlag{Name: "description", Usage: "what the model is told of it"},
			&cli.Float64Flag{Name: "bar", Usage: "the `SHARE` of cases that is to be right, from 0 to 1", DefaultText: "none"},
		},
		wants: []want{
			{flag: "type", ask: "What is it?", among: scaffold.FieldTypes},
			{flag: "values", ask: "Which values are there?", example: "food,travel,other",
				when: func(c *cli.Context, _ string) bool { return c.String("type") == "choice" }},
		},
		change: func(c *cli.Context, name string, s *scaffold.Spec) error {
			return s.AddField(scaffold.Field{Name: name, Type: c.String("type"), Label: c.String("label"), LabelZh: c.String("label-zh"),
				Description: c.String("description"), Values: scaffold.List(c.String("values")), Bar: c.Float64("bar")})
		},
		next: func(_ *cli.Context, name string) []string {
			return []string{
				fmt.Sprintf(say.Text("then: go run . eval --unanswered %[1]s >> golden/answers/%[1]s.csv lists the labelled cases;\n  fill in their values, by which the field is measured"), name),
				say.Text("then: a rule for it in baseline.go"),
			}
		},
	}
}

func stepAddition() addition {
	return addition{
		kind: "step", named: "NAME", usage: "a step before the delivery",
		help: "A draft is made by the model, from what was approved, and comes with a review of its own,\n" +
			"NAME-check: what a model drafts never leaves without a person. Code changes the form of\n" +
			"what was approved, by rules, and can call no model.",
		flags: []cli.Flag{
			&cli.StringFlag{Name: "kind", Usage: fmt.Sprintf(say.Text("its `KIND`: %s"), strings.Join(scaffold.StepKinds, " or "))},
			&cli.StringFlag{Name: "title", Usage: "what people read in English; the name in words otherwise"},
			&cli.StringFlag{Name: "title-zh", Usage: "what people read in Chinese; the English otherwise"},
		},
		wants: []want{{flag: "kind", ask: "Who does it: a model with a review, or code?", among: scaffold.StepKinds}},
		change: func(c *cli.Context, name string, s *scaffold.Spec) error {
			return s.AddStep(scaffold.Step{Name: name, Kind: c.String("kind"), Title: c.String("title"), TitleZh: c.String("title-zh")})
		},
		next: func(c *cli.Context, name string) []string {
			file := scaffold.Step{Name: name}.File() + ".go"
			if c.String("kind") == "draft" {
				return []string{fmt.Sprintf(say.Text("then: what it drafts in %s, and what a model is told in prompts/%s.md"), file, name)}
			}
			return []string{fmt.Sprintf(say.Text("then: the rule in %s"), file)}
		},
	}
}

func importerAddition() addition {
	return addition{
		kind: "importer", named: "NAME", usage: "a function that reads files of another kind",
		flags: []cli.Flag{&cli.StringFlag{Name: "ext", Usage: "the `ENDING` of the files' names, such as .eml"}},
		wants: []want{{flag: "ext", ask: "How do the files' names end?", example: ".eml"}},
		change: func(c *cli.Context, name string, s *scaffold.Spec) error {
			return s.AddImporter(scaffold.Importer{Name: name, Ext: c.String("ext")})
		},
		next: func(_ *cli.Context, name string) []string {
			return []string{fmt.Sprintf(say.Text("then: how such a file is read, in %s.go"), scaffold.Importer{Name: name}.File())}
		},
	}
}

func targetAddition() addition {
	hook := func(c *cli.Context, _ string) bool { return c.String("kind") == "webhook" }
	return addition{
		kind: "target", named: "NAME", usage: "a place that deliveries go to",
		help: "A webhook is set up in nail.yaml, which has room for one. Code is a function of the app's\n" +
			"own; there may be any number of them.",
		flags: []cli.Flag{
			&cli.StringFlag{Name: "kind", Usage: fmt.Sprintf(say.Text("its `KIND`: %s"), strings.Join(scaffold.TargetKinds, " or "))},
			&cli.StringFlag{Name: "url", Usage: "of a webhook: the `ADDRESS` that outputs are posted to"},
			&cli.StringFlag{Name: "secret-env", Usage: "of a webhook: the `VARIABLE` with the secret that signs them; WEBHOOK_SECRET otherwise"},
		},
		wants: []want{
			{flag: "kind", ask: "A webhook, or code of your own?", among: scaffold.TargetKinds},
			{flag: "url", ask: "Where are outputs posted to?", example: "https://books.example/receipts", when: hook},
		},
		change: func(c *cli.Context, name string, s *scaffold.Spec) error {
			return s.AddTarget(scaffold.Target{Name: name, Kind: c.String("kind"), URL: c.String("url"), SecretEnv: c.String("secret-env")})
		},
		next: func(c *cli.Context, name string) []string {
			t := scaffold.Target{Name: name, SecretEnv: c.String("secret-env")}
			if hook(c, name) {
				return []string{fmt.Sprintf(say.Text("then: set %s where the app runs, to whsec_ and the base64 of at least 24 random bytes"), t.SecretName())}
			}
			return []string{fmt.Sprintf(say.Text("then: how a delivery is brought there, in %s.go"), t.File())}
		},
	}
}

func channelAddition() addition {
	return addition{
		kind: "channel", named: "KIND", usage: "a way to tell people what waits",
		help: "KIND is " + strings.Join(nail.ChannelKinds, ", ") + ". The address is a secret: it stands in a variable.",
		flags: []cli.Flag{
			&cli.StringFlag{Name: "url-env", Usage: "the `VARIABLE` with the chat's webhook; of email, that with the server, smtp://USER:PASSWORD@HOST:587"},
			&cli.StringFlag{Name: "secret-env", Usage: "of feishu and dingtalk: the `VARIABLE` with the secret that signs messages"},
			&cli.StringFlag{Name: "from", Usage: "of email: the sender's `ADDRESS`"},
		},
		wants: []want{
			{flag: "url-env", ask: "Which environment variable holds its address?", example: "CHAT_URL"},
			{flag: "from", ask: "Who sends the mails?", example: "desk@example.com",
				when: func(_ *cli.Context, name string) bool { return name == nail.Email }},
		},
		change: func(c *cli.Context, name string, s *scaffold.Spec) error {
			return s.AddChannel(scaffold.Channel{Kind: name, URLEnv: c.String("url-env"), SecretEnv: c.String("secret-env"), From: c.String("from")})
		},
		next: func(c *cli.Context, _ string) []string {
			return []string{fmt.Sprintf(say.Text("then: set %s where the app runs, and notify.url in nail.yaml to where people reach the console;\n  go run . notify test sends a message to try"), c.String("url-env"))}
		},
	}
}

func modelAddition() addition {
	return addition{
		kind: "model", named: "NAME", usage: "a model of Ollama's that the app's pick tries",
		help: "NAME is as `ollama list` has it, such as qwen3:4b. With --use the model drafts from now\n" +
			"on, and what drafted before is tried beside it.",
		flags: []cli.Flag{&cli.BoolFlag{Name: "use", Usage: "let it draft"}},
		change: func(c *cli.Context, name string, s *scaffold.Spec) error {
			return s.AddModel(name, c.Bool("use"))
		},
		next: func(_ *cli.Context, name string) []string {
			return []string{fmt.Sprintf(say.Text("then: ollama pull %s, and go run . pick"), strings.TrimPrefix(name, "ollama:"))}
		},
	}
}
