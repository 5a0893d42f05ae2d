package app

import (
	"cmp"
	"encoding/json"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// evalView is what the page of an evaluation shows.
type evalView struct {
	evaluation
	Currency    string
	Verdict     verdict
	Right       *eval.Calibration // of cases; nil where no confidence is told
	Shares      template.HTML
	Rows        []fieldRow
	Reliability []template.HTML
	Sure        []calibrated
	Curve       template.HTML
	Steps       []eval.Pass
	Times       template.HTML
	Agreed      []agreeRow
	Misses      []missed
	MoreMisses  int
	RightShare  float64 // of cases
	Names       string  // of the fields that a case is right in
	Drafter     string  // who drafted, in words
}

// verdict says how the fields stand against their bars.
type verdict struct {
	Tone          string   // good, warn or bad; "" where there is no bar
	Below, Unsure []string // fields
	Untold        []string // with a bar, that no case answers
}

// fieldRow is a field in the table of shares.
type fieldRow struct {
	eval.Field
	Title       string
	Goal        string // in words; "" for none
	Below, Sure bool
}

// calibrated is a row of the table of confidences. Name is "" for the case.
type calibrated struct {
	Name string
	eval.Calibration
}

// agreeRow is a row of the table of agreement.
type agreeRow struct{ Path, Measure, Value, Range string }

// missed is a wrong value, in words.
type missed struct{ Case, Path, Draft, Answer string }

// mostMisses is how many wrong values the page lists.
const mostMisses = 300

// evaluationPage makes the page of an evaluation in a language.
func evaluationPage(e evaluation, n nail.Nail, lang string) (page, error) {
	book, err := words("eval", lang)
	if err != nil {
		return page{}, err
	}
	t := &teller{wordbook: book, titles: e.titles}
	v := evalView{evaluation: e, Currency: n.Currency, Verdict: t.verdict(e.Report), Right: e.Calibration,
		Names: t.names(e.CaseFields), Agreed: t.agreements(e), Drafter: t.drafter(e.Model.Name)}
	v.setShares(t)
	v.setConfidence(t)
	v.Times = timesPlot(t, e.Report)
	v.setMisses(t)
	p := page{Name: "eval", Lang: lang, Title: t.say("title", "Name", n.Title), Data: v,
		Lead: t.say("lead", "Model", v.Drafter, "Count", e.Cases, "Date", e.MeasuredAt.Format("2006-01-02")),
		Foot: t.say("foot", "Name", n.Name)}
	return p, t.err
}

// teller says words, and keeps the first error.
type teller struct {
	wordbook
	titles map[string]map[string]string // of fields, by path and language
	err    error
}

// title is what people read in place of a field's path.
func (t *teller) title(path string) string {
	return cmp.Or(t.titles[path][t.lang], t.titles[path]["en"], path)
}

// names are the titles of several fields.
func (t *teller) names(paths []string) string {
	named := make([]string, len(paths))
	for i, path := range paths {
		named[i] = t.title(path)
	}
	return t.list(named)
}

// drafter is who drafted, for reading.
func (t *teller) drafter(model string) string {
	if model == "rules" || model == "learned" {
		return t.say("model." + model)
	}
	return model
}

func (t *teller) say(key string, args ...any) string {
	said, err := t.wordbook.say(key, args...)
	if t.err == nil {
		t.err = err
	}
	return said
}

// verdict sums up the goals. A field that no case answers was not measured:
// that says nothing of its drafts.
func (t *teller) verdict(r eval.Report) (v verdict) {
	for _, f := range r.Fields {
		switch {
		case f.Goal == nil:
			continue
		case f.N == 0:
			v.Untold = append(v.Untold, t.title(f.Path))
		case !f.Goal.Reached():
			v.Below = append(v.Below, t.title(f.Path))
		case f.Goal.Verdict != eval.Passed:
			v.Unsure = append(v.Unsure, t.title(f.Path))
		}
		v.Tone = "good"
	}
	switch {
	case len(v.Below) > 0:
		v.Tone = "bad"
	case len(v.Unsure)+len(v.Untold) > 0:
		v.Tone = "warn"
	}
	return v
}

// setShares draws how many drafts are right, field by field.
func (v *evalView) setShares(t *teller) {
	b := bars{Percent: t.whole, Title: t.say("shares.title"), Note: t.say("shares.note"), Desc: t.say("shares.desc")}
	for _, f := range v.Fields {
		row := fieldRow{Field: f, Title: t.title(f.Path)}
		if f.Goal != nil {
			row.Goal = t.goal(f.Goal)
			row.Below, row.Sure = !f.Goal.Reached(), f.Goal.Verdict == eval.Passed
		}
		v.Rows = append(v.Rows, row)
		if f.N == 0 {
			continue
		}
		bar := shareBar{Name: row.Title, Value: f.Normalised, Low: f.Low, High: f.High, Words: t.share(f.Normalised)}
		if f.Goal != nil && f.Goal.Measure == "normalised" {
			bar.Goal = f.Goal.Threshold
		}
		b.Of = append(b.Of, bar)
	}
	v.Shares = b.figure()
}

// setConfidence draws what confidences are worth: of each field, and of cases.
func (v *evalView) setConfidence(t *teller) {
	if v.Calibration == nil {
		return
	}
	for _, f := range v.Fields {
		if f.Calibration != nil {
			v.Sure = append(v.Sure, calibrated{t.title(f.Path), *f.Calibration})
			v.Reliability = append(v.Reliability, reliabilityPlot(t, t.title(f.Path), *f.Calibration))
		}
	}
	whole := *v.Calibration
	v.Sure = append(v.Sure, calibrated{"", whole})
	v.Reliability = append(v.Reliability, reliabilityPlot(t, t.say("case"), whole))
	all, wrong := eval.Of(v.Outcomes, ""), 0
	for _, j := range all {
		if !j.Right {
			wrong++
		}
	}
	overall := float64(wrong) / float64(len(all))
	v.RightShare = 1 - overall
	v.Curve, v.Steps = curvePlot(t, whole.Curve, overall), milestones(whole.Curve)
}

// reliabilityPlot draws how often a field is right, against how sure it was.
func reliabilityPlot(t *teller, name string, c eval.Calibration) template.HTML {
	s := series{Kind: "dots"}
	for _, b := range c.Bins {
		s.Points = append(s.Points, point{X: b.Confidence, Y: b.Accuracy, Low: b.From, High: b.To, Size: dotSize(b.N, c.N),
			Words: t.say("reliability.point", "Sure", t.share(b.Confidence), "Right", t.share(b.Accuracy), "N", b.N)})
	}
	return plot{Title: name, Desc: t.say("reliability.desc", "Name", name, "N", c.N, "Sure", t.share(c.Confidence), "Right", t.share(c.Accuracy)),
		X: axis{Label: t.say("axis.sure"), High: 1, Text: t.whole}, Y: axis{Label: t.say("axis.right"), High: 1, Text: t.whole},
		Of: []series{s}, Rules: []rule{{X2: 1, Y2: 1}}}.figure()
}

// dotSize grows with the number of cases: the area is in proportion.
func dotSize(n, of int) float64 { return 2.5 + 9*math.Sqrt(float64(n)/float64(max(of, 1))/3) }

// curvePlot draws what share is wrong when the surest pass.
func curvePlot(t *teller, curve []eval.Pass, overall float64) template.HTML {
	s := series{Name: t.say("curve.line"), Kind: "line"}
	top := overall
	for i, p := range curve {
		if i > 0 { // nothing lies between two steps: no threshold passes a part of one
			s.Points = append(s.Points, point{X: p.Coverage, Y: curve[i-1].Risk})
		}
		s.Points = append(s.Points, point{X: p.Coverage, Y: p.Risk})
		top = max(top, p.Risk)
	}
	if len(curve) > 0 {
		s.Points = slices.Insert(s.Points, 0, point{X: 0, Y: curve[0].Risk})
	}
	return plot{Title: t.say("curve.title"), Note: t.say("curve.note"), Desc: t.say("curve.desc"),
		X: axis{Label: t.say("axis.passed"), High: 1, Text: t.whole}, Y: axis{Label: t.say("axis.wrong"), High: roundUp(top), Text: t.whole},
		Of: []series{s}, Rules: []rule{{t.say("curve.overall", "Share", t.share(overall)), 0, overall, 1, overall}}}.figure()
}

// roundUp is a top of an axis of shares, of which each quarter is a round number.
func roundUp(share float64) float64 {
	for _, top := range []float64{0.04, 0.08, 0.2, 0.4, 0.6, 0.8} {
		if share <= top {
			return top
		}
	}
	return 1
}

// milestones are the steps of a curve next to a quarter, a half and so on.
func milestones(curve []eval.Pass) (some []eval.Pass) {
	for _, at := range []float64{0.25, 0.5, 0.75, 0.9, 1} {
		best := -1
		for i, p := range curve {
			if best < 0 || math.Abs(p.Coverage-at) < math.Abs(curve[best].Coverage-at) {
				best = i
			}
		}
		if best >= 0 && !slices.Contains(some, curve[best]) {
			some = append(some, curve[best])
		}
	}
	return some
}

// timeColumns is how many columns the picture of times has.
const timeColumns = 20

// timesPlot draws how long drafts took. The slowest hundredth is in the last
// column, however slow it was.
func timesPlot(t *teller, r eval.Report) template.HTML {
	if len(r.Seconds) == 0 {
		return ""
	}
	longest := r.Seconds[min(len(r.Seconds)-1, len(r.Seconds)*99/100)] * 1.0001
	if longest <= 0 {
		longest = 0.001
	}
	counts := make([]int, timeColumns)
	for _, s := range r.Seconds {
		counts[min(timeColumns-1, int(s/longest*timeColumns))]++
	}
	s, width, most := series{Kind: "columns"}, longest/timeColumns, slices.Max(counts)
	for i, n := range counts {
		s.Points = append(s.Points, point{X: width * float64(i), Y: float64(n), Size: width, Words: t.say("times.column", "Count", n)})
	}
	step := roundStep(float64(most) / 4)
	return plot{Title: t.say("times.title"), Note: t.say("times.note"), Desc: t.say("times.desc", "P50", secondsWords(r.P50), "P95", secondsWords(r.P95)),
		X: axis{Label: t.say("axis.seconds"), High: longest, Text: secondsWords}, Y: axis{Label: t.say("axis.cases"), High: 4 * step, Text: wholeWords},
		Of: []series{s}}.figure()
}

// roundStep is the next of 1, 2, 5, 10, 20, 25, 50 and so on.
func roundStep(v float64) float64 {
	for unit := 1.0; ; unit *= 10 {
		for _, step := range []float64{unit, 2 * unit, 2.5 * unit, 5 * unit} {
			if v <= step && step == math.Trunc(step) {
				return step
			}
		}
	}
}

// agreements are the rows of the table of agreement.
func (t *teller) agreements(e evaluation) (all []agreeRow) {
	for _, path := range e.scores {
		for _, measure := range eval.Measures {
			if got, ok := e.Agreement[path][measure]; ok {
				all = append(all, agreeRow{t.title(path), t.say("measure." + measure), figureOrDash(got.Value), t.interval(got)})
			}
		}
	}
	return all
}

// interval is where an agreement may lie.
func (t *teller) interval(e eval.Estimate) string {
	if !e.Known() {
		return "–"
	}
	return t.say("range", "Low", figureOrDash(e.Low), "High", figureOrDash(e.High))
}

// goal is a field's bar in words.
func (t *teller) goal(s *eval.Standing) string {
	if s.Measure == "normalised" {
		return t.percent("%.4g", s.Threshold)
	}
	number := func(v float64) string {
		if s.Measure == "exact" || s.Measure == "within_one" {
			return t.share(v)
		}
		return figureOrDash(v)
	}
	return t.say("goal.other", "Measure", t.say("measure."+s.Measure), "Goal", number(s.Threshold), "Is", number(s.Value))
}

// setMisses lists the wrong values, as many as a reader bears.
func (v *evalView) setMisses(t *teller) {
	for i, m := range v.Report.Misses {
		if i == mostMisses {
			v.MoreMisses = len(v.Report.Misses) - mostMisses
			return
		}
		v.Misses = append(v.Misses, missed{m.Case, t.title(m.Path), plainValue(m.Draft), plainValue(m.Answer)})
	}
}

// plainValue is a JSON value as people write it, "" for null.
func plainValue(raw json.RawMessage) string {
	return shortened(strings.Join(strings.Fields(kit.Plain(raw)), " "), 160)
}
