package export

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/unicode/norm"
)

// folded is a text as its letters and digits alone, whatever their case, width
// and accents, with the place of each in the text.
type folded struct {
	text   string
	letter string
	starts []int // for each byte of letter, where its character starts in text
	ends   []int // and where it ends
}

func foldPlaces(text string) folded {
	f := folded{text: text}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		n, _ := b.WriteString(foldRune(r))
		for range n {
			f.starts, f.ends = append(f.starts, i), append(f.ends, i+size)
		}
		i += size
	}
	f.letter = b.String()
	return f
}

// fold is the letters and digits of a text in one spelling.
func fold(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(foldRune(r))
	}
	return b.String()
}

// foldRune is what a character is compared by: "Ａ", "á" and "A" are one.
func foldRune(r rune) string {
	if r < utf8.RuneSelf {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToLower(r))
		}
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(unicode.ToUpper(r))
		}
		return -1
	}, norm.NFKD.String(string(r)))
}

// span is a run of bytes, end exclusive.
type span struct{ start, end int }

// places finds a text in f, whatever spaces and marks stand between its
// letters. A short one is found as a word of its own alone: "Tan" does not
// stand in "standard".
func (f folded) places(text string) []span {
	needle := fold(text)
	short := needle != "" && utf8.RuneCountInString(needle) < shortWord
	out := exactPlaces(f.text, strings.TrimSpace(text)) // the marks around its letters with it
	if short {
		out = slices.DeleteFunc(out, func(at span) bool { return !f.alone(at) })
	}
	if needle == "" {
		return out
	}
	for i := 0; ; {
		j := strings.Index(f.letter[i:], needle)
		if j < 0 {
			return out
		}
		at := span{f.starts[i+j], f.ends[i+j+len(needle)-1]}
		i += j + 1
		if !short || f.alone(at) {
			out = append(out, at)
		}
	}
}

// shortWord is how many letters a text must have to be found within a word: a
// scan often glues words together.
const shortWord = 4

// exactPlaces finds a text as it is written.
func exactPlaces(text, needle string) []span {
	var out []span
	for i := 0; needle != ""; {
		j := strings.Index(text[i:], needle)
		if j < 0 {
			break
		}
		out = append(out, span{i + j, i + j + len(needle)})
		i += j + len(needle)
	}
	return out
}

// alone reports whether what stands at a place is no part of a longer word.
func (f folded) alone(at span) bool {
	before, _ := utf8.DecodeLastRuneInString(f.text[:at.start])
	first, _ := utf8.DecodeRuneInString(f.text[at.start:])
	last, _ := utf8.DecodeLastRuneInString(f.text[:at.end])
	after, _ := utf8.DecodeRuneInString(f.text[at.end:])
	return !joined(before, first) && !joined(last, after)
}

// joined reports whether two neighbours belong to one word. Han characters
// stand for themselves.
func joined(a, b rune) bool {
	word := func(r rune) bool {
		return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
	}
	return word(a) && word(b)
}

// alike reports whether two folded texts are the same but for a few letters, as
// a scan misreads them: at most one in six by edit distance.
func alike(a, b string) bool {
	x, y := []rune(a), []rune(b)
	most := max(len(x), len(y)) / 6
	if len(x) > maxAlike || len(y) > maxAlike || max(len(x), len(y))-min(len(x), len(y)) > most {
		return a == b
	}
	return levenshtein.ComputeDistance(a, b) <= most
}

// maxAlike bounds the texts that are compared letter by letter.
const maxAlike = 400
