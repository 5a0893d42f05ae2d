// Command receipts-desk drafts with a small model and lets out what a person
// decided: serve runs it, and --help lists the rest.
package main

import (
	"embed"
	"io/fs"
	"os"
	"strings"

	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

//go:embed nail.yaml prompts samples
var files embed.FS

//go:embed baseline*.go
var rulesFiles embed.FS

func main() { os.Exit(app.Main(config())) }

// config is all that makes this app differ from another. Its tests run the
// same one.
func config() app.Config {
	return app.Config{
		Name:      "receipts-desk",
		Files:     files,
		Baseline:  baseline.New("rules", rulesSource(), rules),
		Workflow:  Workflow,
		Canaries:  canaries(),
		Importers: importers(),
		Targets:   targets(),
	}
}

// rulesSource tells one version of the rules from the next: every draft is
// marked with its hash. Tests do not change what the rules draft.
func rulesSource() string {
	names, err := fs.Glob(rulesFiles, "*.go")
	if err != nil {
		panic(err) // the pattern is good
	}
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := rulesFiles.ReadFile(name)
		if err != nil {
			panic(err) // it was listed a moment ago
		}
		all.Write(text)
	}
	return all.String()
}
