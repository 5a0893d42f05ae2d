package console

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-analyze/charts"
)

// Lines that lie on each other have their signs at different places.
func TestLinesOnEachOtherKeepTheirSigns(t *testing.T) {
	for _, n := range []int{7, 13, 30, 52} {
		line := make([]float64, n)
		all := signs([][]float64{line, line, line})
		for s, of := range all {
			own := 0
			for i, v := range of {
				others := slices.ContainsFunc(all, func(o []float64) bool { return &o[0] != &of[0] && o[i] == 0 })
				if v == 0 && !others {
					own++
				}
			}
			if own < 2 || own > 9 {
				t.Errorf("of %d days, line %d has %d signs of its own", n, s, own)
			}
		}
	}
}

func TestADayBetweenUnknownOnesHasASign(t *testing.T) {
	none := charts.GetNullValue()
	line := slices.Repeat([]float64{none}, 30)
	line[11], line[20], line[21] = 1, 2, 3
	got := signs([][]float64{line, line})
	for s := range got {
		if got[s][11] != 1 || got[s][20] == 2 && got[s][21] == 3 {
			t.Errorf("line %d: %v", s, got[s])
		}
	}
}

func TestLabelsAreFewAndEquallyApart(t *testing.T) {
	labels := strings.Split(strings.Repeat("x", 52), "")
	for most := 1; most < 60; most++ {
		var at []int
		for i, label := range sparse(labels, most) {
			if label != "" {
				at = append(at, i)
			}
		}
		if len(at) == 0 || len(at) > most || at[len(at)-1] != 51 {
			t.Errorf("at most %d: %v", most, at)
		}
		for i := 2; i < len(at); i++ {
			if at[i]-at[i-1] != at[1]-at[0] {
				t.Errorf("at most %d: %v", most, at)
			}
		}
	}
}
