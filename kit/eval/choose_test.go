package eval_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
)

// outcome says of each case, by field, whether a candidate's draft is right.
type outcome []map[string]bool

var yes, no = json.RawMessage(`"yes"`), json.RawMessage(`"no"`)

// cases have an answer in each field that an outcome names.
func (o outcome) cases() []eval.Case {
	cases := make([]eval.Case, len(o))
	for i, fields := range o {
		cases[i] = eval.Case{Name: fmt.Sprint(i), Answers: map[string]json.RawMessage{}}
		for f := range fields {
			cases[i].Answers[f] = yes
		}
	}
	return cases
}

// draft is what the candidate drafts of a case.
func (o outcome) draft(i int) eval.Draft {
	d := eval.Draft{Values: map[string]json.RawMessage{}}
	for f, right := range o[i] {
		d.Values[f] = no
		if right {
			d.Values[f] = yes
		}
	}
	return d
}

// candidate drafts by an outcome, and refuses to draft a case twice.
func (o outcome) candidate(name string) eval.Candidate {
	asked := map[int]bool{}
	return eval.Candidate{Name: name, Cases: o.cases(), Draft: func(_ context.Context, places []int) ([]eval.Draft, error) {
		var drafts []eval.Draft
		for _, i := range places {
			if asked[i] {
				return nil, fmt.Errorf("case %d is drafted twice", i)
			}
			asked[i] = true
			drafts = append(drafts, o.draft(i))
		}
		return drafts, nil
	}}
}

// grid is the first candidate that passes by all cases, told without a Trial.
func grid(goals []eval.Goal, all []outcome) int {
	for m, o := range all {
		passes := true
		for _, g := range goals {
			n, k := 0, 0
			for _, fields := range o {
				if right, answered := fields[g.Path]; answered {
					n++
					if right {
						k++
					}
				}
			}
			p := 1 - distuv.Binomial{N: float64(n), P: g.Threshold}.CDF(float64(k)-1)
			if k == 0 {
				p = 1
			}
			passes = passes && p <= (1-g.Confidence)/float64(len(all))+1e-12
		}
		if passes {
			return m
		}
	}
	return -1
}

func someOutcomes(t *rapid.T, fields []string) []outcome {
	n := rapid.IntRange(0, 60).Draw(t, "cases")
	all := make([]outcome, rapid.IntRange(1, 4).Draw(t, "candidates"))
	for range n {
		answered := map[string]bool{}
		for _, f := range fields {
			answered[f] = rapid.IntRange(0, 9).Draw(t, "answered") > 0
		}
		for m := range all {
			wrongs := rapid.IntRange(0, 3).Draw(t, "wrongs") // some cases are hard
			row := map[string]bool{}
			for _, f := range fields {
				if answered[f] {
					row[f] = wrongs == 0 || rapid.IntRange(0, 3).Draw(t, "right") >= wrongs
				}
			}
			all[m] = append(all[m], row)
		}
	}
	return all
}

// Whatever the drafts are, stopping early chooses what all cases would.
func TestStoppingEarlyChoosesWhatTheFullGridWould(t *testing.T) {
	stopped, chosen := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		fields := []string{"a", "b", "c"}[:rapid.IntRange(1, 3).Draw(t, "fields")]
		var goals []eval.Goal
		for _, f := range fields {
			goals = append(goals, eval.Goal{Path: f, Measure: "normalised", Threshold: rapid.Float64Range(0.3, 0.95).Draw(t, "bar"),
				Confidence: rapid.SampledFrom([]float64{0.5, 0.8, 0.9, 0.95}).Draw(t, "confidence")})
		}
		all := someOutcomes(t, fields)
		want := grid(goals, all)
		for _, l := range []eval.Ladder{
			{Goals: goals, Batch: rapid.IntRange(0, 9).Draw(t, "batch"), Seed: rapid.Uint64().Draw(t, "seed")},
			{Goals: goals, Full: true},
		} {
			var candidates []eval.Candidate
			for m, o := range all {
				candidates = append(candidates, o.candidate(fmt.Sprint(m)))
			}
			got, err := l.Choose(t.Context(), candidates)
			if err != nil || got.Chosen != want {
				t.Fatalf("chose %d, %v; the grid %d: %+v", got.Chosen, err, want, got)
			}
			if l.Full && got.Calls != got.Grid || got.Calls > got.Grid {
				t.Fatalf("%d calls of %d", got.Calls, got.Grid)
			}
			if got.Calls < got.Grid {
				stopped++
			}
			if got.Chosen >= 0 {
				chosen++
			}
		}
	})
	if stopped == 0 || chosen == 0 {
		t.Errorf("no choice was made (%d) or made early (%d): nothing was shown", chosen, stopped)
	}
}

// With one case at a time not one call is in vain: before the last case of each
// candidate, there were cases to come that could have decided otherwise.
func TestNoCallIsInVain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := someOutcomes(t, []string{"a", "b"})[0]
		goals := []eval.Goal{{Path: "a", Measure: "normalised", Threshold: 0.6, Confidence: 0.9}, {Path: "b", Measure: "exact", Threshold: 0.4, Confidence: 0.9}}
		trial := eval.NewTrial(goals, nil, o.cases(), 1)
		for i := 0; trial.Verdict() == eval.Open; {
			next := trial.Next()
			if next < 1 || i+next > len(o) {
				t.Fatalf("%d further cases of %d", next, len(o)-i)
			}
			for range next {
				if trial.Verdict() != eval.Open {
					t.Fatalf("decided before %d further cases were seen", next)
				}
				trial.Add(i, o.draft(i))
				i++
			}
		}
	})
}

func same(n, right int, fields ...string) outcome {
	var o outcome
	for i := range n {
		row := map[string]bool{}
		for _, f := range fields {
			row[f] = i < right
		}
		o = append(o, row)
	}
	return o
}

var total = []eval.Goal{{Path: "total", Measure: "normalised", Threshold: 0.9, Confidence: 0.95}}

func TestChoiceSaysHowEachFared(t *testing.T) {
	refuses := same(100, 100, "total").candidate("spilled")
	refuses.Ready = func(context.Context) error { return errors.New("it spilled") }
	broken := eval.Candidate{Name: "gone", Cases: same(100, 100, "total").cases(), Draft: func(context.Context, []int) ([]eval.Draft, error) { return nil, errors.New("no server") }}
	got, err := eval.Ladder{Goals: total}.Choose(t.Context(), []eval.Candidate{
		same(100, 40, "total").candidate("small"), refuses, broken, same(100, 99, "total").candidate("middle"), same(100, 100, "total").candidate("large")})
	if err != nil || got.Chosen != 3 || got.Grid != 300 {
		t.Fatalf("%+v, %v", got, err)
	}
	var verdicts []eval.Verdict
	for _, c := range got.Tried {
		verdicts = append(verdicts, c.Verdict)
	}
	if want := []eval.Verdict{eval.Failed, eval.Refused, eval.Refused, eval.Passed, eval.Untried}; !slices.Equal(verdicts, want) {
		t.Errorf("%v, want %v", verdicts, want)
	}
	small, middle := got.Tried[0], got.Tried[3]
	if small.Calls >= 30 || small.Fields[0].Needed != 0 {
		t.Errorf("%d calls to fail one that is right in 40 of 100; it needs %d", small.Calls, small.Fields[0].Needed)
	}
	if f := middle.Fields[0]; f.Right != f.Critical || f.Low < 0.9 || f.Risk > 0.01001 || f.Risk < 0.00999 {
		t.Errorf("%+v", f)
	}
}

// Where even the flawless cannot pass, not one case is drafted, and how many
// would do is said.
func TestTooFewCasesAreSaidBeforeACall(t *testing.T) {
	got, err := eval.Ladder{Goals: total}.Choose(t.Context(), []eval.Candidate{same(20, 20, "total").candidate("only")})
	if err != nil || got.Chosen != -1 || got.Calls != 0 || got.Grid != 20 {
		t.Fatalf("%+v, %v", got, err)
	}
	if f := got.Tried[0].Fields[0]; !f.TooFew() || f.Needed != 29 { // 0.9^29 = 0.047
		t.Errorf("%+v", f)
	}
	free := same(20, 19, "total").candidate("rules")
	free.Free = true
	if got, err := (eval.Ladder{Goals: total}).Choose(t.Context(), []eval.Candidate{free}); err != nil || got.Calls != 20 || got.Tried[0].Verdict != eval.Failed || got.Tried[0].Fields[0].Right != 19 {
		t.Errorf("what costs nothing is measured all the same: %+v, %v", got, err)
	}
	full, err := eval.Ladder{Goals: total, Full: true}.Choose(t.Context(), []eval.Candidate{same(20, 19, "total").candidate("only")})
	if f := full.Tried[0].Fields[0]; err != nil || f.Seen != 20 || f.Right != 19 || f.Needed < 60 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestAMeasureOfAllCasesIsBootstrapped(t *testing.T) {
	goals := []eval.Goal{{Path: "grade", Measure: "weighted_kappa", Threshold: 0.8, Confidence: 0.95}}
	kinds := map[string]eval.Kind{"grade": eval.Number}
	grades := func(off int) eval.Candidate {
		c := eval.Candidate{}
		for i := range 120 {
			c.Cases = append(c.Cases, eval.Case{Name: fmt.Sprint(i), Answers: map[string]json.RawMessage{"grade": json.RawMessage(fmt.Sprint(i % 6))}})
		}
		c.Draft = func(_ context.Context, places []int) (all []eval.Draft, _ error) {
			for _, i := range places {
				v := fmt.Sprint(i % 6)
				if off > 0 && i%off == 0 {
					v = "null"
				}
				all = append(all, eval.Draft{Values: map[string]json.RawMessage{"grade": json.RawMessage(v)}})
			}
			return all, nil
		}
		return c
	}
	got, err := eval.Ladder{Goals: goals, Kinds: kinds}.Choose(t.Context(), []eval.Candidate{grades(2), grades(40)})
	if err != nil || got.Chosen != 1 || got.Calls != 240 {
		t.Fatalf("%+v, %v", got, err)
	}
	bad, good := got.Tried[0].Fields[0], got.Tried[1].Fields[0]
	if !(bad.Value < 0.5 && bad.Low < bad.Value) || !(good.Low >= 0.8 && good.Low < good.Value && good.Value < 1) {
		t.Errorf("half left out: %+v; three of 120 left out: %+v", bad, good)
	}
}

func TestChooseRefusesWhatCannotBeMeant(t *testing.T) {
	one := []eval.Candidate{same(9, 9, "total").candidate("only")}
	if _, err := (eval.Ladder{}).Choose(t.Context(), one); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("without a goal: %v", err)
	}
	if _, err := (eval.Ladder{Goals: total}).Choose(t.Context(), nil); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("without a candidate: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (eval.Ladder{Goals: total}).Choose(ctx, one); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestLowerBoundHoldsThoughTheTrialStops(t *testing.T) {
	if low := eval.LowerBound(59, 59, 0.05); math.Abs(low-0.9505) > 1e-3 {
		t.Errorf("of 59 all right: %v", low)
	}
}
