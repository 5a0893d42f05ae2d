package console

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// tokens are the console's colours by name, as light and as dark, from 0 to 1.
func tokens(t *testing.T) map[string][2][3]float64 {
	t.Helper()
	css, err := files.ReadFile("assets/console.css")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][2][3]float64{}
	token := regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-fA-F]{6}), (#[0-9a-fA-F]{6})\);`)
	for _, m := range token.FindAllStringSubmatch(string(css), -1) {
		found[m[1]] = [2][3]float64{colour(m[2]), colour(m[3])}
	}
	return found
}

func colour(hex string) (rgb [3]float64) {
	for i := range rgb {
		n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8) // the pattern took hex digits alone
		rgb[i] = float64(n) / 255
	}
	return rgb
}

// over is a colour of some opacity over another.
func over(front, back [3]float64, opacity float64) (rgb [3]float64) {
	for i := range rgb {
		rgb[i] = front[i]*opacity + back[i]*(1-opacity)
	}
	return rgb
}

// contrast is the ratio of WCAG 2, from 1 to 21.
func contrast(a, b [3]float64) float64 {
	one, two := luminance(a), luminance(b)
	return (math.Max(one, two) + .05) / (math.Min(one, two) + .05)
}

func luminance(rgb [3]float64) float64 {
	for i, v := range rgb {
		if v <= .04045 {
			rgb[i] = v / 12.92
		} else {
			rgb[i] = math.Pow((v+.055)/1.055, 2.4)
		}
	}
	return .2126*rgb[0] + .7152*rgb[1] + .0722*rgb[2]
}

func TestContrastIsTheNorms(t *testing.T) {
	if black, white := colour("#000000"), colour("#ffffff"); math.Abs(contrast(black, white)-21) > .01 || math.Abs(contrast(colour("#777777"), white)-4.48) > .01 {
		t.Errorf("black on white is %v, grey is %v", contrast(black, white), contrast(colour("#777777"), white))
	}
}

// TestColoursCanBeRead holds words to 4.5:1 and lines that mean something to
// 3:1, in both themes.
func TestColoursCanBeRead(t *testing.T) {
	all := tokens(t)
	ends := []struct {
		least         float64
		opacity       float64
		fronts, backs []string
	}{
		{4.5, 1, []string{"ink", "dim", "accent"}, []string{"bg", "paper", "sunk", "accent-soft"}},
		{4.5, 1, []string{"ink", "dim"}, []string{"warn-soft", "bad-soft"}},
		{4.5, 1, []string{"ink"}, []string{"mark", "mark-on"}},
		{4.5, 1, []string{"warn"}, []string{"paper", "warn-soft"}},
		{4.5, 1, []string{"bad"}, []string{"paper", "bad-soft"}},
		{4.5, 1, []string{"good"}, []string{"paper", "good-soft"}},
		{4.5, 1, []string{"on-accent"}, []string{"accent", "accent-strong"}},
		{4.5, .9, []string{"on-accent"}, []string{"accent"}}, // kbd on the primary button
		{4.5, .9, []string{"ink", "bad", "dim"}, []string{"paper"}},
		{3, 1, []string{"edge", "accent"}, []string{"paper", "bg"}}, // edges of inputs, rings
		{3, 1, []string{"warn", "edge"}, []string{"paper"}},         // bars of confidence
	}
	for _, e := range ends {
		for _, front := range e.fronts {
			for _, back := range e.backs {
				for i, theme := range []string{"light", "dark"} {
					f, okF := all[front]
					b, okB := all[back]
					if !okF || !okB {
						t.Fatalf("no token %s or %s", front, back)
					}
					if got := contrast(over(f[i], b[i], e.opacity), b[i]); got < e.least {
						t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", theme, front, back, got, e.least)
					}
				}
			}
		}
	}
}
