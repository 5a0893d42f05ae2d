package store_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit/store"
)

func TestATextIsCutIntoWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		"Tan & Sons, TAN!":                    "tan sons",
		"TOTAL: RM 1,234.50 (12,34)":          "total rm 1234.50 12 34",
		"25/12/2018 v1.2. end.":               "25 12 2018 v1.2 end",
		"ＡＢＣ１２３ ﬁne":                          "abc123 fine",
		"增值税发票":                               "增值 值税 税发 发票 票",
		"税":                                   "税",
		"A公司 LTD":                             "a 公司 司 ltd",
		"スーパー":                                "スー ーパ パー ー",
		"Müller naïve İ":                      "müller naïve i",
		`"quo'te" OR NEAR(a, b) * -c ^d \x00`: "quo te or near a b c d x00",
		"a\x00b\xff\xfec":                     "a b c",
	} {
		if got := strings.Join(store.Words(text), " "); got != want {
			t.Errorf("%q is cut into %q, want %q", text, got, want)
		}
	}
}

func TestASearchIsCutAsTheTextIs(t *testing.T) {
	for query, want := range map[string]string{
		"tan so":            "tan so*",
		"税":                 "税*",
		"增值税":               "增值 值税",
		"公司 ltd":            "公司 ltd*",
		"ltd 公司":            "ltd 公司",
		"税 tan":             "税* tan*",
		`"*" -'":` + "\x00": "",
		"9.0":               "9.0*",
	} {
		var got []string
		for _, term := range store.Terms(query) {
			if term.Prefix {
				term.Word += "*"
			}
			got = append(got, term.Word)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q asks for %q, want %q", query, got, want)
		}
	}
}

func TestAHugeWordAndAHugeSearchAreBounded(t *testing.T) {
	for _, part := range []string{"x", "é", "税 "} {
		words, terms := store.Words(strings.Repeat(part, 100_000)), store.Terms(strings.Repeat(part, 100_000))
		if len(terms) > 16 {
			t.Errorf("%d terms", len(terms))
		}
		for _, w := range words {
			if len(w) > 64 || !utf8.ValidString(w) {
				t.Errorf("a word of %d bytes: %q", len(w), w)
			}
		}
		if !slices.Contains(words, terms[0].Word) {
			t.Errorf("%.20q is not found by itself", part)
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"a b", "增值税 A1", "1,234.5", "\x00\"*", "กำ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words := store.Words(text)
		for _, w := range words {
			if w == "" || strings.ContainsAny(w, " \"'\\*:&|!()<>\x00") || !utf8.ValidString(w) {
				t.Fatalf("%q gives the word %q", text, w)
			}
		}
		if len(text) > 1000 {
			return
		}
		for _, term := range store.Terms(text) {
			if !slices.ContainsFunc(words, func(w string) bool { return w == term.Word || term.Prefix && strings.HasPrefix(w, term.Word) }) {
				t.Fatalf("%q is not found by its own word %q", text, term.Word)
			}
		}
	})
}
