package command

import (
	"context"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// comforts gives the commands of app what a shell may complete and the examples
// of their help.
func comforts(app *cli.App) *cli.App {
	line.Examples(app.Commands, allExamples())
	line.Complete(app, line.Values{
		"--template":        func() []string { return source().Names() },
		"--lang":            func() []string { return scaffold.Langs },
		"--db":              func() []string { return scaffold.DBs },
		"--model":           models,
		"--candidate":       models,
		"--type":            func() []string { return scaffold.FieldTypes },
		"--channel":         func() []string { return nail.ChannelKinds },
		"add step --kind":   func() []string { return scaffold.StepKinds },
		"add target --kind": func() []string { return scaffold.TargetKinds },
		"add channel":       func() []string { return nail.ChannelKinds },
		"add model":         models,
		"remove field": added(func(a scaffold.Additions) []string {
			return each(a.Fields, func(f scaffold.Field) string { return f.Name })
		}),
		"remove step": added(func(a scaffold.Additions) []string {
			return each(a.Steps, func(s scaffold.Step) string { return s.Name })
		}),
		"remove importer": added(func(a scaffold.Additions) []string {
			return each(a.Importers, func(i scaffold.Importer) string { return i.Name })
		}),
		"remove target": added(func(a scaffold.Additions) []string {
			return each(a.Targets, func(t scaffold.Target) string { return t.Name })
		}),
		"remove channel": added(func(a scaffold.Additions) []string {
			return each(a.Channels, func(c scaffold.Channel) string { return c.Kind })
		}),
		"remove model": added(func(a scaffold.Additions) []string { return a.Models }),
	})
	return app
}

// added lists what the app in this folder got, for a command that takes it out.
func added(names func(scaffold.Additions) []string) func() []string {
	return func() []string {
		const file = ".tackhammer/spec.yaml"
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil // no app is here
		}
		spec, err := scaffold.ReadSpec(file, raw)
		if err != nil {
			return nil // the command itself tells
		}
		return names(spec.Additions)
	}
}

func each[T any](all []T, name func(T) string) (names []string) {
	for _, one := range all {
		names = append(names, name(one))
	}
	return names
}

// models are those that can draft now: the rules, and what Ollama's server has,
// where one answers before the person at the keys minds.
func models() []string {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	all := []string{"baseline"}
	installed, err := ollamaserver.List(ctx, os.Getenv("OLLAMA_HOST"))
	if err != nil {
		return all
	}
	for _, one := range installed {
		all = append(all, "ollama:"+one.Name)
	}
	return all
}
