package eval_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
)

func TestSplitKeepsItsShares(t *testing.T) {
	const n = 20000
	counts := map[eval.Part]float64{}
	for i := range n {
		counts[eval.Split(kit.Hash(fmt.Append(nil, i)))]++
	}
	for part, share := range map[eval.Part]float64{eval.Train: 0.50, eval.Calibrate: 0.15, eval.Certify: 0.35} {
		if got := part.Share(); math.Abs(got-share) > 1e-9 {
			t.Errorf("%s says that it has %v of the cases, want %v", part, got, share)
		}
		if got := counts[part] / n; math.Abs(got-share) > 0.015 {
			t.Errorf("%s has %.3f of the cases, want about %.2f", part, got, share)
		}
	}
}

// A case that changes its part after an upgrade would be judged after it was
// learned from: these stay as they are for ever.
func TestSplitIsTheSameForEver(t *testing.T) {
	for key, want := range map[string]eval.Part{"a": eval.Certify, "b": eval.Train, "c": eval.Train, "": eval.Certify} {
		if got := eval.Split(key); got != want {
			t.Errorf("Split(%q) = %s, want %s", key, got, want)
		}
	}
}
