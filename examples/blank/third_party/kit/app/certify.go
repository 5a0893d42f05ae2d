package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
)

func (c Config) certifyCommand() *cli.Command {
	return &cli.Command{
		Name: "certify", Usage: "find the bar from which on drafts may pass in lots, and store it",
		Description: "Drafts each labelled case and makes two things of them. First a calibration: what the model says of its own\n" +
			"values becomes the probability that they are right; it is made from about two thirds of the cases. Then a\n" +
			"bar: on the other third, which neither a model nor the calibration has seen, thresholds on the least sure\n" +
			"field are tried from strict to loose, and the last one is kept at which few enough cases are wrong (Learn\n" +
			"then Test: if no threshold were that good, one is kept with the chance 1 - confidence at most). A case is\n" +
			"right when each field with a known answer is. What is marked for a closer look passes no bar.\n\n" +
			"The bar holds for this model, prompt, schema, server and calibration; it is void as soon as drafts are made by\n" +
			"another. It ends with 4 where no threshold keeps the promise, and says how many labels would do.",
		Flags: shared(append(labelFlags(), jsonFlag(),
			&cli.Float64Flag{Name: "error", Value: 0.02, Usage: "at most this `SHARE` of the cases that pass is wrong"},
			&cli.Float64Flag{Name: "confidence", Value: 0.95, Usage: "how sure that is to be, below 1"},
			&cli.StringFlag{Name: "by", Usage: "`EMAIL` of the lead or admin who certifies; needed unless --dry-run"},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be certified, and store nothing"},
			&cli.IntFlag{Name: "parallel", Value: 4, Usage: "how many drafts to make at a time; at most nail.yaml's slots of a server"})...),
		Action: c.with(finds, 0, 0, c.certify),
	}
}

func (c Config) certify(ctx context.Context, cc *cli.Context, s *Service) error {
	p := promise{Error: cc.Float64("error"), Confidence: cc.Float64("confidence")}
	if err := p.check(); err != nil {
		return err
	}
	by, err := c.certifier(ctx, cc, s)
	if err != nil {
		return err
	}
	cert, err := c.certificate(ctx, cc, s, p)
	if err != nil {
		return err
	}
	if cert.Passes && !cc.Bool("dry-run") {
		if err := cert.store(ctx, s, by); err != nil {
			return err
		}
	}
	if cc.Bool("json") {
		err = c.printJSON(cert)
	} else {
		err = c.printCertificate(cert, cc.Bool("dry-run"))
	}
	if err == nil && !cert.Passes {
		err = cert.short()
	}
	if err == nil && s.Nail.Review.Lots.Size <= 0 {
		fmt.Fprintln(c.Err, "nail.yaml lets nothing pass in lots: the bar is for when review.lots does")
	}
	return err
}

// certifier is the person who certifies, who must be lead or admin; nobody is
// needed for a dry run.
func (c Config) certifier(ctx context.Context, cc *cli.Context, s *Service) (auth.User, error) {
	email := cc.String("by")
	if email == "" && cc.Bool("dry-run") {
		return auth.User{}, nil
	}
	if email == "" {
		return auth.User{}, kit.Errorf(kit.Invalid, "certify: nobody is named who certifies").
			WithHint("name a lead or an admin with --by EMAIL, or only look with --dry-run")
	}
	by, err := s.Accounts.ByEmail(ctx, email)
	if err != nil {
		return by, c.nobody(err)
	}
	if !by.MayLead() {
		return by, kit.Errorf(kit.Forbidden, "certify: %s is neither lead nor admin", by.Name).WithHint("%s user role changes that", c.Name)
	}
	return by, nil
}

// certificate drafts the labelled cases that the model was not made from, and
// tries thresholds on them.
func (c Config) certificate(ctx context.Context, cc *cli.Context, s *Service, p promise) (certificate, error) {
	o := options(cc)
	d, err := c.drafting(ctx, o, s.Nail, cmp.Or(o.Model, s.Nail.Model), how{parallel: cc.Int("parallel"), silent: cc.Bool("json")})
	if err != nil {
		return certificate{}, err
	}
	l, err := c.judgeable(ctx, cc, s.Nail, d)
	if err != nil {
		return certificate{}, err
	}
	drafts, err := d.all(ctx, l.Cases)
	if err != nil {
		return certificate{}, err
	}
	fit, err := d.fit(drafts)
	if err != nil {
		return certificate{}, err
	}
	kinds := kinds(d.Schema)
	cases := make([]known, len(drafts))
	for i, made := range drafts {
		if made.Lost {
			return certificate{}, kit.Errorf(kit.Unavailable, "certify: no draft of %s: %s", l.Cases[i].Name, made.Err).
				WithHint("run it again when the model's server answers; what was drafted is kept")
		}
		cases[i] = knownOf(l.Cases[i], made, kinds)
	}
	return certify(p, d.Model.Name, fit, cases)
}

// fit is what the drafts are of. A model that changed in between is kit.Conflict.
func (d *drafting) fit(drafts []drafted) (model.Fit, error) {
	fit := model.Fit{Step: d.workflow.Steps()[0].Name, Digest: d.Model.Digest, Prompt: d.Prompt, Schema: d.Schema.Hash(), Server: d.Model.Server}
	for _, made := range drafts {
		if made.Err == "" && (made.Model.Digest != fit.Digest || made.Prompt != fit.Prompt || made.Model.Server != fit.Server) {
			return fit, kit.Errorf(kit.Conflict, "certify: the model, its prompt or its server changed while the cases were drafted").
				WithHint("run it again")
		}
	}
	return fit, nil
}

// store stores the calibration and the bar.
func (c *certificate) store(ctx context.Context, s *Service, by auth.User) error {
	if _, err := s.Runner.Calibrate(ctx, by, c.Bar.Model.Name, c.calibration); err != nil {
		return err
	}
	bar, err := s.Runner.Certify(ctx, by, c.Bar)
	c.Bar = bar
	return err
}

// short says that nothing passes, and what would do.
func (c certificate) short() error {
	var each []string
	for _, wrong := range slices.Sorted(maps.Keys(c.Needs)) {
		each = append(each, fmt.Sprintf("%d with %s wrong", c.Needs[wrong], wrong))
	}
	hint := "of cases that pass it takes " + strings.Join(each, ", ")
	switch {
	case c.Labels > 0:
		hint += fmt.Sprintf("; with as few wrong as now, about %d labelled cases in all", c.Labels)
	case len(c.Tried) > 0 && c.Tried[0].Wrong > 0:
		hint += "; more labels let a stricter bar be tried, and a larger --error or a better model lets more pass"
	}
	return kit.Errorf(kit.BelowBar, "certify: no threshold keeps at most %s wrong at %s", percent(c.Error), percent(c.Confidence)).WithHint("%s", hint)
}

// printCertificate says what was certified, and what was tried.
func (c Config) printCertificate(cert certificate, dry bool) error {
	fmt.Fprintf(c.Out, "%s, step %s: calibrated on %d labelled cases, certified on %d others\n", cert.Bar.Model.Name, cert.Bar.Step, cert.CalibratedOn, cert.CertifiedOn)
	if cert.LeftOut > 0 {
		fmt.Fprintf(c.Out, "%d cases left out: their answers name no field of the draft\n", cert.LeftOut)
	}
	if b := cert.Brier; b != nil {
		fmt.Fprintf(c.Out, "confidence of single fields (Brier, 0 is best): %.3f by the model's own word, %.3f calibrated\n", b.Own, b.Calibrated)
	}
	if len(cert.Tried) > 0 {
		if err := c.printTried(cert.Tried, cert.CertifiedOn, cert.delta()); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.Out, "\n%s\n", cert.Words)
	switch {
	case cert.Passes && dry:
		fmt.Fprintln(c.Out, "nothing was stored")
	case cert.Passes:
		fmt.Fprintf(c.Out, "stored as bar %s; it holds for this model, prompt, schema, server and calibration\n", cert.Bar.ID)
	}
	return nil
}

// printTried is the table of thresholds, strict to loose.
func (c Config) printTried(tried []eval.Threshold, of int, delta float64) error {
	fmt.Fprintln(c.Out)
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "threshold\tpass\tshare\twrong\tchance if too bad\t\t")
	for _, t := range tried {
		mark := "certified"
		if t.Passed == 0 || t.P > delta {
			mark = "not: the search ends"
		}
		fmt.Fprintf(w, "%.4f\t%d\t%s\t%d\t%.4f\t%s\t\n", t.Value, t.Passed, percent(float64(t.Passed)/float64(max(of, 1))), t.Wrong, t.P, mark)
	}
	return w.Flush()
}
