package nail

import (
	"cmp"

	"github.com/goccy/go-yaml"
)

// fill sets the defaults.
func (g Goal) fill() Goal {
	g.Measure, g.Confidence = cmp.Or(g.Measure, "normalised"), cmp.Or(g.Confidence, 0.95)
	return g
}

// decodeGoal reads a goal of the file, whose kind was checked before.
func decodeGoal(g *Goal, raw []byte) error {
	if yaml.Unmarshal(raw, &g.Threshold) == nil {
		return nil
	}
	type keys Goal
	return yaml.Unmarshal(raw, (*keys)(g))
}

// goalMeasures are what a goal may be about: shares, and the agreement of the
// draft with the answer.
var goalMeasures = []string{"exact", "normalised", "within_one", "kappa", "weighted_kappa",
	"alpha_nominal", "alpha_ordinal", "alpha_interval", "pearson"}
