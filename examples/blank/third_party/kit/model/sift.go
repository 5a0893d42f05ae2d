package model

import (
	"slices"
	"strings"
)

// Sift readies what a server sent for judgement. Thoughts before the answer
// are cut off. Log-probabilities are dropped where one is none (above 0,
// infinite), and where they are of thoughts as well; apart says that the server
// sent such thoughts beside the answer.
func (r Reply) Sift(apart bool) Reply {
	thought := apart
	if _, after, ok := strings.Cut(r.Output, "</think>"); ok && strings.HasPrefix(strings.TrimSpace(r.Output), "<think>") {
		r.Output, thought = after, true
	}
	if thought || slices.ContainsFunc(r.Tokens, func(t Token) bool { return !isLogProb(t.LogProb) }) {
		r.Tokens = nil
	}
	return r
}
