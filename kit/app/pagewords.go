package app

import (
	"fmt"
	"strconv"
)

// secondsWords is a time as people read it: two digits that say something.
func secondsWords(s float64) string {
	switch {
	case s == 0:
		return "0 s"
	case s < 0.1:
		return strconv.FormatFloat(1000*s, 'g', 2, 64) + " ms"
	}
	return strconv.FormatFloat(s, 'g', 2, 64) + " s"
}

// wholeWords is a count.
func wholeWords(v float64) string { return fmt.Sprintf("%.0f", v) }
