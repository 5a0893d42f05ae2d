package model

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// borders are the offsets between the characters of a text.
func borders(text string) map[int]bool {
	out := map[int]bool{len(text): true}
	for i := range text {
		out[i] = true
	}
	return out
}

func FuzzEvidence(f *testing.F) {
	f.Add(receiptText, "KEDAI MAKAN")
	f.Add("on 15/01/18", "2018-01-15")
	f.Add("1 234.50 and İI ß\xff 中", "1234.5")
	f.Add("\xbfa\xbf", "A")
	f.Fuzz(func(t *testing.T, text, value string) {
		doc := kit.Document{Text: text, Spans: []kit.Span{{Start: 0, End: len(text) / 2}, {Start: len(text) / 2, End: len(text), Page: 1}}}
		at := borders(text)
		quoted, _ := json.Marshal(value)
		for _, raw := range []json.RawMessage{quoted, json.RawMessage(value)} {
			for _, kind := range []Kind{Text, LongText, Date, Number, Integer, Bool, Enum, JSON} {
				found := newFinder(doc).find(FieldSpec{Kind: kind}, raw)
				if len(found) > maxEvidence {
					t.Fatalf("%d places", len(found))
				}
				for _, e := range found {
					if !at[e.Start] || !at[e.End] || e.Start >= e.End || text[e.Start:e.End] != e.Text {
						t.Fatalf("%s %q in %q: %+v", kind, raw, text, e)
					}
				}
			}
		}
	})
}

func FuzzTokens(f *testing.F) {
	f.Add(`{"a":"é"}`, `{"a":"|`+"\ufffd|\ufffd"+`|"}`)
	f.Add("aéb", "a|\xc3|\xa9|b")
	f.Fuzz(func(t *testing.T, output, pieces string) {
		tokens := toks(-1, strings.Split(pieces, "|")...)
		last := 0
		for i, s := range alignTokens(output, tokens) {
			if s.start < 0 || s.end < s.start || s.end > len(output) {
				t.Fatalf("token %d of %q in %q at %v", i, pieces, output, s)
			}
			if s.start < last && !strings.ContainsRune(tokens[i].Text, '\ufffd') && s.end > s.start {
				t.Fatalf("token %d of %q in %q goes back to %v", i, pieces, output, s)
			}
			last = max(last, s.start)
		}
	})
}

func FuzzCutObject(f *testing.F) {
	for _, seed := range []string{goodSlip, "```json\n" + goodSlip, `{"a":"}`, "{{{", `{a:'b'`, `{"total":1e99999999}`, `{"shop":"\ud800"}`} {
		f.Add(seed, false)
	}
	s, err := SchemaOf[slip]()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, output string, cut bool) {
		for _, o := range objects(output) {
			if o.start < 0 || o.end > len(output) || o.start >= o.end || output[o.start] != '{' {
				t.Fatalf("%q: %v", output, o)
			}
		}
		a := judge(s, Reply{Output: output, Cut: cut, Tokens: toks(-1, output)})
		if cut && a.valid() {
			t.Fatal("a cut answer was taken")
		}
		d, err := draftOf[slip](a, asking{request: Request{Schema: s, Input: kit.Document{Text: output}}})
		if err != nil || len(d.Fields) != 3 || !json.Valid(d.Raw) || (d.GaveUp == "") != a.valid() {
			t.Fatalf("%q: %+v, %v", output, d, err)
		}
		if d.GaveUp == "" && s.Validate(d.Raw) != nil {
			t.Fatalf("%q: the draft is not valid: %v", output, s.Validate(d.Raw))
		}
	})
}
