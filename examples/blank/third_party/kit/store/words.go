package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxWordBytes  = 64 // a longer word is found by its beginning
	maxTerms      = 16
	maxQueryBytes = 1000
)

// Term is one word of a search.
type Term struct {
	Word   string
	Prefix bool // words that begin so are meant, too
}

// Words cuts a text into the words by which it is found on either engine,
// each once. A word is a run of letters and digits in lower case and Unicode's
// form NFKC; an amount keeps its point and loses the commas of its thousands.
// Scripts that put no spaces between words are cut into each two neighbours,
// and the last character of a run by itself: so each single one begins a word.
func Words(text string) []string {
	var words []string
	seen := map[string]bool{}
	add := func(word string) {
		if !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	for _, run := range runs(text) {
		if !run.dense {
			add(run.text())
			continue
		}
		for i := range run.runes {
			add(string(run.runes[i:min(i+2, len(run.runes))]))
		}
	}
	return words
}

// Terms cuts what a person searches for in the same way. All of its words are
// to be found, the last one by its beginning. Whatever else was typed, quotes
// and operators too, is left out; of a very long text the rest is.
func Terms(query string) []Term {
	if len(query) > maxQueryBytes {
		query = query[:maxQueryBytes]
	}
	all := runs(query)
	var terms []Term
	for i, run := range all {
		switch {
		case !run.dense:
			terms = append(terms, Term{run.text(), i == len(all)-1})
		case len(run.runes) == 1:
			terms = append(terms, Term{string(run.runes), true})
		}
		for j := 0; run.dense && j+1 < len(run.runes); j++ {
			terms = append(terms, Term{Word: string(run.runes[j : j+2])})
		}
	}
	return terms[:min(len(terms), maxTerms)]
}

// run is a stretch of a text without a gap, in one kind of script.
type run struct {
	dense bool // of a script without spaces
	runes []rune
}

// text is the run as one word.
func (r run) text() string {
	word := string(r.runes)
	if len(word) > maxWordBytes {
		word = word[:maxWordBytes]
		for !utf8.ValidString(word) {
			word = word[:len(word)-1]
		}
	}
	return word
}

// runs finds the stretches of letters and digits.
func runs(text string) (all []run) {
	var now run
	end := func() {
		if len(now.runes) > 0 {
			all = append(all, now)
		}
		now = run{}
	}
	chars := []rune(strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text, " "))))
	for i, c := range chars {
		switch {
		case unicode.IsMark(c) && len(now.runes) > 0, c == '.' && between(chars, i):
			now.runes = append(now.runes, c)
		case c == ',' && thousands(chars, i): // 1,234.50 is 1234.50
		case !unicode.IsLetter(c) && !unicode.IsNumber(c):
			end()
		default:
			if d := dense(c); d != now.dense {
				end()
				now.dense = d
			}
			now.runes = append(now.runes, c)
		}
	}
	end()
	return all
}

// between reports whether a point stands between two digits.
func between(chars []rune, i int) bool {
	return i > 0 && i+1 < len(chars) && digit(chars[i-1]) && digit(chars[i+1])
}

// thousands reports whether a comma parts three digits from others.
func thousands(chars []rune, i int) bool {
	if i == 0 || i+3 >= len(chars) || !digit(chars[i-1]) {
		return false
	}
	for _, c := range chars[i+1 : i+4] {
		if !digit(c) {
			return false
		}
	}
	return i+4 == len(chars) || !digit(chars[i+4])
}

func digit(c rune) bool { return c >= '0' && c <= '9' }

// prolonged is the mark of a long vowel, which counts to no script.
const prolonged = 'ー'

// dense reports whether c is of a script that puts no spaces between words.
func dense(c rune) bool {
	return c == prolonged || c >= 0x0e00 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Hangul, unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
