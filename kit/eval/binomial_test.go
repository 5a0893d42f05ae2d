package eval

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// To show at 95 % that more than 95 % are right takes 59 cases without an
// error, 93 with one, 124 with two; for 99 %: 299, 473 and 628.
func TestCriticalGivesTheLabelsNeededToCertify(t *testing.T) {
	for share, sizes := range map[float64][]int{0.95: {59, 93, 124}, 0.99: {299, 473, 628}} {
		for wrong, n := range sizes {
			if c := Critical(n, share, 0.05); c != n-wrong {
				t.Errorf("of %d for %v: %d must be right, want %d", n, share, c, n-wrong)
			}
			if c := Critical(n-1, share, 0.05); c != n-wrong {
				t.Errorf("of %d for %v: %d must be right, want %d", n-1, share, c, n-wrong)
			}
		}
	}
	if c := Critical(0, 0.9, 0.05); c != 1 {
		t.Errorf("of no cases %d must be right, want 1: it cannot be", c)
	}
}

func TestTheTestTheBoundAndTheDistributionAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 800).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		share := rapid.Float64Range(0.01, 0.99).Draw(t, "share")
		alpha := rapid.Float64Range(0.001, 0.2).Draw(t, "alpha")
		p := AtLeast(k, n, share)
		if want := 1 - (distuv.Binomial{N: float64(n), P: share}).CDF(float64(k)-1); k > 0 && math.Abs(p-want) > 1e-9 {
			t.Fatalf("P(X >= %d of %d at %v) = %v, want %v", k, n, share, p, want)
		}
		if low := LowerBound(k, n, alpha); math.Abs(p-alpha) > 1e-9 && (p <= alpha) != (low >= share) {
			t.Fatalf("%d of %d at %v: p %v, bound %v, alpha %v", k, n, share, p, low, alpha)
		}
		if c := Critical(n, share, alpha); (k >= c) != (p <= alpha) {
			t.Fatalf("%d of %d at %v, alpha %v: critical %d, p %v", k, n, share, alpha, c, p)
		}
	})
}

func TestNeededIsTheLeastNumberThatPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 60).Draw(t, "of")
		seen := float64(rapid.IntRange(0, of).Draw(t, "right")) / float64(of)
		share := rapid.Float64Range(0.3, 0.97).Draw(t, "share")
		alpha := rapid.Float64Range(0.002, 0.2).Draw(t, "alpha")
		got, ok := Needed(seen, share, alpha)
		if ok != (seen > share) {
			t.Fatalf("%v against %v: %v", seen, share, ok)
		}
		for n := 1; n <= min(got, 3000); n++ {
			k := int(math.Floor(seen*float64(n) + 1e-9))
			if passes := k >= Critical(n, share, alpha); passes != (n == got) {
				t.Fatalf("%v against %v at %v: needs %d, but of %d it passes: %v", seen, share, alpha, got, n, passes)
			}
		}
	})
}

func TestNeededForThePublishedFigures(t *testing.T) {
	if n, ok := Needed(1, 0.95, 0.05); n != 59 || !ok {
		t.Errorf("flawless at 95 %%: %d, %v", n, ok)
	}
	if n, ok := Needed(0.95, 0.95, 0.05); n != 0 || ok {
		t.Errorf("at the bar itself: %d, %v", n, ok)
	}
	if n, ok := Needed(0.9500001, 0.95, 0.05); ok {
		t.Errorf("a hair above the bar: %d, which nobody labels", n)
	}
}
