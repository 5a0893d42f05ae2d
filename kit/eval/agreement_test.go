package eval_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/internal/need"
)

var none = math.NaN()

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: got %.6f, want %.6f", what, got, want)
	}
}

// vectors are published examples.
type vectors struct {
	Krippendorff struct {
		Coders [][]*float64       `json:"coders_x_units"`
		Alpha  map[string]float64 `json:"alpha"`
	} `json:"krippendorff_wikipedia"`
	QWK []struct {
		A, B []float64
		QWK  float64
	} `json:"qwk_hamner"`
}

func TestPublishedExamples(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(need.Shared(t), "data", "agreement", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil || len(v.QWK) != 3 || len(v.Krippendorff.Alpha) != 2 {
		t.Fatalf("%v, %+v", err, v)
	}
	for _, c := range v.QWK {
		near(t, "quadratic weighted kappa", eval.WeightedKappa(eval.Pairs(c.A, c.B)), c.QWK, 1e-9)
	}
	var r eval.Ratings
	for _, coder := range v.Krippendorff.Coders {
		values := make([]float64, len(coder))
		for u, x := range coder {
			values[u] = none
			if x != nil {
				values[u] = *x
			}
		}
		r = append(r, values)
	}
	near(t, "nominal alpha", eval.Alpha(r, eval.Nominal), v.Krippendorff.Alpha["nominal"], 5e-7)
	near(t, "interval alpha", eval.Alpha(r, eval.Interval), v.Krippendorff.Alpha["interval"], 5e-7)
}

// Krippendorff's own example, four observers of twelve units ("Computing
// Krippendorff's Alpha-Reliability", section C): nominal 0.743, ordinal 0.815,
// interval 0.849.
func TestKrippendorffsExample(t *testing.T) {
	r := eval.Ratings{
		{1, 2, 3, 3, 2, 1, 4, 1, 2, none, none, none},
		{1, 2, 3, 3, 2, 2, 4, 1, 2, 5, none, 3},
		{none, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, none},
		{1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, none},
	}
	near(t, "nominal", eval.Alpha(r, eval.Nominal), 0.743, 5e-4)
	near(t, "ordinal", eval.Alpha(r, eval.Ordinal), 0.815, 5e-4)
	near(t, "interval", eval.Alpha(r, eval.Interval), 0.849, 5e-4)
}

// Counted by hand: 20 and 15 of 50 alike, chance 0.3*0.4*... = 0.5.
func TestKappaByHand(t *testing.T) {
	var a, b []float64
	for _, c := range []struct {
		n    int
		x, y float64
	}{{20, 1, 1}, {5, 1, 0}, {10, 0, 1}, {15, 0, 0}} {
		for range c.n {
			a, b = append(a, c.x), append(b, c.y)
		}
	}
	r := eval.Pairs(a, b)
	near(t, "exact", eval.Exact(r), 0.7, 1e-12)
	near(t, "kappa", eval.Kappa(r), 0.4, 1e-12)
	near(t, "within one", eval.WithinOne(r), 1, 0)
	near(t, "pearson", eval.Pearson(eval.Pairs([]float64{1, 2, 3, 4}, []float64{2, 4, 5, 9})), 0.964764, 1e-6)
}

// Two people's grades of students' answers, grouped by question. What is known
// of the whole set of 2,273 (exact 0.556, within one 0.794, Pearson 0.60,
// weighted kappa 0.49) is near what half of it gives.
func TestTwoPeoplesGrades(t *testing.T) {
	a, b, questions := grades(t)
	boot := eval.Bootstrap{Rounds: 1000, Rand: rand.New(rand.NewPCG(1, 2))}
	got := boot.Agreement(eval.Pairs(a, b), questions, eval.Measures...)
	known := map[string]float64{"exact": 0.556, "within_one": 0.794, "pearson": 0.60, "weighted_kappa": 0.49}
	for _, name := range eval.Measures {
		e := got[name]
		t.Logf("%-15s %.4f (%.4f to %.4f), %d answers to %d questions", name, e.Value, e.Low, e.High, e.Units, e.Groups)
		if !(e.Low < e.Value && e.Value < e.High) || e.Units != 1152 || e.Groups != 41 {
			t.Errorf("%s: %+v", name, e)
		}
		if want, ok := known[name]; ok && !(e.Low <= want && want <= e.High) {
			t.Errorf("%s: the whole set's %.3f is not between %.3f and %.3f", name, want, e.Low, e.High)
		}
	}
	rows := make([]string, len(a)) // as if each answer stood alone
	for i := range rows {
		rows[i] = strconv.Itoa(i)
	}
	alone := boot.Agreement(eval.Pairs(a, b), rows, "exact")["exact"]
	if e := got["exact"]; e.High-e.Low < 1.5*(alone.High-alone.Low) {
		t.Errorf("by question %.3f wide, by answer %.3f: that answers to a question are alike is lost", e.High-e.Low, alone.High-alone.Low)
	}
}

func grades(t *testing.T) (a, b []float64, questions []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(need.Shared(t), "data", "answers", "answers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		me, err := strconv.ParseFloat(row[4], 64)
		if err != nil {
			t.Fatal(err)
		}
		other, err := strconv.ParseFloat(row[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		a, b, questions = append(a, me), append(b, other), append(questions, row[0])
	}
	return a, b, questions
}

// some draws ratings of a few values, with gaps.
func some(t *rapid.T, coders int) eval.Ratings {
	n := rapid.IntRange(2, 30).Draw(t, "units")
	r := make(eval.Ratings, coders)
	for c := range r {
		for range n {
			v := rapid.SampledFrom([]float64{none, 0, 1, 2, 3, 4.5}).Draw(t, "value")
			r[c] = append(r[c], v)
		}
	}
	return r
}

func TestMeasuresStayInTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := some(t, 2)
		in := func(what string, v, low float64) {
			if !math.IsNaN(v) && !(v >= low-1e-9 && v <= 1+1e-9) {
				t.Fatalf("%s of %v is %v", what, r, v)
			}
		}
		exact, one := eval.Exact(r), eval.WithinOne(r)
		in("exact", exact, 0)
		in("within one", one, exact)
		in("kappa", eval.Kappa(r), -1)
		in("weighted kappa", eval.WeightedKappa(r), -1)
		in("pearson", eval.Pearson(r), -1)
		for _, s := range []eval.Scale{eval.Nominal, eval.Ordinal, eval.Interval} {
			in("alpha", eval.Alpha(r, s), -1)
		}
	})
}

func TestPerfectAgreementIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := some(t, 1)
		r = eval.Ratings{r[0], slices.Clone(r[0]), slices.Clone(r[0])}
		distinct := map[float64]bool{}
		for _, v := range r[0] {
			if !math.IsNaN(v) {
				distinct[v] = true
			}
		}
		for name, v := range map[string]float64{"kappa": eval.Kappa(r), "weighted": eval.WeightedKappa(r), "pearson": eval.Pearson(r),
			"nominal": eval.Alpha(r, eval.Nominal), "ordinal": eval.Alpha(r, eval.Ordinal), "interval": eval.Alpha(r, eval.Interval)} {
			if len(distinct) < 2 && !math.IsNaN(v) || len(distinct) > 1 && math.Abs(v-1) > 1e-9 {
				t.Fatalf("%s of %v is %v", name, r[0], v)
			}
		}
	})
}

// Neither the order of the units nor, but for none of them, who is called the
// first coder matters.
func TestTheOrderOfUnitsAndCodersDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := some(t, 3)
		order := rapid.Permutation(indices(len(r[0]))).Draw(t, "order")
		mixed := r.Units(order)
		same := func(what string, a, b float64) {
			if math.IsNaN(a) != math.IsNaN(b) || math.Abs(a-b) > 1e-9 {
				t.Fatalf("%s: %v and %v of %v by %v", what, a, b, r, order)
			}
		}
		pair, turned := r[:2], eval.Ratings{mixed[1], mixed[0]}
		same("exact", eval.Exact(pair), eval.Exact(turned))
		same("kappa", eval.Kappa(pair), eval.Kappa(turned))
		same("weighted kappa", eval.WeightedKappa(pair), eval.WeightedKappa(turned))
		same("pearson", eval.Pearson(pair), eval.Pearson(turned))
		for _, s := range []eval.Scale{eval.Nominal, eval.Ordinal, eval.Interval} {
			same("alpha", eval.Alpha(r, s), eval.Alpha(eval.Ratings{mixed[2], mixed[0], mixed[1]}, s))
		}
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// The moments and mid-ranks give what the sums of the sources give.
func TestAlphaAndWeightedKappaAreWhatTheSumsGive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := some(t, 3)
		for _, s := range []eval.Scale{eval.Nominal, eval.Ordinal, eval.Interval} {
			if got, want := eval.Alpha(r, s), alphaBySums(r, s); math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-9 {
				t.Fatalf("scale %d of %v: %v, want %v", s, r, got, want)
			}
		}
	})
}

// alphaBySums is the coincidence matrix, written out.
func alphaBySums(r eval.Ratings, s eval.Scale) float64 {
	o, n, total := map[[2]float64]float64{}, map[float64]float64{}, 0.0
	for u := range r[0] {
		var unit []float64
		for _, c := range r {
			if !math.IsNaN(c[u]) {
				unit = append(unit, c[u])
			}
		}
		for i := range unit {
			for j := range unit {
				if i != j {
					o[[2]float64{unit[i], unit[j]}] += 1 / float64(len(unit)-1)
				}
			}
		}
	}
	for pair, k := range o {
		n[pair[0]] += k
		total += k
	}
	distance := func(c, k float64) float64 {
		c, k = min(c, k), max(c, k)
		switch s {
		case eval.Interval:
			return (c - k) * (c - k)
		case eval.Nominal:
			if c == k {
				return 0
			}
			return 1
		}
		sum := -(n[c] + n[k]) / 2
		for g, of := range n {
			if g >= c && g <= k {
				sum += of
			}
		}
		return sum * sum
	}
	seen, chance := 0.0, 0.0
	for c := range n {
		for k := range n {
			seen += o[[2]float64{c, k}] * distance(c, k)
			chance += n[c] * n[k] * distance(c, k)
		}
	}
	if chance == 0 {
		return math.NaN()
	}
	return 1 - (total-1)*seen/chance
}
