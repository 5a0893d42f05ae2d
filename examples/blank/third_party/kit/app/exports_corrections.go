package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/line"
)

func (c Config) exportCorrectionsCommand() *cli.Command {
	return &cli.Command{
		Name: "corrections", Usage: "make training data of what people let out beside what was drafted",
		Description: "Writes a new folder: train, validation and test with the prompt as a model sees it and the answer that a person let out,\n" +
			"manifest.json that says of each who decided and which model drafted, and README.md, a dataset card. Cases of one group, and\n" +
			"those of the same text, are in one part. Left out are canaries, cases that passed with a lot and nobody looked at, and reviews\n" +
			"that were filled in blind; dpo also leaves out drafts that were right. Fields marked private are replaced by names such as\n" +
			"[COMPANY_1], in the answer and wherever they stand in the text.",
		Flags: shared(append(trainingFlags("replace training data that are in the folder already"), jsonFlag(),
			&cli.StringFlag{Name: "format", Value: "chat", Usage: "`FORM` of the examples: sft, chat, dpo, alpaca, sharegpt or csv"},
			outFlag("`FOLDER` to make"))...),
		Action: c.exportCorrections,
	}
}

// trainingFlags say what goes into training data; force says what --force does.
func trainingFlags(force string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "group", Value: export.ByCase, Usage: "what stays in one part: case, from (who brought it in), or the path of a `FIELD`"},
		&cli.StringFlag{Name: "split", Value: "80/10/10", Usage: "`SHARES` of train, validation and test in per cent of the groups"},
		&cli.StringFlag{Name: "private", Usage: "`PATHS` to take out, with commas between, beside those that the schema marks private"},
		&cli.BoolFlag{Name: "force", Usage: force},
		&cli.BoolFlag{Name: "dev", Usage: "read prompts from the working folder"},
	}
}

func (c Config) exportCorrections(cc *cli.Context) error {
	if cc.String("out") == "" {
		return kit.Errorf(kit.Invalid, "export corrections: --out is missing").WithHint("export corrections --format %s --out FOLDER", cc.String("format"))
	}
	format, err := export.ParseTrainingFormat(cc.String("format"))
	if err != nil {
		return err
	}
	m, err := c.makeTraining(cc, format, cc.String("out"))
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(m)
	}
	fmt.Fprint(c.Out, wordsOfTraining(m, cc.String("out")))
	return nil
}

// makeTraining makes a folder of training data by the flags of trainingFlags.
// No model is opened: its server may be elsewhere.
func (c Config) makeTraining(cc *cli.Context, format export.TrainingFormat, folder string) (m export.Manifest, err error) {
	t, err := c.trainingOf(cc)
	if err != nil {
		return m, err
	}
	t.Format = format
	o := options(cc)
	o.Model = "baseline"
	err = c.withOptions(o, finds, 0, 0, func(ctx context.Context, _ *cli.Context, s *Service) error {
		m, err = t.Write(ctx, s.Runner, folder)
		return err
	})(cc)
	return m, err
}

// trainingOf reads the flags of trainingFlags.
func (c Config) trainingOf(cc *cli.Context) (export.Training, error) {
	t := export.Training{App: c.Name, Group: cc.String("group"), Force: cc.Bool("force")}
	for _, path := range strings.Split(cc.String("private"), ",") {
		if path = strings.TrimSpace(path); path != "" {
			t.Private = append(t.Private, path)
		}
	}
	var err error
	if t.Shares, err = shares(cc.String("split")); err != nil {
		return t, err
	}
	prompts, err := c.prompts(cc.Bool("dev"))
	if err != nil {
		return t, err
	}
	p := c.prompter(prompts)
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return t, err
	}
	t.Step, t.Schema, t.Prompt = p.step, p.flow.FirstSchema(), p.prompt
	if t.Schema == nil {
		return t, kit.Errorf(kit.Unsupported, "export corrections: the workflow does not begin with a draft")
	}
	return t, nil
}

// shares reads "80/10/10".
func shares(text string) (s export.Shares, err error) {
	n, err := fmt.Sscanf(text+"\n", "%d/%d/%d\n", &s.Train, &s.Validation, &s.Test)
	if err != nil || n != 3 {
		return s, kit.Errorf(kit.Invalid, "split the examples %q: it is not three numbers", text).WithHint("write for example 80/10/10")
	}
	return s, nil
}

// wordsOfTraining says what was made.
func wordsOfTraining(m export.Manifest, folder string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "wrote %d examples to %s: %d to train on, %d to validate, %d to test\n", m.Count(), folder,
		m.Counts[export.Train], m.Counts[export.Validation], m.Counts[export.Test])
	for _, why := range slices.Sorted(maps.Keys(m.LeftOut)) {
		fmt.Fprintf(&b, "left out %d: %s\n", m.LeftOut[why], why)
	}
	if len(m.Private) > 0 {
		fmt.Fprintf(&b, "taken out as private: %s\n", strings.Join(m.Private, ", "))
	}
	if m.Reworded > 0 {
		fmt.Fprintf(&b, "%d of the drafts were made with an older prompt: what stands in the examples is today's\n", m.Reworded)
	}
	return b.String()
}
