package app

import (
	"maps"
	"math"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
)

const (
	ownLabels = 40 // from how many labels on a path has a calibration of its own
	ownOfEach = 5  // of those, how many must be right and how many wrong
	holdBack  = 1  // the penalty on weights of a calibration
)

// known is a labelled case beside what was drafted of it.
type known struct {
	part   eval.Part
	fields []kit.Field     // as drafted, with the model's own confidence
	right  map[string]bool // by path, for each field that the answer is known of
	barred bool            // no threshold lets it pass
}

// knownOf judges a draft. A file that leaves a field out or empty says nothing
// of it; of what a person decided on, each field is known.
func knownOf(l labelled, d drafted, kinds map[string]eval.Kind) known {
	k := known{part: eval.Split(l.Hash), right: map[string]bool{}, barred: d.Err != "" || d.GaveUp != "" || d.Draft.Marked}
	for _, f := range d.Fields {
		if f.Signs != nil {
			f.Confidence = f.Signs.Raw
		}
		k.fields = append(k.fields, f)
	}
	for path, kind := range kinds {
		answer, told := l.Answers[path]
		if l.Correction == nil && (!told || kit.Plain(answer) == "") {
			continue
		}
		k.right[path] = d.Err == "" && kind.Match(answer, d.Draft.Values[path])
	}
	return k
}

// outcome is what came of a case: wrong unless each field that is known is
// right, and as sure as its least sure field.
func (k known) outcome(c model.Calibration) eval.Outcome {
	o := eval.Outcome{Barred: k.barred || len(k.fields) == 0}
	for _, right := range k.right {
		o.Wrong = o.Wrong || !right
	}
	if !o.Barred {
		o.Confidence = 1
	}
	for _, f := range k.fields {
		o.Confidence = min(o.Confidence, c.Confidence(f))
	}
	return o
}

// outcomes are those of cases.
func outcomes(cases []known, c model.Calibration) []eval.Outcome {
	all := make([]eval.Outcome, len(cases))
	for i, k := range cases {
		all[i] = k.outcome(c)
	}
	return all
}

// examples are labelled fields as rows of features.
type examples struct {
	x     [][]float64
	right []bool
}

func (e *examples) add(f kit.Field, right bool) {
	e.x, e.right = append(e.x, model.Features(f)), append(e.right, right)
}

// enough reports whether a path has labels for a calibration of its own.
func (e *examples) enough() bool {
	right := 0
	for _, is := range e.right {
		if is {
			right++
		}
	}
	return len(e.right) >= ownLabels && right >= ownOfEach && len(e.right)-right >= ownOfEach
}

// calibrate makes a calibration of drafts from cases. Fields whose confidence
// their marks decide (invalid, missing, by hand) teach nothing. It fails with
// kit.Invalid where no field is left.
func calibrate(fit model.Fit, cases []known) (model.Calibration, error) {
	c := model.Calibration{Version: model.CalibrationVersion, For: fit, Paths: map[string]model.Curve{}}
	all, own := &examples{}, map[string]*examples{}
	for _, k := range cases {
		for _, f := range k.fields {
			right, told := k.right[f.Path]
			if !told || decidedByMarks(f) {
				continue
			}
			if own[f.Path] == nil {
				own[f.Path] = &examples{}
			}
			all.add(f, right)
			own[f.Path].add(f, right)
		}
	}
	if len(all.x) == 0 {
		return c, kit.Errorf(kit.Invalid, "calibrate: no drafted field has a known answer").WithHint("label some more cases")
	}
	c.Labels = len(all.x)
	var err error
	if c.Pooled, err = curve(all); err != nil {
		return c, err
	}
	for _, path := range slices.Sorted(maps.Keys(own)) {
		if !own[path].enough() {
			continue
		}
		if c.Paths[path], err = curve(own[path]); err != nil {
			return c, err
		}
	}
	return c, nil
}

// decidedByMarks reports whether no calibration changes a field's confidence.
func decidedByMarks(f kit.Field) bool {
	return slices.ContainsFunc(f.Marks, func(m kit.Mark) bool {
		return m == kit.MarkInvalid || m == kit.MarkMissing || m == kit.MarkByHand || m == kit.MarkSet
	})
}

func curve(e *examples) (model.Curve, error) {
	l, err := eval.FitLogistic(e.x, e.right, holdBack)
	return model.Curve{Bias: l.Bias, Weights: l.Weights, Labels: len(e.right)}, err
}

// brier is how far the confidence of single fields is from what came of them, by
// the model's own word and calibrated. Both are NaN where nothing is known.
func brier(cases []known, c model.Calibration) (raw, calibrated float64) {
	var own, by []eval.Outcome
	for _, k := range cases {
		for _, f := range k.fields {
			if right, told := k.right[f.Path]; told {
				own = append(own, eval.Outcome{Confidence: f.Confidence, Wrong: !right})
				by = append(by, eval.Outcome{Confidence: c.Confidence(f), Wrong: !right})
			}
		}
	}
	if len(own) == 0 {
		return math.NaN(), math.NaN()
	}
	return eval.Brier(own), eval.Brier(by)
}
