package eval

import (
	"math"
	"math/big"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// Every sample of every small lot is drawn, and counted.
func TestLotBoundIsWhatCountingAllSamplesGives(t *testing.T) {
	for size := 1; size <= 9; size++ {
		for sample := 1; sample <= size; sample++ {
			for wrong := 0; wrong <= sample; wrong++ {
				for _, conf := range []float64{0.5, 0.8, 0.9, 0.95, 0.99} {
					want := float64(counted(wrong, sample, size, conf)) / float64(size)
					if got := LotBound(wrong, sample, size, conf); got != want {
						t.Errorf("LotBound(%d, %d, %d, %v) = %v, by counting %v", wrong, sample, size, conf, got, want)
					}
				}
			}
		}
	}
}

// counted tries every number of wrong cases on every sample. The wrong ones
// are the lowest bits of a lot.
func counted(wrong, sample, size int, conf float64) int {
	most := wrong
	for k := 0; k <= size; k++ {
		few, all := 0, 0
		for drawn := uint(0); drawn < 1<<size; drawn++ {
			if bits.OnesCount(drawn) != sample {
				continue
			}
			all++
			if bits.OnesCount(drawn&(1<<k-1)) <= wrong {
				few++
			}
		}
		if float64(few) >= float64(all)*(1-conf)*(1-1e-12) { // also when it is just as likely
			most = max(most, k)
		}
	}
	return most
}

// Where the lot is large, drawing without putting back is like drawing from
// the whole world: the labels to certify are those of Clopper and Pearson.
func TestALargeLotNeedsWhatABarNeeds(t *testing.T) {
	const size = 10_000_000
	for _, c := range []struct {
		err      float64
		wrong, n int
	}{{0.05, 0, 59}, {0.05, 1, 93}, {0.05, 2, 124}, {0.01, 0, 299}, {0.01, 1, 473}, {0.01, 2, 628}} {
		if got := LotBound(c.wrong, c.n, size, 0.95); got > c.err {
			t.Errorf("%d wrong of %d: bound %.6f is over %v", c.wrong, c.n, got, c.err)
		}
		if got := LotBound(c.wrong, c.n-1, size, 0.95); got <= c.err {
			t.Errorf("%d wrong of %d: bound %.6f is already within %v", c.wrong, c.n-1, got, c.err)
		}
		_, exact := ClopperPearson(c.wrong, c.n, 0.90)
		if got := LotBound(c.wrong, c.n, size, 0.95); math.Abs(got-exact) > 1e-6 {
			t.Errorf("%d wrong of %d: bound %.8f, Clopper-Pearson %.8f", c.wrong, c.n, got, exact)
		}
	}
	if got := SampleSize(size, 0.05, 0.95); got != 59 {
		t.Errorf("SampleSize = %d, want 59", got)
	}
}

func TestSampleSizes(t *testing.T) {
	for _, c := range []struct {
		size      int
		err, conf float64
		want      int
	}{
		{0, 0.02, 0.95, 0},
		{1, 0.02, 0.95, 1},
		{10, 0.02, 0.95, 10}, // none may be wrong: all are looked at
		{19, 0.05, 0.95, 19},
		{5, 1, 0.95, 1}, // never none
		{100, 0.05, 0.95, 39},
		{200, 0.02, 0.95, 90},
	} {
		if got := SampleSize(c.size, c.err, c.conf); got != c.want {
			t.Errorf("SampleSize(%d, %v, %v) = %d, want %d", c.size, c.err, c.conf, got, c.want)
		}
	}
}

// The promise itself: of a lot that breaks it, few samples show nothing wrong.
// The chances are computed in whole numbers.
func TestALotThatBreaksThePromiseIsSeldomLetPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 400).Draw(t, "size")
		share := rapid.SampledFrom([]float64{0.01, 0.02, 0.05, 0.1}).Draw(t, "error")
		n := SampleSize(size, share, 0.95)
		broken := int(math.Floor(share*float64(size)+1e-9)) + 1
		var none, all big.Int
		none.Binomial(int64(size-broken), int64(n))
		all.Binomial(int64(size), int64(n))
		passes, _ := new(big.Rat).SetFrac(&none, &all).Float64()
		if size-broken < n {
			passes = 0
		}
		if passes > 0.05 {
			t.Fatalf("a lot of %d with %d wrong passes with a chance of %.4f", size, broken, passes)
		}
	})
}

func TestLotBoundProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 3000).Draw(t, "size")
		sample := rapid.IntRange(1, size).Draw(t, "sample")
		wrong := rapid.IntRange(0, sample).Draw(t, "wrong")
		bound := LotBound(wrong, sample, size, 0.95)
		// What is left of a lot looked at almost whole may well be right: the
		// bound may be below the sample's share, never below what was found.
		if bound < float64(wrong)/float64(size) || bound > 1 {
			t.Fatalf("bound %v does not hold what was seen", bound)
		}
		if sample == size && bound != float64(wrong)/float64(size) {
			t.Fatalf("a lot seen whole with %d of %d wrong has bound %v", wrong, size, bound)
		}
		if wrong < sample && LotBound(wrong+1, sample, size, 0.95) < bound {
			t.Fatal("one more wrong lowers the bound")
		}
		if sample < size && LotBound(wrong, sample+1, size, 0.95) > bound {
			t.Fatal("one more right raises the bound")
		}
	})
}
