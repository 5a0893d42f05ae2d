package scaffold

// Closest returns the one of known that got was most likely meant to be, or ""
// when none is near: at most a third of its letters may be wrong.
func Closest(got string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if d := distance(got, k); d < least {
			best, least = k, d
		}
	}
	if least*3 > len([]rune(best)) {
		return ""
	}
	return best
}

// distance counts the letters to insert, drop, change or swap with the next to
// turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := d[i-1][j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
