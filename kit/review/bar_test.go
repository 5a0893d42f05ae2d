package review_test

import (
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

func TestABarHoldsForDraftsOfTheSameAlone(t *testing.T) {
	fit := model.Fit{Step: "read", Digest: "d", Prompt: "p", Schema: "s", Server: "ollama 1"}
	b := review.Bar{Step: "read", Model: kit.ModelInfo{Digest: "d", Server: "ollama 1"}, Prompt: "p", Schema: "s", Calibration: "c"}
	for name, c := range map[string]struct {
		change func(*model.Fit)
		by     string
		want   []string
	}{
		"the same":    {func(*model.Fit) {}, "c", nil},
		"step":        {func(f *model.Fit) { f.Step = "x" }, "c", []string{"step"}},
		"model":       {func(f *model.Fit) { f.Digest = "x" }, "c", []string{"model"}},
		"prompt":      {func(f *model.Fit) { f.Prompt = "x" }, "c", []string{"prompt"}},
		"schema":      {func(f *model.Fit) { f.Schema = "x" }, "c", []string{"schema"}},
		"server":      {func(f *model.Fit) { f.Server = "" }, "c", []string{"server"}},
		"calibration": {func(*model.Fit) {}, "", []string{"calibration"}},
		"both":        {func(f *model.Fit) { f.Digest, f.Prompt = "x", "x" }, "y", []string{"model", "prompt"}},
	} {
		now := fit
		c.change(&now)
		if got := b.Differs(now, c.by); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestABarsShareIsOfItsLabels(t *testing.T) {
	b := review.Bar{Step: "read", Threshold: 0.9, Error: 0.05, Confidence: 0.95, Labels: 60, Model: kit.ModelInfo{Digest: "d"}, Schema: "s"}
	for _, c := range []struct {
		cases int
		share float64
		good  bool
	}{{0, 0, true}, {100, 0.6, true}, {60, 1, true}, {59, 1, false}, {100, 0, false}, {0, 0.6, false}, {100, 1.1, false}} {
		b.Cases, b.Share = c.cases, c.share
		if err := b.Check(); (err == nil) != c.good {
			t.Errorf("%v of %d: %v", c.share, c.cases, err)
		}
	}
}
