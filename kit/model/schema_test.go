package model

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// seller is nested, so that its fields are flattened.
type seller struct {
	Name string  `json:"name" label:"Seller" label_zh:"卖方" jsonschema:"minLength=1,maxLength=80"`
	City *string `json:"city" jsonschema:"maxLength=40"`
}

type line struct {
	What  string      `json:"what" jsonschema:"maxLength=40"`
	Price json.Number `json:"price" jsonschema:"minimum=0"`
}

// entry has a field of every kind.
type entry struct {
	Seller seller       `json:"seller"`
	Date   *string      `json:"date" label:"Date" label_zh:"日期" jsonschema:"format=date"`
	Total  json.Number  `json:"total" jsonschema:"minimum=0,maximum=100000"`
	Count  int          `json:"count" jsonschema:"minimum=0"`
	Paid   bool         `json:"paid"`
	Means  *string      `json:"means" jsonschema:"enum=cash,enum=card"`
	Code   string       `json:"code" jsonschema:"pattern=^[A-Z]{3}$"`
	Note   string       `json:"note" jsonschema:"maxLength=400"`
	Lines  []line       `json:"lines" jsonschema:"maxItems=3"`
	Tip    *json.Number `json:"tip"`
}

// Validate refuses a tip above the total.
func (e *entry) Validate() []kit.FieldError {
	if e.Tip == nil {
		return nil
	}
	tip, _ := e.Tip.Float64()
	if total, _ := e.Total.Float64(); tip > total {
		return []kit.FieldError{{Path: "tip", Message: "must not be more than the total"}}
	}
	return nil
}

const goodEntry = `{"seller":{"name":"ABC","city":null},"date":"2018-03-01","total":33.90,"count":2,"paid":true,` +
	`"means":"cash","code":"ABC","note":"","lines":[{"what":"tea","price":1.5}],"tip":null}`

func entrySchema(t testing.TB) *Schema {
	t.Helper()
	s, err := SchemaOf[entry]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaIsStrictAndStable(t *testing.T) {
	s := entrySchema(t)
	if again := entrySchema(t); string(again.JSON()) != string(s.JSON()) || again.Hash() != s.Hash() {
		t.Error("two readings of one type differ")
	}
	doc := string(s.JSON())
	for _, want := range []string{
		`"required":["seller","date","total","count","paid","means","code","note","lines","tip"]`,
		`"required":["name","city"]`, `"required":["what","price"]`,
		`"type":["string","null"]`, `"type":["number","null"]`, `"additionalProperties":false`, `"format":"date"`,
		`"enum":["cash","card",null]`,
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("schema lacks %s:\n%s", want, doc)
		}
	}
	if strings.Index(doc, `"seller"`) > strings.Index(doc, `"date"`) {
		t.Error("properties are not in the order of the struct")
	}
	s.JSON()[0] = 'x'
	if s.JSON()[0] != '{' {
		t.Error("a caller can change the schema's bytes")
	}
}

func TestFields(t *testing.T) {
	want := []struct {
		path     string
		kind     Kind
		nullable bool
	}{
		{"seller.name", Text, false}, {"seller.city", Text, true}, {"date", Date, true}, {"total", Number, false},
		{"count", Integer, false}, {"paid", Bool, false}, {"means", Enum, true}, {"code", Text, false},
		{"note", LongText, false}, {"lines", JSON, false}, {"tip", Number, true},
	}
	got := entrySchema(t).Fields()
	if len(got) != len(want) {
		t.Fatalf("%d fields, want %d", len(got), len(want))
	}
	for i, w := range want {
		if g := got[i]; g.Path != w.path || g.Kind != w.kind || g.Nullable != w.nullable {
			t.Errorf("field %d is %s %s nullable=%v, want %+v", i, g.Path, g.Kind, g.Nullable, w)
		}
	}
	if l := got[0].Label; l["en"] != "Seller" || l["zh"] != "卖方" || got[0].MaxLength != 80 {
		t.Errorf("seller.name is %+v", got[0])
	}
	if got[3].Label["en"] != "Total" || strings.Join(got[6].Enum, " ") != "cash card" {
		t.Errorf("label %v, enum %v", got[3].Label, got[6].Enum)
	}
}

func TestValidateInWords(t *testing.T) {
	s := entrySchema(t)
	if p := s.Validate([]byte(goodEntry)); p != nil {
		t.Fatalf("a good entry: %v", p)
	}
	for _, c := range []struct{ name, from, to, path, says string }{
		{"no JSON", goodEntry, `{`, "", "is not JSON"},
		{"two values", goodEntry, goodEntry + "1", "", "is not JSON"},
		{"a day that is none", "2018-03-01", "2018-02-30", "date", "day of the calendar"},
		{"text for number", "33.90", `"33.90"`, "total", "must be a number"},
		{"null", `"total":33.90`, `"total":null`, "total", "must not be empty"},
		{"below", "33.90", "-1", "total", "at least 0"},
		{"above", "33.90", "100001", "total", "at most 100000"},
		{"half", `"count":2`, `"count":2.5`, "count", "whole number"},
		{"whole with decimals", `"count":2`, `"count":2.0`, "count", "does not fit"},
		{"bool", `"paid":true`, `"paid":"yes"`, "paid", "yes or no"},
		{"enum", `"cash"`, `"gold"`, "means", "cash, card"},
		{"pattern", `"code":"ABC"`, `"code":"abc"`, "code", "form ^[A-Z]{3}$"},
		{"empty", `"name":"ABC"`, `"name":""`, "seller.name", "must not be empty"},
		{"long", `"name":"ABC"`, `"name":"` + strings.Repeat("x", 81) + `"`, "seller.name", "at most 80 characters, has 81"},
		{"missing", `"count":2,`, ``, "count", "is missing"},
		{"missing within", `,"city":null`, ``, "seller.city", "is missing"},
		{"unknown", `"count":2,`, `"count":2,"vat":1,`, "vat", "is not a field"},
		{"in a list", `"price":1.5`, `"price":-1.5`, "lines.0.price", "at least 0"},
		{"across fields", `"tip":null`, `"tip":40`, "tip", "more than the total"},
		{"huge", "33.90", "1e999999999", "total", "too large"},
		{"more than a receiver's floats hold", "33.90", "1e309", "total", "too large"},
		{"endless", "33.90", "0." + strings.Repeat("3", 5000), "total", "too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.Validate([]byte(strings.Replace(goodEntry, c.from, c.to, 1)))
			if len(p) != 1 || p[0].Path != c.path || !strings.Contains(p[0].Message, c.says) {
				t.Errorf("got %v, want %q to say %q", p, c.path, c.says)
			}
		})
	}
}

func TestSchemaRefusesWhatHasNoForm(t *testing.T) {
	type tree struct {
		Kids []struct{ Inner *seller } `json:"kids"`
	}
	type omits struct {
		A string `json:"a,omitempty"`
	}
	type self struct{ Next []self }
	for name, err := range map[string]error{
		"text": Check[string](), "empty": Check[struct{}](), "omitempty": Check[omits](), "self": Check[self](),
		"pattern": Check[struct {
			A string `jsonschema:"pattern=("`
		}](),
	} {
		if kit.CodeOf(err) != kit.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Check[tree](); err != nil {
		t.Error(err)
	}
}

func TestFlattenAndAssemble(t *testing.T) {
	s := entrySchema(t)
	flat := s.Flatten([]byte(goodEntry))
	if len(flat) != 11 || string(flat["seller.name"]) != `"ABC"` || string(flat["total"]) != "33.90" {
		t.Errorf("flat is %v", flat)
	}
	if back := string(s.Assemble(flat)); back != goodEntry {
		t.Errorf("assembled\n%s\nwant\n%s", back, goodEntry)
	}
	for raw, want := range map[string]int{`[1]`: 0, `"text"`: 0, ``: 0, `{"count":1,"total":`: 1, `{"seller":null,"count":1}`: 1, `{"x":{"count":3}}`: 0} {
		if got := s.Flatten([]byte(raw)); len(got) != want {
			t.Errorf("Flatten(%s) is %v, want %d fields", raw, got, want)
		}
	}
	empty := string(s.Assemble(map[string]json.RawMessage{"nowhere": json.RawMessage("1"), "count": json.RawMessage("{")}))
	if strings.Contains(empty, "nowhere") || !strings.Contains(empty, `"count":null`) || !json.Valid([]byte(empty)) {
		t.Error(empty)
	}
}

func TestApply(t *testing.T) {
	s := entrySchema(t)
	for _, c := range []struct{ path, typed, want string }{
		{"total", `"33.90"`, `33.90`}, {"total", `" 1,234.50 "`, `1234.50`}, {"total", `12`, `12`}, {"total", `"007"`, `7`},
		{"total", `"+.5"`, ``}, {"total", `".5"`, `0.5`}, {"total", `"0"`, `0`}, {"total", `"12,34"`, ``}, {"total", `""`, ``},
		{"tip", `""`, `null`}, {"tip", `"-0"`, `-0`}, {"date", `""`, `null`}, {"date", `" 2018-02-28 "`, `"2018-02-28"`},
		{"date", `"2018-02-30"`, ``}, {"paid", `"false"`, `false`}, {"paid", `"no"`, ``}, {"means", `"card"`, `"card"`},
		{"means", `"gold"`, ``}, {"note", `"a\r\nb <c>"`, `"a\nb <c>"`}, {"lines", `"[]"`, `[]`}, {"lines", `[]`, `[]`},
		{"lines", `"none"`, ``}, {"seller.name", `" A "`, `" A "`}, {"seller.name", `""`, ``}, {"seller", `{}`, ``},
		{"nowhere", `1`, ``}, {"count", `{`, ``}, {"count", `"3"`, `3`}, {"count", `"3.0"`, ``},
	} {
		got, problems := s.Apply([]byte(goodEntry), map[string]json.RawMessage{c.path: json.RawMessage(c.typed)})
		if c.want == "" {
			if len(problems) != 1 || problems[0].Path != c.path {
				t.Errorf("%s = %s: problems %v", c.path, c.typed, problems)
			}
			continue
		}
		if v := string(s.Flatten(got)[c.path]); v != c.want || problems != nil {
			t.Errorf("%s = %s became %s, want %s; %v", c.path, c.typed, v, c.want, problems)
		}
	}
	same, problems := s.Apply([]byte(goodEntry), nil)
	if string(same) != goodEntry || problems != nil {
		t.Errorf("no edits changed it: %s %v", same, problems)
	}
}

func TestApplyFillsADraftThatGaveUp(t *testing.T) {
	s := entrySchema(t)
	edits := map[string]json.RawMessage{
		"seller.name": json.RawMessage(`"ABC"`), "total": json.RawMessage(`"5"`), "count": json.RawMessage(`"1"`),
		"paid": json.RawMessage(`"true"`), "code": json.RawMessage(`"XYZ"`), "note": json.RawMessage(`""`), "lines": json.RawMessage(`"[]"`),
	}
	if out, problems := s.Apply(s.Assemble(nil), edits); problems != nil {
		t.Errorf("%s: %v", out, problems)
	}
	delete(edits, "total")
	if _, problems := s.Apply(s.Assemble(nil), edits); len(problems) != 1 || problems[0].Path != "total" {
		t.Errorf("without a total: %v", problems)
	}
}

// amount is embedded: its fields are the entry's own.
type amount struct {
	Net json.Number `json:"net"`
}

func TestShapesOfStructs(t *testing.T) {
	type whole struct {
		amount
		amountDoc
		Buyer  *seller           `json:"buyer"`
		Pairs  map[string]string `json:"pairs"`
		Fixed  [2]int            `json:"fixed"`
		Any    any               `json:"any"`
		Hidden string            `json:"-"`
		Plain  string
		Memo   string `json:"memo_text" kind:"longtext"`
	}
	s, err := SchemaOf[whole]()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range s.Fields() {
		got = append(got, f.Path+":"+string(f.Kind))
	}
	if want := "net:number gross:number buyer:json pairs:json fixed:json any:json Plain:text memo_text:longtext"; strings.Join(got, " ") != want {
		t.Errorf("fields %s, want %s", strings.Join(got, " "), want)
	}
	raw := `{"net":1,"gross":2,"buyer":null,"pairs":{},"fixed":[1,2],"any":{"a":[1]},"Plain":"","memo_text":""}`
	if p := s.Validate([]byte(raw)); p != nil {
		t.Errorf("valid: %v", p)
	}
	p := s.Validate([]byte(strings.Replace(raw, `"buyer":null`, `"buyer":{"name":"A"}`, 1)))
	if len(p) != 1 || p[0].Path != "buyer.city" {
		t.Errorf("a struct behind a pointer is as strict: %v", p)
	}
	if l := s.Fields()[7].Label["en"]; l != "Memo text" {
		t.Errorf("label %q", l)
	}
}

// amountDoc is embedded as well.
type amountDoc struct {
	Gross float64 `json:"gross"`
}
