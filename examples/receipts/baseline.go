package main

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

// The rules read a receipt row by row: the shop's name and address stand at the
// top, a day has the shape of a day, and the total stands behind a word that
// says so. Each guess carries how often its rule was right on labelled
// receipts; measure again with "eval" after changing one.

// rules guesses an Entry's fields. A field that no rule finds is left out. What
// else might be right comes behind, as weak guesses that are never an answer.
func rules(in Receipt) []baseline.Guess {
	rows := rowsOf(in.Text)
	var out []baseline.Guess
	for _, find := range []func([]row) (baseline.Guess, bool){findCompany, findDate, findAddress, findTotal} {
		if g, ok := find(rows); ok {
			out = append(out, g)
		}
	}
	return append(out, weak(rows)...)
}

// row is one row of the receipt, or a part of it. Upper has its small letters
// raised and keeps every byte in its place, so that an offset into upper is
// one into text.
type row struct {
	text, upper string
	start       int // of text in the document, in bytes
}

// end is where the row ends in the document, in bytes.
func (r row) end() int { return r.start + len(r.text) }

// slice is the row from byte i to byte j.
func (r row) slice(i, j int) row {
	return row{text: r.text[i:j], upper: r.upper[i:j], start: r.start + i}
}

// widest is how much of a row is read, in bytes. No receipt is wider, and the
// rules hold the parts of a row against each other.
const widest = 500

// rowsOf cuts a document's text into its rows, blank ones left out.
func rowsOf(text string) []row {
	rows := cut(row{text: text}, "\n")
	for i, r := range rows {
		end := min(len(r.text), widest)
		for end < len(r.text) && !utf8.RuneStart(r.text[end]) {
			end--
		}
		rows[i] = r.slice(0, end)
	}
	return rows
}

// parts cuts a row where the scan had a gap.
func (r row) parts() []row { return cut(r, "  ") }

func cut(r row, sep string) []row {
	var out []row
	at := r.start
	for _, piece := range strings.Split(r.text, sep) {
		if word := strings.TrimSpace(piece); word != "" {
			out = append(out, row{text: word, upper: upper(word), start: at + strings.Index(piece, word)})
		}
		at += len(piece) + len(sep)
	}
	return out
}

// upper raises a to z and leaves every other byte as it is: the capital of some
// letters is longer than they are.
func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// joined puts rows on one line.
func joined(rows []row) string {
	var out []string
	for _, r := range rows {
		out = append(out, r.text)
	}
	return strings.Join(out, " ")
}

// words compiles alternatives that stand as words of their own.
func words(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^A-Z])(?:` + alternatives + `)(?:$|[^A-Z])`)
}

// digits turns the letters that scans put for digits into what they stand for.
var digits = strings.NewReplacer("O", "0", "I", "1", "L", "1")
