package eval

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// slowAURC takes the definition at its word: for each outcome, the share that is
// wrong of all that are at least as sure.
func slowAURC(all []Outcome) float64 {
	sum := 0.0
	for _, o := range all {
		passed, wrong := 0, 0
		for _, other := range all {
			if other.Barred && !o.Barred || !o.Barred && other.Confidence < o.Confidence {
				continue
			}
			passed++
			if other.Wrong {
				wrong++
			}
		}
		sum += float64(wrong) / float64(passed)
	}
	return sum / float64(len(all))
}

// TestAURC works one out by hand: risks 0, 1/2, 1/3, 2/4.
func TestAURC(t *testing.T) {
	all := outcomesOf([]float64{0.6, 0.9, 0.8, 0.7}, "-+-+")
	if got, want := AURC(all), (0+1.0/2+1.0/3+2.0/4)/4; !close12(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := ExcessAURC(all), (0+1.0/2+1.0/3+2.0/4)/4-(1.0/3+2.0/4)/4; !close12(got, want) {
		t.Errorf("excess %v, want %v", got, want)
	}
	curve := RiskCoverage(all)
	want := []Pass{{0.9, 1, 0, 0.25, 0}, {0.8, 2, 1, 0.5, 0.5}, {0.7, 3, 1, 0.75, 1.0 / 3}, {0.6, 4, 2, 1, 0.5}}
	if !slices.Equal(curve, want) {
		t.Errorf("%+v", curve)
	}
	tied := outcomesOf([]float64{0.5, 0.5, 0.5, 0.5}, "-++-")
	if c := RiskCoverage(tied); len(c) != 1 || c[0] != (Pass{0.5, 4, 2, 1, 0.5}) || AURC(tied) != 0.5 {
		t.Errorf("equal confidences are one step: %+v, %v", c, AURC(tied))
	}
	if !math.IsNaN(AURC(nil)) || RiskCoverage(nil) != nil {
		t.Error("of nothing")
	}
}

func TestAURCOfAnyOutcomes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawOutcomes(t, 1)
		for i := range all {
			all[i].Barred = rapid.IntRange(0, 5).Draw(t, "barred") == 0
		}
		a := AURC(all)
		if !close12(a, slowAURC(all)) {
			t.Fatalf("%v, by its definition %v", a, slowAURC(all))
		}
		if a < 0 || a > 1 || ExcessAURC(all) < 0 || ExcessAURC(all) > a {
			t.Fatalf("AURC %v, excess %v", a, ExcessAURC(all))
		}
		if b := AURC(rapid.Permutation(all).Draw(t, "order")); !close12(a, b) {
			t.Fatalf("%v in another order, not %v", b, a)
		}
		squared := slices.Clone(all)
		for i := range squared {
			squared[i].Confidence *= squared[i].Confidence
		}
		if b := AURC(squared); !close12(a, b) {
			t.Fatalf("only the order of confidences counts: %v, not %v", b, a)
		}
	})
}

// TestNoOrderIsBetterThanThePerfectOne tries every order of 6 outcomes.
func TestNoOrderIsBetterThanThePerfectOne(t *testing.T) {
	for wrong := range 7 {
		perfect := make([]Outcome, 6)
		for i := range perfect {
			perfect[i] = Outcome{Confidence: 1 - float64(i)/10, Wrong: i >= 6-wrong}
		}
		if e := ExcessAURC(perfect); e > 1e-12 {
			t.Errorf("%d wrong: the perfect order has an excess of %v", wrong, e)
		}
		best := AURC(perfect)
		permute(perfect, 0, func(other []Outcome) {
			if a := AURC(other); a < best-1e-12 {
				t.Errorf("%d wrong: %v is below the best, %v", wrong, a, best)
			}
		})
	}
}

// permute calls f with the outcomes' ends in every order.
func permute(all []Outcome, from int, f func([]Outcome)) {
	if from == len(all) {
		f(all)
		return
	}
	for i := from; i < len(all); i++ {
		all[from].Wrong, all[i].Wrong = all[i].Wrong, all[from].Wrong
		permute(all, from+1, f)
		all[from].Wrong, all[i].Wrong = all[i].Wrong, all[from].Wrong
	}
}

// TestTheBestAURCIsThatOfThePaper holds the sum against the integral of Geifman,
// Uziel and El-Yaniv (2019): r + (1-r) ln(1-r), for a share r that is wrong.
func TestTheBestAURCIsThatOfThePaper(t *testing.T) {
	for _, r := range []float64{0.01, 0.05, 0.2, 0.5, 0.9} {
		const n = 100_000
		all := make([]Outcome, n)
		for i := range all {
			all[i] = Outcome{Confidence: 1 - float64(i)/n, Wrong: float64(i) >= (1-r)*n}
		}
		if want := r + (1-r)*math.Log(1-r); math.Abs(AURC(all)-want) > 1e-4 {
			t.Errorf("r = %v: %v, in the paper %v", r, AURC(all), want)
		}
	}
}

// TestABlindConfidenceHasTheErrorAsItsArea draws confidences that know nothing.
func TestABlindConfidenceHasTheErrorAsItsArea(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	var all []Outcome
	for range 50_000 {
		all = append(all, Outcome{Confidence: rnd.Float64(), Wrong: rnd.Float64() < 0.3})
	}
	if a := AURC(all); math.Abs(a-0.3) > 0.01 {
		t.Errorf("%v, want the share that is wrong, 0.3", a)
	}
}
