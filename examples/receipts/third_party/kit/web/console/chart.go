package console

import (
	"math"
	"strconv"

	"github.com/go-analyze/charts"
)

// chart is a picture of numbers: a line for each series, or bars.
type chart struct {
	labels  []string
	series  [][]float64 // by series, then by label; NaN where nothing is known
	percent bool        // the numbers are shares from 0 to 1
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

// lines draws a line for each series, with symbols of their own.
func (c chart) lines(p *charts.Painter, theme charts.ColorPalette) error {
	opt := charts.NewLineChartOptionWithData(c.known())
	opt.Theme, opt.LineStrokeWidth = theme, 2
	opt.Legend.Show = charts.Ptr(false)
	opt.XAxis.Labels, opt.XAxis.LabelCount = c.labels, min(len(c.labels), max(4, p.Width()/90))
	opt.YAxis = []charts.YAxisOption{c.axis()}
	for i := range opt.SeriesList {
		opt.SeriesList[i].Symbol = charts.Symbol{Shape: symbols[i%len(symbols)], Size: 3.5}
	}
	return p.LineChart(opt)
}

// columns draws a bar for each label.
func (c chart) columns(p *charts.Painter, theme charts.ColorPalette) error {
	opt := charts.NewBarChartOptionWithData(c.known())
	opt.Theme = theme
	opt.Legend.Show = charts.Ptr(false)
	opt.CategoryAxis.Labels = c.labels
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
	for ten := 1.0; ; ten *= 10 {
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
		return strconv.FormatFloat(100*v, 'f', 0, 64) + " %"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
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
