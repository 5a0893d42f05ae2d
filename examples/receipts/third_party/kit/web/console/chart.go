package console

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/go-analyze/charts"

	"github.com/tackhammer/tackhammer/kit/nail"
)

// chart is a picture of numbers: a line for each series, or bars.
type chart struct {
	labels  []string
	days    []time.Time // where the labels are days
	short   string      // the layout of a day, and the one with its year
	long    string
	series  [][]float64                // by series, then by label; NaN where nothing is known
	percent bool                       // the numbers are shares from 0 to 1
	sign    func(share float64) string // writes one
	fine    bool                       // the numbers are amounts, which may be far below 1
	bars    bool
}

// hues are the colours of series in each theme, and symbols what tells them
// apart without colour. board.css has the same for the legends.
var (
	hues = map[string][]string{
		"light": {"#2a5bd7", "#b35300", "#1c7048", "#8a2f86"},
		"dark":  {"#8db0ff", "#eab953", "#76cf9d", "#e59be2"},
	}
	papers  = map[string][3]string{"light": {"#ffffff", "#59636e", "#dde1e6"}, "dark": {"#1c2024", "#98a2ad", "#30363d"}} // paper, ink, lines
	symbols = []charts.SymbolShape{charts.SymbolDot, charts.SymbolSquare, charts.SymbolDiamond, charts.SymbolCircle}
)

// Sizes of a chart, in units of its own: the second is for narrow screens, on
// which the first's words would shrink.
const (
	chartWidth  = 720
	chartNarrow = 400
	chartHeight = 260
)

// svg draws the chart for a theme, "light" or "dark".
func (c chart) svg(theme string, width int) ([]byte, error) {
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: width, Height: chartHeight})
	draw := c.lines
	if c.bars {
		draw = c.columns
	}
	if err := draw(p, palette(theme)); err != nil {
		return nil, err
	}
	return p.Bytes()
}

func palette(theme string) charts.ColorPalette {
	var colours []charts.Color
	for _, hue := range hues[theme] {
		colours = append(colours, charts.ParseColor(hue))
	}
	paper, ink, line := papers[theme][0], papers[theme][1], papers[theme][2]
	return charts.MakeTheme(charts.ThemeOption{IsDarkMode: theme == "dark", BackgroundColor: charts.ParseColor(paper),
		TextColor: charts.ParseColor(ink), AxisStrokeColor: charts.ParseColor(ink), AxisSplitLineColor: charts.ParseColor(line),
		SeriesColors: colours})
}

// lines draws a line for each series, and over it another of the same colour
// that has only the signs. Those of the first are larger, so that they are seen
// under the last where lines meet.
func (c chart) lines(p *charts.Painter, theme charts.ColorPalette) error {
	lines := c.known()
	opt := charts.NewLineChartOptionWithData(append(lines, signs(lines)...))
	opt.Theme, opt.LineStrokeWidth = theme, 2
	opt.Legend.Show = charts.Ptr(false)
	opt.XAxis.Labels, opt.XAxis.LabelCount = c.marks(p.Width()), len(c.labels)
	opt.Padding = charts.Box{Top: 20, Left: 20, Right: 52, Bottom: 20} // the last label stands out to the right
	opt.YAxis = []charts.YAxisOption{c.axis()}
	var colours []charts.Color
	for i := range opt.SeriesList {
		series := i % len(lines)
		colours = append(colours, theme.GetSeriesColor(series))
		opt.SeriesList[i].Symbol = charts.Symbol{Shape: charts.SymbolNone}
		if i >= len(lines) {
			opt.SeriesList[i].Symbol = charts.Symbol{Shape: symbols[series%len(symbols)], Size: 3.5 + 3*float64(len(lines)-1-series)/float64(max(1, len(lines)-1))}
		}
	}
	opt.Theme = theme.WithSeriesColors(colours)
	return p.LineChart(opt)
}

// signs keeps of each line the values that get a sign: about six of them, where
// no other line has one, so that lines that lie on each other are told apart;
// the last, and what has no neighbour, which no line shows.
func signs(lines [][]float64) [][]float64 {
	none := charts.GetNullValue()
	out := make([][]float64, len(lines))
	for s, line := range lines {
		out[s] = slices.Repeat([]float64{none}, len(line))
		step := max(len(lines), len(line)/6)
		for i, v := range line {
			last := i == len(line)-1
			alone := (i == 0 || line[i-1] == none) && (last || line[i+1] == none)
			if alone || last || i%step == s*step/len(lines) {
				out[s][i] = v
			}
		}
	}
	return out
}

// dated is the days in words, with the year where there are several.
func (c chart) dated() (labels []string) {
	layout := c.short
	if n := len(c.days); n > 0 && c.days[0].Year() != c.days[n-1].Year() {
		layout = c.long
	}
	for _, day := range c.days {
		labels = append(labels, day.Format(layout))
	}
	return labels
}

// marks is the labels of the axis of a picture: as many as fit, with the year
// where it changes.
func (c chart) marks(width int) []string {
	out := sparse(c.labels, width/100)
	for i, year := 0, 0; i < len(c.days); i++ {
		if out[i] == "" {
			continue
		}
		out[i] = c.days[i].Format(c.short)
		if year != 0 && c.days[i].Year() != year {
			out[i] = c.days[i].Format(c.long)
		}
		year = c.days[i].Year()
	}
	return out
}

// sparse blanks labels, so that no more than most are left, equally far apart.
func sparse(labels []string, most int) []string {
	out, step := make([]string, len(labels)), (len(labels)+most-1)/most
	for i := len(labels) - 1; i >= 0; i -= step {
		out[i] = labels[i]
	}
	return out
}

// columns draws a bar for each label.
func (c chart) columns(p *charts.Painter, theme charts.ColorPalette) error {
	opt := charts.NewBarChartOptionWithData(c.known())
	opt.Theme = theme
	opt.Legend.Show = charts.Ptr(false)
	opt.CategoryAxis.Labels, opt.CategoryAxis.LabelCount = c.labels, len(c.labels)
	opt.CategoryAxis.BoundaryGap = charts.Ptr(true) // each label stands under its bar
	if p.Width() < chartWidth {
		opt.CategoryAxis.LabelFontStyle = charts.NewFontStyleWithSize(8.5)
	}
	opt.ValueAxis = []charts.ValueAxisOption{c.axis()}
	return p.BarChart(opt)
}

// axis begins at nothing and ends above the highest value, at a full number.
func (c chart) axis() charts.ValueAxisOption {
	top := 1.0
	if !c.percent {
		top = c.top()
	}
	return charts.ValueAxisOption{Min: charts.Ptr(0.0), Max: &top, LabelCount: 5, ValueFormatter: c.words}
}

// top is the least of 4, 8, 20, 40, 80, 200 and so on that no value is above:
// four steps of full numbers.
func (c chart) top() float64 {
	most := 0.0
	for _, series := range c.series {
		for _, v := range series {
			if !math.IsNaN(v) {
				most = max(most, v)
			}
		}
	}
	ten := 1.0
	if c.fine && most > 0 {
		ten = 1e-6
	}
	for ; ; ten *= 10 {
		for _, step := range []float64{4, 8, 20} {
			if most <= step*ten {
				return step * ten
			}
		}
	}
}

// words writes a number of the axis.
func (c chart) words(v float64) string {
	if c.percent {
		return c.sign(v)
	}
	if c.fine {
		return nail.Amount(v)
	}
	return thousands(strconv.FormatFloat(v, 'f', -1, 64))
}

// known puts the library's sign in place of what is not known.
func (c chart) known() [][]float64 {
	out := make([][]float64, len(c.series))
	for i, series := range c.series {
		out[i] = make([]float64, len(series))
		for j, v := range series {
			if math.IsNaN(v) {
				v = charts.GetNullValue()
			}
			out[i][j] = v
		}
	}
	return out
}
