package eval

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// outcomesOf makes outcomes of confidences, of which those marked are right.
func outcomesOf(confidences []float64, right string) (all []Outcome) {
	for i, c := range confidences {
		all = append(all, Outcome{Confidence: c, Wrong: right[i] != '+'})
	}
	return all
}

// drawOutcomes draws outcomes with few enough confidences for some to be equal.
func drawOutcomes(t *rapid.T, least int) (all []Outcome) {
	for range rapid.IntRange(least, 40).Draw(t, "n") {
		all = append(all, Outcome{Confidence: float64(rapid.IntRange(0, 12).Draw(t, "confidence")) / 12, Wrong: rapid.Bool().Draw(t, "wrong")})
	}
	return all
}

func close12(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

// TestBrier holds the worked example of scikit-learn's brier_score_loss and the
// two values that Brier's paper is quoted for.
func TestBrier(t *testing.T) {
	for _, c := range []struct {
		confidences []float64
		right       string
		want        float64
	}{
		{[]float64{0.1, 0.9, 0.8, 0.3}, "-++-", 0.0375},
		{[]float64{1, 0, 1}, "+-+", 0},
		{[]float64{0, 1}, "+-", 1},
		{[]float64{0.5, 0.5, 0.5}, "+--", 0.25},
	} {
		if got := Brier(outcomesOf(c.confidences, c.right)); !close12(got, c.want) {
			t.Errorf("%v %s: %v, want %v", c.confidences, c.right, got, c.want)
		}
	}
	if got := Brier(nil); !math.IsNaN(got) {
		t.Errorf("of nothing: %v", got)
	}
}

// TestECE works its bins out by hand: 0.1 and 0.2 with none right, 0.7 to 0.9
// with two of three right.
func TestECE(t *testing.T) {
	all := outcomesOf([]float64{0.9, 0.1, 0.7, 0.2, 0.8}, "+---+")
	bins := Binned(all, []float64{0, 0.5, 1})
	if len(bins) != 2 || bins[0].N != 2 || bins[0].Right != 0 || bins[1].N != 3 || bins[1].Right != 2 {
		t.Fatalf("%+v", bins)
	}
	if !close12(bins[0].Confidence, 0.15) || !close12(bins[1].Confidence, 0.8) || bins[1].Low != 0.7 || bins[1].High != 0.9 {
		t.Errorf("%+v", bins)
	}
	if want := 0.4*0.15 + 0.6*(0.8-2.0/3); !close12(ECE(bins), want) {
		t.Errorf("%v, want %v", ECE(bins), want)
	}
	if from, to := Wilson(2, 3, 0.95); bins[1].From != from || bins[1].To != to {
		t.Errorf("interval %v to %v", bins[1].From, bins[1].To)
	}
	if !math.IsNaN(ECE(nil)) {
		t.Error("of nothing")
	}
}

func TestStatedEdges(t *testing.T) {
	all := outcomesOf([]float64{0, 0.5, 1, 0.25}, "++++")
	bins := Binned(all, []float64{0, 0.25, 0.5, 1})
	if len(bins) != 3 || bins[0].N != 1 || bins[1].N != 1 || bins[2].N != 2 {
		t.Errorf("an edge belongs to the bin that it begins, and 1 to the last: %+v", bins)
	}
	if bins := Binned(all, []float64{0.6, 0.7}); len(bins) != 0 {
		t.Errorf("a bin without outcomes: %+v", bins)
	}
}

// TestACalibratedModelHasNoError draws what comes with the chance that was
// promised: the error of 100,000 is near 0, and that of who says 10 % too much
// near 0.1.
func TestACalibratedModelHasNoError(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	var honest, loud []Outcome
	for range 100_000 {
		p := 0.2 + 0.6*rnd.Float64()
		wrong := rnd.Float64() >= p
		honest, loud = append(honest, Outcome{Confidence: p, Wrong: wrong}), append(loud, Outcome{Confidence: p + 0.1, Wrong: wrong})
	}
	if e := ECE(EqualMass(honest, 10)); e > 0.01 {
		t.Errorf("a calibrated model: %v", e)
	}
	if e := ECE(EqualMass(loud, 10)); math.Abs(e-0.1) > 0.01 {
		t.Errorf("10 %% too sure: %v", e)
	}
}

func TestBinsOfEqualMass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, most := drawOutcomes(t, 0), rapid.IntRange(1, 12).Draw(t, "bins")
		bins := EqualMass(all, most)
		if len(bins) > most {
			t.Fatalf("%d bins of at most %d", len(bins), most)
		}
		n, right := 0, 0
		for i, b := range bins {
			n, right = n+b.N, right+b.Right
			if b.N == 0 || b.Low > b.High || b.Confidence < b.Low-1e-12 || b.Confidence > b.High+1e-12 {
				t.Fatalf("%+v", b)
			}
			if i > 0 && bins[i-1].High >= b.Low {
				t.Fatalf("equal confidences are in two bins: %+v and %+v", bins[i-1], b)
			}
		}
		if n != len(all) || right != n-wrongs(all) {
			t.Fatalf("%d of %d outcomes in bins, %d right", n, len(all), right)
		}
		shuffled := rapid.Permutation(all).Draw(t, "order")
		if !slices.Equal(EqualMass(shuffled, most), bins) {
			t.Fatal("another order has other bins")
		}
	})
	var all []Outcome
	for i := range 313 {
		all = append(all, Outcome{Confidence: float64(i) / 313})
	}
	for _, b := range EqualMass(all, 10) {
		if b.N < 31 || b.N > 32 {
			t.Errorf("a bin of %d of 313", b.N)
		}
	}
}

func TestWhatAReportSaysOfConfidences(t *testing.T) {
	js := []Judged{{Case: "a", Confidence: 0.9, Right: true}, {Case: "b", Confidence: 0.6}, {Case: "c", Missing: true, Barred: true}}
	c := CalibrationOf(js)
	if c.N != 2 || !close12(c.Confidence, 0.75) || c.Accuracy != 0.5 || !close12(c.Brier, (0.01+0.36)/2) {
		t.Errorf("what is missing has no confidence: %+v", c)
	}
	if last := c.Curve[len(c.Curve)-1]; len(c.Curve) != 2 || !close12(last.Coverage, 2.0/3) || last.Risk != 0.5 {
		t.Errorf("and never passes: %+v", c.Curve)
	}
	if want := (0 + 0.5 + 2.0/3) / 3; !close12(c.AURC, want) {
		t.Errorf("AURC %v, want %v", c.AURC, want)
	}
	raw, err := json.Marshal(CalibrationOf(nil))
	if err != nil || !strings.Contains(string(raw), `"brier":null`) || !strings.Contains(string(raw), `"bins":[]`) {
		t.Errorf("of nothing: %s, %v", raw, err)
	}
}
