package console

import (
	"math"
	"strconv"
	"strings"
)

// rounded is a number without decimals.
func rounded(n float64) string { return thousands(strconv.FormatFloat(n, 'f', 0, 64)) }

// counted is a count as people read it.
func counted(n int) string { return thousands(strconv.Itoa(n)) }

// short is a number with one decimal where that says something.
func short(n float64) string {
	if math.IsNaN(n) {
		return "–"
	}
	return thousands(strings.TrimSuffix(strconv.FormatFloat(n, 'f', 1, 64), ".0"))
}

// percent is a share as short, with the sign as the language sets it: 95 % in
// English, 95% in Chinese.
func (t *tongue) percent(n float64) string {
	if math.IsNaN(n) {
		return "–"
	}
	return t.T("number.percent", "N", short(100*n))
}

// shareOf writes a share in percent with up to two decimals, trailing zeros
// left out. One that is to be an upper bound is rounded up.
func (t *tongue) shareOf(share float64, up bool) string {
	hundredths := share * 1e4
	whole := int64(hundredths + 0.5)
	if up && float64(whole) < hundredths-1e-6 {
		whole++
	}
	return t.T("number.percent", "N", strconv.FormatFloat(float64(whole)/100, 'f', -1, 64))
}
