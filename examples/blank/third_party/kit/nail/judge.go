package nail

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Severity says how bad a finding is.
type Severity string

// The severities. A nail with one Refused is none.
const (
	Good    Severity = "good"
	Warning Severity = "warning"
	Refused Severity = "refused"
)

// Finding is what the judgement says of one side of a nail.
type Finding struct {
	Check    string   `json:"check"` // buyer, scenario, data, source, today, bar, price, break-even, stress
	Severity Severity `json:"severity"`
	Words    string   `json:"words"`
	Mend     string   `json:"mend,omitempty"` // what to do about it
}

// Evidence is what was found at the places that a nail names.
type Evidence struct {
	Problem  string `json:"problem,omitempty"` // why a folder could not be read; "" for nothing
	Cases    int    `json:"cases"`             // documents of different content
	Unread   int    `json:"unread"`            // documents that nothing here reads
	Why      string `json:"why,omitempty"`     // and why, of one of them
	Doubles  int    `json:"doubles"`           // documents with the content of another
	Answered int    `json:"answered"`          // of Cases, those whose answer holds a value
	Foreign  int    `json:"foreign"`           // of Answered, those that came with a template
	Examples bool   `json:"examples"`          // the buyer is a template's example
}

// Own is how many answered cases are one's own.
func (e Evidence) Own() int { return e.Answered - e.Foreign }

// Judge says what speaks for and against the nail: without a buyer, a scenario
// and data of one's own it is refused. The figures are those of w; nothing is
// read and nobody asked.
func (n Nail) Judge(e Evidence, w Worth) []Finding {
	found := []Finding{n.judgeBuyer(e), n.judgeScenario(), n.judgeData(e), n.judgeSource(e), n.judgeToday(), n.judgeBar(e), n.judgePrice(w)}
	if n.Price > 0 && n.Volume > 0 {
		found = append(found, n.judgeBreakEven(w), n.judgeStress(w))
	}
	return found
}

func good(check, format string, args ...any) Finding {
	return Finding{Check: check, Severity: Good, Words: fmt.Sprintf(format, args...)}
}

func warning(check, words, mend string) Finding { return Finding{check, Warning, words, mend} }

func refusal(check, words, mend string) Finding { return Finding{check, Refused, words, mend} }

// nothings are words that stand where nothing was said.
var nothings = []string{"", "todo", "tbd", "none", "n/a", "na", "?", "-", "x", "xxx", "test", "待定", "无", "暂无"}

// everybody are buyers who are nobody.
var everybody = []string{"everyone", "everybody", "anyone", "anybody", "all", "people", "companies", "businesses", "users", "customers",
	"所有人", "大家", "任何人", "用户", "企业", "公司", "客户"}

// said is a sentence without what makes no difference, "" where it says nothing.
func said(sentence string) string {
	s := strings.ToLower(strings.Trim(strings.TrimSpace(sentence), ".。!！…"))
	if slices.Contains(nothings, s) {
		return ""
	}
	return s
}

func (n Nail) judgeBuyer(e Evidence) Finding {
	const mend = "name one kind of customer who pays for this job today; find one and ask: --buyer TEXT"
	switch s := said(n.Buyer); {
	case s == "":
		return refusal("buyer", "no buyer: nobody is named who would pay", mend)
	case slices.Contains(everybody, s):
		return refusal("buyer", fmt.Sprintf("no buyer: %q is nobody whom one can ring up", strings.TrimSpace(n.Buyer)), mend)
	case e.Examples:
		return warning("buyer", "the buyer is the template's example: "+oneLine(n.Buyer), "write whom you sell to: --buyer TEXT")
	}
	return good("buyer", "%s", oneLine(n.Buyer))
}

func (n Nail) judgeScenario() Finding {
	const mend = "say where the job comes up, how often, and what is done with the result: --scenario TEXT"
	switch s := said(n.Scenario); {
	case s == "":
		return refusal("scenario", "no scenario: it is not said where the job comes up and what the result is for", mend)
	case s == said(n.Job):
		return refusal("scenario", "no scenario: it repeats the job", mend)
	}
	return good("scenario", "%s", oneLine(n.Scenario))
}

func (n Nail) judgeData(e Evidence) Finding {
	const mend = "bring cases of one's own, each NAME.txt, .csv, .pdf or picture with its right answer NAME.json: --cases FOLDER --answers FOLDER"
	switch {
	case e.Problem != "":
		return refusal("data", "no data: "+e.Problem, mend)
	case e.Cases == 0 && e.Unread > 0:
		return refusal("data", fmt.Sprintf("no data: %s, and none can be read: %s", counted(e.Unread, "document"), e.Why), mend)
	case e.Cases == 0:
		return refusal("data", fmt.Sprintf("no data: the folder %s holds no document", n.Data.Cases), mend)
	case e.Answered == 0:
		return refusal("data", fmt.Sprintf("no data: %s, and none has an answer in %s", counted(e.Cases, "document"), n.Data.Answers), mend)
	case e.Own() == 0:
		return refusal("data", "no data of one's own: the cases are the template's own; bring yours", mend)
	}
	var but []string
	if e.Foreign > 0 {
		but = append(but, fmt.Sprintf("%d of %d are the template's own: take them out, they say nothing of your customer", e.Foreign, e.Answered))
	}
	if e.Cases > e.Answered {
		but = append(but, fmt.Sprintf("%s without an answer", counted(e.Cases-e.Answered, "document")))
	}
	if e.Unread > 0 {
		but = append(but, fmt.Sprintf("%s that cannot be read: %s", counted(e.Unread, "document"), e.Why))
	}
	if e.Doubles > 0 {
		but = append(but, fmt.Sprintf("%s the same as another", counted(e.Doubles, "document")))
	}
	if len(but) > 0 {
		return warning("data", counted(e.Own(), "case")+" of one's own with an answer", strings.Join(but, "; "))
	}
	return good("data", "%s of one's own with an answer", counted(e.Own(), "case"))
}

func (n Nail) judgeSource(e Evidence) Finding {
	if said(n.Data.Source) != "" {
		return good("source", "%s", oneLine(n.Data.Source))
	}
	words := "it is not said whose the cases are and whether they may be used"
	if e.Own() <= 0 {
		words = "no source: it is not said where data would come from"
	}
	return warning("source", words, "write it down while you know it: --source TEXT")
}

func (n Nail) judgeToday() Finding {
	if n.Today.Minutes > 0 && n.Today.Wage > 0 {
		return good("today", "%s min a case at %s %s an hour: %s %s a case", number2(n.Today.Minutes), Amount(n.Today.Wage), n.Currency,
			Amount(n.Economics().HumanCost), n.Currency)
	}
	return warning("today", "what a case costs by hand today is not known, and so nothing can be said of what is saved",
		"watch ten cases with a clock, and ask what the hour costs: --minutes N --wage AMOUNT")
}

func (n Nail) judgeBar(e Evidence) Finding {
	if len(n.Bar) == 0 {
		return warning("bar", "no bar: nobody can tell when a draft is good enough", "set one for each field that counts: --bar total=0.95")
	}
	var words, short []string
	for _, path := range slices.Sorted(maps.Keys(n.Bar)) {
		g := n.Bar[path]
		words = append(words, path+" "+g.String())
		if need := g.LeastCases(); e.Own() > 0 && (need < 0 || need > e.Own()) {
			short = append(short, path+" "+needed(need))
		}
	}
	if len(short) > 0 {
		return warning("bar", strings.Join(words, ", "),
			fmt.Sprintf("with %s it cannot be shown that these are reached, even with nothing wrong; it takes: %s",
				counted(e.Own(), "case"), strings.Join(short, ", ")))
	}
	return good("bar", "%s", strings.Join(words, ", "))
}

func needed(cases int) string {
	if cases < 0 {
		return "(no number of cases)"
	}
	return fmt.Sprintf("%d", cases)
}

// LeastCases is how many cases it takes at least to show that the goal is
// reached with its Confidence: so many when none of them is wrong, from
// threshold^n <= 1 - confidence (Clopper-Pearson with no failure). It is -1 for
// a threshold of 1, which nothing shows, and 0 for a goal that is no share.
func (g Goal) LeastCases() int {
	switch {
	case !g.IsShare():
		return 0
	case g.Threshold >= 1:
		return -1
	}
	return int(math.Ceil(math.Log(1-g.Confidence)/math.Log(g.Threshold) - 1e-9))
}

func (n Nail) judgePrice(w Worth) Finding {
	switch {
	case n.Price <= 0 || n.Volume <= 0:
		return warning("price", "the price of a case or the cases a month are not known: nothing can be said of break-even", "--price AMOUNT --volume N")
	case w.HumanCost > 0 && n.Price >= w.HumanCost:
		return warning("price", fmt.Sprintf("%s %s a case, and by hand it is %s: the buyer saves nothing", Amount(n.Price), n.Currency, Amount(w.HumanCost)),
			"ask less, or find a job that costs more by hand")
	}
	return good("price", "%s %s a case, %s a month", Amount(n.Price), n.Currency, counted(n.Volume, "case"))
}

func (n Nail) judgeBreakEven(w Worth) Finding {
	return n.judgeMonth("break-even", w.Revenue, w.Left, w.CasesToPay, w)
}

func (n Nail) judgeStress(w Worth) Finding {
	f := n.judgeMonth("stress", w.Revenue*stress, w.StressLeft, w.StressCasesToPay, w)
	f.Words = "with 20 % less revenue: " + f.Words
	return f
}

// judgeMonth judges a month's revenue by what is left of it.
func (n Nail) judgeMonth(check string, revenue, left float64, toPay int, w Worth) Finding {
	assumed := ""
	if w.Review.Measured == 0 {
		assumed = ", assumed"
	}
	words := fmt.Sprintf("%s %s a month, less %s for the model's machine and %s for review (%.0f s a case%s): %s left", Amount(revenue), n.Currency,
		Amount(w.GPUMonth), Amount(w.ReviewMonth), w.Review.Seconds, assumed, Amount(left))
	switch {
	case toPay < 0:
		return warning(check, words+"; no number of cases pays", "ask more for a case, or make its review quicker")
	case toPay > n.Volume:
		return warning(check, fmt.Sprintf("%s; it pays from %s a month", words, counted(toPay, "case")), "find more cases, ask more, or do without the machine")
	case toPay == 0:
		return good(check, "%s; it pays from the first case", words)
	}
	return good(check, "%s; it pays from %s a month", words, counted(toPay, "case"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func number2(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
