package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

type graded struct {
	Grade *json.Number `json:"grade" jsonschema:"minimum=0"`
	Level string       `json:"level" jsonschema:"enum=low,enum=mid,enum=high"`
	Name  *string      `json:"name" jsonschema:"maxLength=40"`
}

func gradedStep(t *testing.T) workflow.ReviewStep {
	t.Helper()
	schema, err := model.SchemaOf[graded]()
	if err != nil {
		t.Fatal(err)
	}
	return workflow.ReviewStep{Name: "check", Schema: schema}
}

func grade(n any, level, name string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"grade":%v,"level":%q,"name":%q}`, n, level, name))
}

// twelve are rounds of twelve cases. The first person is one off the draft in
// every third and then takes over what the draft says; the second sees as the
// first does, but for the last case.
func twelve() (rounds []review.BlindRound) {
	for i := range 12 {
		draft, level := 2+i%4, []string{"low", "mid", "high"}[i%3]
		answer := draft
		if i%3 == 0 {
			answer++
		}
		other := answer
		if i == 11 {
			other = answer + 3
		}
		rounds = append(rounds, review.BlindRound{
			Round: fmt.Sprint(100 + i), CaseID: fmt.Sprint("c", i), Step: "check", Draft: grade(draft, level, "ACME"),
			People: []review.BlindPerson{
				{UserID: "mei", Answer: grade(answer, level, "Acme"), Final: grade(draft, level, "ACME")},
				{UserID: "li", Answer: grade(other, level, "Acme")},
			},
		})
	}
	return append(rounds, review.BlindRound{Round: "999", CaseID: "x", Step: "other", Draft: grade(1, "low", "x")})
}

func few(seed uint64) eval.Bootstrap {
	return eval.Bootstrap{Rounds: 300, Rand: rand.New(rand.NewPCG(seed, 0))}
}

// What is left out does not hide that there is little.
func TestAReportSaysWhatWasLeftOutBesideTheRest(t *testing.T) {
	r := compareBlind(gradedStep(t), twelve(), few(1))
	r.leaveOut()
	if !strings.Contains(r.Words, "too little to decide") || !strings.HasSuffix(r.Words, "\nThe 20000 newest of all steps are compared; older ones are left out.") {
		t.Errorf("of few cases it says %q", r.Words)
	}
	r = blindReport{Cases: fewCases}
	if r.leaveOut(); !strings.HasPrefix(r.Words, "The 20000 newest of all steps") {
		t.Errorf("of many cases it says %q", r.Words)
	}
	r = compareBlind(gradedStep(t), nil, few(1))
	if r.leaveOut(); !strings.HasPrefix(r.Words, "There is nothing to compare yet") || strings.Contains(r.Words, "newest") {
		t.Errorf("of no cases it says %q", r.Words)
	}
}

func TestAReportComparesPeopleWithTheModelAndEachOther(t *testing.T) {
	r := compareBlind(gradedStep(t), twelve(), few(1))
	if r.Cases != 12 || r.Answers != 24 || r.People != 2 || len(r.Fields) != 3 || !strings.Contains(r.Words, "too little to decide") {
		t.Fatalf("%+v", r)
	}
	number, level, name := r.Fields[0], r.Fields[1], r.Fields[2]
	for _, c := range []struct {
		what string
		got  eval.Estimate
		want float64
	}{
		{"model, in meaning", number.Model["normalised"], 15.0 / 24},
		{"model, exact", number.Model["exact"], 15.0 / 24},
		{"model, within one", number.Model["within_one"], 23.0 / 24},
		{"people, in meaning", number.Between["normalised"], 11.0 / 12},
		{"level, kappa", level.Model["kappa"], 1},
		{"name, to the letter", name.Model["exact"], 0},
		{"name, in meaning", name.Model["normalised"], 1},
		{"adopted", number.Anchoring.Adopted, 1},
		{"moved", number.Anchoring.Shift, 1},
	} {
		if d := c.got.Value - c.want; !(d < 1e-9 && d > -1e-9) || !c.got.Known() {
			t.Errorf("%s: %+v, want %v", c.what, c.got, c.want)
		}
	}
	if len(number.Model) != 1+len(eval.Measures) || len(level.Model) != 4 || len(name.Model) != 2 {
		t.Errorf("measures: %d of a number, %d of an enum, %d of a text", len(number.Model), len(level.Model), len(name.Model))
	}
	if number.Model["pearson"].Groups != 12 || number.Model["pearson"].Units != 24 {
		t.Errorf("not drawn by case: %+v", number.Model["pearson"])
	}
	if again := compareBlind(gradedStep(t), twelve(), few(1)); again.Fields[0].Model["kappa"] != number.Model["kappa"] {
		t.Error("the same seed gives another interval")
	}
}

func TestAValueThatOneSideLacksIsNoNumberButADifference(t *testing.T) {
	round := func(i int, answer, draft any) review.BlindRound {
		return review.BlindRound{CaseID: fmt.Sprint(i), Step: "check", Draft: grade(draft, "low", "a"),
			People: []review.BlindPerson{{UserID: "mei", Answer: grade(answer, "low", "a")}}}
	}
	r := compareBlind(gradedStep(t), []review.BlindRound{round(1, "null", 3), round(2, 3, 3), round(3, 4, 4)}, few(1))
	if m := r.Fields[0].Model; m["normalised"].Units != 3 || m["normalised"].Value != 2.0/3 || m["kappa"].Units != 2 {
		t.Errorf("%+v", m)
	}
}

func TestTooLittleIsSaidPlainly(t *testing.T) {
	var out strings.Builder
	if err := compareBlind(gradedStep(t), nil, few(1)).print(&out); err != nil || !strings.Contains(out.String(), "nothing to compare yet") {
		t.Errorf("%v, %s", err, &out)
	}
	out.Reset()
	if err := compareBlind(gradedStep(t), twelve()[:1], few(1)).print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"check: 1 cases filled in blind, 2 answers by 2 people", "too little to decide anything by", "0.00, too little for an interval (2)",
		"too little to tell (2)", "2 answers differed|1 answers differed from the draft",
	} {
		if !containsOne(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

func containsOne(s, choices string) bool {
	for _, c := range strings.Split(choices, "|") {
		if strings.Contains(s, c) {
			return true
		}
	}
	return false
}

func TestAReportIsATableOfFigures(t *testing.T) {
	var out strings.Builder
	if err := compareBlind(gradedStep(t), twelve(), few(1)).print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\ngrade", "people and the model", "people and people", "  weighted kappa", "  in meaning", "; 24)", "; 12)",
		"    decided as the draft", "    way to the draft", "\nlevel", "\nname"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// A bar of 95.5 % is not one of 96.
func TestABarIsNotRoundedUp(t *testing.T) {
	got := row(eval.Field{Path: "total", N: 10, Exact: 0.9, Normalised: 0.952, Low: 0.9, High: 0.99,
		Goal: &eval.Standing{Goal: eval.Goal{Measure: "normalised", Threshold: 0.955, Confidence: 0.95}, Seen: 10, Value: 0.952}})
	if want := "total\t10\t90.0 %\t95.2 %\t90.0 to 99.0 %\t95.5 %\t  below"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAReportRestsOnTheNewestRounds(t *testing.T) {
	var stored []review.BlindRound
	for i := range 1300 {
		stored = append(stored, review.BlindRound{Round: fmt.Sprintf("%05d", i)})
	}
	asked := 0
	read := func(before string, limit int) (some []review.BlindRound, err error) {
		asked = max(asked, limit)
		for _, r := range slices.Backward(stored) {
			if (before == "" || r.Round < before) && len(some) < limit {
				some = append(some, r)
			}
		}
		return some, nil
	}
	for _, c := range []struct {
		most, first, n int
		left           bool
	}{{1200, 100, 1200, true}, {1299, 1, 1299, true}, {1300, 0, 1300, false}, {5000, 0, 1300, false}, {500, 800, 500, true}} {
		got, left, err := newestRounds(c.most, read)
		if err != nil || left != c.left || len(got) != c.n || got[0].Round != stored[c.first].Round || got[c.n-1].Round != "01299" {
			t.Errorf("at most %d: %d from %s, %v, %v", c.most, len(got), got[0].Round, left, err)
		}
	}
	if asked > roundsAtOnce {
		t.Errorf("%d are read at once", asked)
	}
}
