package model

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// slip is what most drafts of the tests are.
type slip struct {
	Shop  *string `json:"shop" jsonschema:"minLength=1,maxLength=40"`
	Date  string  `json:"date" jsonschema:"format=date"`
	Total float64 `json:"total" jsonschema:"minimum=0"`
}

// script answers with one reply after the other, the last one for ever.
type script struct {
	replies []Reply
	err     error
	asked   []Request
}

func (s *script) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "script"}, nil
}

func (s *script) Generate(_ context.Context, r Request) (Reply, error) {
	s.asked = append(s.asked, r)
	if s.err != nil {
		return Reply{}, s.err
	}
	reply := s.replies[min(len(s.asked), len(s.replies))-1]
	reply.Model = kit.ModelInfo{Name: "script", Digest: "d"}
	reply.Usage = Usage{PromptTokens: 10, OutputTokens: 5}
	return reply, nil
}

// says scripts answers that are only text.
func says(outputs ...string) *script {
	s := &script{}
	for _, o := range outputs {
		s.replies = append(s.replies, Reply{Output: o, Prompt: "p"})
	}
	return s
}

const goodSlip = `{"shop":"ABC Shop","date":"2018-03-01","total":12.5}`

var slipPaper = kit.Document{Text: "abc shop\n01/03/2018\nTotal RM 12.50\n"}

func draftSlip(t testing.TB, s *script) Draft[slip] {
	t.Helper()
	d, err := Extract[kit.Document, slip](s, "read")(t.Context(), slipPaper)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func hasMark(f kit.Field, m kit.Mark) bool { return slices.Contains(f.Marks, m) }

func TestExtractAValidAnswer(t *testing.T) {
	s := says(goodSlip)
	d := draftSlip(t, s)
	if *d.Value.Shop != "ABC Shop" || d.Value.Total != 12.5 || d.GaveUp != "" || string(d.Raw) != goodSlip || d.Prompt != "p" || d.Model.Digest != "d" {
		t.Errorf("draft %+v", d)
	}
	if len(d.Fields) != 3 || d.Usage.Tries != 1 || d.Usage.PromptTokens != 10 || d.Usage.Elapsed <= 0 {
		t.Errorf("fields %d, usage %+v", len(d.Fields), d.Usage)
	}
	for i, want := range []string{"abc shop", "01/03/2018", "12.50"} {
		f := d.Fields[i]
		if len(f.Evidence) == 0 || f.Evidence[0].Text != want || f.Evidence[0].Line != i+1 || f.Marks != nil || f.Confidence != unknownBase {
			t.Errorf("field %+v, want evidence %q", f, want)
		}
	}
	if r := s.asked[0]; r.Task != "read" || r.Schema == nil || r.Comment != "" || r.Earlier != nil {
		t.Errorf("request %+v", r)
	}
}

func TestExtractCutsTheObjectOut(t *testing.T) {
	for _, output := range []string{
		"```json\n" + goodSlip + "\n```", "Sure! Here it is: " + goodSlip + " I hope it helps {smile}.",
		"The form {shop} is filled so: " + goodSlip, "It's {\"not\": this} but " + goodSlip, "\ufeff" + goodSlip,
		`{"example":1}` + "\n" + goodSlip, "{ " + goodSlip,
	} {
		d := draftSlip(t, says(output))
		if d.GaveUp != "" || d.Value.Total != 12.5 || d.Usage.Tries != 1 || hasMark(d.Fields[0], kit.MarkRepaired) {
			t.Errorf("%q: gave up %q after %d tries", output, d.GaveUp, d.Usage.Tries)
		}
	}
	d := draftSlip(t, says(`{"shop":"a } \" { b","date":"2018-03-01","total":1}`))
	if *d.Value.Shop != `a } " { b` {
		t.Errorf("braces in a string: %q", *d.Value.Shop)
	}
}

func TestExtractMends(t *testing.T) {
	for _, output := range []string{
		`{shop: 'ABC Shop', date: '2018-03-01', total: 12.5,}`, `{"shop":"ABC Shop","date":"2018-03-01","total":12.5`,
		"{\"shop\":\"ABC Shop\", // the name\n\"date\":\"2018-03-01\",\"total\":12.5}",
	} {
		d := draftSlip(t, says(output))
		if d.GaveUp != "" || d.Value.Total != 12.5 || d.Usage.Tries != 1 {
			t.Errorf("%q: %+v", output, d)
			continue
		}
		for _, f := range d.Fields {
			if !hasMark(f, kit.MarkRepaired) || math.Abs(f.Confidence-unknownBase*repairedBy) > 1e-9 {
				t.Errorf("%q: %+v", output, f)
			}
		}
	}
}

func TestExtractAsksAgainWithTheValidatorsWords(t *testing.T) {
	s := says("I cannot do that.", `{"shop":"ABC Shop","date":"2018-02-30","total":12.5}`, goodSlip)
	d := draftSlip(t, s)
	if d.GaveUp != "" || d.Usage.Tries != 3 || d.Usage.PromptTokens != 30 || !hasMark(d.Fields[0], kit.MarkRetried) {
		t.Fatalf("draft %+v", d)
	}
	earlier := s.asked[2].Earlier
	if len(earlier) != 2 || earlier[0].Problems[0].Message != "the answer holds no JSON object" || earlier[1].Problems[0].Path != "date" {
		t.Errorf("earlier %+v", earlier)
	}
	if s.asked[0].Earlier != nil {
		t.Error("the first request was changed afterwards")
	}
}

func TestExtractGivesUpAndKeepsWhatIsValid(t *testing.T) {
	s := says(`"prose"`, `{"shop":"ABC Shop","date":"2018-02-30","vat":3}`, "no")
	d := draftSlip(t, s)
	if len(s.asked) != 3 || !strings.Contains(d.GaveUp, "date must be a day") || !strings.Contains(d.GaveUp, "total is missing") {
		t.Fatalf("gave up after %d with %q", len(s.asked), d.GaveUp)
	}
	if d.Value.Shop == nil || *d.Value.Shop != "ABC Shop" || string(d.Raw) != `{"shop":"ABC Shop","date":null,"total":null}` {
		t.Errorf("value %+v, raw %s", d.Value, d.Raw)
	}
	for i, mark := range []kit.Mark{kit.MarkByHand, kit.MarkInvalid, kit.MarkMissing} {
		if f := d.Fields[i]; !hasMark(f, mark) || !hasMark(f, kit.MarkByHand) || f.Confidence != 0 {
			t.Errorf("field %+v lacks %s", f, mark)
		}
	}
	if string(d.Fields[0].Value) != `"ABC Shop"` || string(d.Fields[1].Value) != "null" || len(d.Fields[0].Evidence) != 1 {
		t.Errorf("fields %+v", d.Fields)
	}
	for _, hopeless := range []string{"", "[1,2]", "null", strings.Repeat("{", 5000), "{\"a\":" + strings.Repeat("[", 20000)} {
		if d := draftSlip(t, says(hopeless)); d.GaveUp == "" || len(d.Fields) != 3 || d.Value != (slip{}) {
			t.Errorf("%.20q: %+v", hopeless, d)
		}
	}
}

func TestExtractNeverTakesACutAnswer(t *testing.T) {
	s := &script{replies: []Reply{{Output: goodSlip, Cut: true}}}
	d := draftSlip(t, s)
	if !strings.Contains(d.GaveUp, "cut") || d.Value.Total != 12.5 || len(s.asked) != 3 {
		t.Errorf("draft %+v after %d", d, len(s.asked))
	}
}

// oneTry is a provider that answers the same each time.
type oneTry struct{ *script }

func (oneTry) Tries(string) int { return 1 }

func TestExtractAsksAsOftenAsTheProviderSays(t *testing.T) {
	s := says("no")
	d, err := Extract[kit.Document, slip](oneTry{s}, "read")(t.Context(), slipPaper)
	if err != nil || len(s.asked) != 1 || hasMark(d.Fields[0], kit.MarkRetried) || !hasMark(d.Fields[0], kit.MarkByHand) {
		t.Errorf("asked %d times: %+v, %v", len(s.asked), d, err)
	}
}

func TestExtractErrors(t *testing.T) {
	down := &script{err: kit.Errorf(kit.Unavailable, "no server")}
	if _, err := Extract[kit.Document, slip](down, "read")(t.Context(), slipPaper); kit.CodeOf(err) != kit.Unavailable || len(down.asked) != 1 {
		t.Errorf("server down: %v after %d", err, len(down.asked))
	}
	s := says(goodSlip)
	_, err := Extract[kit.Document, slip](s, "read")(Forbid(t.Context()), slipPaper)
	if kit.CodeOf(err) != kit.Forbidden || !strings.Contains(err.Error(), "a code step never calls a model") || s.asked != nil {
		t.Errorf("in a code step: %v", err)
	}
	if _, err := Extract[kit.Document, string](s, "read")(t.Context(), slipPaper); kit.CodeOf(err) != kit.Internal {
		t.Errorf("a draft that is no struct: %v", err)
	}
	ctx, cancel := context.WithCancel(WithComment(t.Context(), "the other date"))
	defer cancel()
	if _, err := Extract[kit.Document, slip](s, "read")(ctx, slipPaper); err != nil || s.asked[0].Comment != "the other date" {
		t.Errorf("comment %q, %v", s.asked[0].Comment, err)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		t.Error("the draft cancelled its caller")
	}
}

func TestAProvidersOwnWordsWin(t *testing.T) {
	place, _ := EvidenceAt(slipPaper, 0, 3)
	s := &script{replies: []Reply{{Output: goodSlip, Fields: []kit.Field{
		{Path: "shop", Confidence: 0.93, Evidence: []kit.Evidence{place}}, {Path: "total", Confidence: 7},
	}}}}
	d := draftSlip(t, s)
	if f := d.Fields[0]; f.Confidence != 0.93 || len(f.Evidence) != 1 || f.Evidence[0].Text != "abc" {
		t.Errorf("shop %+v", f)
	}
	if f := d.Fields[2]; f.Confidence != 1 || len(f.Evidence) != 1 {
		t.Errorf("total %+v", f)
	}
}

func TestWhatTheSourceDoesNotSay(t *testing.T) {
	d := draftSlip(t, says(`{"shop":null,"date":"2019-12-31","total":99}`))
	if hasMark(d.Fields[0], kit.MarkNotFound) || !hasMark(d.Fields[1], kit.MarkNotFound) || !hasMark(d.Fields[2], kit.MarkNotFound) {
		t.Errorf("fields %+v", d.Fields)
	}
	if got := d.Fields[1].Confidence; math.Abs(got-unknownBase*notFound) > 1e-9 {
		t.Errorf("confidence %g", got)
	}
	type ask struct{ Question string }
	free, err := Extract[ask, slip](says(goodSlip), "read")(t.Context(), ask{"?"})
	if err != nil || hasMark(free.Fields[0], kit.MarkNotFound) {
		t.Errorf("an input without a document: %+v, %v", free.Fields, err)
	}
}

// oneShot answers well, from any number of goroutines.
type oneShot struct{}

func (oneShot) Info(context.Context) (kit.ModelInfo, error) { return kit.ModelInfo{}, nil }

func (oneShot) Generate(context.Context, Request) (Reply, error) {
	return Reply{Output: goodSlip}, nil
}
