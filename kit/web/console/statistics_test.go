package console_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/eval"
)

// The examples of the page are worked out, and both languages have the figures.
func TestTheExamplesOfTheStatisticsPageAreRight(t *testing.T) {
	const cash, card = 0, 1
	gap := math.NaN()
	percent := func(share float64) string { return fmt.Sprintf("%.0f", 100*share) }
	low, high := eval.Wilson(18, 20, 0.95)
	lower, higher := eval.Wilson(180, 200, 0.95)
	worst, best := eval.Wilson(17, 20, 0.95)
	grades := []float64{1, 2, 3, 4, 5}
	sample := eval.SampleSize(500, 0.02, 0.95)
	four, five := []float64{4, 5, 3, 2}, []float64{4, 4, 3, 5}
	numbers := []string{
		percent(low), percent(high) + " %", percent(lower), percent(higher) + " %", percent(worst), percent(best) + " %",
		percent(eval.Exact(eval.Pairs(four, five))) + " %", percent(eval.WithinOne(eval.Pairs(four, five))) + " %",
		fmt.Sprintf("%.2f", eval.Kappa(fifty())),
		fmt.Sprintf("%.2f", eval.WeightedKappa(eval.Pairs(grades, []float64{1, 2, 3, 4, 4}))),
		fmt.Sprintf("%.2f", eval.WeightedKappa(eval.Pairs(grades, []float64{1, 2, 3, 4, 1}))),
		fmt.Sprintf("%.2f", eval.Alpha(eval.Ratings{{cash, card, cash, card}, {cash, card, card, card}, {cash, card, gap, card}}, eval.Nominal)),
		fmt.Sprintf("%.2f", eval.Pearson(eval.Pairs([]float64{10, 20, 30, 40}, []float64{12, 22, 32, 42}))),
		fmt.Sprintf(" %d ", sample), fmt.Sprintf("%.1f %%", 100*eval.LotBound(1, sample, 500, 0.95)),
	}
	if b := eval.LotBound(0, sample, 500, 0.95); b != 0.02 {
		t.Errorf("a sample of %d promises %v", sample, b)
	}
	c := serve(t, newWorld(), nil)
	for lang, title := range map[string]string{"en": "The figures in plain words", "zh": "数据解读"} {
		page := c.get("/help/statistics?lang=" + lang)
		page.has(t, 200, title, "id=\"anchoring\"", "id=\"lot\"")
		for _, n := range numbers {
			if lang == "zh" {
				n = strings.ReplaceAll(n, " %", "%")
			}
			if !strings.Contains(page.body, n) {
				t.Errorf("%s: no %q on the page", lang, n)
			}
		}
	}
	c.get("/help?lang=en").has(t, 200, `href="/help/statistics"`, "What the figures mean")
}

// fifty are two people's sorting of 50 receipts, of which 35 are alike.
func fifty() eval.Ratings {
	r := eval.Ratings{nil, nil}
	for _, c := range []struct {
		n    int
		a, b float64
	}{{20, 1, 1}, {5, 1, 0}, {10, 0, 1}, {15, 0, 0}} {
		for range c.n {
			r[0], r[1] = append(r[0], c.a), append(r[1], c.b)
		}
	}
	return r
}
