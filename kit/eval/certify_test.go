package eval_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit/eval"
)

func TestLabelsForAreTheKnownFigures(t *testing.T) {
	for alpha, want := range map[float64][3]int{0.05: {59, 93, 124}, 0.01: {299, 473, 628}} {
		for wrong, n := range want {
			if got := eval.LabelsFor(wrong, alpha, 0.05); got != n {
				t.Errorf("%d wrong at %v: %d labels, want %d", wrong, alpha, got, n)
			}
		}
	}
}

func TestBinomCDFIsTheSumOfItsTerms(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(rt, "n")
		k := rapid.IntRange(-1, n+1).Draw(rt, "k")
		p := rapid.Float64Range(0.001, 0.999).Draw(rt, "p")
		sum := 0.0
		for i := 0; i <= min(k, n); i++ {
			sum += distuv.Binomial{N: float64(n), P: p}.Prob(float64(i))
		}
		if got := eval.BinomCDF(k, n, p); math.Abs(got-sum) > 1e-9 {
			rt.Fatalf("BinomCDF(%d, %d, %v) = %v, want %v", k, n, p, got, sum)
		}
	})
}

func outcomes(n int, confidence float64, wrong int) []eval.Outcome {
	out := make([]eval.Outcome, n)
	for i := range out {
		out[i] = eval.Outcome{Confidence: confidence, Wrong: i < wrong}
	}
	return out
}

func TestLearnThenTestStopsAtTheFirstThatFails(t *testing.T) {
	all := append(outcomes(100, 0.9, 1), outcomes(40, 0.8, 20)...)
	all = append(all, outcomes(5000, 0.7, 0)...) // would pass if it were asked
	best, ok, tried := eval.LearnThenTest(all, []float64{0.7, 0.8, 0.9, 0.9}, 0.05, 0.05)
	if !ok || best.Value != 0.9 || best.Passed != 100 || best.Wrong != 1 || len(tried) != 2 {
		t.Errorf("certified %+v, %v; tried %+v", best, ok, tried)
	}
}

func TestLearnThenTestLetsNothingPassByTooFew(t *testing.T) {
	if _, ok, _ := eval.LearnThenTest(outcomes(58, 0.9, 0), []float64{0.9}, 0.05, 0.05); ok {
		t.Error("58 labels with none wrong certify nothing")
	}
	if _, ok, _ := eval.LearnThenTest(outcomes(59, 0.9, 0), []float64{0.9}, 0.05, 0.05); !ok {
		t.Error("59 labels with none wrong certify 5 %")
	}
	barred := outcomes(59, 0.9, 0)
	barred[7].Barred = true
	if _, ok, _ := eval.LearnThenTest(barred, []float64{0.9}, 0.05, 0.05); ok {
		t.Error("a draft that may not pass counts for nothing")
	}
}

func TestGridBeginsWhereEnoughPass(t *testing.T) {
	var others []eval.Outcome
	for i := range 200 {
		others = append(others, eval.Outcome{Confidence: 1 - float64(i)/1000, Barred: i == 3})
	}
	grid := eval.Grid(others, 400, 0.05, 0.05)
	// 93 of 400 cases are 46 of the 200 others.
	if want := 1 - 47.0/1000; math.Abs(grid[0]-want) > 1e-9 || grid[len(grid)-1] != others[199].Confidence || len(grid) != 20 {
		t.Errorf("%d thresholds from %v to %v, want 20 from %v", len(grid), grid[0], grid[len(grid)-1], want)
	}
	if grid := eval.Grid(others[:5], 400, 0.05, 0.05); len(grid) == 0 || grid[0] <= 0 {
		t.Errorf("a few drafts make the grid %v", grid)
	}
	if grid := eval.Grid([]eval.Outcome{{Barred: true, Confidence: 1}, {}}, 400, 0.05, 0.05); grid != nil {
		t.Errorf("no sure draft makes the grid %v", grid)
	}
}

// world draws drafts whose confidence is uniform and says too much: the share
// of wrong ones at confidence c is flat + bend·(1-c)^1.5.
type world struct {
	name       string
	flat, bend float64
}

func (w world) draw(r *rand.Rand, n int) []eval.Outcome {
	out := make([]eval.Outcome, n)
	for i := range out {
		c := r.Float64()
		out[i] = eval.Outcome{Confidence: c, Wrong: r.Float64() < w.flat+w.bend*math.Pow(1-c, 1.5)}
	}
	return out
}

// risk is the true share of wrong drafts above a threshold.
func (w world) risk(t float64) float64 { return w.flat + w.bend*math.Pow(1-t, 1.5)/2.5 }

// naive is the loosest confidence from which on the labels show no more than
// alpha wrong.
func naive(all []eval.Outcome, alpha float64) (best float64, ok bool) {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b eval.Outcome) int { return cmp.Compare(b.Confidence, a.Confidence) })
	wrong := 0
	for i, o := range sorted {
		if o.Wrong {
			wrong++
		}
		if float64(wrong) <= alpha*float64(i+1) {
			best, ok = o.Confidence, true
		}
	}
	return best, ok
}

// trials counts in how many trials a threshold is certified above which more
// than alpha of drafts are wrong, in how many the naive choice is such, and in
// how many one is certified at all.
func (w world) trials(trials, n int, alpha, delta float64) (broke, foiled, certified float64) {
	r := rand.New(rand.NewPCG(4, uint64(n)))
	for range trials {
		grid := eval.Grid(w.draw(r, n/2), n, alpha, delta)
		labels := w.draw(r, n)
		if best, ok, _ := eval.LearnThenTest(labels, grid, alpha, delta); ok {
			certified++
			if w.risk(best.Value) > alpha {
				broke++
			}
		}
		if at, ok := naive(labels, alpha); ok && w.risk(at) > alpha {
			foiled++
		}
	}
	return broke / float64(trials), foiled / float64(trials), certified / float64(trials)
}

// The promise: in at most the share delta of trials is a threshold certified
// above which more than alpha of drafts are wrong. That is 10 % here; more than
// 3 deviations of 2,000 trials over it would be no chance. In the second world
// every threshold breaks it: whatever is certified there is certified wrongly.
func TestCertifiedThresholdsKeepTheirPromise(t *testing.T) {
	const trials, alpha, delta = 2000, 0.05, 0.10
	allowed := delta + 3*math.Sqrt(delta*(1-delta)/trials)
	t.Logf("%d trials, at most %.0f %% wrong, allowed to break it in %.0f %%", trials, 100*alpha, 100*delta)
	t.Logf("%-12s  %6s  %22s  %19s  %s", "world", "labels", "learn then test breaks", "naive choice breaks", "certified in")
	for _, w := range []world{{"sorts well", 0, 0.15}, {"just too bad", 0.0501, 0}} {
		for _, n := range []int{100, 500, 2000} {
			broke, foiled, certified := w.trials(trials, n, alpha, delta)
			t.Logf("%-12s  %6d  %20.1f %%  %17.1f %%  %10.1f %%", w.name, n, 100*broke, 100*foiled, 100*certified)
			if broke > allowed {
				t.Errorf("%s, %d labels: the promise breaks in %.1f %% of trials, %.1f %% are allowed", w.name, n, 100*broke, 100*allowed)
			}
			if foiled <= allowed {
				t.Errorf("%s, %d labels: the naive choice breaks it in %.1f %% only: the simulation would find nothing", w.name, n, 100*foiled)
			}
			if w.flat == 0 && n >= 500 && certified < 0.8 {
				t.Errorf("%s, %d labels certify in %.1f %% of trials", w.name, n, 100*certified)
			}
		}
	}
}
