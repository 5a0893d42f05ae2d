package eval

import (
	"math"
	"math/rand/v2"
	"sort"

	"github.com/tackhammer/tackhammer/kit"
)

// WholeCase is the path of a comparison by whole cases: those that are right in
// every field that has a goal and an answer.
const WholeCase = "whole case"

// Compared is one field of two models on the same cases.
type Compared struct {
	Path    string  `json:"path"`
	Measure string  `json:"measure"`
	Cases   int     `json:"cases"` // with an answer
	Paired  *Paired `json:"paired,omitempty"`
	Old     float64 `json:"old"` // the measure of each model
	New     float64 `json:"new"`

	// Difference is New less Old, which in truth is at least Low and at most
	// High, each at the goal's risk.
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`

	NoWorse bool `json:"no_worse"` // shown: not worse by the margin or more
	Better  bool `json:"better"`   // shown: better
	Worse   bool `json:"worse"`    // shown: worse
	Needed  int  `json:"needed"`   // cases that would show NoWorse if they went as these did; 0 where it is shown, or no number would
}

// Advice is what a Comparison comes to.
type Advice string

// The advices.
const (
	Switch    Advice = "switch"
	Keep      Advice = "keep"
	Undecided Advice = "undecided"
)

// Comparison is a new model held against today's.
type Comparison struct {
	Advice  Advice     `json:"advice"`
	Why     string     `json:"why"`
	Margin  float64    `json:"margin"`
	Smaller bool       `json:"smaller"`
	Needed  int        `json:"needed"` // cases that would decide it, if they went as these did; 0 where it is decided, or nobody knows
	Fields  []Compared `json:"fields"`
}

// Comparer compares a new model with today's on the cases that both have
// drafted. Its rule:
//
//   - Not worse: in every field, and by whole cases, it is shown at the goal's
//     confidence that the new model loses less than Margin (non-inferiority).
//     Without a margin no number of cases could ever show it; a margin of 0.02
//     says that two cases in a hundred are worth a smaller model.
//   - Switch to it if it is not worse, and also smaller; or if it is not worse,
//     shown to be better somewhere, and shown to be worse nowhere.
//   - Keep today's if the new one is not worse but neither smaller nor better,
//     or where it is shown to be worse, or loses the margin or more in what
//     was seen: further cases of that kind would not make it pass.
//   - Else it is undecided, and Needed says how many cases would decide it.
//
// Right and wrong are compared by McNemar's exact test (better, worse) and
// Tango's score test (not worse), other measures by a bootstrap of the pairs.
// Not worse must hold everywhere, each at the whole risk (an intersection-union
// test); better and worse somewhere share it (Bonferroni).
type Comparer struct {
	Goals   []Goal
	Kinds   map[string]Kind // Defaults to those that the answers can be read as
	Margin  float64         // Defaults to 0.02
	Smaller bool            // whether the new model is the smaller one
}

// Compare compares the drafts of two models, each in the order of the cases.
func (c Comparer) Compare(cases []Case, old, new []Draft) Comparison {
	if c.Margin <= 0 {
		c.Margin = 0.02
	}
	before, after := c.trial(cases, old), c.trial(cases, new)
	rows := len(c.Goals)
	whole := c.whole(before, after)
	if whole != nil {
		rows++
	}
	out := Comparison{Margin: c.Margin, Smaller: c.Smaller}
	for _, g := range c.Goals {
		risk := 1 - g.Confidence
		if g.counts() {
			out.Fields = append(out.Fields, c.shares(g, before.pairs(after, g), risk, rows))
		} else {
			out.Fields = append(out.Fields, c.measured(g, before, after, risk, rows))
		}
	}
	if whole != nil {
		out.Fields = append(out.Fields, c.shares(Goal{Path: WholeCase, Measure: "every field"}, *whole, c.risk(), rows))
	}
	out.judge()
	return out
}

func (c Comparer) trial(cases []Case, drafts []Draft) *Trial {
	t := NewTrial(c.Goals, c.Kinds, cases, 1)
	for i := range cases {
		t.seen[i], t.drafts[i] = true, drafts[i]
	}
	return t
}

// risk is that of the strictest goal.
func (c Comparer) risk() float64 {
	risk := 0.5
	for _, g := range c.Goals {
		risk = min(risk, 1-g.Confidence)
	}
	return risk
}

// pairs counts how two models fared in one field.
func (t *Trial) pairs(other *Trial, g Goal) (p Paired) {
	for i, c := range t.cases {
		if want := c.Answers[g.Path]; kit.Plain(want) != "" {
			p.Add(right(g.Measure, t.kinds[g.Path], want, t.drafts[i].Values[g.Path]),
				right(g.Measure, t.kinds[g.Path], want, other.drafts[i].Values[g.Path]))
		}
	}
	return p
}

// whole counts by whole cases, nil where that is no more than a field.
func (c Comparer) whole(before, after *Trial) *Paired {
	var goals []Goal
	for _, g := range c.Goals {
		if g.counts() {
			goals = append(goals, g)
		}
	}
	if len(goals) < 2 {
		return nil
	}
	p := &Paired{}
	for i := range before.cases {
		a, answered := before.allRight(i, goals)
		b, _ := after.allRight(i, goals)
		if answered {
			p.Add(a, b)
		}
	}
	return p
}

// allRight reports whether every field of a case is right, and whether any has
// an answer.
func (t *Trial) allRight(i int, goals []Goal) (all, answered bool) {
	all = true
	for _, g := range goals {
		want := t.cases[i].Answers[g.Path]
		if kit.Plain(want) == "" {
			continue
		}
		answered = true
		all = all && right(g.Measure, t.kinds[g.Path], want, t.drafts[i].Values[g.Path])
	}
	return all, answered
}

// shares compares what is right or wrong in each case.
func (c Comparer) shares(g Goal, p Paired, risk float64, rows int) Compared {
	n := p.N()
	out := Compared{Path: g.Path, Measure: g.Measure, Cases: n, Paired: &p, Difference: p.Difference(), Low: -1, High: 1}
	if n == 0 {
		return out
	}
	out.Old, out.New = float64(p.Both+p.OnlyOld)/float64(n), float64(p.Both+p.OnlyNew)/float64(n)
	out.Low = -leastMargin(float64(n), float64(p.OnlyOld), float64(p.OnlyNew), risk)
	out.High = leastMargin(float64(n), float64(p.OnlyNew), float64(p.OnlyOld), risk)
	out.NoWorse = p.PNoWorse(c.Margin) <= risk
	out.Better, out.Worse = p.PBetter() <= risk/float64(rows), p.PWorse() <= risk/float64(rows)
	if !out.NoWorse {
		out.Needed = neededPairs(p, c.Margin, risk)
	}
	return out
}

// leastMargin is the least margin by which the new model is shown not to be
// worse: the bound of the difference at that risk, turned around.
func leastMargin(n, onlyOld, onlyNew, risk float64) float64 {
	low, high := -1.0, 1.0
	for range 50 {
		if middle := (low + high) / 2; tango(n, onlyOld, onlyNew, middle) <= risk {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// neededPairs is how many cases that go as these did would show that the new
// model is not worse by the margin, 0 where no number would.
func neededPairs(p Paired, margin, risk float64) int {
	if p.N() == 0 || p.Difference() <= -margin {
		return 0
	}
	per := 1 / float64(p.N())
	n := sort.Search(mostNeeded, func(n int) bool {
		size := float64(n)
		return n > 0 && tango(size, float64(p.OnlyOld)*per*size, float64(p.OnlyNew)*per*size, margin) <= risk
	})
	if n == mostNeeded {
		return 0
	}
	return n
}

// measured compares a measure of all cases together, by drawing pairs.
func (c Comparer) measured(g Goal, before, after *Trial, risk float64, rows int) Compared {
	a, groups := before.ratings(g.Path)
	b, _ := after.ratings(g.Path)
	measure := measures[g.Measure]
	difference := func(confidence float64) Estimate {
		boot := Bootstrap{Rounds: 2000, Confidence: confidence, Rand: rand.New(rand.NewPCG(1, 1))}
		return boot.Estimate(groups, func(units []int) float64 { return measure(b.Units(units)) - measure(a.Units(units)) })
	}
	e, strict := difference(1-2*risk), difference(1-2*risk/float64(rows))
	return Compared{
		Path: g.Path, Measure: g.Measure, Cases: len(groups), Old: known(measure(a)), New: known(measure(b)),
		Difference: known(e.Value), Low: known(max(e.Low, -2)), High: known(e.High),
		NoWorse: e.Known() && e.Low > -c.Margin, Better: strict.Low > 0, Worse: strict.High < 0,
		Needed: neededDraws(e, c.Margin),
	}
}

// neededDraws is how many cases would show the same, the interval narrowing by
// the root of their number.
func neededDraws(e Estimate, margin float64) int {
	room := e.Value + margin
	if !e.Known() || e.Low > -margin || room <= 0 {
		return 0
	}
	return int(math.Ceil(float64(e.Units) * math.Pow((e.Value-e.Low)/room, 2)))
}

// judge applies the rule.
func (c *Comparison) judge() {
	noWorse, better, worse, lost := true, "", "", ""
	for _, f := range c.Fields {
		noWorse = noWorse && f.NoWorse
		if f.Better {
			better = f.Path
		}
		if f.Worse {
			worse = f.Path
		}
		if !f.NoWorse && (f.Worse || f.Difference <= -c.Margin) {
			lost = f.Path
		}
		c.Needed = max(c.Needed, f.Needed)
	}
	switch {
	case noWorse && c.Smaller:
		c.Advice, c.Why = Switch, "it is smaller, and not worse by the margin"
	case noWorse && better != "" && worse == "":
		c.Advice, c.Why = Switch, "it is better in "+better+", and nowhere worse by the margin"
	case noWorse && worse != "":
		c.Advice, c.Why = Keep, "it is not smaller, and a little worse in "+worse
	case noWorse:
		c.Advice, c.Why = Keep, "it is not worse by the margin, but neither smaller nor better"
	case lost != "":
		c.Advice, c.Why = Keep, "it is worse in "+lost
	default:
		c.Advice, c.Why = Undecided, "too few cases tell the two apart"
		return
	}
	c.Needed = 0
}
