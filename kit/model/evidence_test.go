package model

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

const receiptText = "KEDAI MAKAN  TEL 03-1234567\nNO. 12, JALAN ABC\nTAMAN DEF  RM 9.00\n81100 JOHOR\n" +
	"DATE: 15 Jan 2018  15/01/18\nQTY 2 33.90\nTOTAL RM1,234.50\nCASH 2 000.00\nROUND 0\nkedai makan\n合计：￥1.234,50 日期 2018年1月15日\n"

// texts lists what was found.
func texts(t testing.TB, doc kit.Document, kind Kind, value string) []string {
	t.Helper()
	out := []string{}
	for _, e := range newFinder(doc).find(FieldSpec{Kind: kind}, json.RawMessage(value)) {
		if doc.Text[e.Start:e.End] != e.Text || e.Line != 1+strings.Count(doc.Text[:e.Start], "\n") {
			t.Errorf("evidence %+v is not what stands there", e)
		}
		out = append(out, e.Text)
	}
	return out
}

func TestEvidence(t *testing.T) {
	doc := kit.Document{Text: receiptText}
	for _, c := range []struct {
		name  string
		kind  Kind
		value string
		want  string // the places, parted by |
	}{
		{"as written first", Text, `"kedai makan"`, "kedai makan|KEDAI MAKAN"},
		{"case and punctuation", Text, `"no 12 jalan abc"`, "NO. 12, JALAN ABC"},
		{"over a line's end", LongText, `"NO. 12, JALAN ABC, TAMAN DEF"`, "NO. 12, JALAN ABC\nTAMAN DEF"},
		{"piece by piece", LongText, `"NO. 12, JALAN ABC, TAMAN DEF, 81100 JOHOR"`, "NO. 12|JALAN ABC|TAMAN DEF"},
		{"a piece is missing", LongText, `"NO. 12, JALAN XYZ"`, ""},
		{"a short word is no part of a word", Text, `"aka"`, ""},
		{"Han in Han", Text, `"日期"`, "日期"},
		{"nothing to look for", Text, `"--"`, ""},
		{"null", Text, `null`, ""},
		{"a number with separators", Number, `1234.5`, "1,234.50|1.234,50"},
		{"a number as written first", Number, `33.90`, "33.90"},
		{"a number after a count", Number, `2`, "2|2"},
		{"spaces for thousands", Number, `2000`, "2 000.00"},
		{"zero", Integer, `0`, "0|000.00"},
		{"negative", Number, `-9`, "9.00"},
		{"no such number", Number, `7.77`, ""},
		{"a date in words and figures", Date, `"2018-01-15"`, "2018年1月15日|15/01/18|15 Jan 2018"},
		{"another day", Date, `"2018-01-16"`, ""},
		{"no date", Date, `"soon"`, ""},
		{"an enum", Enum, `"cash"`, "CASH"},
		{"a list", JSON, `[{"what":"KEDAI MAKAN","price":9},{"what":"nothing"}]`, "KEDAI MAKAN|9.00"},
		{"a bool", Bool, `true`, ""},
		{"no JSON", Text, `"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(texts(t, doc, c.kind, c.value), "|"); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	if got := texts(t, kit.Document{}, Text, `"a"`); len(got) != 0 {
		t.Errorf("in no text: %v", got)
	}
}

func TestEvidenceBesideTheFieldsNameComesFirst(t *testing.T) {
	f := newFinder(kit.Document{Text: "TEA 9.00\n1 9.00\nSubtotal 9\nTOTAL:\nRM 9.00\nTHANK YOU\n9.00\n合计 9.0\n"})
	total := FieldSpec{Path: "sum.total", Kind: Number, Label: map[string]string{"en": "Total", "zh": "合计"}}
	var lines []int
	for _, e := range f.find(total, json.RawMessage("9.00")) {
		lines = append(lines, e.Line)
	}
	if len(lines) != 3 || lines[0] != 5 || lines[1] != 3 || lines[2] != 8 {
		t.Errorf("found on the lines %v, want 5 (as written), then 3 and 8", lines)
	}
}

func TestDatesInManyNotations(t *testing.T) {
	for _, text := range []string{
		"2018-03-05", "2018/3/5", "05/03/2018", "5.3.18", "05-03-2018", "5 March 2018", "05MAR2018", "5th Mar '18", "March 5, 2018",
		"MAR 05 2018", "20180305", "05032018", "2018年3月5日", "18/03/05", "03/05/2018", "05 mar 18",
	} {
		got := texts(t, kit.Document{Text: "on " + text + " at 10:15"}, Date, `"2018-03-05"`)
		if len(got) == 0 || got[0] != text {
			t.Errorf("%q: found %q", text, got)
		}
	}
	for _, text := range []string{"06/03/2018", "2018-03-051", "5 May 2018", "03/2018", "5/3/19", "12018-03-05"} {
		if got := texts(t, kit.Document{Text: text}, Date, `"2018-03-05"`); len(got) != 0 {
			t.Errorf("%q is another day, found %q", text, got)
		}
	}
}

// TestDatesAreFoundInPartsAsInTheWhole searches texts strung together at
// random, once where a date can stand and once everywhere.
func TestDatesAreFoundInPartsAsInTheWhole(t *testing.T) {
	day := time.Date(2018, 3, 5, 0, 0, 0, 0, time.UTC)
	pieces := []string{"05/03/2018", "2018-3-5", "5th of", "5 September 2018", "March 05, 2018", "20180305", "2018年3月5日", "18", "1", " ", "\n", "合计", "/", "03", "5.3.18", "TOTAL RM 33.90 "}
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 3000 {
		var b strings.Builder
		for range random.IntN(40) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		text := b.String()
		for _, form := range dateForms {
			parts, whole := form.placesIn(text, near(text, day), day), form.placesIn(text, []span{{0, len(text)}}, day)
			if found += len(whole); !slices.Equal(parts, whole) {
				t.Fatalf("%s in %q: %v, want %v", form.pattern, text, parts, whole)
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d places were found: the texts say little", found)
	}
}

func TestEvidenceKnowsItsPlaceOnThePage(t *testing.T) {
	doc := kit.Document{Text: "SHOP\nTOTAL  12.50\n", Spans: []kit.Span{
		{Start: 0, End: 4, Page: 0, Box: kit.Box{X0: 1, Y0: 1, X1: 9, Y1: 2}},
		{Start: 5, End: 10, Page: 1, Box: kit.Box{X0: 1, Y0: 5, X1: 5, Y1: 6}},
		{Start: 12, End: 17, Page: 1, Box: kit.Box{X0: 7, Y0: 4, X1: 9, Y1: 6}},
	}}
	e, ok := EvidenceAt(doc, 12, 17)
	if !ok || e.Page != 1 || *e.Box != (kit.Box{X0: 7, Y0: 4, X1: 9, Y1: 6}) || e.Line != 2 {
		t.Errorf("evidence %+v", e)
	}
	if e, _ = EvidenceAt(doc, 5, 17); *e.Box != (kit.Box{X0: 1, Y0: 4, X1: 9, Y1: 6}) || doc.Spans[1].Box.Y0 != 5 {
		t.Errorf("over two runs: %+v", *e.Box)
	}
	if e, _ = EvidenceAt(doc, 10, 12); e.Box != nil {
		t.Errorf("between the runs: %+v", e)
	}
	for _, bad := range [][2]int{{-1, 3}, {3, 3}, {4, 3}, {3, 99}} {
		if e, ok := EvidenceAt(doc, bad[0], bad[1]); ok {
			t.Errorf("%v: %+v", bad, e)
		}
	}
	if _, ok := EvidenceAt(kit.Document{Text: "é"}, 0, 1); ok {
		t.Error("half a character")
	}
}
