package app

import (
	"html/template"
)

// bars is a picture of a page: shares of 0 to 1, one below the other, each with
// its interval and what it is to reach.
type bars struct {
	Title string
	Note  string
	Desc  string
	Of    []shareBar

	Percent func(float64) string // writes a share. Defaults to 12 %
}

// shareBar is one of bars.
type shareBar struct {
	Name      string
	Value     float64
	Low, High float64 // its interval
	Goal      float64 // what it is to reach; 0 for nothing
	Words     string  // at the right: the figure
}

// The measures of bars, in pixels.
const (
	barsW, barsTop, barsRow, barsFoot = 320.0, 2.0, 46.0, 20.0
	barsNames                         = 27 // letters of a name
)

// figure draws the picture.
func (b bars) figure() template.HTML {
	d := &drawing{Title: b.Title, Note: b.Note, Desc: b.Desc, W: barsW, H: barsTop + barsRow*float64(len(b.Of)) + barsFoot, ID: drawingID(b.Title, b.Desc)}
	for i, s := range b.Of {
		s.draw(d, barsTop+barsRow*float64(i))
	}
	bottom := d.H - barsFoot
	for i, at := range []string{"start", "middle", "middle", "middle", "end"} {
		v := float64(i) / 4
		d.Texts = append(d.Texts, lettering{X: barsW * v, Y: bottom + 14, Anchor: at, Text: axis{Text: b.Percent}.text(v)})
	}
	return d.html()
}

// draw adds a bar whose row begins at y.
func (s shareBar) draw(d *drawing, y float64) {
	at, tall := y+20, 14.0
	d.Texts = append(d.Texts, lettering{Class: "strong", X: 0, Y: y + 13, Anchor: "start", Text: shortened(s.Name, barsNames)},
		lettering{X: barsW, Y: y + 13, Anchor: "end", Text: s.Words})
	d.Rects = append(d.Rects, rect{Class: "track", X: 0, Y: at, W: barsW, H: tall, R: 3},
		rect{Class: s.tone() + " tone-fill share", X: 0, Y: at, W: round1(barsW * part(s.Value, 0, 1)), H: tall, R: 3, Words: s.Words})
	if s.High > 0 {
		low, high, mid := round1(barsW*part(s.Low, 0, 1)), round1(barsW*part(s.High, 0, 1)), at+tall/2
		d.Over = append(d.Over, stroke{"range", low, mid, high, mid}, stroke{"range", low, mid - 4, low, mid + 4}, stroke{"range", high, mid - 4, high, mid + 4})
	}
	if s.Goal > 0 {
		x := round1(barsW * part(s.Goal, 0, 1))
		d.Over = append(d.Over, stroke{"goal", x, at - 3, x, at + tall + 3})
	}
}

// tone tells at a look whether the goal is reached, where there is one.
func (s shareBar) tone() string {
	switch {
	case s.Goal <= 0:
		return "tone0"
	case s.Value < s.Goal:
		return "tone-bad"
	}
	return "tone-good"
}

// shortened is a text of at most so many letters.
func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
