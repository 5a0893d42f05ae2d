package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model/learned"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func (c Config) trainCommand() *cli.Command {
	return &cli.Command{
		Name: "train", Usage: "learn from labelled cases to draft better than the rules",
		Description: "Trains a small model, in seconds and with no GPU, that chooses among what the app's rules see in a\n" +
			"document, and judges it beside them: five times it learns from four fifths of the cases and drafts the\n" +
			"others. It writes learned.json into --data, with both figures in it; one that was made of more cases it\n" +
			"replaces with --force alone. The model \"learned\" (--model, or nail.yaml) drafts by it where it beats\n" +
			"the rules: more fields are right, and none with a bar is shown to be worse. Else, and once the rules\n" +
			"are changed, the rules go on drafting.\n\n" +
			"Of the folder --cases it learns from every file; of nail.yaml's own labelled data, and of what people\n" +
			"decided, from the half that models are never measured on. `eval --model learned` leaves out what it\n" +
			"learned from.\n\n" +
			"With --recipe it trains nothing: it writes a folder with the decided cases as training data, the\n" +
			"trainer's configuration for one GPU, and a README.md with the commands.",
		Flags: shared(append(append(labelFlags(), jsonFlag(),
			&cli.StringFlag{Name: "out", Usage: "`FILE` to write, with --recipe the folder; learned.json in --data otherwise"},
			&cli.BoolFlag{Name: "dry-run", Usage: "learn and judge, and write nothing"}), recipeFlags()...)...),
		Action: c.train,
	}
}

// trained is what came of a training.
type trained struct {
	File    string        `json:"file,omitempty"` // where it was written
	Model   kit.ModelInfo `json:"model"`
	Cases   int           `json:"cases"`    // that it learned from
	LeftOut int           `json:"left_out"` // that it did not: see train's help
	Seconds float64       `json:"seconds"`  // that the training took, without the trial
	Trial   trial         `json:"trial"`
}

func (c Config) train(cc *cli.Context) error {
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return err
	}
	if cc.String("recipe") != "" {
		return c.writeRecipe(cc)
	}
	n, err := c.nail(cc.String("nail"))
	if err != nil {
		return err
	}
	to, err := c.learning()
	if err != nil {
		return err
	}
	l, err := c.labels(cc.Context, cc, n)
	if err != nil {
		return err
	}
	c.tellLabels(l)
	ls, left := toLearnFrom(l.Cases, cc.String("cases") != "")
	file := cmp.Or(cc.String("out"), filepath.Join(cc.String("data"), learnedFile))
	if write := !cc.Bool("dry-run"); write && !cc.Bool("force") {
		if err := keepsMore(file, len(ls)); err != nil {
			return err
		}
	}
	out, m, err := c.learn(cc.Context, to, ls, n, cc.Bool("json"))
	if err != nil {
		return err
	}
	out.LeftOut = left
	if !cc.Bool("dry-run") {
		out.File = file
		if err := writeLearned(out.File, cc.String("out") == "", m); err != nil {
			return err
		}
	}
	if cc.Bool("json") {
		return c.printJSON(out)
	}
	return c.printTrained(out)
}

// toLearnFrom leaves out the cases that models are measured on, those that were
// filled in blind among them, and what could not be read. Files that were named
// are all taken.
func toLearnFrom(all []labelled, named bool) (ls []labelled, left int) {
	for _, l := range all {
		file := l.Correction == nil
		if l.Unread != nil || !(file && named) && eval.Split(l.Hash) != eval.Train || !file && l.Correction.Blind {
			left++
			continue
		}
		ls = append(ls, l)
	}
	return ls, left
}

// learn judges models beside the rules, and makes one of all the cases.
func (c Config) learn(ctx context.Context, to learned.Config, ls []labelled, n nail.Nail, silent bool) (out trained, m *learned.Model, err error) {
	if out.Trial, err = c.try(ctx, to, ls, n, silent); err != nil {
		return out, nil, err
	}
	began := time.Now()
	if m, err = c.trainOn(ctx, to, ls); err != nil {
		return out, nil, err
	}
	out.Seconds, out.Cases = time.Since(began).Seconds(), m.Cases()
	if err := m.Stamp(kit.Now(), out.Trial); err != nil {
		return out, nil, err
	}
	out.Model, err = m.Info(ctx)
	return out, m, err
}

// keepsMore fails with kit.Conflict where the file holds a model that was made
// of more cases. What is no model is no loss, and a file that cannot be read is
// told when it is written.
func keepsMore(path string, cases int) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var there struct {
		Cases int `json:"cases"`
	}
	if json.Unmarshal(raw, &there) != nil || there.Cases <= cases {
		return nil
	}
	return kit.Errorf(kit.Conflict, "train: %s learned from %s, and this would be from %d", path, count(there.Cases, "case"), cases).
		WithHint("replace it with --force, or write to another file with --out FILE")
}

// writeLearned writes the file whole or not at all. The data folder is made.
func writeLearned(path string, make bool, m *learned.Model) error {
	if make {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return kit.Errorf(kit.Invalid, "make the data folder: %w", err).WithHint("name another with --data FOLDER")
		}
	}
	return writeFile(path, func(w io.Writer) error {
		_, err := w.Write(m.JSON())
		return err
	})
}

// printTrained shows how the model did beside the rules.
func (c Config) printTrained(t trained) error {
	fmt.Fprintf(c.Out, "learned from %s in %.1f s", count(t.Cases, "case"), t.Seconds)
	if t.LeftOut > 0 {
		fmt.Fprintf(c.Out, "; %s left to measure on", isOrAre(t.LeftOut))
	}
	fmt.Fprintf(c.Out, "\n\nright, normalised, on %d cases that it had not seen (in %d parts):\n", t.Trial.Cases, t.Trial.Folds)
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "field\tcases\trules\tlearned\tp\t")
	for _, f := range t.Trial.Fields {
		words := ""
		if f.Worse {
			words = "worse"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%.2f\t%s\n", f.Path, f.N, shareWords(float64(f.Rules)/float64(f.N)), shareWords(float64(f.Learned)/float64(f.N)), f.P, words)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "\n%s\n", c.conclusion(t))
	return nil
}

// isOrAre is a number with its verb.
func isOrAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// conclusion says who drafts from now on.
func (c Config) conclusion(t trained) string {
	words := "the rules go on drafting, whoever nail.yaml names: " + t.Trial.Why
	if t.Trial.Beats {
		words = "it beats the rules: " + t.Trial.Why + ";\nwith `model: learned` in nail.yaml it drafts, once serve is started anew"
	}
	if t.File == "" {
		return words + "\nnothing was written"
	}
	return words + "\nwrote " + t.File
}
