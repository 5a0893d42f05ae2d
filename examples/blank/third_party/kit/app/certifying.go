package app

import (
	"fmt"
	"math"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// promise is what a bar is to keep.
type promise struct {
	Error      float64 `json:"error"`      // the share of wrong cases above it, at most
	Confidence float64 `json:"confidence"` // how sure that is
}

// check refuses a promise that cannot be meant.
func (p promise) check() error {
	if p.Error > 0 && p.Error < 1 && p.Confidence > 0.5 && p.Confidence < 1 {
		return nil
	}
	return kit.Errorf(kit.Invalid, "certify: at most %v wrong at %v confidence cannot be meant", p.Error, p.Confidence).
		WithHint("for example --error 0.02 --confidence 0.95")
}

func (p promise) delta() float64 { return 1 - p.Confidence }

// certificate is what labelled cases say of a bar for a model.
type certificate struct {
	promise
	Passes       bool              `json:"passes"` // a bar keeps the promise
	Bar          review.Bar        `json:"bar"`    // that one; else only what it would hold for
	Tried        []eval.Threshold  `json:"tried"`  // strict to loose
	CalibratedOn int               `json:"calibrated_on"`
	CertifiedOn  int               `json:"certified_on"`
	LeftOut      int               `json:"left_out"`         // labelled cases of which nothing is known
	Brier        *briers           `json:"brier,omitempty"`  // of single fields of the cases that it was certified on
	Needs        map[string]int    `json:"needs,omitempty"`  // of cases that pass, with so many wrong, where none passes
	Labels       int               `json:"labels,omitempty"` // labelled cases in all that would do, as far as can be told; 0 where it cannot
	Words        string            `json:"words"`
	calibration  model.Calibration // of the bar
}

// briers compare the model's own confidence with the calibrated one.
type briers struct {
	Own        float64 `json:"own"`
	Calibrated float64 `json:"calibrated"`
}

// certify makes a calibration from the cases of other parts and tries
// thresholds, which those fix as well, on the cases of the part for it.
func certify(p promise, name string, fit model.Fit, cases []known) (certificate, error) {
	c := certificate{promise: p, Bar: review.Bar{Step: fit.Step, Error: p.Error, Confidence: p.Confidence, Prompt: fit.Prompt,
		Schema: fit.Schema, Model: kit.ModelInfo{Name: name, Digest: fit.Digest, Server: fit.Server}}}
	var learn, test []known
	for _, k := range cases {
		switch {
		case len(k.right) == 0:
			c.LeftOut++
		case k.part == eval.Certify:
			test = append(test, k)
		default:
			learn = append(learn, k)
		}
	}
	c.CalibratedOn, c.CertifiedOn = len(learn), len(test)
	var err error
	if c.calibration, err = calibrate(fit, learn); err != nil {
		return c, err
	}
	c.Bar.Calibration = c.calibration.Hash()
	if own, by := brier(test, c.calibration); !math.IsNaN(own) {
		c.Brier = &briers{own, by}
	}
	grid := eval.Grid(outcomes(learn, c.calibration), len(test), p.Error, p.delta())
	best, ok, tried := eval.LearnThenTest(outcomes(test, c.calibration), grid, p.Error, p.delta())
	c.Tried = append([]eval.Threshold{}, tried...)
	if c.Passes = ok; ok {
		c.Bar.Threshold, c.Bar.Labels, c.Bar.Wrong = best.Value, best.Passed, best.Wrong
		c.Bar.Cases, c.Bar.Share = len(test), float64(best.Passed)/float64(len(test))
		c.Words = barSentence(c.Bar)
		return c, nil
	}
	c.tellShort()
	return c, nil
}

// barSentence says what a bar promises.
func barSentence(b review.Bar) string {
	pass := fmt.Sprintf("from a confidence of %.3f on", b.Threshold)
	labels := b.Labels
	if b.Cases > 0 {
		pass, labels = fmt.Sprintf("%.0f %% of cases pass", 100*b.Share), b.Cases
	}
	return fmt.Sprintf("at this bar %s, at most %s wrong, %s sure, from %d labels", pass, percent(b.Error), percent(b.Confidence), labels)
}

// tellShort says what is missing where nothing passes: how many cases that pass
// would do with few wrong ones, and about how many labelled ones that takes.
func (c *certificate) tellShort() {
	c.Needs = map[string]int{}
	for wrong := range 3 {
		c.Needs[fmt.Sprint(wrong)] = eval.LabelsFor(wrong, c.Error, c.delta())
	}
	if len(c.Tried) == 0 || c.Tried[0].Passed == 0 {
		c.Words = fmt.Sprintf("nothing passes: of %d labelled cases to certify on, none is sure enough to pass", c.CertifiedOn)
		return
	}
	t := c.Tried[0]
	c.Words = fmt.Sprintf("nothing passes: of %d labelled cases to certify on, %d pass the strictest bar, and %d of them are wrong", c.CertifiedOn, t.Passed, t.Wrong)
	c.Labels = labelsInAll(t, c.CertifiedOn, c.promise)
}

// mostLabels is where an estimate of labels ends.
const mostLabels = 1_000_000

// labelsInAll is about how many labelled cases certify the promise, if as many
// of them pass and are wrong as now; 0 where no number does.
func labelsInAll(t eval.Threshold, of int, p promise) int {
	wrong := float64(t.Wrong) / float64(t.Passed)
	if wrong >= p.Error {
		return 0
	}
	for n := eval.LabelsFor(0, p.Error, p.delta()); n < mostLabels; n += 1 + n/50 {
		if eval.BinomCDF(int(math.Ceil(wrong*float64(n))), n, p.Error) <= p.delta() {
			return int(math.Ceil(float64(n) * float64(of) / float64(t.Passed) / eval.Certify.Share()))
		}
	}
	return 0
}
