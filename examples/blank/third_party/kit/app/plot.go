package app

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// plot is a picture of a page: lines, dots or columns over two axes. It is
// drawn in lines and text of its own, as wide as half a sheet of paper, so that
// the words in it can be read on a phone.
type plot struct {
	Title string // what is to be seen
	Note  string // how to read it. Defaults to nothing
	Desc  string // what there is to see, for who cannot
	X, Y  axis
	Of    []series
	Rules []rule // what the series is compared with
}

// axis goes from Low to High, with a number at each of Ticks (5 of them
// otherwise).
type axis struct {
	Label     string
	Low, High float64
	Ticks     []float64
	Text      func(float64) string // Defaults to the share in whole percent
}

// series are points that belong together.
type series struct {
	Name   string // "" leaves it out of the legend
	Kind   string // line, dots or columns
	Tone   int    // 0 to 2: colour and dashes
	Points []point
}

// point is one of a series, in the units of the axes.
type point struct {
	X, Y      float64
	Low, High float64 // an interval of Y; none where both are 0
	Size      float64 // radius of a dot in pixels, or width of a column in units of X. Defaults to 3.5 pixels
	Words     string  // what a pointer over it tells
}

// rule is a dashed line from one point to another.
type rule struct {
	Name           string // "" leaves it out of the legend
	X1, Y1, X2, Y2 float64
}

// The measures of a plot, in pixels.
const (
	plotW, plotH                               = 320.0, 236.0
	plotLeft, plotRight, plotTop, plotBottomed = 62.0, 18.0, 10.0, 44.0
)

// figure draws the picture.
func (p plot) figure() template.HTML {
	d := &drawing{Title: p.Title, Note: p.Note, Desc: p.Desc, W: plotW, H: plotH, ID: drawingID(p.Title, p.Desc)}
	p.axes(d)
	for _, r := range p.Rules {
		d.Over = append(d.Over, stroke{"rule", p.x(r.X1), p.y(r.Y1), p.x(r.X2), p.y(r.Y2)})
		if r.Name != "" {
			d.Legend = append(d.Legend, entry{Name: r.Name, Rule: true})
		}
	}
	for _, s := range p.Of {
		p.draw(d, s)
		if s.Name != "" {
			d.Legend = append(d.Legend, entry{Name: s.Name, Class: tone(s.Tone), Dot: s.Kind != "line"})
		}
	}
	return d.html()
}

func (p plot) x(v float64) float64 {
	return round1(plotLeft + (plotW-plotLeft-plotRight)*part(v, p.X.Low, p.X.High))
}

func (p plot) y(v float64) float64 {
	return round1(plotTop + (plotH-plotTop-plotBottomed)*(1-part(v, p.Y.Low, p.Y.High)))
}

// part is how far v is on the way from low to high, 0 to 1.
func part(v, low, high float64) float64 {
	if high <= low || math.IsNaN(v) {
		return 0
	}
	return min(1, max(0, (v-low)/(high-low)))
}

func round1(v float64) float64 { return math.Round(10*v) / 10 }

// axes draws the two axes with their numbers and names.
func (p plot) axes(d *drawing) {
	left, right, top, bottom := plotLeft, plotW-plotRight, plotTop, plotH-plotBottomed
	for _, v := range p.Y.ticks() {
		d.Lines = append(d.Lines, stroke{"gridline", left, p.y(v), right, p.y(v)})
		d.Texts = append(d.Texts, lettering{X: left - 7, Y: p.y(v) + 4, Anchor: "end", Text: p.Y.text(v)})
	}
	for _, v := range p.X.ticks() {
		d.Texts = append(d.Texts, lettering{X: p.x(v), Y: bottom + 17, Anchor: "middle", Text: p.X.text(v)})
	}
	d.Lines = append(d.Lines, stroke{"axis", left, bottom, right, bottom})
	d.Texts = append(d.Texts,
		lettering{X: (left + right) / 2, Y: plotH - 6, Anchor: "middle", Text: p.X.Label},
		lettering{X: 12, Y: (top + bottom) / 2, Anchor: "middle", Text: p.Y.Label, Turn: true})
}

func (a axis) ticks() []float64 {
	if a.Ticks != nil {
		return a.Ticks
	}
	var all []float64
	for i := range 5 {
		all = append(all, a.Low+(a.High-a.Low)*float64(i)/4)
	}
	return all
}

func (a axis) text(v float64) string {
	if a.Text != nil {
		return a.Text(v)
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// draw adds a series.
func (p plot) draw(d *drawing, s series) {
	class := tone(s.Tone)
	if s.Kind == "line" {
		d.Paths = append(d.Paths, path{class + " line tone-line", p.path(s.Points)})
		return
	}
	for _, pt := range s.Points {
		if s.Kind == "columns" {
			x, y := p.x(pt.X), p.y(pt.Y)
			d.Rects = append(d.Rects, rect{Class: class + " tone-fill", X: x, Y: y, W: round1(max(1, p.x(pt.X+pt.Size)-x-1)), H: round1(p.y(p.Y.Low) - y), R: 1.5, Words: pt.Words})
			continue
		}
		if pt.Low != 0 || pt.High != 0 {
			d.Over = append(d.Over, stroke{class + " whisker tone-line", p.x(pt.X), p.y(pt.Low), p.x(pt.X), p.y(pt.High)})
		}
		r := pt.Size
		if r == 0 {
			r = 3.5
		}
		d.Dots = append(d.Dots, dot{class + " tone-fill", p.x(pt.X), p.y(pt.Y), round1(r), pt.Words})
	}
}

func (p plot) path(points []point) string {
	var b strings.Builder
	for i, pt := range points {
		fmt.Fprintf(&b, "%s%g %g", map[bool]string{true: "M", false: "L"}[i == 0], p.x(pt.X), p.y(pt.Y))
	}
	return b.String()
}

func tone(n int) string { return fmt.Sprintf("tone%d", n%3) }

// drawing is a picture in pixels.
type drawing struct {
	ID, Title, Note, Desc string
	W, H                  float64
	Lines, Over           []stroke // under and over what is filled
	Rects                 []rect
	Paths                 []path
	Dots                  []dot
	Texts                 []lettering
	Legend                []entry
}

type (
	stroke struct {
		Class          string
		X1, Y1, X2, Y2 float64
	}
	rect struct {
		Class         string
		X, Y, W, H, R float64
		Words         string
	}
	path struct{ Class, D string }
	dot  struct {
		Class   string
		X, Y, R float64
		Words   string
	}
	lettering struct {
		Class        string
		X, Y         float64
		Anchor, Text string
		Turn         bool
	}
	entry struct {
		Name, Class string
		Rule, Dot   bool
	}
)

// drawingID keeps the names of a page's pictures apart.
func drawingID(words ...string) string { return "p" + kit.Hash([]byte(strings.Join(words, "\n")))[:10] }

var drawings = template.Must(template.ParseFS(pageFiles, "pages/page.html"))

func (d *drawing) html() template.HTML {
	var b strings.Builder
	if err := drawings.ExecuteTemplate(&b, "plot", d); err != nil {
		panic(err) // the template is embedded, and drawing has all that it names
	}
	return template.HTML(b.String()) // escaped by the template
}
