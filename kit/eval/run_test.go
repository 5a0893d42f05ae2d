package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// answers takes a JSON object apart for a test.
func answers(t testing.TB, object string) map[string]json.RawMessage {
	t.Helper()
	m, err := Paths([]byte(object))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// echo drafts what the case's document says, as JSON.
func echo(_ context.Context, c Case) (Draft, error) {
	values, err := Paths([]byte(c.Document.Text))
	return Draft{Values: values}, err
}

func TestRunScoresEachField(t *testing.T) {
	cases := []Case{
		{Name: "a", Document: kit.Document{Text: `{"shop":"ABC","day":"2018-12-25","total":9.00}`},
			Answers: answers(t, `{"shop":"ABC","day":"25/12/2018","total":"9.00"}`)},
		{Name: "b", Document: kit.Document{Text: `{"shop":"A.B.C","day":null,"total":10}`},
			Answers: answers(t, `{"shop":"abc","day":"","total":"9.00"}`)},
		{Name: "c", Document: kit.Document{Text: `broken`},
			Answers: answers(t, `{"shop":"ABC","day":"1/2/19","total":null}`)},
	}
	report, err := Run(context.Background(), cases, echo, Options{Model: kit.ModelInfo{Name: "echo", Digest: "d"}})
	if err != nil {
		t.Fatal(err)
	}
	type counts struct {
		n                 int
		exact, normalised float64
	}
	for path, want := range map[string]counts{
		"shop":  {3, 1. / 3, 2. / 3},
		"day":   {2, 0, 1. / 2}, // b's answer is blank and does not count
		"total": {2, 1. / 2, 1. / 2},
	} {
		f, ok := report.Field(path)
		if got := (counts{f.N, f.Exact, f.Normalised}); !ok || got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
		if f.Low >= f.Normalised || f.High <= f.Normalised {
			t.Errorf("%s: %v is not within %v to %v", path, f.Normalised, f.Low, f.High)
		}
	}
	if report.Cases != 3 || len(report.Failed) != 1 || report.Failed[0].Name != "c" || report.Failed[0].Reason == "" {
		t.Errorf("cases and failures: %+v", report)
	}
	if _, ok := report.Field("nowhere"); ok {
		t.Error("a field that no answer has was scored")
	}
}

func TestRunListsEachWrongValue(t *testing.T) {
	cases := []Case{
		{Name: "b", Document: kit.Document{Text: `{"shop":"ABD","total":9}`}, Answers: answers(t, `{"total":"9.00","shop":"ABC"}`)},
		{Name: "a", Document: kit.Document{Text: `broken`}, Answers: answers(t, `{"total":3,"shop":""}`)},
		{Name: "c", Document: kit.Document{Text: `{"shop":"abc"}`}, Answers: answers(t, `{"total":4,"shop":"ABC"}`)},
	}
	report, err := Run(context.Background(), cases, echo, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(report.Misses)
	want := `[{"case":"b","path":"shop","draft":"ABD","answer":"ABC"},` +
		`{"case":"a","path":"total","draft":null,"answer":3},{"case":"c","path":"total","draft":null,"answer":4}]`
	if err != nil || string(got) != want {
		t.Errorf("misses are %s, %v\nwant %s", got, err, want)
	}
}

func TestFieldsThatNobodyAnswers(t *testing.T) {
	cases := []Case{{Name: "a", Document: kit.Document{Text: `{"shop":"A","tax":1}`}, Answers: answers(t, `{"shop":"A","tax":null}`)}}
	report, err := Run(context.Background(), cases, echo, Options{Fields: []string{"tax", "shop", "none"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{Path: "none", High: 1}, {Path: "shop", N: 1, Exact: 1, Normalised: 1}, {Path: "tax", High: 1}}
	want[1].Low, want[1].High = Wilson(1, 1, Confidence)
	if !reflect.DeepEqual(report.Fields, want) || len(report.Misses) != 0 {
		t.Errorf("%+v, want %+v", report, want)
	}
}

func TestKindsOverrideWhatAnswersLookLike(t *testing.T) {
	cases := []Case{{Document: kit.Document{Text: `{"number":"00120"}`}, Answers: answers(t, `{"number":"120"}`)}}
	for kind, want := range map[Kind]float64{Text: 0, Number: 1} {
		report, err := Run(context.Background(), cases, echo, Options{Kinds: map[string]Kind{"number": kind}})
		if err != nil {
			t.Fatal(err)
		}
		if f, _ := report.Field("number"); f.Normalised != want {
			t.Errorf("as %s: %v, want %v", kind, f.Normalised, want)
		}
	}
}

func TestRunTellsTimes(t *testing.T) {
	now := time.Unix(0, 0)
	tick := 0
	clock := func() time.Time { // drafts take 1, 2, … 20 seconds
		tick++
		if tick%2 == 0 {
			now = now.Add(time.Duration(tick/2) * time.Second)
		}
		return now
	}
	cases := make([]Case, 20)
	for i := range cases {
		cases[i].Document.Text = `{}`
	}
	report, err := Run(context.Background(), cases, echo, Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	if report.SecondsPerCase != 10.5 || report.P50 != 10 || report.P95 != 19 {
		t.Errorf("mean %v, p50 %v, p95 %v; want 10.5, 10, 19", report.SecondsPerCase, report.P50, report.P95)
	}
}

func TestRunInParallelTellsTheSame(t *testing.T) {
	var cases []Case
	for i := range 50 {
		doc := fmt.Sprintf(`{"n":%d}`, i-i%7)
		cases = append(cases, Case{Name: fmt.Sprint(i), Document: kit.Document{Text: doc},
			Answers: answers(t, fmt.Sprintf(`{"n":%d}`, i))})
	}
	clock := func() time.Time { return time.Unix(0, 0) }
	one, err := Run(context.Background(), cases, echo, Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	var told []int
	many, err := Run(context.Background(), cases, echo, Options{Clock: clock, Parallel: 8,
		Progress: func(done, total int) { told = append(told, done) }})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, many) {
		t.Errorf("one at a time: %+v\neight at a time: %+v", one, many)
	}
	for i, done := range told {
		if done != i+1 || len(told) != len(cases) {
			t.Fatalf("progress told %v", told)
		}
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	drafts := 0
	_, err := Run(ctx, make([]Case, 100), func(context.Context, Case) (Draft, error) {
		drafts++
		cancel()
		return Draft{}, nil
	}, Options{})
	if !errors.Is(err, context.Canceled) || drafts > 2 {
		t.Errorf("after the cancel: %d drafts, error %v", drafts, err)
	}
}

func TestRunRefuses(t *testing.T) {
	if _, err := Run(context.Background(), nil, echo, Options{}); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Errorf("no cases: %v", err)
	}
	if _, err := Run(context.Background(), make([]Case, 1), echo, Options{Parallel: -1}); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("negative parallel: %v", err)
	}
}

func TestReportAsJSON(t *testing.T) {
	report, err := Run(context.Background(), []Case{{Document: kit.Document{Text: `{}`}}}, echo, Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"model":{"name":"","digest":""}`, `"cases":1`, `"failed":[]`, `"fields":[]`, `"seconds_per_case":`, `"p50":`, `"p95":`} {
		if !strings.Contains(string(data), part) {
			t.Errorf("%s lacks %s", data, part)
		}
	}
}

func TestPaths(t *testing.T) {
	got := answers(t, `{"seller":{"name":"A","tax":{"id":1}},"items":[1,2],"none":null}`)
	want := map[string]json.RawMessage{
		"seller.name": json.RawMessage(`"A"`), "seller.tax.id": json.RawMessage(`1`),
		"items": json.RawMessage(`[1,2]`), "none": json.RawMessage(`null`),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", got)
	}
	for _, bad := range []string{``, `[]`, `{"a":`} {
		if _, err := Paths([]byte(bad)); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func ExampleRun() {
	cases := []Case{{
		Name:     "coffee",
		Document: kit.Document{Text: "Kopi Corner\nTotal RM 4.50"},
		Answers:  map[string]json.RawMessage{"shop": json.RawMessage(`"KOPI CORNER"`), "total": json.RawMessage(`"4.50"`)},
	}}
	draft := func(_ context.Context, c Case) (Draft, error) {
		shop, _, _ := strings.Cut(c.Document.Text, "\n")
		quoted, err := json.Marshal(shop)
		return Draft{Values: map[string]json.RawMessage{"shop": quoted, "total": json.RawMessage(`4.5`)}}, err
	}
	report, err := Run(context.Background(), cases, draft, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Fields {
		fmt.Printf("%s: n %d, exact %.0f, normalised %.0f, 95 %% interval %.2f to %.2f\n",
			f.Path, f.N, f.Exact, f.Normalised, f.Low, f.High)
	}
	// Output:
	// shop: n 1, exact 0, normalised 1, 95 % interval 0.21 to 1.00
	// total: n 1, exact 0, normalised 1, 95 % interval 0.21 to 1.00
}

func TestADraftThatLacksAFieldIsWrong(t *testing.T) {
	for draft, want := range map[string]float64{`{}`: 0, `{"shop":null}`: 0, `{"shop":""}`: 0, `{"shop":"A"}`: 1} {
		cases := []Case{{Document: kit.Document{Text: draft}, Answers: answers(t, `{"shop":"A"}`)}}
		report, err := Run(context.Background(), cases, echo, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if f, _ := report.Field("shop"); f.N != 1 || f.Normalised != want || f.Exact != want {
			t.Errorf("%s: %+v, want %v", draft, f, want)
		}
	}
}

func TestRunWithoutAnyDraft(t *testing.T) {
	broken := func(context.Context, Case) (Draft, error) {
		return Draft{}, kit.Errorf(kit.Unavailable, "ask the model: no answer")
	}
	cases := []Case{{Name: "a", Answers: answers(t, `{"shop":"A"}`)}, {Name: "b"}}
	report, err := Run(context.Background(), cases, broken, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Failed) != 2 || report.Failed[1] != (Failure{Name: "b", Reason: "ask the model: no answer"}) {
		t.Errorf("failed: %+v", report.Failed)
	}
	if f, _ := report.Field("shop"); f.N != 1 || f.Normalised != 0 || report.SecondsPerCase != 0 || report.P95 != 0 {
		t.Errorf("scores of nothing: %+v", report)
	}
}
