package eval_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tackhammer/tackhammer/kit/eval"
)

func boot(seed uint64) eval.Bootstrap { return eval.Bootstrap{Rand: rand.New(rand.NewPCG(seed, 0))} }

func ExampleBootstrap_Agreement() {
	me, other := []float64{5, 4, 3, 5, 2, 4}, []float64{5, 4, 4, 5, 1, 4}
	cases := []string{"a", "a", "b", "b", "c", "c"}
	got := boot(1).Agreement(eval.Pairs(me, other), cases, "exact", "weighted_kappa")
	fmt.Printf("exact %.2f, weighted kappa %.2f, of %d cases\n", got["exact"].Value, got["weighted_kappa"].Value, got["exact"].Groups)
	// Output: exact 0.67, weighted kappa 0.89, of 3 cases
}

// Of 200 shares of 60 cases, about 95 in a hundred intervals hold the truth.
func TestABootstrapIntervalHoldsTheTruth(t *testing.T) {
	rng, held := rand.New(rand.NewPCG(7, 7)), 0
	for trial := range 200 {
		values, groups := make([]float64, 60), make([]string, 60)
		for i := range values {
			groups[i] = fmt.Sprint(i)
			if rng.Float64() < 0.7 {
				values[i] = 1
			}
		}
		b := boot(uint64(trial))
		b.Rounds = 400
		if e := b.Mean(values, groups); e.Low <= 0.7 && 0.7 <= e.High {
			held++
		}
	}
	if held < 178 || held > 199 {
		t.Errorf("%d of 200 intervals hold the truth", held)
	}
}

func TestTheSameSeedGivesTheSameInterval(t *testing.T) {
	values, groups := []float64{1, 2, 3, 4, 9}, []string{"a", "b", "c", "d", "e"}
	if a, b := boot(3).Mean(values, groups), boot(3).Mean(values, groups); a != b {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestWhatCannotBeToldIsNull(t *testing.T) {
	for name, e := range map[string]eval.Estimate{
		"nothing":       boot(1).Mean(nil, nil),
		"one case":      boot(1).Mean([]float64{1, 2}, []string{"a", "a"}),
		"no meaning":    boot(1).Agreement(eval.Pairs([]float64{1, 1}, []float64{1, 1}), []string{"a", "b"}, "kappa")["kappa"],
		"seldom a mean": boot(1).Agreement(eval.Pairs([]float64{1, none, none, none}, []float64{2, none, none, none}), []string{"a", "b", "c", "d"}, "pearson")["pearson"],
	} {
		if e.Known() {
			t.Errorf("%s: %+v", name, e)
		}
		raw, err := json.Marshal(e)
		var got map[string]*float64
		if err != nil || json.Unmarshal(raw, &got) != nil || got["low"] != nil || got["units"] == nil {
			t.Errorf("%s: %s, %v", name, raw, err)
		}
	}
	if e := boot(1).Mean([]float64{1, 1, 1}, []string{"a", "b", "c"}); !e.Known() || e.Low != 1 || e.High != 1 {
		t.Errorf("all the same: %+v", e)
	}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

func TestAnchoringIsMeasuredWherePeopleDifferFromTheDraft(t *testing.T) {
	seen := []eval.Seen{
		{"a", raw("10"), raw("20"), raw("20")},      // adopted
		{"b", raw("10"), raw("20"), raw("10")},      // kept
		{"c", raw("10"), raw("20"), raw("15")},      // half way
		{"d", raw("20"), raw("20.00"), raw("30")},   // did not differ
		{"e", raw("null"), raw("20"), raw("20")},    // adopted, no number to move from
		{"f", raw("40"), raw("20"), raw(`"20.00"`)}, // adopted, from above
	}
	got := boot(1).Anchor(eval.Number, seen)
	near(t, "adopted", got.Adopted.Value, 3.0/5, 1e-12)
	near(t, "kept", got.Kept.Value, 1.0/5, 1e-12)
	near(t, "shift", got.Shift.Value, (1+0+0.5+1)/4, 1e-12)
	if got.Adopted.Units != 5 || got.Shift.Units != 4 || !got.Shift.Known() {
		t.Errorf("%+v", got)
	}
	words := boot(1).Anchor(eval.Text, []eval.Seen{{"a", raw(`"ACME"`), raw(`"Acme Ltd"`), raw(`"Acme Ltd."`)}})
	if words.Adopted.Value != 1 || !math.IsNaN(words.Shift.Value) {
		t.Errorf("texts: %+v", words)
	}
}
