package nail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/tackhammer/tackhammer/kit"
)

// What a goal may be about: a share of cases, or the agreement of the draft
// with the answer.
var (
	shares     = []string{"exact", "normalised"}
	agreements = []string{"within_one", "kappa", "weighted_kappa", "alpha_nominal", "alpha_ordinal", "alpha_interval", "pearson"}
)

// goalKeys are the keys of a goal that is written as a group.
var goalKeys = map[string]kind{"measure": text, "threshold": number, "confidence": number}

// IsShare reports whether the goal is about a share of cases, "exact" or
// "normalised", for which intervals are those of a proportion.
func (g Goal) IsShare() bool { return slices.Contains(shares, g.Measure) }

// String is the goal as a table shows it: "95 %", "exact 95 %", "kappa 0.8".
func (g Goal) String() string {
	percent := strconv.FormatFloat(100*g.Threshold, 'f', 1, 64)
	percent = strings.TrimSuffix(percent, ".0") + " %"
	switch g.Measure {
	case "", "normalised":
		return percent
	case "exact":
		return "exact " + percent
	}
	return g.Measure + " " + strconv.FormatFloat(g.Threshold, 'g', -1, 64)
}

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

// walkGoal checks a goal: its threshold alone, or its keys.
func (r *reading) walkGoal(value ast.Node, path string) {
	entries, ok := value.(ast.MapNode)
	if !ok {
		if !number.accepts(value) {
			r.wrongKind(value, path, number) // the form that most people mean
		}
		return
	}
	found := false
	for it := entries.MapRange(); it.Next(); {
		name := keyOf(it.Key())
		k, known := goalKeys[name]
		if !known {
			r.add(where(it.Key()), path, unknownOfGoal(path, name))
			continue
		}
		found = found || name == "threshold"
		r.walkKnown(it.Key(), it.Value(), path+"."+name, k)
	}
	if !found && len(r.problems) == 0 {
		r.add(first(value), path+".threshold", path+".threshold is missing; write a share above 0 and at most 1, such as 0.95")
	}
}

// unknownOfGoal says what may stand there, to one who means a field of a field
// as well.
func unknownOfGoal(path, name string) string {
	known := slices.Sorted(maps.Keys(goalKeys))
	if best := kit.Closest(name, known); best != "" {
		return fmt.Sprintf("unknown key %q; did you mean %q?", path+"."+name, path+"."+best)
	}
	field := strings.TrimPrefix(path, "bar.") + "." + name
	return fmt.Sprintf("unknown key %q; known here: %s; for a field below a field write bar: {%s: 0.9}",
		path+"."+name, strings.Join(known, ", "), field)
}
