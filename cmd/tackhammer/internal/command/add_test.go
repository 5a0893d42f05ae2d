package command

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// applied are the flags and the argument of a kind as its change reads them.
func applied(t *testing.T, a addition, args ...string) (scaffold.Spec, error) {
	t.Helper()
	spec := &scaffold.Spec{Model: "ollama:old"}
	app := &cli.App{Writer: &bytes.Buffer{}, Flags: a.flags, Action: func(c *cli.Context) error {
		name, err := a.name(c)
		if err != nil {
			return err
		}
		return a.change(c, name, spec)
	}}
	err := app.RunContext(context.Background(), append([]string{"add"}, args...))
	return *spec, err
}

func TestFlagsBecomeAdditions(t *testing.T) {
	for args, want := range map[string]scaffold.Additions{
		"--type choice --values food,travel --label-zh 类别 --bar 0.8 category": {Fields: []scaffold.Field{{Name: "category", Type: "choice", Values: []string{"food", "travel"}, LabelZh: "类别", Bar: 0.8}}},
		"--kind draft --title-zh 摘要 summary":                                  {Steps: []scaffold.Step{{Name: "summary", Kind: "draft", TitleZh: "摘要"}}},
		"--ext .eml mail":                                                     {Importers: []scaffold.Importer{{Name: "mail", Ext: ".eml"}}},
		"--kind webhook --url https://b.example --secret-env S b":             {Targets: []scaffold.Target{{Name: "b", Kind: "webhook", URL: "https://b.example", SecretEnv: "S"}}},
		"--url-env SMTP_URL --from desk@example.com email":                    {Channels: []scaffold.Channel{{Kind: "email", URLEnv: "SMTP_URL", From: "desk@example.com"}}},
		"qwen3:4b":       {Models: []string{"ollama:qwen3:4b"}},
		"--use qwen3:4b": {Models: []string{"ollama:old"}},
	} {
		kinds := map[bool]string{len(want.Fields) > 0: "field", len(want.Steps) > 0: "step", len(want.Importers) > 0: "importer",
			len(want.Targets) > 0: "target", len(want.Channels) > 0: "channel", len(want.Models) > 0: "model"}
		for _, a := range additions() {
			if a.kind != kinds[true] {
				continue
			}
			got, err := applied(t, a, strings.Fields(args)...)
			if err != nil {
				t.Errorf("%s: %v", args, err)
			}
			if g := got.Additions; !reflect.DeepEqual(g, want) {
				t.Errorf("add %s %s: %+v, want %+v", a.kind, args, g, want)
			}
		}
	}
}

// A flag that is asked for is one that the command has, and the help shows how.
func TestWhatIsMissingCanBeGiven(t *testing.T) {
	for _, a := range additions() {
		known := map[string]bool{}
		for _, f := range a.flags {
			for _, name := range f.Names() {
				known[name] = true
			}
		}
		for _, w := range a.wants {
			if !known[w.flag] || w.ask == "" || w.example == "" && len(w.among) == 0 {
				t.Errorf("add %s: %+v", a.kind, w)
			}
		}
		if len(examples["add "+a.kind]) == 0 || len(examples["remove "+a.kind]) == 0 {
			t.Errorf("no example of %s", a.kind)
		}
	}
}
