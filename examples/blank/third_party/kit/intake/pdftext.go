package intake

import (
	"io"
	"math"
	"strings"

	"github.com/ledongthuc/pdf"

	"github.com/tackhammer/tackhammer/kit"
)

// The spaces of text in line heights: nearer than nearGap is one word, nearer
// than wordSpace one phrase.
const (
	nearGap   = 0.15
	wordSpace = 0.8
)

// maxForms bounds how deep forms are drawn within forms.
const maxForms = 8

// matrix is a PDF transformation [a b c d e f].
type matrix [6]float64

// then is the transformation m followed by n.
func (m matrix) then(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// apply moves a point.
func (m matrix) apply(x, y float64) (float64, float64) {
	return x*m[0] + y*m[2] + m[4], x*m[1] + y*m[3] + m[5]
}

// glyph is a drawn character, or a few, in the coordinates of the document.
type glyph struct {
	text   string
	box    kit.Box
	x, y   float64 // where it starts on its line
	ex, ey float64 // where it ends
	dx, dy float64 // the way of its line, of length 1
	height float64
}

// after tells how far g starts behind the end of prev, along its line and
// across it, in heights of g. Text that runs another way is far off.
func (g glyph) after(prev glyph) (along, across float64) {
	if g.dx*prev.dx+g.dy*prev.dy < 0.9 {
		return math.Inf(1), math.Inf(1)
	}
	x, y := g.x-prev.ex, g.y-prev.ey
	return (x*prev.dx + y*prev.dy) / g.height, math.Abs(x*prev.dy-y*prev.dx) / g.height
}

// state is what q saves and Q brings back.
type state struct {
	ctm                                        matrix
	font                                       *font
	size, charSpace, wordSpace, leading, raise float64
	stretch                                    float64
}

// painter follows the drawing commands of a page and keeps the text.
type painter struct {
	f         *file
	state     state
	saved     []state
	text      matrix // Tm
	line      matrix // Tlm
	resources pdf.Value
	fonts     map[string]*font // by their names in resources
	known     fontCache
	budget    *int64 // bytes of drawing commands that may still be read
	depth     int
	glyphs    []glyph
}

// glyphs draws one page, with the fonts of the pages before it at hand.
func (f *file) glyphs(page pdf.Page, fr frame, known fontCache) ([]glyph, error) {
	budget := int64(maxContent)
	p := &painter{f: f, budget: &budget, resources: inherited(page.V, "Resources"), fonts: map[string]*font{}, known: known}
	p.state = state{ctm: fr.to, stretch: 1}
	err := p.draw(page.V.Key("Contents"))
	return p.glyphs, err
}

// draw runs the commands of a stream, or of several as if they were one.
func (p *painter) draw(content pdf.Value) error {
	if content.Kind() != pdf.Stream && content.Kind() != pdf.Array {
		return nil
	}
	parts := []pdf.Value{content}
	if content.Kind() == pdf.Array {
		parts = nil
		for i := range min(content.Len(), 10_000) {
			parts = append(parts, content.Index(i))
		}
	}
	for _, s := range parts {
		n, _ := io.Copy(io.Discard, io.LimitReader(s.Reader(), *p.budget+1))
		if *p.budget -= n; *p.budget < 0 {
			return p.f.errorf(kit.TooLarge, "a page has more than %s of drawing commands", size(maxContent))
		}
	}
	var err error
	pdf.Interpret(content, func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		if op == "Do" && err == nil {
			err = p.form(arg(args, 0).Name())
			return
		}
		p.command(op, args)
		if len(p.glyphs) > 4*p.f.MaxRunes && err == nil {
			err = p.f.errorf(kit.TooLarge, "more than %d characters of text", p.f.MaxRunes)
			p.glyphs = nil
		}
	})
	return err
}

// arg is the i-th operand, null when it is missing.
func arg(args []pdf.Value, i int) pdf.Value {
	if i < len(args) {
		return args[i]
	}
	return pdf.Value{}
}

// numbers reads six operands; the missing ones are 0.
func numbers(args []pdf.Value) matrix {
	var m matrix
	for i := range m {
		m[i] = number(arg(args, i))
	}
	return m
}

// command carries out what moves or shows text; the rest only paints.
func (p *painter) command(op string, args []pdf.Value) {
	n := numbers(args)
	switch op {
	case "q":
		if len(p.saved) < 1000 {
			p.saved = append(p.saved, p.state)
		}
	case "Q":
		if k := len(p.saved); k > 0 {
			p.state, p.saved = p.saved[k-1], p.saved[:k-1]
		}
	case "cm":
		p.state.ctm = n.then(p.state.ctm)
	case "BT":
		p.text, p.line = matrix{1, 0, 0, 1}, matrix{1, 0, 0, 1}
	case "Tm":
		p.text, p.line = n, n
	case "Td":
		p.move(n[0], n[1])
	case "TD":
		p.state.leading = -n[1]
		p.move(n[0], n[1])
	case "T*":
		p.move(0, -p.state.leading)
	case "Tj", "TJ", "'", "\"":
		p.shows(op, args, n)
	default:
		p.set(op, args, n[0])
	}
}

// set carries out the commands that set one thing of the text state.
func (p *painter) set(op string, args []pdf.Value, n float64) {
	switch op {
	case "Tf":
		p.state.font, p.state.size = p.fontNamed(arg(args, 0).Name()), number(arg(args, 1))
	case "Tc":
		p.state.charSpace = n
	case "Tw":
		p.state.wordSpace = n
	case "TL":
		p.state.leading = n
	case "Ts":
		p.state.raise = n
	case "Tz":
		p.state.stretch = n / 100
	}
}

// move starts a line at an offset from the start of this one.
func (p *painter) move(x, y float64) {
	p.line = matrix{1, 0, 0, 1, x, y}.then(p.line)
	p.text = p.line
}

// shows carries out the four commands that show text.
func (p *painter) shows(op string, args []pdf.Value, n matrix) {
	switch op {
	case "\"":
		p.state.wordSpace, p.state.charSpace = n[0], n[1]
		args = args[min(2, len(args)):]
		fallthrough
	case "'":
		p.move(0, -p.state.leading)
	}
	v := arg(args, 0)
	if v.Kind() == pdf.String {
		p.show(v.RawString())
		return
	}
	for i := range v.Len() {
		if part := v.Index(i); part.Kind() == pdf.String {
			p.show(part.RawString())
		} else {
			p.advance(-number(part) / 1000 * p.state.size * p.state.stretch)
		}
	}
}

// show draws a string and moves on by its width.
func (p *painter) show(raw string) {
	s := &p.state
	if s.font == nil {
		s.font = p.fontNamed("")
	}
	for _, c := range s.font.codes(raw) {
		at := matrix{s.size * s.stretch, 0, 0, s.size, 0, s.raise}.then(p.text).then(s.ctm)
		if g, ok := newGlyph(c, at); ok {
			p.glyphs = append(p.glyphs, g)
		}
		step := c.width*s.size + s.charSpace
		if c.space {
			step += s.wordSpace
		}
		p.advance(step * s.stretch)
	}
}

func (p *painter) advance(x float64) { p.text = matrix{1, 0, 0, 1, x, 0}.then(p.text) }

// newGlyph places a code; ok is false where nothing is to be seen, or far off
// any page.
func newGlyph(c code, at matrix) (g glyph, ok bool) {
	g = glyph{text: c.text, box: hull(at, c.width)}
	g.x, g.y = at.apply(0, 0)
	g.ex, g.ey = at.apply(c.width, 0)
	length := math.Hypot(at[0], at[1])
	g.dx, g.dy, g.height = at[0]/length, at[1]/length, math.Hypot(at[2], at[3])
	far := math.Abs(g.box.X0) + math.Abs(g.box.Y0) + math.Abs(g.box.X1) + math.Abs(g.box.Y1)
	return g, c.text != "" && length > 1e-6 && g.height > 1e-6 && far < maxCoordinate
}

// hull is the upright box around a character as wide as width (in ems), from
// its foot to its head.
func hull(at matrix, width float64) kit.Box {
	const foot, head = -0.2, 0.8
	x, y := at.apply(0, foot)
	b := kit.Box{X0: x, Y0: y, X1: x, Y1: y}
	for _, c := range [][2]float64{{0, head}, {width, foot}, {width, head}} {
		x, y = at.apply(c[0], c[1])
		b = union(b, kit.Box{X0: x, Y0: y, X1: x, Y1: y})
	}
	return b
}

// union is the smallest box that holds both.
func union(a, b kit.Box) kit.Box {
	return kit.Box{X0: min(a.X0, b.X0), Y0: min(a.Y0, b.Y0), X1: max(a.X1, b.X1), Y1: max(a.Y1, b.Y1)}
}

// form draws a form, a page within the page.
func (p *painter) form(name string) error {
	form := p.resources.Key("XObject").Key(name)
	if p.depth >= maxForms || form.Kind() != pdf.Stream || form.Key("Subtype").Name() != "Form" {
		return nil
	}
	inner := *p
	inner.depth, inner.glyphs, inner.saved = p.depth+1, nil, nil
	if own := form.Key("Resources"); !own.IsNull() {
		inner.resources, inner.fonts = own, map[string]*font{}
	}
	if m := form.Key("Matrix"); m.Len() == 6 {
		var own matrix
		for i := range own {
			own[i] = number(m.Index(i))
		}
		inner.state.ctm = own.then(inner.state.ctm)
	}
	err := inner.draw(form)
	p.glyphs = append(p.glyphs, inner.glyphs...)
	return err
}

// join makes runs of glyphs that follow each other on a line. Blanks only show
// as the distance that they leave.
func join(glyphs []glyph, page int) []run {
	var runs []run
	var b strings.Builder
	var box kit.Box
	var last glyph
	flush := func() {
		if text := cleanRun(letters(b.String())); text != "" {
			runs = append(runs, run{text: text, page: page, box: box})
		}
		b.Reset()
	}
	for _, g := range glyphs {
		if cleanRun(g.text) == "" {
			continue
		}
		along, across := g.after(last)
		switch {
		case b.Len() == 0:
			box = g.box
		case across > 0.3 || along < -0.5 || along > wordSpace:
			flush()
			box = g.box
		case along > nearGap:
			b.WriteByte(' ')
		}
		b.WriteString(g.text)
		box, last = union(box, g.box), g
	}
	flush()
	return runs
}
