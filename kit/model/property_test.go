package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit"
)

// someDay draws a day of the calendar.
func someDay(t *rapid.T) time.Time {
	return time.Date(2000, 1, 1+rapid.IntRange(0, 18000).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
}

// cents writes an amount of money.
func cents(t *rapid.T) json.Number {
	n := rapid.IntRange(0, 9_999_999).Draw(t, "cents")
	return json.Number(fmt.Sprintf("%d.%02d", n/100, n%100))
}

// someEntry draws a valid entry.
func someEntry(t *rapid.T) entry {
	e := entry{
		Seller: seller{Name: rapid.StringN(1, 80, -1).Draw(t, "name")},
		Total:  cents(t), Count: rapid.IntRange(0, 1<<40).Draw(t, "count"), Paid: rapid.Bool().Draw(t, "paid"),
		Code: rapid.StringMatching(`[A-Z]{3}`).Draw(t, "code"), Note: rapid.StringN(0, 400, -1).Draw(t, "note"), Lines: []line{},
	}
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		e.Lines = append(e.Lines, line{What: rapid.StringN(0, 40, -1).Draw(t, "what"), Price: cents(t)})
	}
	if rapid.Bool().Draw(t, "with") {
		day, means, tip := someDay(t).Format(time.DateOnly), rapid.SampledFrom([]string{"cash", "card"}).Draw(t, "means"), e.Total
		e.Date, e.Means, e.Tip = &day, &means, &tip
	}
	return e
}

func TestAnyEntrySurvivesTheSchema(t *testing.T) {
	s := entrySchema(t)
	rapid.Check(t, func(t *rapid.T) {
		e := someEntry(t)
		raw, _ := json.Marshal(e)
		if p := s.Validate(raw); p != nil {
			t.Fatalf("%s: %v", raw, p)
		}
		flat := s.Flatten(raw)
		if back := s.Assemble(flat); string(back) != string(raw) {
			t.Fatalf("assembled %s, want %s", back, raw)
		}
		edited, problems := s.Apply(s.Assemble(nil), flat)
		var got entry
		if err := json.Unmarshal(edited, &got); err != nil || problems != nil {
			t.Fatalf("%s: %v %v", edited, err, problems)
		}
		want := e
		want.Note, want.Seller.Name = strings.ReplaceAll(e.Note, "\r\n", "\n"), strings.ReplaceAll(e.Seller.Name, "\r\n", "\n")
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("typed in again it is %+v, want %+v", got, want)
		}
	})
}

func TestATypedNumberKeepsItsValue(t *testing.T) {
	s := entrySchema(t)
	rapid.Check(t, func(t *rapid.T) {
		n := cents(t)
		whole, decimals, _ := strings.Cut(n.String(), ".")
		for i := len(whole) - 3; i > 0 && rapid.Bool().Draw(t, "comma"); i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
		typed := whole + "." + decimals
		out, problems := s.Apply([]byte(goodEntry), map[string]json.RawMessage{"total": quote(typed)})
		if strings.Contains(typed, ",") && !typedNumber.MatchString(typed) {
			return // commas in some places only are no notation
		}
		if got := string(s.Flatten(out)["total"]); got != n.String() || problems != nil {
			t.Fatalf("%q became %s: %v", typed, got, problems)
		}
	})
}

func TestAnyDayIsFoundInAnyNotation(t *testing.T) {
	layouts := []string{"2006-01-02", "02/01/2006", "2/1/06", "02.01.2006", "2 Jan 2006", "02Jan2006", "January 2, 2006", "2006年1月2日", "20060102"}
	rapid.Check(t, func(t *rapid.T) {
		day := someDay(t)
		written := day.Format(rapid.SampledFrom(layouts).Draw(t, "layout"))
		before, after := rapid.SampledFrom([]string{"", "DATE: ", "NO 17\n", "0001 ", "中"}).Draw(t, "before"), rapid.SampledFrom([]string{"", " 10:15", "\n", "中", " 7"}).Draw(t, "after")
		f := newFinder(kit.Document{Text: before + written + after})
		found := f.find(FieldSpec{Kind: Date}, quote(day.Format(time.DateOnly)))
		if !slices.ContainsFunc(found, func(e kit.Evidence) bool { return e.Text == written }) {
			t.Fatalf("%q in %q: %v", written, f.doc.Text, found)
		}
	})
}

func TestATextIsFoundWhateverStandsBetweenItsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[A-Za-zé中0-9]{4,9}`), 1, 5).Draw(t, "words")
		var written strings.Builder
		for i, w := range words {
			if i > 0 {
				written.WriteString(rapid.SampledFrom([]string{" ", "\n", ", ", "  ", ".", "-\n"}).Draw(t, "gap"))
			}
			if rapid.Bool().Draw(t, "upper") {
				w = strings.ToUpper(w)
			}
			written.WriteString(w)
		}
		f := newFinder(kit.Document{Text: "## " + written.String() + " ##"})
		value := strings.Join(words, " ")
		if found := f.find(FieldSpec{Kind: Text}, quote(value)); len(found) == 0 || found[0].Text != written.String() {
			t.Fatalf("%q in %q: %v", value, f.doc.Text, found)
		}
	})
}

// cutUp splits a text into tokens at any byte; what is left of a split
// character arrives as U+FFFD.
func cutUp(t *rapid.T, text string) []Token {
	var out []Token
	for text != "" {
		n := rapid.IntRange(1, min(6, len(text))).Draw(t, "n")
		out = append(out, Token{Text: strings.ToValidUTF8(text[:n], "\ufffd"), LogProb: -1})
		text = text[n:]
	}
	return out
}

func TestEveryValueFindsItsTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shop := rapid.StringMatching(`[a-zé中😀 ]{1,12}`).Draw(t, "shop")
		raw, _ := json.Marshal(slip{Shop: &shop, Date: "2018-03-01", Total: 5})
		output := string(raw)
		tokens := cutUp(t, output)
		at := alignTokens(output, tokens)
		value := strings.Index(output, shop)
		covered := 0
		for i, s := range at {
			if s.end > value && s.start < value+len(shop) {
				covered++
			}
			if clean := tokens[i].Text; utf8.ValidString(clean) && !strings.Contains(clean, "\ufffd") && output[s.start:s.end] != clean {
				t.Fatalf("token %q stands at %q", clean, output[s.start:s.end])
			}
		}
		if covered == 0 || !statsOf(tokens, at, span{value, value + len(shop)}).known {
			t.Fatalf("no tokens for %q in %q: %v", shop, output, at)
		}
	})
}

func TestManyDraftsAtOnce(t *testing.T) {
	ps, err := LoadPrompts(fstest.MapFS{"p/read.md": {Data: []byte(promptText)}}, "p")
	if err != nil {
		t.Fatal(err)
	}
	ps.Dev = true
	s := entrySchema(t)
	read := Extract[kit.Document, slip](oneShot{}, "read")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				d, err := read(t.Context(), slipPaper)
				if err != nil || d.GaveUp != "" {
					t.Errorf("%+v, %v", d, err)
				}
				if _, err := ps.Render("read", Request{Input: slipPaper, Schema: s}); err != nil || s.Validate([]byte(goodEntry)) != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
