package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// scoredRun scores cases 0 to n-1 with the grades that grade gives, and drafts of
// them that are drafted's.
func scoredRun(t *testing.T, n int, grade, drafted func(i int) string, o Options) Report {
	t.Helper()
	var cases []Case
	for i := range n {
		cases = append(cases, Case{Name: fmt.Sprint(i), Answers: map[string]json.RawMessage{"grade": json.RawMessage(grade(i))}})
	}
	r, err := Run(context.Background(), cases, func(_ context.Context, c Case) (Draft, error) {
		var i int
		_, _ = fmt.Sscan(c.Name, &i)
		if drafted(i) == "" {
			return Draft{}, errors.New("no draft")
		}
		return Draft{Values: map[string]json.RawMessage{"grade": json.RawMessage(drafted(i))}, Confidence: map[string]float64{"grade": 0.9},
			Marked: i == 1, PromptTokens: 100, OutputTokens: 10, Seconds: 2}, nil
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAGoalIsJudgedByItsMeasure has grades that are one off every time: wrong
// as such, right within one, and in line with one another.
func TestAGoalIsJudgedByItsMeasure(t *testing.T) {
	grade := func(i int) string { return fmt.Sprint(i % 5) }
	off := func(i int) string { return fmt.Sprint(i%5 + 1) }
	for _, c := range []struct {
		measure string
		reached bool
		value   float64
	}{{"normalised", false, 0}, {"exact", false, 0}, {"within_one", true, 1}, {"pearson", true, 1}, {"kappa", false, -0.25}} {
		goal := Goal{Path: "grade", Measure: c.measure, Threshold: 0.8, Confidence: 0.9}
		r := scoredRun(t, 100, grade, off, Options{Goals: []Goal{goal}})
		f, _ := r.Field("grade")
		if f.Goal == nil || f.Goal.Reached() != c.reached || c.measure != "kappa" && !close12(f.Goal.Value, c.value) {
			t.Errorf("%s: %+v", c.measure, f.Goal)
		}
		if low, high := Wilson(0, 100, 0.9); f.Low != low || f.High != high {
			t.Errorf("%s: the interval %v to %v is not that of 90 %%", c.measure, f.Low, f.High)
		}
	}
}

// TestReachedIsNotYetSure has 9 of 10 right with a bar of 80 %.
func TestReachedIsNotYetSure(t *testing.T) {
	one := func(int) string { return "1" }
	most := func(i int) string { return fmt.Sprint(1 + i/9) }
	r := scoredRun(t, 10, one, most, Options{Goals: []Goal{{Path: "grade", Measure: "normalised", Threshold: 0.8, Confidence: 0.95}}})
	g := r.Fields[0].Goal
	if !g.Reached() || g.Verdict == Passed || g.Needed <= 10 {
		t.Errorf("%+v", g)
	}
	if r.Fields[0].Goal.Right != 9 || len(r.CaseFields) != 1 {
		t.Errorf("%+v, %v", g, r.CaseFields)
	}
}

func TestOutcomesOfCasesAndFields(t *testing.T) {
	one := func(int) string { return "1" }
	some := func(i int) string { return []string{"1", "1", "2", ""}[i] }
	r := scoredRun(t, 4, one, some, Options{})
	fields, cases := Of(r.Outcomes, "grade"), Of(r.Outcomes, "")
	want := []Judged{{Case: "0", Confidence: 0.9, Right: true}, {Case: "1", Confidence: 0.9, Barred: true, Right: true},
		{Case: "2", Confidence: 0.9}, {Case: "3", Barred: true, Missing: true}}
	if !slices.Equal(cases, want) {
		t.Errorf("cases %+v", cases)
	}
	for i := range want {
		want[i].Path = "grade"
	}
	want[1].Barred = false // the mark is on the draft, not known of the field
	if !slices.Equal(fields, want) {
		t.Errorf("fields %+v", fields)
	}
	if r.Calibration.N != 3 || r.Fields[0].Calibration.N != 3 || r.OutputTokens != 30 || r.PromptTokens != 300 || r.TokensPerSecond != 5 {
		t.Errorf("%+v, %d tokens, %v a second", r.Calibration, r.OutputTokens, r.TokensPerSecond)
	}
	if !slices.Equal(r.Seconds, []float64{2, 2, 2}) {
		t.Errorf("seconds %v", r.Seconds)
	}
}

func TestAgreementIsTakenWhereAsked(t *testing.T) {
	grade := func(i int) string { return fmt.Sprint(i % 4) }
	r := scoredRun(t, 40, grade, grade, Options{Agreement: []string{"grade", "unknown"}})
	if len(r.Agreement) != 1 || len(r.Agreement["grade"]) != len(Measures) {
		t.Fatalf("%v", r.Agreement)
	}
	for name, e := range r.Agreement["grade"] {
		if !close12(e.Value, 1) || e.Units != 40 || !e.Known() {
			t.Errorf("%s of equal grades: %+v", name, e)
		}
	}
	r = scoredRun(t, 40, grade, grade, Options{Agreement: []string{"grade"}, Kinds: map[string]Kind{"grade": Text}})
	if len(r.Agreement["grade"]) != 3 {
		t.Errorf("of classes there is no near and far: %v", r.Agreement)
	}
}

// Where all answers are the same, or one apart, the farthest of them is no
// wrong answer: a draft that is missing is still neither right nor near.
func TestAMissingNumberIsNeverNear(t *testing.T) {
	for _, grade := range []func(int) string{func(int) string { return "4" }, func(i int) string { return fmt.Sprint(4 + i%2) }} {
		r := scoredRun(t, 10, grade, func(int) string { return "" }, Options{Agreement: []string{"grade"}})
		if exact, near := r.Agreement["grade"]["exact"], r.Agreement["grade"]["within_one"]; exact.Value != 0 || near.Value != 0 {
			t.Errorf("exact %v, within one %v", exact.Value, near.Value)
		}
	}
}

func TestWithoutConfidenceNothingIsCalibrated(t *testing.T) {
	r, err := Run(context.Background(), []Case{{Name: "a", Answers: map[string]json.RawMessage{"x": json.RawMessage("1")}}},
		func(context.Context, Case) (Draft, error) {
			return Draft{Values: map[string]json.RawMessage{"x": json.RawMessage("1")}}, nil
		}, Options{})
	if err != nil || r.Calibration != nil || r.Fields[0].Calibration != nil || len(r.Outcomes) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestScoreRefusesWhatDoesNotFit(t *testing.T) {
	if _, err := Score(make([]Case, 2), make([]Draft, 1), make([]error, 2), Options{}); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
	if _, err := Score(nil, nil, nil, Options{}); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("of no case: %v", err)
	}
}
