package learned

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model"
)

// asWritten compares texts as they are.
type asWritten struct{}

func (asWritten) Normalise(s string) (string, bool) { return s, s != "" }

func TestTheGradientIsThatOfTheLoss(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 12
	var questions []question
	for range 20 {
		q := question{}
		for range 2 + r.IntN(6) {
			var features []int32
			for range r.IntN(5) {
				features = append(features, int32(r.IntN(n)))
			}
			q.features, q.prior, q.right = append(q.features, features), append(q.prior, r.NormFloat64()), append(q.right, r.IntN(3) == 0)
		}
		q.right[len(q.right)-1] = q.right[len(q.right)-1] || !slices.Contains(q.right, true)
		questions = append(questions, q)
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	l := &loss{questions: questions, n: n}
	l.at(x)
	gradient := slices.Clone(l.gradient)
	const h = 1e-6
	for i := range x {
		x[i] += h
		l.at(x)
		up := l.value
		x[i] -= 2 * h
		l.at(x)
		if slope := (up - l.value) / (2 * h); math.Abs(slope-gradient[i]) > 1e-5 {
			t.Errorf("along %d the slope is %g, the gradient says %g", i, slope, gradient[i])
		}
		x[i] += h
	}
}

// Before anything is learned the rules' answer is as likely as they say.
func TestThePriorIsTheRulesOwnConfidence(t *testing.T) {
	s := set{spec: model.FieldSpec{Path: "shop", Kind: model.Text}, page: &page{}}
	for i := range 9 {
		s.all = append(s.all, candidate{form: fmt.Sprint(i), text: fmt.Sprint(i), confidence: 0.8, own: i == 0})
	}
	r := &ranker{kind: asWritten{}}
	best, sure, ok := r.choose(s)
	if !ok || !best.own || math.Abs(sure-0.8) > 1e-9 {
		t.Errorf("chose %+v with %g, the rules say 0.8", best, sure)
	}
}

// What says the same counts together.
func TestCandidatesThatSayTheSameCountTogether(t *testing.T) {
	s := set{spec: model.FieldSpec{Path: "shop", Kind: model.Text}, page: &page{}}
	s.all = []candidate{{form: "a", text: "a"}, {form: "b", text: "b", start: 1, end: 2}, {form: "b", text: "B", start: 5, end: 6}}
	r := &ranker{kind: asWritten{}, weights: map[string]float64{"from:weak": 1}}
	best, sure, _ := r.choose(s)
	if best.form != "b" || math.Abs(sure-2*math.E/(3*math.E+1)) > 1e-9 {
		t.Errorf("chose %q with %g", best.form, sure)
	}
}

// A case that is learned from does not know its own answer from elsewhere.
func TestALessonIsLeftOutOfWhatItTeaches(t *testing.T) {
	one := &lesson{text: "ACORN TRADING", form: "ACORN TRADING", pairs: []pair{{"TRAOING", "TRADING"}}}
	m, w := remember([]*lesson{one}), mendFrom([]*lesson{one, one})
	if n := m.count(one.form, one); n != 0 {
		t.Errorf("its answer was seen in %d other cases", n)
	}
	if n := m.count(one.form, nil); n != 1 {
		t.Errorf("another case has seen it %d times", n)
	}
	if s, like := m.nearest("ACORN TRAOING", one); like != 0 {
		t.Errorf("it recalls its own answer %q", s)
	}
	if s, like := m.nearest("ACORN TRAOING", nil); s != "ACORN TRADING" || math.Abs(like-12.0/13) > 1e-9 {
		t.Errorf("another case recalls %q, %g alike", s, like)
	}
	if s, ok := w.mend("ACORN TRAOING", one); ok {
		t.Errorf("it mends itself by its own words to %q", s)
	}
	if s, ok := w.mend("ACORN TRAOING", nil); !ok || s != "ACORN TRADING" {
		t.Errorf("another case is mended to %q, %v", s, ok)
	}
}

func TestAWordIsMendedWhenPeopleMostlyDo(t *testing.T) {
	for _, c := range []struct {
		mended, kept int
		want         bool
	}{{1, 0, false}, {2, 0, true}, {2, 1, false}, {3, 1, true}, {4, 2, false}, {5, 2, true}} {
		l := &lesson{}
		for range c.mended {
			l.pairs = append(l.pairs, pair{"BND", "BHD"})
		}
		for range c.kept {
			l.pairs = append(l.pairs, pair{"BND", "BND"})
		}
		for _, m := range []*mends{mendFrom([]*lesson{l}), retold(mendFrom([]*lesson{l}).told())} {
			if s, ok := m.mend("A BND", nil); ok != c.want || ok && s != "A BHD" {
				t.Errorf("mended %d times and kept %d times: %q, %v", c.mended, c.kept, s, ok)
			}
		}
	}
}

func TestPairs(t *testing.T) {
	for _, c := range []struct{ draft, answer, want string }{
		{"A B C", "A B C", "A>A B>B C>C"},
		{"A BND C", "A BHD C", "A>A BND>BHD C>C"},
		{"A SON BND", "A SDN BHD", "A>A SON>SDN BND>BHD"},
		{"A B C", "A C", "A>A C>C"},
		{"A X C", "A P Q C", "A>A C>C"},
		{"", "A", ""},
		{"X", "Y", "X>Y"},
	} {
		var got []string
		for _, p := range pairsIn(c.draft, c.answer) {
			got = append(got, p.from+">"+p.to)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q to %q: %v, want %s", c.draft, c.answer, got, c.want)
		}
	}
}

func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"acorn", "acorn", 1}, {"acorn", "ac0rn", 0.8}, {"acorn", "corn", 0.8}, {"kitten", "sitting", 1 - 3.0/7},
		{"a", "abcdef", 0}, {"", "", 0}, {"超市超市", "超巿超市", 0.75},
	} {
		for _, got := range []float64{similarity(c.a, c.b), similarity(c.b, c.a)} {
			if math.Abs(got-c.want) > 1e-9 {
				t.Errorf("%q and %q: %g, want %g", c.a, c.b, got, c.want)
			}
		}
	}
}

func TestShapes(t *testing.T) {
	for in, want := range map[string]string{"NO.12": "A.9", "12/3  4": "9/9 9", "合计:5": "x:9", "--": "--", "": ""} {
		if got := shape(in); got != want {
			t.Errorf("the shape of %q is %q, want %q", in, got, want)
		}
	}
	if got := folded("(No.12,"); got != "NO.99" {
		t.Errorf("folded %q", got)
	}
}
