package export

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// TrainingFormat is a form of training data.
type TrainingFormat string

// The forms of training data, each as the documentation of its trainers has it.
const (
	SFT      TrainingFormat = "sft"      // prompt and completion as messages: TRL
	Chat     TrainingFormat = "chat"     // messages: TRL, Unsloth, Axolotl, LLaMA-Factory
	DPO      TrainingFormat = "dpo"      // prompt, chosen and rejected as messages: TRL
	Alpaca   TrainingFormat = "alpaca"   // instruction, input, output and system: LLaMA-Factory, Axolotl
	ShareGPT TrainingFormat = "sharegpt" // conversations: LLaMA-Factory, Axolotl, Unsloth
	Table    TrainingFormat = "csv"      // a row for each field, for people
)

// TrainingFormats lists every form.
var TrainingFormats = []TrainingFormat{SFT, Chat, DPO, Alpaca, ShareGPT, Table}

// ParseTrainingFormat reads a form; kit.Invalid for another word.
func ParseTrainingFormat(s string) (TrainingFormat, error) {
	f := TrainingFormat(strings.ToLower(s))
	if slices.Contains(TrainingFormats, f) {
		return f, nil
	}
	return "", kit.Errorf(kit.Invalid, "read format: none is called %q", s).WithHint("the formats are sft, chat, dpo, alpaca, sharegpt and csv")
}

// The groups that are no field.
const (
	ByCase = "case" // each case by itself
	ByFrom = "from" // all cases of who brought them in
)

// Corrector gives what people let out page by page, oldest decision first. A
// workflow's runner is one.
type Corrector interface {
	Corrections(ctx context.Context, after string, limit int) (workflow.Page[workflow.Correction], error)
}

// Training says how corrections become training data.
type Training struct {
	// App is what the service is called. Needed.
	App string

	// Format is the form of the examples. Needed.
	Format TrainingFormat

	// Step is the draft step that is learned, and Schema the shape of its
	// answer. Both needed.
	Step   string
	Schema *model.Schema

	// Prompt tells what a model of Step sees of an input. Needed but for Table.
	Prompt func(ctx context.Context, input json.RawMessage) (model.Rendered, error)

	// Group keeps cases together in one part: ByCase, ByFrom, or the path of a
	// field, by its approved value. Cases of the same text stay together
	// whatever the group. Defaults to ByCase.
	Group string

	// Private are paths that are taken out, beside those that Schema says.
	Private []string

	// Shares are the sizes of the parts. Defaults to 80, 10 and 10.
	Shares Shares

	// Force replaces training data that is in the folder already.
	Force bool
}

// check fills the defaults and fails with kit.Invalid for what cannot be.
func (t *Training) check() error {
	if t.Group == "" {
		t.Group = ByCase
	}
	if t.Shares == (Shares{}) {
		t.Shares = Shares{Train: 80, Validation: 10, Test: 10}
	}
	if err := t.Shares.check(); err != nil {
		return err
	}
	for _, path := range append([]string{t.Group}, t.Private...) {
		if path == t.Group && (path == ByCase || path == ByFrom) {
			continue
		}
		if !slices.ContainsFunc(t.Schema.Fields(), func(f model.FieldSpec) bool { return f.Path == path }) {
			return kit.Errorf(kit.Invalid, "export corrections: the draft has no field %q", path).WithHint("its fields are %s", t.paths())
		}
	}
	return nil
}

func (t *Training) paths() string {
	var all []string
	for _, f := range t.Schema.Fields() {
		all = append(all, f.Path)
	}
	return strings.Join(all, ", ")
}

// Write makes the folder: the examples in train.jsonl, validation.jsonl and
// test.jsonl (.csv for Table), manifest.json, and a README.md that says what
// they are; for LLaMA-Factory also dataset_info.json. A part without examples
// has no file. The same corrections make the same bytes, and memory stays small
// however many there are.
//
// What nobody looked at, what was filled in blind, and what does not fit the
// schema any more is left out; the manifest counts it. The folder appears whole
// or not at all: kit.Conflict when it holds something and Force is not set, or
// holds anything but training data. kit.Invalid when no example is left.
func (t Training) Write(ctx context.Context, c Corrector, folder string) (m Manifest, err error) {
	if err := t.check(); err != nil {
		return m, err
	}
	err = newFolder(folder, t.Force, func(dir string) error {
		m, err = t.fill(ctx, c, dir)
		return err
	})
	return m, err
}

// fill writes the files of dir: once over the corrections into a spool, and
// once over that, when it is known which part each example belongs to.
func (t Training) fill(ctx context.Context, c Corrector, dir string) (Manifest, error) {
	g, err := gather(ctx, t, c, dir)
	if err != nil {
		return Manifest{}, err
	}
	if len(g.kept) == 0 {
		return Manifest{}, kit.Errorf(kit.Invalid, "export corrections: there is none to learn from%s", g.why()).
			WithHint("review some cases first; `status` counts them")
	}
	w := newWriters(dir, t.Format)
	defer w.abandon()
	if err := g.write(w, t.Shares); err != nil {
		return Manifest{}, err
	}
	return w.finish(dir, t.manifest(g, w))
}
