package intake

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// scattered makes n runs at random on three pages, each with a text of its own.
func scattered(rng *rand.Rand, n int) []run {
	runs := make([]run, n)
	for i := range runs {
		x, y := rng.Float64()*600, rng.Float64()*800
		runs[i] = run{text: fmt.Sprintf("合%d元", i), page: rng.IntN(3),
			box: kit.Box{X0: x, Y0: y, X1: x + rng.Float64()*80, Y1: y + rng.Float64()*rng.Float64()*60}}
	}
	return runs
}

// TestComposeLosesNothing holds for any layout: each run stands in the text
// once, where its span says, with its own box, and rows go from left to right.
func TestComposeLosesNothing(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		runs := scattered(rng, 1+rng.IntN(120))
		place := map[string]run{}
		for _, r := range runs {
			place[r.text] = r
		}
		doc := compose(runs, make([]kit.Page, 3), 0)
		sound(t, doc)
		for i, s := range doc.Spans {
			text := doc.Text[s.Start:s.End]
			want, ok := place[text]
			if !ok || want.box != s.Box || want.page != s.Page {
				t.Fatalf("seed %d: span %d is %q at %+v, want %+v", seed, i, text, s, want)
			}
			delete(place, text)
			if i > 0 && !strings.Contains(doc.Text[doc.Spans[i-1].End:s.Start], "\n") && doc.Spans[i-1].Box.X0 > s.Box.X0 {
				t.Fatalf("seed %d: %q stands left of what comes before it", seed, text)
			}
		}
		if len(place) > 0 {
			t.Fatalf("seed %d: lost %v", seed, place)
		}
	}
}

// TestComposeForgetsTheOrder reads the same page from runs in any order.
func TestComposeForgetsTheOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	runs := scattered(rng, 80)
	want := compose(runs, make([]kit.Page, 3), 0).Text
	for range 20 {
		rng.Shuffle(len(runs), func(i, k int) { runs[i], runs[k] = runs[k], runs[i] })
		if got := compose(runs, make([]kit.Page, 3), 0).Text; got != want {
			t.Fatalf("another order gives\n%s\nnot\n%s", got, want)
		}
	}
}

func TestComposeSpacesAndPages(t *testing.T) {
	at := func(text string, page int, x0, x1 float64) run {
		return run{text: text, page: page, box: kit.Box{X0: x0, X1: x1, Y1: 10}}
	}
	runs := []run{at("on", 1, 0, 20), at("AC", 0, 0, 20), at("ME", 0, 25, 40), at("9", 0, 60, 70)}
	doc := compose(runs, make([]kit.Page, 2), 1)
	if doc.Text != "AC ME  9\n\non\n" {
		t.Errorf("text %q", doc.Text)
	}
	if doc := compose(nil, nil, 1); doc.Text != "" || doc.Spans != nil {
		t.Errorf("nothing gives %+v", doc)
	}
}
