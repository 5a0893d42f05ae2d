package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// ollamaLimit is how long a server on this machine or network may take to
// answer before the demo goes on without it.
const ollamaLimit = 500 * time.Millisecond

// offerOllama says how to draft with a model of an Ollama server, when there
// is one in reach. A server that is down or odd is not worth a word.
func (d demo) offerOllama(ctx context.Context) {
	if strings.HasPrefix(d.Model, "ollama:") {
		return
	}
	base, err := ollamaserver.Address(os.Getenv("OLLAMA_HOST"))
	if err != nil {
		return
	}
	version, models, err := askOllama(ctx, base.String())
	if err != nil {
		return
	}
	fmt.Fprintf(d.Out, say.Text("ollama   %s answers at %s"), version, base)
	if len(models) == 0 {
		fmt.Fprintln(d.Out, say.Text(", but has no model yet: ollama pull NAME"))
		return
	}
	fmt.Fprintln(d.Out, say.Text("; to draft with it:"))
	command := self() + " demo"
	if d.dirGiven {
		command += " --dir " + shellQuote(d.Dir)
	}
	for _, m := range models[:min(3, len(models))] {
		fmt.Fprintf(d.Out, "           %s --model ollama:%s\n", command, m)
	}
}

// sayModel tells which model of an Ollama server is to draft, and fails when the
// server lacks it. A server that is away may come: drafts wait for it.
func (d demo) sayModel(ctx context.Context) error {
	name, ok := strings.CutPrefix(d.Model, "ollama:")
	if !ok {
		return nil
	}
	base, err := ollamaserver.Address(os.Getenv("OLLAMA_HOST"))
	if err != nil {
		return err
	}
	_, models, err := askOllama(ctx, base.String())
	if err != nil {
		fmt.Fprintf(d.Out, say.Text("model    %s, but no Ollama server answers at %s: drafts wait until one does\n"), d.Model, base)
		return nil
	}
	has := func(m string) bool { return strings.EqualFold(m, strings.TrimSuffix(name, ":latest")) }
	if !slices.ContainsFunc(models, has) {
		return kit.Errorf(kit.NotFound, "draft with %s: the Ollama server at %s has no such model; nothing was changed", d.Model, base).
			WithHint("ollama pull %s", shellQuote(name))
	}
	fmt.Fprintf(d.Out, say.Text("model    %s at %s\n"), d.Model, base)
	if _, err := os.Stat(filepath.Join(d.Dir, "data")); err == nil {
		fmt.Fprintln(d.Out, say.Text("         drafts of an earlier demo stay as they are"))
	}
	return nil
}

// self is what a user types to run this program again: go run leaves it in a
// build folder that nobody names.
func self() string {
	program, err := os.Executable()
	if err == nil && builtByRun.MatchString(filepath.ToSlash(program)) {
		return "go run ./cmd/tackhammer"
	}
	return "tackhammer"
}

// builtByRun matches where go run puts a program: below a temporary go-build
// folder, or in the build cache, in a folder named by a hash.
var builtByRun = regexp.MustCompile(`/go-build[0-9]*/|/[0-9a-f]{64}-d/`)

// askOllama returns a server's version and its models' names, the smallest
// first.
func askOllama(ctx context.Context, server string) (version string, models []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, ollamaLimit)
	defer cancel()
	if version, err = ollamaserver.Version(ctx, server); err != nil {
		return "", nil, err
	}
	all, err := ollamaserver.List(ctx, server)
	for _, m := range all {
		models = append(models, strings.TrimSuffix(m.Name, ":latest"))
	}
	return version, models, err
}
