package nail_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/nail"
)

const founded = start + `buyer: Bookkeeping firms
scenario: A shoe box of receipts comes on the first of the month
data: {source: Of our first customer}
today: {minutes: 3, wage: 12}
volume: 2000
price: 0.30
bar: {total: 0.95}
`

var plenty = nail.Evidence{Cases: 80, Answered: 80}

// TestJudge holds what each lack of a nail comes to.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name, text string
		evidence   nail.Evidence
		check      string
		severity   nail.Severity
		want       string
	}{
		{"a buyer", founded, plenty, "buyer", nail.Good, "Bookkeeping firms"},
		{"no buyer", without("buyer"), plenty, "buyer", nail.Refused, "no buyer"},
		{"a blank buyer", with("buyer", "'  '"), plenty, "buyer", nail.Refused, "no buyer"},
		{"a buyer to come", with("buyer", "TODO"), plenty, "buyer", nail.Refused, "no buyer"},
		{"everyone", with("buyer", "Everyone."), plenty, "buyer", nail.Refused, `"Everyone." is nobody`},
		{"everyone in Chinese", with("buyer", "所有人。"), plenty, "buyer", nail.Refused, "nobody"},
		{"the template's buyer", founded, nail.Evidence{Cases: 80, Answered: 80, Examples: true}, "buyer", nail.Warning, "example"},
		{"no scenario", without("scenario"), plenty, "scenario", nail.Refused, "no scenario"},
		{"a scenario that is the job", with("scenario", "Y."), plenty, "scenario", nail.Refused, "repeats the job"},
		{"no folder", founded, nail.Evidence{Problem: "golden/cases: no such file or folder"}, "data", nail.Refused, "no data: golden/cases: no such"},
		{"an empty folder", founded, nail.Evidence{}, "data", nail.Refused, "no data: the folder golden/cases holds no document"},
		{"no answers", founded, nail.Evidence{Cases: 9}, "data", nail.Refused, "no data: 9 documents, and none has an answer in golden/answers"},
		{"the template's", founded, nail.Evidence{Cases: 12, Answered: 12, Foreign: 12}, "data", nail.Refused, "the cases are the template's own; bring yours"},
		{"some of the template's", founded, nail.Evidence{Cases: 90, Answered: 90, Foreign: 12}, "data", nail.Warning, "78 cases of one's own"},
		{"some doubles", founded, nail.Evidence{Cases: 80, Doubles: 2, Answered: 80}, "data", nail.Warning, "80 cases"},
		{"data", founded, plenty, "data", nail.Good, "80 cases of one's own"},
		{"no source", without("data"), plenty, "source", nail.Warning, "whose the cases are"},
		{"no cost today", without("today"), plenty, "today", nail.Warning, "not known"},
		{"no bar", without("bar"), plenty, "bar", nail.Warning, "no bar"},
		{"too few for the bar", founded, nail.Evidence{Cases: 58, Answered: 58}, "bar", nail.Warning, "total 95 %"},
		{"enough for the bar", founded, nail.Evidence{Cases: 59, Answered: 59}, "bar", nail.Good, "total 95 %"},
		{"a bar of all", with("bar", "{total: 1}"), plenty, "bar", nail.Warning, "total 100 %"},
		{"no price", without("price"), plenty, "price", nail.Warning, "not known"},
		{"a price above the work by hand", with("price", "0.7"), plenty, "price", nail.Warning, "saves nothing"},
		{"it pays", founded, plenty, "break-even", nail.Good, "600.00 USD a month, less 0.00 for the model's machine and 400.00 for review (60 s a case, assumed): 200.00 left; it pays from the first case"},
		{"it pays with less", founded, plenty, "stress", nail.Good, "with 20 % less revenue: 480.00 USD"},
		{"it pays, but not with less", with("price", "0.24"), plenty, "stress", nail.Warning, "−16.00 left; no number of cases pays"},
		{"too few cases", founded + "gpu_hour: 0.5\n", plenty, "break-even", nail.Warning, "−165.00 left; it pays from 3650 cases a month"},
	} {
		n := parse(t, c.text)
		found := false
		for _, f := range n.Judge(c.evidence, n.Worth(n.AssumedReview())) {
			if f.Check != c.check {
				continue
			}
			found = true
			if f.Severity != c.severity || !strings.Contains(f.Words, c.want) {
				t.Errorf("%s: %+v, want %s %q", c.name, f, c.severity, c.want)
			}
			if (f.Severity == nail.Good) != (f.Mend == "") {
				t.Errorf("%s: mend %q", c.name, f.Mend)
			}
		}
		if !found {
			t.Errorf("%s: nothing about %s", c.name, c.check)
		}
	}
}

// without is the nail without a key, with is it with another value.
func without(key string) string { return with(key, "") }

func with(key, value string) string {
	lines := strings.SplitAfter(founded, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, key+":") {
			lines[i] = ""
			if value != "" {
				lines[i] = key + ": " + value + "\n"
			}
		}
	}
	return strings.Join(lines, "")
}

func TestWorth(t *testing.T) {
	n := parse(t, founded+"gpu_hour: 0.1\nreviewer: {wage: 18}\n")
	w := n.Worth(nail.Reviewing{Seconds: 30, Measured: 10})
	for what, v := range map[string][2]float64{
		"a case's review": {w.ReviewCase, 0.15}, "the month's": {w.ReviewMonth, 300}, "hours by hand": {w.HandHours, 100},
		"hours saved": {w.SavedHours, 100 - 2000*30/3600.0}, "left": {w.Left, 600 - 73 - 300}, "left with less": {w.StressLeft, 480 - 73 - 300},
		"kept": {w.Kept, 1200 - 600 - 300},
	} {
		if math.Abs(v[0]-v[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, v[0], v[1])
		}
	}
	if w.CasesToPay != 487 || w.StressCasesToPay != 812 { // 73/0.15 and 73/0.09
		t.Errorf("%d and %d cases pay", w.CasesToPay, w.StressCasesToPay)
	}
	if r := n.AssumedReview(); r.Measured != 0 || math.Abs(r.Seconds-60) > 1e-9 {
		t.Errorf("assumed: %+v", r)
	}
}

// TestLeastCases holds the known numbers: 59 cases without an error show 95 %
// at 95 %, 299 show 99 %.
func TestLeastCases(t *testing.T) {
	for want, g := range map[int]nail.Goal{59: normalised(0.95), 299: normalised(0.99), 29: normalised(0.90), -1: normalised(1), 0: {Measure: "kappa", Threshold: 0.8, Confidence: 0.95}} {
		if got := g.LeastCases(); got != want {
			t.Errorf("%s: %d, want %d", g, got, want)
		}
	}
}
