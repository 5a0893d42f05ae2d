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
	return n.JudgeIn(e, w, func(text string) string { return text })
}

// JudgeIn is Judge in another language: say gives what stands for a text or a
// format in English, or the text itself where it has none.
func (n Nail) JudgeIn(e Evidence, w Worth, say func(text string) string) []Finding {
	j := judging{n, e, w, say}
	found := []Finding{j.buyer(), j.scenario(), j.data(), j.source(), j.today(), j.bar(), j.price()}
	if n.Price > 0 && n.Volume > 0 {
		found = append(found, j.breakEven(), j.stressed())
	}
	return found
}

// judging is a nail with what is known of it, judged in a language.
type judging struct {
	Nail
	e   Evidence
	w   Worth
	say func(text string) string
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

func (j judging) buyer() Finding {
	mend := j.say("name one kind of customer who pays for this job today; find one and ask: --buyer TEXT")
	switch s := said(j.Buyer); {
	case s == "":
		return refusal("buyer", j.say("no buyer: nobody is named who would pay"), mend)
	case slices.Contains(everybody, s):
		return refusal("buyer", fmt.Sprintf(j.say("no buyer: %q is nobody whom one can ring up"), strings.TrimSpace(j.Buyer)), mend)
	case j.e.Examples:
		return warning("buyer", fmt.Sprintf(j.say("the buyer is the template's example: %s"), oneLine(j.Buyer)), j.say("write whom you sell to: --buyer TEXT"))
	}
	return good("buyer", "%s", oneLine(j.Buyer))
}

func (j judging) scenario() Finding {
	mend := j.say("say where the job comes up, how often, and what is done with the result: --scenario TEXT")
	switch s := said(j.Scenario); {
	case s == "":
		return refusal("scenario", j.say("no scenario: it is not said where the job comes up and what the result is for"), mend)
	case s == said(j.Job):
		return refusal("scenario", j.say("no scenario: it repeats the job"), mend)
	}
	return good("scenario", "%s", oneLine(j.Scenario))
}

func (j judging) data() Finding {
	e, own := j.e, fmt.Sprintf(j.say("%s of one's own with an answer"), j.cases(j.e.Own()))
	if lack := j.lack(); lack != "" {
		return refusal("data", lack,
			j.say("bring cases of one's own, each NAME.txt, .csv, .pdf or picture with its right answer NAME.json: --cases FOLDER --answers FOLDER"))
	}
	var but []string
	if e.Foreign > 0 {
		but = append(but, fmt.Sprintf(j.say("%d of %d are the template's own: take them out, they say nothing of your customer"), e.Foreign, e.Answered))
	}
	if e.Cases > e.Answered {
		but = append(but, fmt.Sprintf(j.say("%s without an answer"), j.documents(e.Cases-e.Answered)))
	}
	if e.Unread > 0 {
		but = append(but, fmt.Sprintf(j.say("%s that cannot be read: %s"), j.documents(e.Unread), e.Why))
	}
	if e.Doubles > 0 {
		but = append(but, fmt.Sprintf(j.say("%s the same as another"), j.documents(e.Doubles)))
	}
	if len(but) > 0 {
		return warning("data", own, strings.Join(but, "; "))
	}
	return good("data", "%s", own)
}

// lack says why there is nothing to measure the nail on, or "".
func (j judging) lack() string {
	switch e := j.e; {
	case e.Problem != "":
		return fmt.Sprintf(j.say("no data: %s"), e.Problem)
	case e.Cases == 0 && e.Unread > 0:
		return fmt.Sprintf(j.say("no data: %s, and none can be read: %s"), j.documents(e.Unread), e.Why)
	case e.Cases == 0:
		return fmt.Sprintf(j.say("no data: the folder %s holds no document"), j.Data.Cases)
	case e.Answered == 0:
		return fmt.Sprintf(j.say("no data: %s, and none has an answer in %s"), j.documents(e.Cases), j.Data.Answers)
	case e.Own() == 0:
		return j.say("no data of one's own: the cases are the template's own; bring yours")
	}
	return ""
}

func (j judging) source() Finding {
	if said(j.Data.Source) != "" {
		return good("source", "%s", oneLine(j.Data.Source))
	}
	words := j.say("it is not said whose the cases are and whether they may be used")
	if j.e.Own() <= 0 {
		words = j.say("no source: it is not said where data would come from")
	}
	return warning("source", words, j.say("write it down while you know it: --source TEXT"))
}

func (j judging) today() Finding {
	if j.Today.Minutes > 0 && j.Today.Wage > 0 {
		return good("today", j.say("%s min a case at %s %s an hour: %s %s a case"), number2(j.Today.Minutes), Amount(j.Today.Wage), j.Currency,
			Amount(j.Economics().HumanCost), j.Currency)
	}
	return warning("today", j.say("what a case costs by hand today is not known, and so nothing can be said of what is saved"),
		j.say("watch ten cases with a clock, and ask what the hour costs: --minutes N --wage AMOUNT"))
}

func (j judging) bar() Finding {
	if len(j.Bar) == 0 {
		return warning("bar", j.say("no bar: nobody can tell when a draft is good enough"), j.say("set one for each field that counts: --bar total=0.95"))
	}
	var words, short []string
	own := j.e.Own()
	for _, path := range slices.Sorted(maps.Keys(j.Bar)) {
		g := j.Bar[path]
		words = append(words, path+" "+g.String())
		if need := g.LeastCases(); own > 0 && (need < 0 || need > own) {
			short = append(short, path+" "+j.needed(need))
		}
	}
	if len(short) > 0 {
		return warning("bar", strings.Join(words, ", "),
			fmt.Sprintf(j.say("with %s it cannot be shown that these are reached, even with nothing wrong; it takes: %s"), j.cases(own), strings.Join(short, ", ")))
	}
	return good("bar", "%s", strings.Join(words, ", "))
}

func (j judging) needed(cases int) string {
	if cases < 0 {
		return j.say("(no number of cases)")
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

func (j judging) price() Finding {
	switch {
	case j.Price <= 0 || j.Volume <= 0:
		return warning("price", j.say("the price of a case or the cases a month are not known: nothing can be said of break-even"), "--price AMOUNT --volume N")
	case j.w.HumanCost > 0 && j.Price >= j.w.HumanCost:
		return warning("price", fmt.Sprintf(j.say("%s %s a case, and by hand it is %s: the buyer saves nothing"), Amount(j.Price), j.Currency, Amount(j.w.HumanCost)),
			j.say("ask less, or find a job that costs more by hand"))
	}
	return good("price", j.say("%s %s a case, %s a month"), Amount(j.Price), j.Currency, j.cases(j.Volume))
}

func (j judging) breakEven() Finding {
	return j.month("break-even", j.w.Revenue, j.w.Left, j.w.CasesToPay)
}

func (j judging) stressed() Finding {
	f := j.month("stress", j.w.Revenue*stress, j.w.StressLeft, j.w.StressCasesToPay)
	f.Words = fmt.Sprintf(j.say("with 20 %% less revenue: %s"), f.Words)
	return f
}

// month judges a month's revenue by what is left of it.
func (j judging) month(check string, revenue, left float64, toPay int) Finding {
	w, assumed := j.w, ""
	if w.Review.Measured == 0 {
		assumed = j.say(", assumed")
	}
	words := fmt.Sprintf(j.say("%s %s a month, less %s for the model's machine and %s for review (%.0f s a case%s): %s left"), Amount(revenue), j.Currency,
		Amount(w.GPUMonth), Amount(w.ReviewMonth), w.Review.Seconds, assumed, Amount(left))
	switch {
	case toPay < 0:
		return warning(check, fmt.Sprintf(j.say("%s; no number of cases pays"), words), j.say("ask more for a case, or make its review quicker"))
	case toPay > j.Volume:
		return warning(check, fmt.Sprintf(j.say("%s; it pays from %s a month"), words, j.cases(toPay)), j.say("find more cases, ask more, or do without the machine"))
	case toPay == 0:
		return good(check, j.say("%s; it pays from the first case"), words)
	}
	return good(check, j.say("%s; it pays from %s a month"), words, j.cases(toPay))
}

func (j judging) cases(n int) string {
	if n == 1 {
		return j.say("1 case")
	}
	return fmt.Sprintf(j.say("%d cases"), n)
}

func (j judging) documents(n int) string {
	if n == 1 {
		return j.say("1 document")
	}
	return fmt.Sprintf(j.say("%d documents"), n)
}

func number2(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
