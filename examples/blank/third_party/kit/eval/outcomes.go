package eval

import (
	"encoding/json"
	"math"

	"github.com/tackhammer/tackhammer/kit"
)

// Judged is the outcome of one field of one case, or with Path "" of the case.
type Judged struct {
	Case       string  `json:"case"`
	Path       string  `json:"path,omitempty"`
	Confidence float64 `json:"confidence"`
	Barred     bool    `json:"barred,omitempty"`  // no threshold lets it pass: a sign asks for a closer look, or it is missing
	Missing    bool    `json:"missing,omitempty"` // there is no draft, and so no confidence
	Right      bool    `json:"right"`
}

// Outcome is what statistics take of it.
func (j Judged) Outcome() Outcome {
	return Outcome{Confidence: j.Confidence, Barred: j.Barred, Wrong: !j.Right}
}

// Of are those of a path, "" for the cases.
func Of(all []Judged, path string) (some []Judged) {
	for _, j := range all {
		if j.Path == path {
			some = append(some, j)
		}
	}
	return some
}

// reliabilityBins is into how many bins of equal mass a Calibration is cut.
const reliabilityBins = 10

// Calibration tells what confidences are worth.
type Calibration struct {
	N          int     // outcomes whose confidence is known
	Confidence float64 // mean
	Accuracy   float64 // share that is right
	Brier      float64
	ECE        float64 // over Bins
	AURC       float64
	ExcessAURC float64
	Bins       []Bin  // of equal mass, at most 10
	Curve      []Pass // risk and coverage
}

// CalibrationOf takes the measures of the drafts of a field, or of cases. Those
// that are missing count for AURC and the curve, as cases that never pass, and
// not for what needs a confidence. What has no outcome is NaN.
func CalibrationOf(all []Judged) Calibration {
	var every, sure []Outcome
	for _, j := range all {
		every = append(every, j.Outcome())
		if !j.Missing {
			sure = append(sure, j.Outcome())
		}
	}
	c := Calibration{N: len(sure), Brier: Brier(sure), AURC: AURC(every), ExcessAURC: ExcessAURC(every),
		Bins: EqualMass(sure, reliabilityBins), Curve: RiskCoverage(every), Confidence: math.NaN(), Accuracy: math.NaN()}
	c.ECE = ECE(c.Bins)
	if len(sure) > 0 {
		whole := bin(sure)
		c.Confidence, c.Accuracy = whole.Confidence, whole.Accuracy
	}
	return c
}

// MarshalJSON writes what cannot be told as null.
func (c Calibration) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		N          int      `json:"n"`
		Confidence *float64 `json:"confidence"`
		Accuracy   *float64 `json:"accuracy"`
		Brier      *float64 `json:"brier"`
		ECE        *float64 `json:"ece"`
		AURC       *float64 `json:"aurc"`
		ExcessAURC *float64 `json:"excess_aurc"`
		Bins       []Bin    `json:"bins"`
		Curve      []Pass   `json:"risk_coverage"`
	}{c.N, told(c.Confidence), told(c.Accuracy), told(c.Brier), told(c.ECE), told(c.AURC), told(c.ExcessAURC),
		append([]Bin{}, c.Bins...), append([]Pass{}, c.Curve...)})
}

// judge says of a field of a case how its draft came out. known is false where
// the draft does not say how sure it is.
func judge(c Case, r result, path string, kind Kind) (j Judged, known bool) {
	j = Judged{Case: c.Name, Path: path}
	if r.err != nil {
		j.Barred, j.Missing = true, true
		return j, true
	}
	j.Confidence, known = r.Confidence[path]
	j.Right = kind.Match(c.Answers[path], r.Values[path])
	return j, known
}

// judgeCase says how a case came out: right when each of paths that its answer
// has is, and as sure as the least sure field of the draft. known is false
// where no answer has one of paths, or no confidence is told.
func judgeCase(c Case, r result, paths []string, kinds map[string]Kind) (j Judged, known bool) {
	j = Judged{Case: c.Name, Barred: r.Marked, Right: true, Confidence: math.Inf(1)}
	answered := false
	for _, path := range paths {
		if kit.Plain(c.Answers[path]) == "" {
			continue
		}
		one, _ := judge(c, r, path, kinds[path])
		answered, j.Right = true, j.Right && one.Right
	}
	if r.err != nil {
		j.Confidence, j.Barred, j.Missing = 0, true, true
		return j, answered
	}
	for _, confidence := range r.Confidence {
		j.Confidence = min(j.Confidence, confidence)
	}
	return j, answered && !math.IsInf(j.Confidence, 1)
}
