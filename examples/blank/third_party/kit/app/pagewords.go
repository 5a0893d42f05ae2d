package app

import (
	"fmt"
	"strconv"
)

// secondsWords is a time as people read it: two digits that say something, and
// all before the point.
func secondsWords(s float64) string {
	if s > 0 && s < 0.0995 {
		return twoDigits(1000*s) + " ms"
	}
	return twoDigits(s) + " s"
}

// twoDigits is a number from 0 up, never in powers of ten.
func twoDigits(v float64) string {
	switch {
	case v >= 9.5:
		return wholeWords(v)
	case v > 0 && v < 0.01:
		return fmt.Sprintf("%.3f", v)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// wholeWords is a count.
func wholeWords(v float64) string { return fmt.Sprintf("%.0f", v) }

// bytesWords is a size as people read it.
func bytesWords(n int64) string {
	v, unit := float64(n), 0
	for v >= 1<<10 && unit < 3 {
		v, unit = v/(1<<10), unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, []string{"B", "KB", "MB", "GB"}[unit])
}
