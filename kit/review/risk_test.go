package review_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// bill is what the drafts of these tests are of.
type bill struct {
	Total  *json.Number `json:"total" jsonschema:"minimum=0"`
	Name   *string      `json:"name" jsonschema:"maxLength=80"`
	Kind   string       `json:"kind" jsonschema:"enum=cash,enum=card"`
	Day    *string      `json:"day" jsonschema:"format=date"`
	Seller struct {
		City *string `json:"city" jsonschema:"maxLength=80"`
	} `json:"seller"`
	Items []string `json:"items"`
}

func billSchema(t *testing.T) *model.Schema {
	t.Helper()
	s, err := model.SchemaOf[bill]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// facts are a draft's, its total of the given confidence and mark.
func facts(t *testing.T, value string, confidence float64, marks ...kit.Mark) review.Facts {
	return review.Facts{Name: "a.txt", Value: json.RawMessage(value), Schema: billSchema(t), Fields: []kit.Field{
		{Path: "total", Confidence: confidence, Marks: marks}, {Path: "kind", Confidence: 0.95},
	}}
}

const usualBill = `{"total":1200.5,"name":"Ann","kind":"card","day":"2026-03-01","seller":{"city":"Ipoh"},"items":["a","b"]}`

func TestATierIsMetByAnExpressionOverTheDraft(t *testing.T) {
	f := facts(t, usualBill, 0.7, kit.MarkNotFound)
	for when, met := range map[string]bool{
		"total > 1000":             true,
		"total > 5000":             false,
		"total == 1200.5":          true,
		"confidence < 0.8":         true,
		"confidence < 0.7":         false,
		"gave_up":                  false,
		"draft.name == \"Ann\"":    true,
		"kind == 'cash'":           false,
		"day < '2026-04-01'":       true,
		"seller.city == 'Ipoh'":    true,
		"draft.seller.city == 'x'": false,
		"len(items) > 1":           true,
		`confidence_of("total") < 0.8 and confidence_of("kind") > 0.9`: true,
		`confidence_of("day") == 0`:                                    true,
		`marked("total", "not_found")`:                                 true,
		`marked("kind", "not_found")`:                                  false,
		`lower(seller.city) startsWith "ip" || gave_up`:                true,
		"true": true,
	} {
		p := review.Policy{Tiers: []review.Tier{{Name: "risky", When: when}}}.Defaults()
		if faults := p.Faults(f.Schema); len(faults) > 0 {
			t.Errorf("%s: %v", when, faults)
		}
		if _, tier, why := p.For(f); (tier == "risky") != met {
			t.Errorf("%s: tier %q, %s", when, tier, why)
		}
	}
}

func TestATierSaysWhyItIsMet(t *testing.T) {
	for _, c := range []struct{ when, value, want string }{
		{"total > 1000 || confidence < 0.6", usualBill, "total > 1000 || confidence < 0.6, with total 1200.5, confidence 0.7"},
		{`seller.city == "Ipoh"`, usualBill, `seller.city == "Ipoh", with seller.city "Ipoh"`},
		{`confidence_of("total") < 0.8`, usualBill, `confidence_of("total") < 0.8, with confidence_of("total") 0.7`},
		{`!marked("total", "missing")`, usualBill, `!marked("total", "missing"), with marked("total", "missing") false`},
		{"total > 1000", `{"total":null}`, "total > 1000, with total empty; total is empty, so that it counts as met"},
		{"kind == 'cash'", `{}`, "kind == 'cash', with kind empty; kind is empty, so that it counts as met"},
		{"total > 1000 && confidence > 2", `[`, "total > 1000 && confidence > 2, with total empty, confidence 0.7; total is empty, so that it counts as met"},
		{"items[5] == 'a'", usualBill, `items[5] == 'a', with items [a b] fails (index out of range: 5 (array length is 2) (1:6)), so that it counts as met`},
		{"len(1..100000) > total", usualBill, "len(1..100000) > total, with total 1200.5 fails (memory budget exceeded (1:6)), so that it counts as met"},
	} {
		p := review.Policy{Tiers: []review.Tier{{Name: "risky", When: c.when}}}.Defaults()
		if _, tier, why := p.For(facts(t, c.value, 0.7)); tier != "risky" || why != c.want {
			t.Errorf("%s of %s: tier %q\ngot  %s\nwant %s", c.when, c.value, tier, why, c.want)
		}
	}
}

func TestAnExpressionMaySayWhatAnEmptyFieldMeans(t *testing.T) {
	for when, met := range map[string]bool{
		"total != nil && total > 1000": false,
		"total == nil":                 true,
		"(total ?? 0) > 1000":          false,
		"total != nil && day == 'x'":   true, // of day it does not
	} {
		p := review.Policy{Tiers: []review.Tier{{Name: "risky", When: when}}}.Defaults()
		if _, tier, why := p.For(facts(t, `{}`, 0.7)); (tier != "") != met {
			t.Errorf("%s: tier %q, %s", when, tier, why)
		}
	}
}

func TestAModelThatGaveUpIsNotSure(t *testing.T) {
	p := review.Policy{Tiers: []review.Tier{{Name: "none", When: "gave_up && confidence == 0"}}}.Defaults()
	f := facts(t, usualBill, 0.99)
	if _, tier, _ := p.For(f); tier != "" {
		t.Error("it did not give up")
	}
	f.GaveUp = "no answer"
	if _, tier, why := p.For(f); tier != "none" {
		t.Error(why)
	}
}

func TestTheFirstTierThatIsMetFillsItselfFromThePolicy(t *testing.T) {
	p := review.Policy{
		Quorum: 1, SecondLook: 0.1, Roles: []auth.Role{auth.Reviewer}, Due: time.Hour, Lots: review.Lots{Size: 50},
		Tiers: []review.Tier{
			{Name: "huge", When: "total > 5000", Policy: review.Policy{Quorum: 3}},
			{Name: "large", When: "total > 1000", Policy: review.Policy{Quorum: 2, Roles: []auth.Role{auth.Lead}, Priority: 5}},
			{Name: "sure", When: "confidence > 0.9", Policy: review.Policy{Lots: review.Lots{Size: 10}}},
		},
	}.Defaults()
	terms, tier, _ := p.For(facts(t, usualBill, 0.99))
	want := p
	want.Quorum, want.Roles, want.Priority, want.Lots, want.Tiers = 2, []auth.Role{auth.Lead}, 5, review.Lots{}, nil
	if tier != "large" || !reflect.DeepEqual(terms, want) {
		t.Errorf("tier %q\ngot  %+v\nwant %+v", tier, terms, want)
	}
	terms, tier, _ = p.For(facts(t, `{"total":5}`, 0.99))
	if want := (review.Lots{Size: 10, After: 24 * time.Hour, Error: 0.02, Confidence: 0.95}); tier != "sure" || terms.Lots != want {
		t.Errorf("tier %q, lots %+v", tier, terms.Lots)
	}
	terms, tier, why := p.For(facts(t, `{"total":5}`, 0.5))
	want = p
	want.Tiers = nil
	if tier != "" || why != "" || !reflect.DeepEqual(terms, want) {
		t.Errorf("no tier: %q, %s, %+v", tier, why, terms)
	}
}

// A looser tier must not take in what nobody can tell of.
func TestADoubtfulDraftGetsTheStricterTerms(t *testing.T) {
	p := review.Policy{Quorum: 2, SecondLook: 0.5, HourlyCap: 60, Due: time.Hour, Tiers: []review.Tier{
		{Name: "small", When: "total < 50", Policy: review.Policy{Quorum: 1, SecondLook: 0.01, HourlyCap: 90, Due: 9 * time.Hour,
			FourEyes: true, Lots: review.Lots{Size: 10}}},
	}}.Defaults()
	terms, tier, _ := p.For(facts(t, `{"total":null}`, 0.9))
	if tier != "small" || terms.Quorum != 2 || terms.SecondLook != 0.5 || terms.HourlyCap != 60 || terms.Due != time.Hour ||
		!terms.FourEyes || terms.Lots != (review.Lots{}) {
		t.Errorf("tier %q, %+v", tier, terms)
	}
	if terms, _, _ := p.For(facts(t, `{"total":5}`, 0.9)); terms.Quorum != 1 || terms.Lots.Size != 10 {
		t.Errorf("the looser terms of a sure draft: %+v", terms)
	}
	p.Tiers[0].When = "totl < 50" // a schema that changed under a policy
	if terms, tier, why := p.For(facts(t, `{"total":5}`, 0.9)); tier != "small" || terms.Quorum != 2 || !strings.Contains(why, "totl") {
		t.Errorf("tier %q, quorum %d, %s", tier, terms.Quorum, why)
	}
	if _, tier, _ := p.For(review.Facts{}); tier != "small" {
		t.Error("a draft without a shape meets no tier")
	}
}

func TestAWrongExpressionIsToldWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		when   string
		offset int
		words  string
	}{
		{"gave_up || totl > 1000", 11, "unknown name totl; did you mean total?"},
		{"seller.cty == 'x'", 7, "unknown field cty; did you mean city?"},
		{"colour == 'x'", 0, "unknown name colour; known are confidence, confidence_of, day, draft, gave_up, items, kind, marked, name, seller, total"},
		{"total", 0, "expected bool, but got float64; write a condition"},
		{"items", 0, "expected bool, but got unknown"},
		{"total > 'x'", 6, "mismatched types float64 and string"},
		{"total > ", 7, "unexpected token EOF"},
		{"kind matches '('", 5, "missing closing )"},
		{"name == 'x'", 0, "write draft.name for the field"},
		{"any(items, # == 'x')", 0, "any cannot be used: it runs as long as its list is"},
		{"kind == string(now())", 15, "unknown name now"},
		{`confidence_of("totl") < 1`, 14, `confidence_of knows no "totl"; did you mean "total"?`},
		{`confidence_of(kind) < 1`, 14, "confidence_of is asked with words in quotes"},
		{`marked("total", "notfound")`, 16, `marked knows no "notfound"; did you mean "not_found"?`},
		{strings.Repeat("gave_up || ", 200) + "gave_up", 1108, "compilation failed: expression exceeds maximum allowed nodes"},
	} {
		faults := review.Policy{Tiers: []review.Tier{{Name: "x", When: c.when}}}.Defaults().Faults(billSchema(t))
		if len(faults) == 0 {
			t.Errorf("%s passes", c.when)
			continue
		}
		if f := faults[0]; len(faults) > 1 || f.Key != "when" || f.Index != 0 || f.Offset != c.offset || !strings.Contains(f.Words, c.words) {
			t.Errorf("%s: at %d %s\nwant %d %s", c.when, f.Offset, f.Words, c.offset, c.words)
		}
	}
}

// Whatever is written, it is refused with a place in it or answers.
func FuzzWhen(f *testing.F) {
	for _, seed := range []string{"total > 1000 || confidence < 0.6", `marked("total", "not_found")`, "seller?.city ?? 'x' == name", "let x = total; x > 1",
		"items[1:2][0] == 'b'", "[1, 2][len(items)] > total", "draft['to' + 'tal'] > 1", "if gave_up {true} else {kind in ['cash']}", "1..9 == items"} {
		f.Add(seed)
	}
	schema, err := model.SchemaOf[bill]()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, when string) {
		p := review.Policy{Tiers: []review.Tier{{Name: "x", When: when}}}.Defaults()
		faults := p.Faults(schema)
		for _, fault := range faults {
			if fault.Offset < 0 || fault.Offset > len([]rune(when)) || fault.Words == "" {
				t.Fatalf("%q: %+v", when, fault)
			}
		}
		_, tier, why := p.For(review.Facts{Value: json.RawMessage(usualBill), Schema: schema})
		if tier == "" && len(faults) > 0 || tier != "" && why == "" {
			t.Fatalf("%q: tier %q, %q, faults %v", when, tier, why, faults)
		}
	})
}

func TestEachTierThatADraftInDoubtMayMeetIsNamed(t *testing.T) {
	p := review.Policy{Quorum: 2, Lots: review.Lots{Size: 10}, Tiers: []review.Tier{
		{Name: "small", When: "total < 50", Policy: review.Policy{Quorum: 1}},
		{Name: "odd", When: "day == 'x'", Policy: review.Policy{Quorum: 4}},
		{Name: "cash", When: "kind == 'cash'", Policy: review.Policy{Quorum: 3, Lots: review.Lots{Size: 20}}},
	}}.Defaults()
	for value, c := range map[string]struct {
		tiers        string
		quorum, lots int
	}{
		`{"total":5}`:                             {"small", 1, 0},
		`{"total":50,"day":"y","kind":"cash"}`:    {"cash", 3, 20},
		`{"total":50,"day":"y","kind":"card"}`:    {"", 2, 10},
		`{"total":null,"day":"y","kind":"card"}`:  {"small,", 2, 0},
		`{"total":null,"day":"y","kind":"cash"}`:  {"small,cash", 3, 0},
		`{"total":null,"day":null,"kind":"card"}`: {"small,odd,", 4, 0},
		`{"total":50,"day":null,"kind":"cash"}`:   {"odd,cash", 4, 0},
	} {
		tiers, _ := p.Met(facts(t, value, 0.9))
		if terms := p.Named(tiers); tiers != c.tiers || terms.Quorum != c.quorum || terms.Lots.Size != c.lots || terms.Tiers != nil {
			t.Errorf("%s: %q, %+v", value, tiers, terms)
		}
	}
	if terms := p.Named("gone,cash"); terms.Quorum != 3 || terms.Lots.Size != 0 {
		t.Errorf("a tier that there is no more: %+v", terms)
	}
}
