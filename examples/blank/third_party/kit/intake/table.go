package intake

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// maxCoordinate is beyond any page, in pixels: a larger number is a broken file.
const maxCoordinate = 1e6

// ocrTable reads the output of an OCR run: one run of text a line, the eight
// coordinates of its corners first, then the text as it is, which may hold
// commas and quotes. Coordinates are pixels of the scan; the ones a little off
// the page are moved to its edge.
func (f *file) ocrTable() (kit.Document, error) {
	text, err := f.decode()
	if err != nil {
		return kit.Document{}, err
	}
	var runs []run
	for i, line := range strings.Split(newlines.Replace(text), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		box, words, why := ocrRow(line)
		if why != "" {
			return kit.Document{}, f.errorf(kit.Invalid, "line %d: %s", i+1, why).
				WithHint("an OCR table has lines of x1,y1,x2,y2,x3,y3,x4,y4,text")
		}
		if words = cleanRun(words); words != "" {
			runs = append(runs, run{text: words, box: box})
		}
	}
	return compose(runs, []kit.Page{extent(runs)}, 0), nil
}

// ocrRow takes one line apart, or says what is wrong with it.
func ocrRow(line string) (box kit.Box, words, why string) {
	parts := strings.SplitN(line, ",", 9)
	if len(parts) < 9 {
		return box, "", "want 8 coordinates and a text, have " + strconv.Itoa(len(parts)) + " columns"
	}
	var at [8]float64
	for i, s := range parts[:8] {
		n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil || math.IsNaN(n) {
			return box, "", "coordinate " + strconv.Itoa(i+1) + " is not a number: " + strconv.Quote(clip(s, 40))
		}
		if math.Abs(n) > maxCoordinate {
			return box, "", "coordinate " + strconv.Itoa(i+1) + " is off any page: " + strconv.Quote(clip(s, 40))
		}
		at[i] = max(n, 0)
	}
	return kit.Box{
		X0: min(at[0], at[2], at[4], at[6]), Y0: min(at[1], at[3], at[5], at[7]),
		X1: max(at[0], at[2], at[4], at[6]), Y1: max(at[1], at[3], at[5], at[7]),
	}, parts[8], ""
}

// isTable reports whether every line is a row of an OCR run, whatever the name
// says: the receipts of the SROIE set, for one, are spread as .txt.
func (f *file) isTable() bool {
	rows := 0
	for line := range bytes.Lines(f.data) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if _, _, why := ocrRow(string(line)); why != "" {
			return false
		}
		rows++
	}
	return rows > 0
}

// extent is the smallest page that holds the runs.
func extent(runs []run) kit.Page {
	var p kit.Page
	for _, r := range runs {
		p.Width, p.Height = max(p.Width, r.box.X1), max(p.Height, r.box.Y1)
	}
	return p
}
