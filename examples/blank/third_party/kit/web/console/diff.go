package console

import (
	"regexp"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// part is a run of text that two texts share, or that one of them alone has.
type part struct {
	Kind string // same, del or ins
	Text string
}

// wordlike are what is compared as one: a word, a number, a run of spaces; of
// Chinese, Japanese and Korean, which part no words, each character.
var wordlike = regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]|[\p{L}\p{M}]+|\p{N}+(?:[.,]\p{N}+)*|\s+|.`)

// maxDiff bounds the texts that are compared word by word, in bytes. Longer
// ones are shown whole, before and after.
const maxDiff = 64 << 10

// diff tells word by word how after differs from before (Myers, An O(ND)
// Difference Algorithm and Its Variations, 1986). Hidden characters are shown.
func diff(before, after string) []part {
	before, after = visible(before), visible(after)
	if len(before)+len(after) > maxDiff {
		return replaced(before, after)
	}
	var words []string
	numbers := map[string]rune{}
	a, b := numbered(before, numbers, &words), numbered(after, numbers, &words)
	compare := diffmatchpatch.New()
	var parts []part
	for _, d := range compare.DiffMainRunes(a, b, false) {
		parts = append(parts, part{Kind: kinds[d.Type], Text: spelled(d.Text, words)})
	}
	return joined(parts)
}

var kinds = map[diffmatchpatch.Operation]string{diffmatchpatch.DiffEqual: "same", diffmatchpatch.DiffDelete: "del", diffmatchpatch.DiffInsert: "ins"}

// firstRune is where the runes begin that stand for words: beyond the
// surrogates, so that each survives in a string.
const firstRune = 0x10000

// numbered writes a text with one rune for each of its words.
func numbered(text string, numbers map[string]rune, words *[]string) (out []rune) {
	for _, word := range wordlike.FindAllString(text, -1) {
		n, known := numbers[word]
		if !known {
			n = firstRune + rune(len(*words))
			numbers[word] = n
			*words = append(*words, word)
		}
		out = append(out, n)
	}
	return out
}

// spelled is numbered's way back.
func spelled(runes string, words []string) string {
	var out []byte
	for len(runes) > 0 {
		r, size := utf8.DecodeRuneInString(runes)
		runes = runes[size:]
		out = append(out, words[r-firstRune]...)
	}
	return string(out)
}

// joined puts a space that stands alone between two changes into both, so that
// a changed run of words is read as one.
func joined(parts []part) []part {
	var del, ins string
	var out []part
	flush := func() {
		out = append(out, replaced(del, ins)...)
		del, ins = "", ""
	}
	for i, p := range parts {
		switch {
		case p.Kind == "del":
			del += p.Text
		case p.Kind == "ins":
			ins += p.Text
		case p.Text == " " && i > 0 && i+1 < len(parts) && del != "" && ins != "":
			del, ins = del+" ", ins+" "
		default:
			flush()
			out = append(out, p)
		}
	}
	flush()
	return out
}

// replaced is one text in another's place.
func replaced(before, after string) (parts []part) {
	if before != "" {
		parts = append(parts, part{Kind: "del", Text: before})
	}
	if after != "" {
		parts = append(parts, part{Kind: "ins", Text: after})
	}
	return parts
}
