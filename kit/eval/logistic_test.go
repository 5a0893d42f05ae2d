package eval_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/tackhammer/tackhammer/kit/eval"
)

// drawn are examples of a known model: one feature that never changes, and two
// of very different scale.
func drawn(n int, truth eval.Logistic) (x [][]float64, yes []bool) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		row := []float64{7, r.NormFloat64(), 1000 * r.NormFloat64()}
		x, yes = append(x, row), append(yes, r.Float64() < truth.P(row))
	}
	return x, yes
}

func TestFitLogisticFindsTheModelThatDrewIt(t *testing.T) {
	truth := eval.Logistic{Bias: -0.5, Weights: []float64{0, 1.5, -0.002}}
	x, yes := drawn(20000, truth)
	got, err := eval.FitLogistic(x, yes, 1)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Bias-truth.Bias) > 0.1 || got.Weights[0] != 0 || math.Abs(got.Weights[1]-1.5) > 0.1 || math.Abs(1000*got.Weights[2]+2) > 0.1 {
		t.Errorf("fitted %+v", got)
	}
	again, _ := eval.FitLogistic(x, yes, 1)
	if !reflect.DeepEqual(got, again) {
		t.Error("the same examples gave another fit")
	}
}

// At the best fit the gradient of the penalised likelihood is zero: of the bias,
// that the mean of P is the share of yes.
func TestFitLogisticIsCalibratedOnItsExamples(t *testing.T) {
	x, yes := drawn(300, eval.Logistic{Bias: 2, Weights: []float64{0, 1, 0}})
	l, _ := eval.FitLogistic(x, yes, 3)
	sum, share := 0.0, 0.0
	for i, row := range x {
		sum += l.P(row)
		if yes[i] {
			share++
		}
	}
	if math.Abs(sum-share) > 1e-6*share {
		t.Errorf("the probabilities sum up to %v, %v were yes", sum, share)
	}
}

func TestFitLogisticStandsWhatALinePartsAndWhatIsAlike(t *testing.T) {
	parted, err := eval.FitLogistic([][]float64{{-1}, {-2}, {1}, {2}}, []bool{false, false, true, true}, 1)
	if err != nil || !(parted.P([]float64{2}) > 0.7) || !(parted.P([]float64{2}) < 0.999) || math.IsNaN(parted.Bias) {
		t.Errorf("parted: %+v, %v", parted, err)
	}
	alike, err := eval.FitLogistic([][]float64{{-1}, {3}, {1}}, []bool{true, true, true}, 1)
	if p := alike.P([]float64{100}); err != nil || math.Abs(p-3.5/4) > 1e-9 {
		t.Errorf("alike: %v, %v", p, err)
	}
}

func TestFitLogisticRefusesWhatIsNoExample(t *testing.T) {
	for name, x := range map[string][][]float64{"none": {}, "ragged": {{1}, {1, 2}}, "no number": {{1}, {math.NaN()}}} {
		if _, err := eval.FitLogistic(x, make([]bool, len(x)), 1); err == nil {
			t.Errorf("%s: fitted", name)
		}
	}
	if _, err := eval.FitLogistic([][]float64{{1}}, []bool{true}, 0); err == nil {
		t.Error("no penalty: fitted")
	}
}
