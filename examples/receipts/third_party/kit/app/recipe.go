package app

import (
	"embed"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/whole"
)

//go:embed recipes
var recipeFiles embed.FS

// trainer is a program that people fine-tune with.
type trainer struct {
	Format   export.TrainingFormat // of the data that its recipe reads
	Packages string                // that are installed, each in the version that the recipe was written for
	files    []string              // of its folder in recipes
}

// llamaCPP is the release whose converter the recipes name.
const llamaCPP = "b6736"

// trainers are those that there is a recipe for.
var trainers = map[string]trainer{
	"trl": {export.SFT, "trl==0.24.0 transformers==4.56.2 peft==0.17.1 bitsandbytes==0.48.1 datasets==4.3.0 accelerate==1.10.1", []string{"sft.yaml", "merge.py"}},
	"llamafactory": {export.ShareGPT, "llamafactory==0.9.3 bitsandbytes==0.45.5",
		[]string{"train.yaml", "merge.yaml"}},
	"unsloth": {export.Chat, "unsloth==2025.10.10 unsloth_zoo==2025.10.10 trl==0.23.0 datasets==4.3.0", []string{"train.py"}},
	"axolotl": {export.Chat, "axolotl==0.12.1 torch==2.8.0", []string{"train.yaml"}},
}

// recipe is what the files of a trainer are filled with.
type recipe struct {
	App        string
	Trainer    string
	Packages   string
	Base       string
	Template   string         // LLaMA-Factory's word for the chat template of Base
	Sequence   int            // tokens
	Longest    int            // tokens of the longest example, as estimated
	Micro      int            // examples at a time
	Accumulate int            // steps before the weights move
	Validates  bool           // there is a validation part
	Counts     map[string]int // examples, by part
	LlamaCPP   string
}

// The bounds of a recipe for one GPU of 24 GB.
const (
	batch       = 16   // examples before the weights move
	atATime     = 8192 // tokens that a 4-bit model of up to 8 billion weights takes at a time
	mostTokens  = 8192
	leastTokens = 512
	chatMarks   = 64 // tokens of a chat template, about
)

// defaultBase is small, speaks English and Chinese, and may be used for business.
const defaultBase = "Qwen/Qwen2.5-1.5B-Instruct"

// recipeFlags are those of `train --recipe`.
func recipeFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "recipe", Usage: "write a recipe and its data into the new folder --out instead, for `TRAINER`: trl, llamafactory, unsloth or axolotl"},
		&cli.StringFlag{Name: "base", Value: defaultBase, Usage: "`MODEL` of Hugging Face that the recipe starts from"},
	}, trainingFlags("replace a model that was made of more cases; with --recipe, what is in the folder already")...)
}

// writeRecipe makes a folder with training data in data and beside them what a
// trainer needs to learn from them.
func (c Config) writeRecipe(cc *cli.Context) error {
	name, out := cc.String("recipe"), cc.String("out")
	t, ok := trainers[name]
	if !ok {
		return kit.Errorf(kit.Invalid, "write a recipe: there is none for %q", name).
			WithHint("the trainers are %s", strings.Join(slices.Sorted(maps.Keys(trainers)), ", "))
	}
	if out == "" {
		return kit.Errorf(kit.Invalid, "write a recipe: --out is missing").WithHint("train --recipe %s --out FOLDER", name)
	}
	if inside, err := os.ReadDir(out); err == nil && len(inside) > 0 && !cc.Bool("force") {
		return kit.Errorf(kit.Conflict, "write a recipe: %s holds something already", out).WithHint("name a new folder, or replace what is there with --force")
	}
	m, err := c.makeTraining(cc, t.Format, filepath.Join(out, "data"))
	if err != nil {
		return err
	}
	r := recipeOf(c.Name, name, cc.String("base"), m)
	if err := r.write(out, t.files); err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(m)
	}
	fmt.Fprint(c.Out, wordsOfTraining(m, filepath.Join(out, "data")))
	fmt.Fprintf(c.Out, "%s says how to train %s on one GPU of 24 GB, and what to do with the result\n", filepath.Join(out, "README.md"), r.Base)
	return nil
}

// recipeOf fits a recipe to the data.
func recipeOf(app, name, base string, m export.Manifest) recipe {
	need := m.Length.Tokens + chatMarks
	r := recipe{App: app, Trainer: name, Packages: trainers[name].Packages, Base: base, Template: templateOf(base), Longest: m.Length.Tokens,
		Counts: map[string]int{}, Validates: m.Counts[export.Validation] > 0, LlamaCPP: llamaCPP}
	for _, p := range export.Parts {
		r.Counts[string(p)] = m.Counts[p]
	}
	r.Sequence = min(mostTokens, max(leastTokens, (need+255)/256*256))
	for r.Micro = 1; r.Micro < 8 && 2*r.Micro*r.Sequence <= atATime; r.Micro *= 2 {
	}
	r.Accumulate = batch / r.Micro
	return r
}

// Cut reports whether the longest example may not fit.
func (r recipe) Cut() bool { return r.Longest+chatMarks > r.Sequence }

// templateOf is LLaMA-Factory's word for the chat template of a model.
func templateOf(base string) string {
	name := strings.ToLower(base)
	for _, t := range [][2]string{{"qwen3", "qwen3"}, {"qwen", "qwen"}, {"llama-3", "llama3"}, {"gemma-3", "gemma3"}, {"gemma", "gemma"},
		{"phi-4", "phi4"}, {"mistral", "mistral"}} {
		if strings.Contains(name, t[0]) {
			return t[1]
		}
	}
	return "default"
}

// write fills the trainer's files, and the README.
func (r recipe) write(out string, files []string) error {
	for _, name := range append(slices.Clone(files), "README.md") {
		from := "recipes/" + r.Trainer + "/" + name
		if name == "README.md" {
			from = "recipes/" + name
		}
		t, err := template.New(filepath.Base(from)).ParseFS(recipeFiles, from)
		if err != nil {
			return err
		}
		err = whole.Replace(filepath.Join(out, name), 0o600, func(w io.Writer) error { return t.Execute(w, r) })
		if err != nil {
			return kit.Errorf(kit.Invalid, "write %s: %w", filepath.Join(out, name), err)
		}
	}
	return nil
}
