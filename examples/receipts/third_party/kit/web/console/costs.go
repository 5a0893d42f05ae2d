package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// costService is what calls and minutes cost.
type costService interface {
	Costs(ctx context.Context, by auth.User, days int) (workflow.Costs, error)
	// Budget tells how much of the month's budget is spent.
	Budget(ctx context.Context) (workflow.Budget, error)
}

// costsView is the page of costs.
type costsView struct {
	workflow.Costs
	Span   int // days asked for
	Spans  []spanView
	Sums   []sumView
	Pairs  []pairView // measured
	Prices []pairView // stated in nail.yaml
	Why    []string   // what keeps figures from being told
	Charts []chartView
	Used   percentView // of the budget
}

// sumView is a figure under both ways of paying for the machine; "" where it
// cannot be told.
type sumView struct{ Name, ByCalls, Rented string }

// pairView is a name and its value.
type pairView struct{ Name, Value string }

// percentView is a share of a bar that is 100 wide.
type percentView struct {
	Words string
	Width int
}

func (d *desk) costs(c echo.Context, v *visit) error {
	days := boardDays(c)
	costs, err := d.Service.Costs(c.Request().Context(), v.user, days)
	if err != nil {
		return err
	}
	view := costsView{Costs: costs, Span: days, Spans: boardStretches(v.tongue), Sums: sumsOf(v.tongue, costs.Rates, costs.Ledger),
		Pairs: measured(v.tongue, costs.Facts, costs.Ledger), Prices: stated(v.tongue, costs.Rates), Charts: costCharts(v.tongue, costs)}
	for _, missing := range costs.Ledger.Untold {
		view.Why = append(view.Why, v.tongue.T("costs.untold."+missing))
	}
	part := costs.Budget.Part()
	view.Used = percentView{v.tongue.percent(part), int(100 * min(part, 1))}
	return d.show(c, v, http.StatusOK, "costs", "costs.title", view)
}

// costPicture serves one chart of the page.
func (d *desk) costPicture(c echo.Context, v *visit) error {
	costs, err := d.Service.Costs(c.Request().Context(), v.user, boardDays(c))
	if err != nil {
		return err
	}
	return picture(c, costCharts(v.tongue, costs))
}

// Amount writes an amount with its currency.
func (v costsView) Amount(a float64) string { return nail.Amount(a) + " " + v.Rates.Currency }

// sumsOf is what the facts come to. What can be told neither way is left out:
// the page says why above.
func sumsOf(t *tongue, r nail.Rates, l nail.Ledger) []sumView {
	money := func(a *float64) string {
		if a == nil {
			return ""
		}
		return nail.Amount(*a) + " " + r.Currency
	}
	share := func(a *float64) string {
		if a == nil {
			return ""
		}
		return t.percent(*a)
	}
	both := func(key string, of func(nail.Account) string) sumView {
		return sumView{t.T("costs." + key), of(l.ByCalls), of(l.Rented)}
	}
	month := func(key string, m func(nail.Account) *nail.Month, of func(nail.Month) float64) sumView {
		return both(key, func(a nail.Account) string {
			if m(a) == nil {
				return ""
			}
			n := of(*m(a))
			return money(&n)
		})
	}
	now, less := func(a nail.Account) *nail.Month { return a.Month }, func(a nail.Account) *nail.Month { return a.Stress }
	sums := []sumView{
		both("case", func(a nail.Account) string { return money(a.Case) }),
		both("human_share", func(a nail.Account) string { return share(a.HumanShare) }),
		both("margin", func(a nail.Account) string { return money(a.Margin) }),
		month("month_revenue", now, func(m nail.Month) float64 { return m.Revenue }),
		month("month_people", now, func(m nail.Month) float64 { return m.People }),
		month("month_model", now, func(m nail.Month) float64 { return m.Model }),
		month("month_margin", now, func(m nail.Month) float64 { return m.Margin }),
		month("stress_margin", less, func(m nail.Month) float64 { return m.Margin }),
		both("break_even", func(a nail.Account) string { return evenWords(t, a.BreakEven) }),
		both("stress_break_even", func(a nail.Account) string { return evenWords(t, a.StressBreakEven) }),
	}
	return slices.DeleteFunc(sums, func(s sumView) bool { return s.Rented == "" && s.ByCalls == "" })
}

// evenWords says how many cases a month break even.
func evenWords(t *tongue, n *int) string {
	switch {
	case n == nil:
		return ""
	case *n < 0:
		return t.T("costs.never")
	case *n == 0:
		return t.T("costs.each")
	}
	return counted(*n)
}

// measured is what was counted, in words.
func measured(t *tongue, f nail.Facts, l nail.Ledger) []pairView {
	part := func(a *float64) string {
		if a == nil {
			return t.T("costs.none")
		}
		return t.percent(*a)
	}
	return []pairView{
		{t.T("costs.delivered"), t.T("costs.delivered_of", "N", counted(f.Delivered), "In", counted(f.Submitted))},
		{t.T("costs.work"), t.T("costs.work_words", "Minutes", short(f.ReviewSeconds/60), "N", counted(f.Decisions))},
		{t.T("costs.calls"), t.T("costs.calls_words", "Minutes", short(f.ModelSeconds/60), "N", counted(f.Calls), "Failed", counted(f.Failed))},
		{t.T("costs.human_minutes"), part(l.HumanMinutes)},
		{t.T("costs.human_cases"), part(l.HumanCases)},
	}
}

// stated is what nail.yaml says that things cost.
func stated(t *tongue, r nail.Rates) []pairView {
	money := func(a float64) string {
		if a <= 0 {
			return t.T("costs.unstated")
		}
		return nail.Amount(a) + " " + r.Currency
	}
	machine := money(r.GPUHour)
	if r.GPUHour > 0 {
		machine = t.T("costs.machine_words", "Hour", machine, "Slots", r.Slots)
	}
	return []pairView{{t.T("costs.price"), money(r.Price)}, {t.T("costs.wage"), money(r.Wage)}, {t.T("costs.machine"), machine}}
}

// costCharts draws what each day cost, and took. Without a wage the first has
// the model alone.
func costCharts(t *tongue, c workflow.Costs) []chartView {
	var b workflow.Board
	var people, calls, work, waits []float64
	for _, day := range c.Days {
		b.Days = append(b.Days, workflow.BoardDay{Day: day.Day})
		people = append(people, day.ReviewSeconds/3600*c.Rates.Wage)
		calls = append(calls, day.ModelSeconds*c.Rates.Second())
		work, waits = append(work, day.ReviewSeconds/60), append(waits, day.ModelSeconds/60)
	}
	by := func(series []float64) []float64 { return sums(series, stride(b)) }
	keys, series := []string{"costs.people", "costs.model"}, [][]float64{by(people), by(calls)}
	if c.Rates.Wage <= 0 {
		keys, series = keys[1:], series[1:]
	}
	spend := chartOf(t, "spend", b, keys, chart{series: series, fine: true})
	spend.Says = t.T("costs.spend_model", "Model", nail.Amount(total(calls)), "Currency", c.Rates.Currency)
	if c.Rates.Wage > 0 {
		spend.Says = t.T("costs.spend_says", "People", nail.Amount(total(people)), "Model", nail.Amount(total(calls)), "Currency", c.Rates.Currency)
	}
	took := chartOf(t, "time", b, []string{"costs.people", "costs.model"}, chart{series: [][]float64{by(work), by(waits)}})
	took.Says = t.T("costs.time_says", "People", short(total(work)), "Model", short(total(waits)))
	return []chartView{spend, took}
}

// drawnView is a chart with where its picture is.
type drawnView struct {
	chartView
	At    string // the address of the page it stands on
	Days  int
	Theme string
}

func drawn(v chartView, at string, days int, theme string) drawnView {
	return drawnView{v, at, days, theme}
}

// picture answers with the chart that the address names.
func picture(c echo.Context, charts []chartView) error {
	theme, width := "light", chartWidth
	if c.QueryParam("theme") == "dark" {
		theme = "dark"
	}
	if c.QueryParam("narrow") == "1" {
		width = chartNarrow
	}
	name := strings.TrimSuffix(c.Param("chart"), ".svg")
	i := slices.IndexFunc(charts, func(one chartView) bool { return one.Name == name })
	if i < 0 {
		return kit.Errorf(kit.NotFound, "chart %q: there is no such chart", name)
	}
	svg, err := charts[i].chart.svg(theme, width)
	if err != nil {
		return kit.Errorf(kit.Internal, "draw the chart %s: %w", name, err)
	}
	c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	return c.Blob(http.StatusOK, "image/svg+xml", svg)
}

// stopped is the month's budget, for pages to say that it is spent; nil while
// something is left.
func (d *desk) stopped(ctx context.Context) *workflow.Budget {
	b, err := d.Service.Budget(ctx)
	if err != nil || !b.Stopped || b.Resumes == nil { // a page without the notice is still a page
		return nil
	}
	return &b
}
