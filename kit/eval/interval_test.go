package eval

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The table is Table I of R. G. Newcombe, "Two-sided confidence intervals for
// the single proportion", Statistics in Medicine 17 (1998) 857-872: methods 3
// (score) and 5 (exact).
func TestIntervalsAgreeWithPublishedValues(t *testing.T) {
	for _, c := range []struct {
		k, n                            int
		wilsonLow, wilsonHigh, cpL, cpH float64
	}{
		{81, 263, 0.2553, 0.3662, 0.2527, 0.3676},
		{15, 148, 0.0624, 0.1605, 0.0578, 0.1617},
		{0, 20, 0, 0.1611, 0, 0.1684},
		{1, 29, 0.0061, 0.1718, 0.0009, 0.1776},
	} {
		low, high := Wilson(c.k, c.n, 0.95)
		near(t, "Wilson", c.k, c.n, low, c.wilsonLow, high, c.wilsonHigh)
		low, high = ClopperPearson(c.k, c.n, 0.95)
		near(t, "ClopperPearson", c.k, c.n, low, c.cpL, high, c.cpH)
	}
}

func near(t *testing.T, name string, k, n int, low, wantLow, high, wantHigh float64) {
	t.Helper()
	if math.Abs(low-wantLow) > 0.00006 || math.Abs(high-wantHigh) > 0.00006 {
		t.Errorf("%s(%d, %d) = %.4f to %.4f, published %.4f to %.4f", name, k, n, low, high, wantLow, wantHigh)
	}
}

// To be 95 % sure of at most 5 % errors takes 59 labels with none wrong, 93
// with one and 124 with two: one-sided bounds, hence conf 0.90.
func TestClopperPearsonGivesTheLabelsNeededToCertify(t *testing.T) {
	for wrong, n := range map[int]int{0: 59, 1: 93, 2: 124} {
		if _, high := ClopperPearson(wrong, n, 0.90); high > 0.05 {
			t.Errorf("%d wrong of %d: upper bound %.5f is over 5 %%", wrong, n, high)
		}
		if _, high := ClopperPearson(wrong, n-1, 0.90); high <= 0.05 {
			t.Errorf("%d wrong of %d: upper bound %.5f is already under 5 %%", wrong, n-1, high)
		}
	}
}

func TestNothingSeenMeansNothingKnown(t *testing.T) {
	for _, interval := range []func(int, int, float64) (float64, float64){Wilson, ClopperPearson} {
		if low, high := interval(0, 0, 0.95); low != 0 || high != 1 {
			t.Errorf("of no cases: %v to %v, want 0 to 1", low, high)
		}
	}
}

func TestIntervalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 2000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		conf := rapid.Float64Range(0.5, 0.999).Draw(t, "conf")
		share := float64(k) / float64(n)
		for _, interval := range []func(int, int, float64) (float64, float64){Wilson, ClopperPearson} {
			low, high := interval(k, n, conf)
			if low < 0 || high > 1 || low > share+1e-12 || high < share-1e-12 {
				t.Fatalf("%d of %d: %v to %v does not hold the share within [0, 1]", k, n, low, high)
			}
			mirrorLow, mirrorHigh := interval(n-k, n, conf)
			if math.Abs(low-(1-mirrorHigh)) > 1e-9 || math.Abs(high-(1-mirrorLow)) > 1e-9 {
				t.Fatalf("%d of %d: right and wrong are not mirrored", k, n)
			}
			surerLow, surerHigh := interval(k, n, conf+(1-conf)/2)
			if surerLow > low+1e-12 || surerHigh < high-1e-12 {
				t.Fatalf("%d of %d: more confidence narrows the interval", k, n)
			}
		}
	})
}
