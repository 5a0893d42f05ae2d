package model

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// Fit is what a calibration, and a bar certified by it, hold for: drafts of
// another step, model, prompt, schema or server say other things of themselves.
type Fit struct {
	Step   string `json:"step"`
	Digest string `json:"model_digest"`
	Prompt string `json:"prompt_hash"`
	Schema string `json:"schema_hash"`
	Server string `json:"server"`
}

// CalibrationVersion is that of the features of Features. A calibration of
// another version is none.
const CalibrationVersion = 1

// Calibration turns what a draft says of its fields into the probability that a
// person would let the value stand: a logistic model of Features for each path,
// and one of all paths together for those that had too few labels.
type Calibration struct {
	Version int              `json:"version"` // CalibrationVersion
	For     Fit              `json:"for"`
	Labels  int              `json:"labels"` // fields with a known answer that it was made from
	Paths   map[string]Curve `json:"paths,omitempty"`
	Pooled  Curve            `json:"pooled"`
}

// Curve is one logistic model: 1 / (1 + exp(-(Bias + Weights·Features))).
type Curve struct {
	Bias    float64   `json:"bias"`
	Weights []float64 `json:"weights"` // as many as there are Features
	Labels  int       `json:"labels"`
}

// Features are the signs of a drafted field as numbers, always as many: the
// logit of the raw confidence, mean, least and tenth percentile of its tokens'
// log-probabilities, the margin to a runner-up, what an enum bars, how far
// further samples agree, and then 1 or 0 for each of: the log-probabilities are
// known, the margin is known, samples were drawn, the value is null, it is not
// found, repaired, retried.
func Features(f kit.Field) []float64 {
	s := kit.Signs{Raw: f.Confidence, Margin: -1}
	if f.Signs != nil {
		s = *f.Signs
	}
	return []float64{
		logit(s.Raw), s.Mean, s.Min, s.P10, min(max(0, s.Margin), 5), s.Barred, s.Agree,
		one(s.Tokens > 0), one(s.Margin >= 0), one(s.Agree > 0), one(string(f.Value) == "null"),
		one(marked(f, kit.MarkNotFound)), one(marked(f, kit.MarkRepaired)), one(marked(f, kit.MarkRetried)),
	}
}

// logit is the logarithm of the odds, of a probability kept from 0 and 1.
func logit(p float64) float64 {
	p = min(0.999, max(0.001, p))
	return math.Log(p / (1 - p))
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func marked(f kit.Field, m kit.Mark) bool { return slices.Contains(f.Marks, m) }

// Confidence is the calibrated probability of a drafted field. A field that is
// invalid, missing or to be filled in by hand has 0, and one that a person set 1,
// as before.
func (c Calibration) Confidence(f kit.Field) float64 {
	switch {
	case marked(f, kit.MarkSet):
		return f.Confidence
	case marked(f, kit.MarkInvalid), marked(f, kit.MarkMissing), marked(f, kit.MarkByHand):
		return 0
	}
	curve, ok := c.Paths[f.Path]
	if !ok {
		curve = c.Pooled
	}
	z := curve.Bias
	for i, x := range Features(f) {
		if i < len(curve.Weights) {
			z += curve.Weights[i] * x
		}
	}
	return 1 / (1 + math.Exp(-z))
}

// Apply returns fields with their calibrated confidence. Signs.Raw keeps the
// model's own.
func (c Calibration) Apply(fields []kit.Field) []kit.Field {
	out := make([]kit.Field, len(fields))
	for i, f := range fields {
		signs := kit.Signs{Raw: f.Confidence, Margin: -1}
		if f.Signs != nil {
			signs = *f.Signs
		}
		f.Signs, f.Confidence = &signs, c.Confidence(f)
		out[i] = f
	}
	return out
}

// JSON is the calibration as it is stored: the same one always has the same
// bytes.
func (c Calibration) JSON() []byte {
	raw, _ := json.Marshal(c) // finite numbers and texts: see ParseCalibration
	return raw
}

// Hash is the hex SHA-256 of its JSON. Drafts note by which they were
// calibrated.
func (c Calibration) Hash() string { return kit.Hash(c.JSON()) }

// ParseCalibration reads a stored calibration. It fails with kit.Unsupported for
// one of another version, and with kit.Invalid for what is none.
func ParseCalibration(raw []byte) (*Calibration, error) {
	var c Calibration
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, kit.Errorf(kit.Invalid, "read a calibration: %w", err)
	}
	if c.Version != CalibrationVersion {
		return nil, kit.Errorf(kit.Unsupported, "read a calibration: it is of version %d, this program knows %d", c.Version, CalibrationVersion).
			WithHint("certify again")
	}
	return &c, nil
}

// Calibrator is a provider whose confidence is calibrated.
type Calibrator interface {
	// Calibration finds the one for such drafts; nil where there is none.
	Calibration(ctx context.Context, fit Fit) (*Calibration, error)
}

// Calibrated is a provider with a calibration for its drafts, which Find looks
// up anew for each of them. Info tells what the provider itself does.
type Calibrated struct {
	Provider
	Find func(ctx context.Context, fit Fit) (*Calibration, error)
}

// Calibration is what Find finds.
func (c Calibrated) Calibration(ctx context.Context, fit Fit) (*Calibration, error) {
	return c.Find(ctx, fit)
}

// Tries is what the provider says, or as many as where nobody says otherwise.
func (c Calibrated) Tries(task string) int {
	if l, ok := c.Provider.(TryLimiter); ok {
		return l.Tries(task)
	}
	return defaultTries
}
