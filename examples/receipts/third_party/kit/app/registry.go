package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

func (c Config) modelCommand() *cli.Command {
	return &cli.Command{
		Name: "model", Usage: "bring a trained model to its server, and go back to the one before",
		Subcommands: []*cli.Command{
			{
				Name: "register", Usage: "make a model of Ollama's of a GGUF file or an adapter", ArgsUsage: "FILE.gguf|ADAPTER",
				Description: "Sends the weights to the Ollama server of OLLAMA_HOST, makes a model of them, and notes in the database and its trail what it\n" +
					"came from. ADAPTER is a LoRA as a .gguf file, or the folder that a trainer wrote (adapter_config.json and .safetensors);\n" +
					"it needs --base. A model by itself takes the template of --base, where one is named. Nothing drafts by it yet:\n" +
					"`pick --try` measures it beside today's model and decides. On what --manifest lists as its training data it is never measured.",
				Action: c.registerModel,
				Flags: shared(jsonFlag(),
					&cli.StringFlag{Name: "name", Usage: "`NAME` on the server; the file's name otherwise"},
					&cli.StringFlag{Name: "base", Usage: "`MODEL` of the server that an adapter changes, or whose template is taken"},
					&cli.StringFlag{Name: "manifest", Usage: "`FILE` manifest.json of the training data, or their folder"},
					&cli.StringFlag{Name: "recipe", Usage: "`WORDS` that say how it was trained: trl, axolotl …"}),
			},
			{Name: "list", Usage: "list the models that were registered, newest first", Action: c.with(finds, 0, 0, c.listModels), Flags: shared(jsonFlag())},
			{
				Name: "rollback", Usage: "let the model draft that did before this one",
				Description: "Writes the model that drafted before into nail.yaml, with the figures that pick had of it. Which model drafted is noted\n" +
					"when the service starts. A service that runs takes it up when it starts anew.",
				Action: c.rollbackModel, Flags: shared(jsonFlag()),
			},
		},
	}
}

// candidate is what is to be registered.
type candidate struct {
	made    registered
	new     ollamaserver.NewModel
	sources []string // hashes of the texts that it learned from
}

func (c Config) registerModel(cc *cli.Context) error {
	if err := line.WantArgs(cc, 1, 1); err != nil {
		return err
	}
	m, err := candidateOf(cc)
	if err != nil {
		return err
	}
	return c.withBaseline(cc, makes, 1, func(ctx context.Context, cc *cli.Context, s *Service) error {
		known, err := m.known(ctx, s.DB)
		if err != nil {
			return err
		}
		if err := keepSources(s.Options.Data, m.made.Name, m.sources); err != nil {
			return err
		}
		if !known {
			if err := c.bring(ctx, s, &m, cc.Bool("json")); err != nil {
				return err
			}
		}
		if cc.Bool("json") {
			return c.printJSON(m.made)
		}
		return c.tellRegistered(m.made, known)
	})
}

// withBaseline opens the app with its rules: a command about models must work
// also when the one of nail.yaml does not.
func (c Config) withBaseline(cc *cli.Context, u use, args int, f command) error {
	o := options(cc)
	o.Model = "baseline"
	return c.withOptions(o, u, args, args, f)(cc)
}

// candidateOf reads the weights and the flags.
func candidateOf(cc *cli.Context) (m candidate, err error) {
	path := cc.Args().First()
	files, adapter, err := weightsOf(path)
	if err != nil {
		return m, err
	}
	if adapter && cc.String("base") == "" {
		return m, kit.Errorf(kit.Invalid, "register %s: an adapter is nothing without its base", path).
			WithHint("give --base MODEL, the one of the server that it was trained on")
	}
	name := cc.String("name")
	if name == "" {
		name = strings.Trim(notInName.ReplaceAllString(strings.ToLower(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))), "-"), "-._")
	}
	if !ollamaserver.ValidName(name) {
		return m, kit.Errorf(kit.Invalid, "register %s: %q is no name of a model", path, name).WithHint("give --name NAME in small letters, digits, hyphens and points")
	}
	m.new = ollamaserver.NewModel{Name: name, Base: cc.String("base"), Files: files}
	if adapter {
		m.new.Files, m.new.Adapter = nil, files
	}
	m.made = registered{Name: name, Base: m.new.Base, Recipe: cc.String("recipe"), MadeBy: "system"}
	m.made.SHA256, m.made.Size = sumOf(files)
	m.made.Manifest, m.sources, err = readManifest(cc.String("manifest"))
	return m, err
}

var notInName = regexp.MustCompile(`[^a-z0-9._-]+`)

// weightsOf reads a GGUF file, or the folder of an adapter.
func weightsOf(path string) (files []ollamaserver.Weights, adapter bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, kit.Errorf(kit.Invalid, "register %s: %w", path, err).WithHint("name a .gguf file, or the folder of a LoRA adapter")
	}
	paths := []string{path}
	if info.IsDir() {
		if paths, err = adapterFiles(path); err != nil {
			return nil, false, err
		}
		adapter = true
	} else {
		g, err := ollamaserver.ReadGGUF(path)
		if err != nil {
			return nil, false, err
		}
		adapter = g.Adapter
	}
	for _, p := range paths {
		w, err := ollamaserver.Sum(filepath.Base(p), p)
		if err != nil {
			return nil, false, err
		}
		files = append(files, w)
	}
	return files, adapter, nil
}

// adapterFiles are those of the folder that a trainer wrote.
func adapterFiles(dir string) ([]string, error) {
	weights, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	config := filepath.Join(dir, "adapter_config.json")
	if _, bad := os.Stat(config); err != nil || bad != nil || len(weights) == 0 {
		return nil, kit.Errorf(kit.Invalid, "register %s: the folder holds no adapter", dir).
			WithHint("it needs adapter_config.json and adapter_model.safetensors, as PEFT writes them; merge a whole model into a .gguf file")
	}
	return append([]string{config}, weights...), nil
}

// sumOf is the hash and size of all files: of one its own, else of their names
// and hashes.
func sumOf(files []ollamaserver.Weights) (sha string, size int64) {
	var all strings.Builder
	for _, w := range files {
		size += w.Size
		fmt.Fprintf(&all, "%s  %s\n", w.SHA256, w.Name)
	}
	if len(files) == 1 {
		return files[0].SHA256, size
	}
	return kit.Hash([]byte(all.String())), size
}

// bring makes the model on its server and notes it.
func (c Config) bring(ctx context.Context, s *Service, m *candidate, silent bool) error {
	const steps = 1000
	bar, shown := c.progress(steps, "sending", silent), int64(0)
	m.new.Sent = func(done, total int64) {
		for now := done * steps / max(total, 1); shown < now; shown++ {
			bar.step()
		}
	}
	info, err := ollamaserver.Create(ctx, os.Getenv("OLLAMA_HOST"), m.new)
	bar.end()
	if err != nil {
		return err
	}
	m.made.Digest, m.made.ID, m.made.MadeAt = info.Digest, kit.NewID(), kit.Now()
	return m.made.note(ctx, s.DB)
}

func (c Config) tellRegistered(m registered, known bool) error {
	if known {
		fmt.Fprintf(c.Out, "ollama:%s is made of this file already, since %s\n", m.Name, m.MadeAt.Format(time.DateOnly))
	} else {
		fmt.Fprintf(c.Out, "made ollama:%s, %.12s, of %d MB\n", m.Name, m.Digest, (m.Size+1<<20-1)>>20)
	}
	fmt.Fprintf(c.Out, "it drafts nothing yet: `%s pick --try ollama:%s` measures it beside today's model and says which to keep\n", c.Name, m.Name)
	return nil
}

func (c Config) listModels(ctx context.Context, cc *cli.Context, s *Service) error {
	all, err := registry(ctx, s.DB)
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(all)
	}
	if len(all) == 0 {
		fmt.Fprintf(c.Out, "none yet; `%s model register FILE` brings one\n", c.Name)
		return nil
	}
	w := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "model\tdigest\tbase\tMB\tdata\trecipe\tmade")
	for _, m := range all {
		fmt.Fprintf(w, "%sollama:%s\t%.12s\t%s\t%d\t%.12s\t%s\t%s\n", star(s.Nail.Model == "ollama:"+m.Name), m.Name, m.Digest, dash(m.Base),
			(m.Size+1<<20-1)>>20, dash(m.Manifest), dash(m.Recipe), m.MadeAt.Format(time.DateOnly))
	}
	return w.Flush()
}

// star marks the model that drafts.
func star(drafts bool) string {
	if drafts {
		return "* "
	}
	return "  "
}
