package model

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// hold returns tokens as if the model had been held to the values of an enum
// at r of output: where the runner-up leads to none of them, its probability q
// is taken out of the whole, p/(1-q). Others that lead nowhere are not known,
// so that p comes out low rather than high. barred is the largest q.
//
// A server that is told a format picks among the allowed tokens, and tells the
// probabilities from before it did.
func hold(tokens []Token, at []span, output string, r span, spec FieldSpec) (held []Token, barred float64) {
	held = slices.Clone(tokens)
	values := spec.literals()
	for i, t := range tokens {
		if at[i].start < r.start || at[i].start >= r.end || !isLogProb(t.LogProb) || t.Second >= 0 {
			continue
		}
		if leads(output[r.start:at[i].start]+t.SecondText, t.SecondText, values) {
			continue
		}
		q := min(math.Exp(t.Second), 1-math.Exp(t.LogProb))
		held[i].LogProb, held[i].Second = min(0, t.LogProb-math.Log1p(-q)), 0
		barred = max(barred, q)
	}
	return held, barred
}

// literals are the values of an enum as JSON.
func (f FieldSpec) literals() []string {
	var out []string
	for _, v := range f.Enum {
		out = append(out, string(quote(v)))
	}
	if f.Nullable {
		out = append(out, "null")
	}
	return out
}

// leads reports whether text, which ends in a token, can become one of values
// or has. Of a token that is unknown or a part of a character nothing is said.
func leads(text, token string, values []string) bool {
	if token == "" || !utf8.ValidString(token) || strings.ContainsRune(token, utf8.RuneError) {
		return true
	}
	text = strings.TrimLeft(text, " \n\t")
	return slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, text) || strings.HasPrefix(text, v) })
}
