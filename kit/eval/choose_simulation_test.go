package eval_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tackhammer/tackhammer/kit/eval"
)

// outcomesOf is what candidates of some accuracies draft. Cases are hard for all of
// them or easy for all: a candidate of accuracy p is right where a number of
// the case, mixed with one of its own, is below p.
func outcomesOf(r *rand.Rand, cases int, accuracy [][]float64, fields []string) []outcome {
	all := make([]outcome, len(accuracy))
	for range cases {
		shared := map[string]float64{}
		for _, f := range fields {
			shared[f] = r.Float64()
		}
		for m := range all {
			row := map[string]bool{}
			for i, f := range fields {
				luck := shared[f]
				if r.IntN(2) == 0 {
					luck = r.Float64()
				}
				row[f] = luck < accuracy[m][i]
			}
			all[m] = append(all[m], row)
		}
	}
	return all
}

// texts saves asking what kind the answers are.
var texts = map[string]eval.Kind{"date": eval.Text, "total": eval.Text, "company": eval.Text, "address": eval.Text, "a": eval.Text, "b": eval.Text}

// configuration is a random bar and five candidates (rules, learned, three
// models), of which a larger one is better or as good.
func configuration(r *rand.Rand) (goals []eval.Goal, fields []string, accuracy [][]float64) {
	fields = []string{"date", "total", "company", "address"}[:1+r.IntN(4)]
	for _, f := range fields {
		goals = append(goals, eval.Goal{Path: f, Measure: "normalised", Threshold: 0.7 + 0.27*r.Float64(), Confidence: 0.95})
	}
	accuracy = make([][]float64, 5)
	at := make([]float64, len(fields))
	for i := range at {
		at[i] = 0.4 + 0.55*r.Float64()
	}
	for m := range accuracy {
		for i := range at {
			at[i] += (0.995 - at[i]) * 0.6 * r.Float64()
		}
		accuracy[m] = append([]float64(nil), at...)
	}
	return goals, fields, accuracy
}

// simulate runs the ladder on random configurations of 400 golden cases and
// counts its calls, those of the full grid, and the choices that differ.
func simulate(tb testing.TB, seed uint64, configurations int) (calls, all, differ, none int, worst float64) {
	r := rand.New(rand.NewPCG(seed, 4))
	for n := range configurations {
		goals, fields, accuracy := configuration(r)
		outcomes := outcomesOf(r, 400, accuracy, fields)
		var candidates []eval.Candidate
		for m, o := range outcomes {
			candidates = append(candidates, o.candidate(fmt.Sprint(m)))
		}
		got, err := eval.Ladder{Goals: goals, Kinds: texts, Seed: uint64(n)}.Choose(tb.Context(), candidates)
		if err != nil {
			tb.Fatal(err)
		}
		if got.Chosen != grid(goals, outcomes) {
			differ++
		}
		if got.Chosen < 0 {
			none++
		}
		calls, all = calls+got.Calls, all+got.Grid
		worst = max(worst, float64(got.Calls)/float64(got.Grid))
	}
	return calls, all, differ, none, worst
}

func TestTheLadderMakesFewerCallsThanTheFullGrid(t *testing.T) {
	calls, all, differ, none, worst := simulate(t, 1, 200)
	share := float64(calls) / float64(all)
	t.Logf("200 configurations of rules, learned and three models, 400 golden cases: %d calls, %.1f %% of the full grid's %d (%.1f %% at worst); "+
		"the same model as the full grid in %d of 200, in %d of them none", calls, 100*share, all, 100*worst, 200-differ, none)
	if differ > 0 || share > 0.60 {
		t.Errorf("%d choices differ, %.3f of the calls", differ, share)
	}
	if none < 5 || none > 150 {
		t.Errorf("none is chosen in %d of 200: the configurations say little", none)
	}
}

// A candidate that is a hair below the bar in truth, in one field of two, is
// chosen in no more trials than the goal's risk allows, though five try.
func TestWhoIsBelowTheBarIsSeldomChosen(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	goals := []eval.Goal{{Path: "a", Measure: "normalised", Threshold: 0.9, Confidence: 0.9}, {Path: "b", Measure: "normalised", Threshold: 0.8, Confidence: 0.9}}
	const trials = 1000
	broken, naive := 0, 0
	for n := range trials {
		accuracy := make([][]float64, 5)
		for m := range accuracy {
			accuracy[m] = []float64{0.8999, 0.95}
		}
		outcomes := outcomesOf(r, 150, accuracy, []string{"a", "b"})
		var candidates []eval.Candidate
		for m, o := range outcomes {
			candidates = append(candidates, o.candidate(fmt.Sprint(m)))
		}
		got, err := eval.Ladder{Goals: goals, Kinds: texts, Seed: uint64(n)}.Choose(t.Context(), candidates)
		if err != nil {
			t.Fatal(err)
		}
		if got.Chosen >= 0 {
			broken++
		}
		if anyReaches(goals, outcomes) {
			naive++
		}
	}
	t.Logf("candidates below the bar were chosen in %.1f %% of %d trials, allowed are 10 %%; by the share seen it would be %.1f %%",
		100*float64(broken)/trials, trials, 100*float64(naive)/trials)
	if broken > trials/10 || naive < trials/2 {
		t.Errorf("%d broken promises in %d trials (%d by the share seen)", broken, trials, naive)
	}
}

// anyReaches is the naive choice: whether the share seen of some candidate is
// at the bar.
func anyReaches(goals []eval.Goal, outcomes []outcome) bool {
	for _, o := range outcomes {
		reaches := true
		for _, g := range goals {
			k := 0
			for _, row := range o {
				if row[g.Path] {
					k++
				}
			}
			reaches = reaches && float64(k) >= g.Threshold*float64(len(o))
		}
		if reaches {
			return true
		}
	}
	return false
}

// BenchmarkLadder reports, of the full grid's calls, the share that the ladder
// makes.
func BenchmarkLadder(b *testing.B) {
	var share float64
	for n := range b.N {
		calls, all, _, _, _ := simulate(b, uint64(n+1), 200)
		share = float64(calls) / float64(all)
	}
	b.ReportMetric(100*share, "%-of-grid-calls")
}
