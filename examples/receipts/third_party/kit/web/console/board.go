package console

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// boardSpans are the stretches of days that the dashboard offers. The long ones
// are full weeks.
var boardSpans = []int{7, 30, 13 * 7, 52 * 7}

// longest is how many days are drawn one by one.
const longest = 31

// boardFields is how many fields have a line of their own.
const boardFields = 4

// boardView is the dashboard.
type boardView struct {
	Days   int
	Spans  []spanView
	Status workflow.Status
	Charts []chartView
	Bars   []barView
}

// spanView is a stretch of days that can be asked for.
type spanView struct {
	Days  int
	Words string
}

// Waiting is how many cases wait for a person.
func (v boardView) Waiting() int64 { return v.Status.Cases[kit.InReview] }

// chartView is a chart with its words, and its numbers as a table.
type chartView struct {
	Name   string // of the picture
	By     string // what the table has a row for
	Says   string // what the numbers come to
	Legend []string
	Rows   []tableRow
	Wide   int
	High   int
	chart  chart
}

// tableRow is a line of a chart's numbers.
type tableRow struct {
	Label string
	Cells []string
}

// Empty reports whether there is nothing to draw. A share of nothing is drawn:
// that nobody changed a field is news.
func (v chartView) Empty() bool {
	for _, series := range v.chart.series {
		if slices.ContainsFunc(series, func(n float64) bool { return n > 0 || v.chart.percent && n == 0 }) {
			return false
		}
	}
	return true
}

func (d *desk) board(c echo.Context, v *visit) error {
	days := boardDays(c)
	b, err := d.Service.Board(c.Request().Context(), days)
	if err != nil {
		return err
	}
	view := boardView{Days: days, Spans: boardStretches(v.tongue), Charts: boardCharts(v.tongue, b, d.label(v.tongue))}
	if view.Status, err = d.Service.Status(c.Request().Context()); err != nil {
		return err
	}
	if view.Bars, err = d.bars(c, v, 1); err != nil {
		return err
	}
	return d.show(c, v, http.StatusOK, "board", "board.title", view)
}

// boardStretches are boardSpans in words.
func boardStretches(t *tongue) (all []spanView) {
	for _, n := range boardSpans {
		words := t.T("board.days", "N", n)
		if n > longest {
			words = t.T("board.weeks", "N", n/7)
		}
		all = append(all, spanView{n, words})
	}
	return all
}

// boardDays reads the stretch that an address asks for, or the one nearest to
// it: a year is 52 weeks. 30 days without one.
func boardDays(c echo.Context) int {
	n, _ := strconv.Atoi(c.QueryParam("days"))
	if n < 1 {
		return 30
	}
	return slices.MinFunc(boardSpans, func(a, b int) int { return max(a-n, n-a) - max(b-n, n-b) })
}

// boardPicture serves one chart.
func (d *desk) boardPicture(c echo.Context, v *visit) error {
	b, err := d.Service.Board(c.Request().Context(), boardDays(c))
	if err != nil {
		return err
	}
	return picture(c, boardCharts(v.tongue, b, d.label(v.tongue)))
}

// label names the fields of drafts in a language.
func (d *desk) label(t *tongue) func(path string) string {
	labels := map[string]string{}
	if schema := d.Service.FirstSchema(); schema != nil {
		for _, f := range schema.Fields() {
			labels[f.Path] = labelOf(f, t.tag)
		}
	}
	return func(path string) string { return visible(firstOf(labels[path], path)) }
}

// boardCharts makes the charts of a board.
func boardCharts(t *tongue, b workflow.Board, label func(string) string) []chartView {
	days := b.Days
	each := func(f func(workflow.BoardDay) float64) []float64 {
		out := make([]float64, len(days))
		for i, day := range days {
			out[i] = f(day)
		}
		return sums(out, stride(b))
	}
	counts := func(name string, keys []string, series ...[]float64) chartView {
		return chartOf(t, name, b, keys, chart{series: series})
	}
	shares := func(name string, keys []string, series ...[]float64) chartView {
		return chartOf(t, name, b, keys, chart{series: series, percent: true})
	}
	in, decided := each(func(d workflow.BoardDay) float64 { return d.Submitted }), each(func(d workflow.BoardDay) float64 { return d.Decided })
	out, minutes := each(func(d workflow.BoardDay) float64 { return d.Delivered }), each(func(d workflow.BoardDay) float64 { return d.Minutes })
	changed, unchanged := each(func(d workflow.BoardDay) float64 { return d.Changed }), each(func(d workflow.BoardDay) float64 { return d.Unchanged })
	agreed, disagreed := each(func(d workflow.BoardDay) float64 { return d.Agreed }), each(func(d workflow.BoardDay) float64 { return d.Disagreed })
	caught, missed := each(func(d workflow.BoardDay) float64 { return d.Caught }), each(func(d workflow.BoardDay) float64 { return d.Missed })

	through := counts("throughput", []string{"board.in", "board.decided", "board.out"}, in, decided, out)
	through.Says = t.T("board.throughput_says", "In", rounded(total(in)), "Decided", rounded(total(decided)), "Out", rounded(total(out)))
	pace := counts("minutes", []string{"board.minutes_each"}, ratio(minutes, decided))
	pace.Says = t.T("board.minutes_says", "N", short(share(total(minutes), total(decided))))
	human := shares("human", []string{"board.changed"}, ratio(changed, plus(changed, unchanged)))
	human.Says = saysShare(t, "board.human_says", total(changed), total(changed)+total(unchanged))
	agree := shares("agreement", []string{"board.agreed"}, ratio(agreed, plus(agreed, disagreed)))
	agree.Says = saysShare(t, "board.agreement_says", total(agreed), total(agreed)+total(disagreed))
	canaries := counts("canaries", []string{"board.caught", "board.missed"}, caught, missed)
	canaries.Says = t.T("board.canaries_says", "Caught", rounded(total(caught)), "All", rounded(total(caught)+total(missed)))
	return []chartView{through, agesChart(t, b), pace, editsChart(t, b, label), human, agree, canaries}
}

// chartOf makes a chart of the days, with a table and a legend of the catalogue.
func chartOf(t *tongue, name string, b workflow.Board, keys []string, c chart) chartView {
	step := stride(b)
	c.sign = t.percent
	c.short, c.long = t.T("board.date"), t.T("date.layout")
	for i := len(b.Days) % step; i < len(b.Days); i += step {
		c.days = append(c.days, b.Days[i].Day)
	}
	c.labels = c.dated()
	v := chartView{Name: name, By: t.T("board.day"), chart: c}
	if step > 1 {
		v.By = t.T("board.week")
	}
	for _, key := range keys {
		v.Legend = append(v.Legend, t.T(key))
	}
	return v.tabled()
}

// tabled fills the table, the last label first.
func (v chartView) tabled() chartView {
	v.Wide, v.High = chartWidth, chartHeight
	for i := len(v.chart.labels) - 1; i >= 0; i-- {
		row := tableRow{Label: v.chart.labels[i]}
		for _, series := range v.chart.series {
			row.Cells = append(row.Cells, v.chart.cell(series[i]))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// cell writes a number of the table.
func (c chart) cell(n float64) string {
	switch {
	case math.IsNaN(n):
		return "–"
	case c.percent:
		return c.sign(n)
	case c.fine:
		return nail.Amount(n)
	}
	return short(n)
}

// agesChart is how long what waits has waited.
func agesChart(t *tongue, b workflow.Board) chartView {
	steps := []struct {
		most  int
		label string
	}{{0, "< 1"}, {1, "1"}, {2, "2"}, {3, "3"}, {7, "4–7"}, {14, "8–14"}, {30, "15–30"}, {math.MaxInt, "> 30"}}
	v := chartView{Name: "ages", By: t.T("board.ages_by"), Legend: []string{t.T("board.waiting_days")}, chart: chart{bars: true, series: [][]float64{make([]float64, len(steps))}}}
	old := 0.0
	for _, s := range steps {
		v.chart.labels = append(v.chart.labels, s.label)
	}
	for _, age := range b.Ages {
		i := slices.IndexFunc(steps, func(s struct {
			most  int
			label string
		}) bool {
			return age.Days <= s.most
		})
		v.chart.series[0][i] += age.Waiting
		if age.Days >= 3 {
			old += age.Waiting
		}
	}
	v.Says = t.T("board.ages_says", "N", rounded(total(v.chart.series[0])))
	if old > 0 {
		v.Says = t.T("board.ages_old", "N", rounded(total(v.chart.series[0])), "Old", rounded(old))
	}
	return v.tabled()
}

// editsChart is the share of changes by field: of those most changed.
func editsChart(t *tongue, b workflow.Board, label func(string) string) chartView {
	c, words := chart{percent: true}, []string{}
	var names []string
	for _, f := range b.Fields[:min(len(b.Fields), boardFields)] {
		c.series = append(c.series, ratio(sums(f.Changed, stride(b)), sums(f.Seen, stride(b))))
		names = append(names, label(f.Path))
		words = append(words, label(f.Path)+" "+percentOrFew(t, total(f.Changed), total(f.Seen)))
	}
	v := chartOf(t, "edits", b, nil, c)
	v.Legend = names
	v.Says = t.T("board.edits_says", "Fields", strings.Join(words, t.T("board.comma")))
	return v
}

// few is the number of cases below which a share is said by its two numbers: 0
// of 1 is not 0 %.
const few = 10

// saysShare says k of n by the key's words, or by those for few.
func saysShare(t *tongue, key string, k, n float64) string {
	if n < few {
		return t.T(key+"_few", "K", rounded(k), "N", rounded(n))
	}
	return t.T(key, "Share", t.percent(share(k, n)))
}

// percentOrFew is k of n as a share, or as two numbers of few.
func percentOrFew(t *tongue, k, n float64) string {
	if n < few {
		return t.T("board.of", "K", rounded(k), "N", rounded(n))
	}
	return t.percent(share(k, n))
}

// stride is how many days of a board are drawn as one: many go by weeks, in
// which weekends do not show as so many falls.
func stride(b workflow.Board) int {
	if len(b.Days) > longest {
		return 7
	}
	return 1
}

// sums puts each step numbers of a series together, from the last ones on.
func sums(series []float64, step int) (out []float64) {
	for i := len(series) % step; i < len(series); i += step {
		out = append(out, total(series[i:i+step]))
	}
	return out
}

// ratio divides two series; what nothing stands under is not known.
func ratio(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = share(a[i], b[i])
	}
	return out
}

func plus(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}

// share is a of b, NaN of nothing.
func share(a, b float64) float64 {
	if b <= 0 {
		return math.NaN()
	}
	return a / b
}

func total(series []float64) (sum float64) {
	for _, n := range series {
		sum += n
	}
	return sum
}
