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
		"remove field":      added("field"),
		"remove step":       added("step"),
		"remove importer":   added("importer"),
		"remove target":     added("target"),
		"remove channel":    added("channel"),
		"remove model":      added("model"),
	})
	return app
}

// added lists what the app in this folder got of a kind, for a command that
// takes it out.
func added(kind string) func() []string {
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
		return spec.Names(kind)
	}
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
