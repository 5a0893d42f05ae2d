package eval

import (
	"encoding/json"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tackhammer/tackhammer/kit"
)

// Kind is what a field's values mean, and so how two of them are compared.
type Kind string

// The kinds of fields.
const (
	Text   Kind = "text"   // by letters and digits alone, case and width folded
	Date   Kind = "date"   // by day
	Number Kind = "number" // by value
)

// Normalise returns the form of s in which two values that mean the same are
// equal: letters and digits for Text, "2018-12-25" for Date, "1234.5" for
// Number. ok is false when s is not of kind k or, as Text, holds no letter and
// no digit. An unknown or empty Kind is Text.
func (k Kind) Normalise(s string) (form string, ok bool) {
	switch k {
	case Date:
		return normalDate(s)
	case Number:
		return normalNumber(s)
	}
	form = normalText(s)
	return form, form != ""
}

// Match reports whether two JSON values mean the same to kind k. A value that
// is empty, or cannot be read as k, matches only what is spelled as it is.
func (k Kind) Match(a, b json.RawMessage) bool {
	x, y := kit.Plain(a), kit.Plain(b)
	fx, okx := k.Normalise(x)
	fy, oky := k.Normalise(y)
	if !okx || !oky {
		return x == y
	}
	return fx == fy
}

// kindOf tells the kind that all of a field's answers share.
func kindOf(answers []string) Kind {
	for _, k := range []Kind{Number, Date} {
		if len(answers) > 0 && every(answers, k) {
			return k
		}
	}
	return Text
}

// every reports whether all values can be read as kind k.
func every(values []string, k Kind) bool {
	for _, v := range values {
		if _, ok := k.Normalise(v); !ok {
			return false
		}
	}
	return true
}

// normalText keeps letters, their marks and digits. Compatibility forms come
// apart first, so that full-width "Ａ１" equals "a1"; at the end marks join the
// letters that they then stand behind.
func normalText(s string) string {
	folded := strings.ToLower(strings.ToUpper(norm.NFKD.String(s)))
	kept := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, folded)
	return norm.NFC.String(kept)
}
