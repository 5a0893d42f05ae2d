package learned

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit/model"
)

// A candidate is described by the names of what holds of it: "left1:TOTAL",
// "shape:9.9". Each name has a weight.

// describer names the features of one candidate after the other.
type describer struct {
	set
	times  map[string]int // how many candidates say the same
	larger map[string]int // how many other numbers are larger
	paths  []string       // of the other answers, in order
	buf    []byte
	name   func(name []byte)
}

// nothing describes the choice that no candidate is right.
func (d *describer) nothing() {
	d.say("none")
	own := slices.IndexFunc(d.all, func(c candidate) bool { return c.own })
	if own < 0 {
		d.say("none:no answer")
		return
	}
	d.say("none:sure:", bucket(d.all[own].confidence))
	d.say("none:seen:", count(d.all[own].seen))
}

// describe names the features of a candidate.
func (d *describer) describe(c candidate) {
	d.origin(c)
	d.spelling(c)
	d.beside(c)
	if c.start >= 0 && c.start < c.end && d.page.rowAt(c.start) >= 0 {
		d.place(c)
	}
}

// say names a feature by its parts.
func (d *describer) say(parts ...string) {
	d.buf = d.buf[:0]
	for _, p := range parts {
		d.buf = append(d.buf, p...)
	}
	d.name(d.buf)
}

// origin is who says so: the rules, or people of other cases.
func (d *describer) origin(c candidate) {
	from := "weak"
	switch {
	case c.own:
		from = "own"
	case c.mended:
		from = "mended"
	case c.like > 0:
		from = "like:" + bucket(c.like)
	}
	d.say("from:", from)
	d.say("from:", from, ":sure:", bucket(c.confidence))
	d.say("seen:", count(c.seen))
	d.say("seen:", count(c.seen), ":", from)
	d.say("times:", count(d.times[c.form]))
	if isNumber(d.spec.Kind) {
		d.say("larger:", count(d.larger[c.form]))
	}
}

// spelling is what the value looks like.
func (d *describer) spelling(c candidate) {
	d.say("length:", strconv.Itoa(int(4*math.Log2(float64(len(c.text)+1)))))
	d.say("shape:", shape(c.text))
	if !isText(d.spec.Kind) {
		return
	}
	words := wordsOf(c.text, 0, min(len(c.text), 1000))
	d.say("words:", count(len(words)))
	for i, w := range words[:min(len(words), 24)] {
		d.say("has:", w.text)
		if i > 0 {
			d.say("pair:", words[i-1].text, " ", w.text)
		}
	}
	if len(words) > 0 {
		d.say("first:", words[0].text)
		d.say("last:", words[len(words)-1].text)
		d.say("opens like:", shape(words[0].text))
		d.say("ends like:", shape(words[len(words)-1].text))
	}
}

// beside is how the candidate stands to what the rules answer.
func (d *describer) beside(c candidate) {
	for _, path := range d.paths {
		g := d.other[path]
		if g.Start >= g.End {
			continue
		}
		switch {
		case path == d.spec.Path:
			d.say("answer:", order(c.start, g.Start), order(c.end, g.End))
		case c.end <= g.Start:
			d.say("before:", path)
		case c.start < g.End:
			d.say("overlaps:", path)
		case c.start-g.End < 4:
			d.say("behind:", path)
		}
	}
}

func order(a, b int) string {
	switch {
	case a < b:
		return "<"
	case a > b:
		return ">"
	}
	return "="
}

// place is where the candidate stands, and among what.
func (d *describer) place(c candidate) {
	rows := d.page.rows
	first, last := d.page.rowAt(c.start), d.page.rowAt(c.end-1)
	d.say("row:", count(first))
	d.say("part:", strconv.Itoa(10*first/len(rows)))
	d.say("rows:", count(last-first+1))
	left, right := around(rows[first], c.start, -1), around(rows[last], c.end, 1)
	d.neighbours("left", left, 3)
	d.neighbours("right", right, 2)
	d.row("above", rows, first-1)
	d.row("below", rows, last+1)
	d.layout(c)
}

// around are the words of a row before (step -1) or behind a byte, the nearest
// first.
func around(r row, at, step int) []word {
	i, _ := slices.BinarySearchFunc(r.words, at, func(w word, at int) int { return w.start - at })
	if step > 0 {
		return r.words[i:]
	}
	for i > 0 && r.words[i-1].end > at { // the place is within a word
		i--
	}
	out := slices.Clone(r.words[max(0, i-3):i])
	slices.Reverse(out)
	return out
}

func (d *describer) neighbours(side string, words []word, n int) {
	if len(words) == 0 {
		d.say(side, ":edge")
		return
	}
	for i, w := range words[:min(len(words), n)] {
		d.say(side, strconv.Itoa(i+1), ":", w.text)
		if i > 0 {
			d.say(side, "s:", words[i-1].text, " ", w.text)
		}
	}
	d.say(side, " like:", shape(words[0].text))
}

// row names the words of the row above or below.
func (d *describer) row(side string, rows []row, i int) {
	if i < 0 || i >= len(rows) {
		d.say(side, ":edge")
		return
	}
	words := rows[i].words
	for _, w := range words[:min(len(words), 6)] {
		d.say(side, ":", w.text)
	}
	d.say(side, " opens like:", shape(words[0].text))
	d.say(side, " like:", shape(d.page.doc.Text[rows[i].start:min(rows[i].end, rows[i].start+60)]))
}

// layout is where on its page the candidate stands, and how large, in tenths.
func (d *describer) layout(c candidate) {
	span, ok := d.page.spanAt(c.start)
	if !ok || span.Page < 0 || span.Page >= len(d.page.doc.Pages) {
		return
	}
	size := d.page.doc.Pages[span.Page]
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	d.say("x:", tenth((span.Box.X0+span.Box.X1)/2/size.Width))
	d.say("y:", tenth(span.Box.Y0/size.Height))
	d.say("height:", strconv.Itoa(int(4*math.Log2(1+max(0, min(1, (span.Box.Y1-span.Box.Y0)/size.Height))*100))))
}

func tenth(share float64) string { return strconv.Itoa(int(10 * max(0, min(1, share)))) }

// bucket is a share to a twentieth.
func bucket(share float64) string { return strconv.Itoa(int(20*share + 1e-9)) }

// count is a number as far as it matters: the larger, the coarser.
func count(n int) string {
	switch {
	case n <= 5:
		return strconv.Itoa(n)
	case n <= 8:
		return "6"
	case n <= 16:
		return "9"
	}
	return "17"
}

func isNumber(k model.Kind) bool { return k == model.Number || k == model.Integer }

// describe makes the describer of a set.
func describe(s set, name func([]byte)) *describer {
	d := &describer{set: s, times: map[string]int{}, larger: map[string]int{}, paths: slices.Sorted(maps.Keys(s.other)), name: name}
	for _, c := range s.all {
		d.times[c.form]++
	}
	if !isNumber(s.spec.Kind) {
		return d
	}
	values := map[string]float64{}
	for form := range d.times {
		if v, err := strconv.ParseFloat(strings.TrimSpace(form), 64); err == nil {
			values[form] = v
		}
	}
	for form, v := range values {
		for _, w := range values {
			if w > v {
				d.larger[form]++
			}
		}
	}
	return d
}
