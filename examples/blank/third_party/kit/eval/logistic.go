package eval

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/tackhammer/tackhammer/kit"
)

// Logistic is the probability of a yes as a function of features x:
//
//	P(x) = 1 / (1 + exp(-(Bias + Weights·x)))
type Logistic struct {
	Bias    float64   `json:"bias"`
	Weights []float64 `json:"weights"`
}

// P is the probability at x, which has as many features as there are weights;
// what x lacks counts as 0.
func (l Logistic) P(x []float64) float64 {
	z := l.Bias
	for i, w := range l.Weights {
		if i < len(x) {
			z += w * x[i]
		}
	}
	return 1 / (1 + math.Exp(-z))
}

const (
	fitRounds = 50    // Newton needs fewer than ten where it needs any
	fitEnough = 1e-10 // of the largest step, relative to nothing: the features are of unit scale
)

// FitLogistic fits the probability of a yes to examples: one row of features
// and one answer each. Weights are held back by the penalty l2/2·|w|², over 0,
// with features at unit scale, and the bias is not; so that examples that a
// line parts have a fit too. The same examples in the same order give the same
// fit to the last bit. It fails with kit.Invalid where there is no example, a
// row has another length than the first, or a feature is no number.
//
// Source: iteratively reweighted least squares, T. Hastie, R. Tibshirani and J.
// Friedman, "The Elements of Statistical Learning" (2009), section 4.4.1, with
// the ridge penalty of 4.4.4 and steps halved until the penalised likelihood
// grows.
func FitLogistic(x [][]float64, yes []bool, l2 float64) (Logistic, error) {
	if len(x) == 0 || len(x) != len(yes) || l2 <= 0 {
		return Logistic{}, kit.Errorf(kit.Invalid, "fit a logistic model: %d rows, %d answers, penalty %v", len(x), len(yes), l2)
	}
	f, err := newFit(x, yes, l2)
	if err != nil {
		return Logistic{}, err
	}
	for range fitRounds {
		if step := f.step(); step < fitEnough {
			break
		}
	}
	return f.raw(), nil
}

// fit is a logistic model in the making, on features of mean 0 and deviation 1.
type fit struct {
	x           [][]float64 // with a leading 1
	y           []float64
	l2          float64
	mean, scale []float64 // that the features had; a scale of 0 for one that never changes
	w           []float64 // bias first
	value       float64   // the penalised log-likelihood at w
}

func newFit(x [][]float64, yes []bool, l2 float64) (*fit, error) {
	n := len(x[0])
	f := &fit{l2: l2, mean: make([]float64, n), scale: make([]float64, n), w: make([]float64, n+1)}
	column := make([]float64, len(x))
	for j := range n {
		for i, row := range x {
			if len(row) != n || math.IsNaN(row[j]) || math.IsInf(row[j], 0) {
				return nil, kit.Errorf(kit.Invalid, "fit a logistic model: row %d is not %d numbers", i+1, n)
			}
			column[i] = row[j]
		}
		f.mean[j], f.scale[j] = stat.PopMeanStdDev(column, nil)
		if f.scale[j] < 1e-12 {
			f.scale[j] = 0
		}
	}
	for i, row := range x {
		f.x, f.y = append(f.x, f.unit(row)), append(f.y, 0)
		if yes[i] {
			f.y[i] = 1
		}
	}
	f.value = f.likelihood(f.w)
	return f, nil
}

// unit is a row at unit scale, with the 1 that the bias goes with.
func (f *fit) unit(row []float64) []float64 {
	out := make([]float64, len(row)+1)
	out[0] = 1
	for j, v := range row {
		if f.scale[j] > 0 {
			out[j+1] = (v - f.mean[j]) / f.scale[j]
		}
	}
	return out
}

// likelihood is the penalised log-likelihood of the answers at w.
func (f *fit) likelihood(w []float64) float64 {
	sum := 0.0
	for i, row := range f.x {
		z := dot(w, row)
		if f.y[i] == 0 {
			z = -z
		}
		sum -= math.Log1p(math.Exp(-math.Abs(z))) + max(0, -z)
	}
	for _, v := range w[1:] {
		sum -= f.l2 / 2 * v * v
	}
	return sum
}

// step moves w by Newton's step, halved until the likelihood does not fall, and
// returns how far the largest part of w moved.
func (f *fit) step() float64 {
	n := len(f.w)
	hessian, gradient := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	for i, row := range f.x {
		p := 1 / (1 + math.Exp(-dot(f.w, row)))
		for a := range n {
			gradient.SetVec(a, gradient.AtVec(a)+(f.y[i]-p)*row[a])
			for b := a; b < n; b++ {
				hessian.SetSym(a, b, hessian.At(a, b)+p*(1-p)*row[a]*row[b])
			}
		}
	}
	hessian.SetSym(0, 0, hessian.At(0, 0)+1e-9) // answers that are all alike have no curve left
	for a := 1; a < n; a++ {
		gradient.SetVec(a, gradient.AtVec(a)-f.l2*f.w[a])
		hessian.SetSym(a, a, hessian.At(a, a)+f.l2)
	}
	var chol mat.Cholesky
	var move mat.VecDense
	if !chol.Factorize(hessian) || chol.SolveVecTo(&move, gradient) != nil {
		return 0
	}
	return f.move(move.RawVector().Data)
}

// move tries the whole of a step, then half of it, and so on.
func (f *fit) move(by []float64) float64 {
	for part := 1.0; part > 1e-6; part /= 2 {
		next, most := make([]float64, len(f.w)), 0.0
		for a := range next {
			next[a] = f.w[a] + part*by[a]
			most = max(most, math.Abs(part*by[a]))
		}
		if value := f.likelihood(next); value >= f.value {
			f.w, f.value = next, value
			return most
		}
	}
	return 0
}

// raw is the model on features as they were given. Where all answers are alike
// the bias is that of half an answer to the contrary.
func (f *fit) raw() Logistic {
	l := Logistic{Bias: f.w[0], Weights: make([]float64, len(f.mean))}
	yes := 0.0
	for _, y := range f.y {
		yes += y
	}
	if n := float64(len(f.y)); yes == 0 || yes == n {
		l.Bias = math.Log((yes + 0.5) / (n - yes + 0.5))
		return l
	}
	for j, scale := range f.scale {
		if scale > 0 {
			l.Weights[j] = f.w[j+1] / scale
			l.Bias -= l.Weights[j] * f.mean[j]
		}
	}
	return l
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
