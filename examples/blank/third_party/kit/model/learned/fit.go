package learned

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

const (
	shrink    = 0.3  // weight of half the sum of squared weights in the loss
	rarest    = 2    // cases that must show a feature for it to have a weight
	steps     = 150  // of the optimiser, at most
	flat      = 1e-3 // gradient at which it stops
	leastSaid = 1e-3 // a weight below is none
)

// question is one case's choice for a field.
type question struct {
	prior    []float64 // of each candidate, and last that none is right
	features [][]int32 // of each, by number
	right    []bool
}

// vocabulary numbers the features of questions.
type vocabulary struct {
	number map[string]int32
	names  []string
	cases  []int // that show it
	last   []int // case that was counted
}

func (v *vocabulary) of(name []byte, casus int) int32 {
	n, ok := v.number[string(name)]
	if !ok {
		n = int32(len(v.names))
		v.number[string(name)] = n
		v.names, v.cases, v.last = append(v.names, string(name)), append(v.cases, 0), append(v.last, -1)
	}
	if v.last[n] != casus {
		v.last[n], v.cases[n] = casus, v.cases[n]+1
	}
	return n
}

// ask makes the question of a set of candidates with a known answer.
func (v *vocabulary) ask(casus int, s set, form string) question {
	q := question{prior: prior(s), right: make([]bool, len(s.all)+1), features: make([][]int32, len(s.all)+1)}
	i, found := 0, false
	d := describe(s, func(name []byte) { q.features[i] = append(q.features[i], v.of(name, casus)) })
	for ; i < len(s.all); i++ {
		q.right[i] = s.all[i].form == form
		found = found || q.right[i]
		d.describe(s.all[i])
	}
	d.nothing()
	q.right[i] = !found
	return q
}

// prune drops the features that too few cases show, and numbers the others in
// the order of their names: the sum of numbers hangs on their order.
func (v *vocabulary) prune(questions []question) (names []string) {
	for n, name := range v.names {
		if v.cases[n] >= rarest {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	to := make([]int32, len(v.names))
	for i := range to {
		to[i] = -1
	}
	for n, name := range names {
		to[v.number[name]] = int32(n)
	}
	for _, q := range questions {
		for i, old := range q.features {
			q.features[i] = slices.DeleteFunc(old, func(n int32) bool { return to[n] < 0 })
			for j, n := range q.features[i] {
				q.features[i][j] = to[n]
			}
		}
	}
	return names
}

// fit finds the weights that make right answers likely: it minimises the sum of
// -log(Σ p) over the right candidates of each question, with p the softmax of
// prior plus weights, and shrink/2 times the squared weights.
func fit(ctx context.Context, questions []question, n int) ([]float64, error) {
	if n == 0 {
		return nil, nil // so few cases that they share nothing: the rules go on
	}
	l := &loss{questions: questions, n: n}
	problem := optimize.Problem{
		Func: func(x []float64) float64 { l.at(x); return l.value },
		Grad: func(into, x []float64) { l.at(x); copy(into, l.gradient) },
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	result, err := optimize.Minimize(problem, make([]float64, n), &optimize.Settings{GradientThreshold: flat, MajorIterations: steps}, &optimize.LBFGS{})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if result == nil || len(result.X) != n || slices.ContainsFunc(result.X, func(w float64) bool { return math.IsNaN(w) || math.IsInf(w, 0) }) {
		return nil, errors.Join(errors.New("the weights cannot be fitted"), err)
	}
	return result.X, nil // a search that ended early is still the best so far
}

// loss is computed with its gradient at one place at a time.
type loss struct {
	questions []question
	n         int
	x         []float64
	value     float64
	gradient  []float64
}

func (l *loss) at(x []float64) {
	if l.x != nil && slices.Equal(l.x, x) {
		return
	}
	l.x, l.value, l.gradient = slices.Clone(x), 0, make([]float64, l.n)
	for i, w := range x {
		l.value += shrink / 2 * w * w
		l.gradient[i] = shrink * w
	}
	for _, q := range l.questions {
		l.add(q)
	}
}

// add adds one question: the gradient of -log(Σ right p) is p less the share
// that a candidate has of the right ones.
func (l *loss) add(q question) {
	p := slices.Clone(q.prior)
	for i, features := range q.features {
		for _, n := range features {
			p[i] += l.x[n]
		}
	}
	softmax(p)
	right := 0.0
	for i, r := range q.right {
		if r {
			right += p[i]
		}
	}
	right = max(right, 1e-300)
	l.value -= math.Log(right)
	for i, features := range q.features {
		g := p[i]
		if q.right[i] {
			g -= p[i] / right
		}
		for _, n := range features {
			l.gradient[n] += g
		}
	}
}
