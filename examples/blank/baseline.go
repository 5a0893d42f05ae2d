package main

import (
	"fmt"
	"regexp"
	"time"

	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

var (
	named = regexp.MustCompile(`(?im)^[ \t]*(?:subject|re|主题|事由)[ \t]*[:：][ \t]*([\p{L}\p{N}].{0,150}?)[ \t\r]*$`)
	first = regexp.MustCompile(`(?m)^[ \t]*([\p{L}\p{N}].{0,150}?)[ \t\r]*$`)
	day   = regexp.MustCompile(`\b(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?`)
)

// rules guesses an Answer's fields without a model. A guess says where in the
// note its value stands, which the reviewer is shown, and how often its rule is
// right. A field that no rule finds is left out, and the person fills it in.
func rules(in Note) []baseline.Guess {
	var out []baseline.Guess
	if at := named.FindStringSubmatchIndex(in.Text); at != nil {
		out = append(out, guess(in, "subject", at[2], at[3], 0.9))
	} else if at := first.FindStringSubmatchIndex(in.Text); at != nil {
		out = append(out, guess(in, "subject", at[2], at[3], 0.6))
	}
	for _, at := range day.FindAllStringSubmatchIndex(in.Text, -1) {
		part := func(i int) string { return in.Text[at[2*i]:at[2*i+1]] }
		g := guess(in, "date", at[0], at[1], 0.8)
		g.Value = fmt.Sprintf("%s-%02s-%02s", part(1), part(2), part(3))
		if _, err := time.Parse(time.DateOnly, g.Value.(string)); err == nil {
			return append(out, g)
		}
	}
	return out
}

// guess is the text from byte start to byte end of a note.
func guess(in Note, path string, start, end int, sure float64) baseline.Guess {
	return baseline.Guess{Path: path, Value: in.Text[start:end], Confidence: sure, Start: start, End: end}
}
