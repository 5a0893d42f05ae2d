package model

import (
	"strings"
	"unicode/utf8"
)

// window is how far ahead, in bytes, a token is looked for when the text before
// it did not arrive as it was written.
const window = 64

// alignTokens says where in output each token stands. A character that was
// split over tokens arrives as U+FFFD in them: such tokens share what lies
// between their neighbours. A token that is nowhere near is empty.
func alignTokens(output string, tokens []Token) []span {
	a := aligner{output: output, at: make([]span, len(tokens))}
	for i, t := range tokens {
		a.add(i, t.Text)
	}
	a.settle(len(tokens), min(len(output), a.pos+window))
	return a.at
}

// aligner walks output from token to token. Those from loose on have no end
// yet; split says that a part of a character is among them.
type aligner struct {
	output string
	at     []span
	pos    int
	loose  int
	split  bool
}

// add places one token: by what stands before a broken character in it, and by
// what stands behind.
func (a *aligner) add(i int, text string) {
	a.at[i].start = a.pos
	before, behind, broken := cutBroken(text)
	if before != "" && a.anchor(i, before) && !broken {
		a.loose, a.at[i].end = i+1, a.pos
	}
	a.split = a.split || broken
	if behind != "" && a.anchor(i+1, behind) {
		a.at[i].end = a.pos
	}
}

// anchor finds text at or soon after the position, ends the loose tokens below
// i there, and moves on behind it.
func (a *aligner) anchor(i int, text string) bool {
	from := a.pos
	if a.split { // the broken character takes at least one of the output's
		_, size := utf8.DecodeRuneInString(a.output[from:])
		from += size
	}
	found := strings.Index(a.output[from:min(len(a.output), from+window+len(text))], text)
	if found < 0 {
		return false
	}
	a.settle(i, from+found)
	if i < len(a.at) {
		a.at[i].start = from + found
	}
	a.pos = from + found + len(text)
	return true
}

// settle ends the loose tokens below i.
func (a *aligner) settle(i, end int) {
	for j := a.loose; j < i; j++ {
		a.at[j].end = max(end, a.at[j].start)
	}
	a.loose, a.split = i, false
}

// cutBroken returns what stands before the first and behind the last character
// of a token that is broken.
func cutBroken(text string) (before, behind string, broken bool) {
	first := strings.IndexRune(text, utf8.RuneError)
	if first < 0 {
		return text, "", false
	}
	rest := text[first:]
	for rest != "" {
		i := strings.IndexRune(rest, utf8.RuneError)
		if i < 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(rest[i:])
		rest = rest[i+size:]
	}
	return text[:first], rest, true
}
