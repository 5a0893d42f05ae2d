package intake

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// run is a piece of clean text and its place on a page.
type run struct {
	text string
	page int
	box  kit.Box
}

// row gathers the runs that stand beside each other.
type row struct {
	runs           []run
	top, bottom, n float64 // sums over the runs, and their number
}

func (w *row) add(r run) {
	w.runs = append(w.runs, r)
	w.top, w.bottom, w.n = w.top+r.box.Y0, w.bottom+r.box.Y1, w.n+1
}

// holds reports whether r stands in the row: the middles are within half of the
// lower one's height, so that a tall run cannot tie two lines together.
func (w *row) holds(r run) bool {
	if w.runs[0].page != r.page {
		return false
	}
	height := max(min((w.bottom-w.top)/w.n, r.box.Y1-r.box.Y0), 1)
	return math.Abs((w.top+w.bottom)/(2*w.n)-middle(r.box)) <= height/2
}

func middle(b kit.Box) float64 { return (b.Y0 + b.Y1) / 2 }

// compose writes runs as a document: rows from the top down, a row's runs from
// left to right, two spaces between them, an empty line between pages. Runs
// that are nearer to each other than wordGap line heights are words of one
// phrase and get one space.
func compose(runs []run, pages []kit.Page, wordGap float64) kit.Document {
	return write(rowsOf(runs), pages, wordGap)
}

// rowsOf sorts runs into rows, page by page and from the top down.
func rowsOf(runs []run) []*row {
	slices.SortStableFunc(runs, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.page, b.page), cmp.Compare(middle(a.box), middle(b.box)))
	})
	var rows []*row
	for _, r := range runs {
		if len(rows) == 0 || !rows[len(rows)-1].holds(r) {
			rows = append(rows, &row{})
		}
		rows[len(rows)-1].add(r)
	}
	for _, w := range rows {
		slices.SortStableFunc(w.runs, func(a, b run) int { return cmp.Compare(a.box.X0, b.box.X0) })
	}
	return rows
}

// write joins rows to a text and notes where each run of it stands.
func write(rows []*row, pages []kit.Page, wordGap float64) kit.Document {
	doc := kit.Document{Pages: pages}
	var b strings.Builder
	page := -1
	for _, w := range rows {
		if page >= 0 && w.runs[0].page != page {
			b.WriteByte('\n')
		}
		page = w.runs[0].page
		for i, r := range w.runs {
			if i > 0 {
				b.WriteString(gap(w.runs[i-1], r, wordGap))
			}
			start := b.Len()
			b.WriteString(r.text)
			doc.Spans = append(doc.Spans, kit.Span{Start: start, End: b.Len(), Page: r.page, Box: r.box})
		}
		b.WriteByte('\n')
	}
	doc.Text = b.String()
	return doc
}

// gap is what parts b from the run a on its left.
func gap(a, b run, wordGap float64) string {
	if b.box.X0-a.box.X1 < wordGap*min(a.box.Y1-a.box.Y0, b.box.Y1-b.box.Y0) {
		return " "
	}
	return "  "
}
