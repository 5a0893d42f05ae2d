package eval

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Wilson returns the score interval for a share of which k of n were seen, at
// confidence conf (0.95 for 95 %): all shares p for which the observed k/n lies
// within z standard errors of p, the error taken at p. It covers close to conf
// on average and stays inside [0, 1], which makes it the one to print; Report
// uses it. With n = 0 nothing is known and it returns 0, 1.
//
// Source: E. B. Wilson, "Probable Inference, the Law of Succession, and
// Statistical Inference", JASA 22 (1927) 209-212; recommended for print by
// Brown, Cai and DasGupta, Statistical Science 16 (2001) 101-133.
func Wilson(k, n int, conf float64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	z := distuv.UnitNormal.Quantile(0.5 + conf/2)
	size, share := float64(n), float64(k)/float64(n)
	spread := z * z / size
	middle := (share + spread/2) / (1 + spread)
	half := z / (1 + spread) * math.Sqrt(share*(1-share)/size+spread/(4*size))
	low, high = max(0, middle-half), min(1, middle+half)
	if k == 0 {
		low = 0 // exactly, whatever the rounding of the line above
	}
	if k == n {
		high = 1
	}
	return low, high
}

// ClopperPearson returns the exact interval for a share of which k of n were
// seen, at confidence conf: it never covers less than conf, and so is wider
// than Wilson. Use it where a promise hangs on it. With n = 0 nothing is known
// and it returns 0, 1.
//
// Source: C. J. Clopper and E. S. Pearson, "The Use of Confidence or Fiducial
// Limits Illustrated in the Case of the Binomial", Biometrika 26 (1934)
// 404-413, by way of the quantiles of the beta distribution.
func ClopperPearson(k, n int, conf float64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	tail := (1 - conf) / 2
	low, high = 0, 1
	if k > 0 {
		low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		high = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return low, high
}
