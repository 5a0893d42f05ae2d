package learned

import (
	"encoding/json"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// readable is how much of a document is read for features, in bytes. What
// stands behind it has no neighbours.
const readable = 256 << 10

// page is a document as features see it: rows of words.
type page struct {
	doc  kit.Document
	rows []row
}

// row is a line of the text that is not blank.
type row struct {
	start, end int // in bytes of the text
	words      []word
}

// word is a run without spaces.
type word struct {
	start, end int
	text       string // as features see it, see folded
}

func read(doc kit.Document) *page {
	p := &page{doc: doc}
	text := doc.Text[:min(len(doc.Text), readable)]
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		if words := wordsOf(text, at, at+end); len(words) > 0 {
			p.rows = append(p.rows, row{start: at, end: at + end, words: words})
		}
		at += end + 1
	}
	return p
}

// wordsOf cuts text[from:to] at its spaces.
func wordsOf(text string, from, to int) []word {
	var out []word
	for i := from; i < to; {
		for i < to && text[i] <= ' ' {
			i++
		}
		start := i
		for i < to && text[i] > ' ' {
			i++
		}
		if i > start {
			out = append(out, word{start: start, end: i, text: folded(text[start:i])})
		}
	}
	return out
}

// longestWord bounds what a feature is named by, in bytes.
const longestWord = 24

// folded is a word with its letters raised, its digits all 9, and no
// punctuation around it: what it has in common with others.
func folded(s string) string {
	b := make([]byte, 0, longestWord)
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			r = '9'
		case 'a' <= r && r <= 'z':
			r -= 'a' - 'A'
		}
		if len(b)+utf8.RuneLen(r) > longestWord {
			break
		}
		b = utf8.AppendRune(b, r)
	}
	if bare := strings.Trim(string(b), ".,:;()[]"); bare != "" {
		return bare
	}
	return string(b)
}

// shape is a text with its runs of letters, of digits and of spaces collapsed:
// "A9" of "NO12". Other signs stand for themselves.
func shape(s string) string {
	var b []byte
	for _, r := range s[:min(len(s), 200)] {
		c := byte('x')
		switch {
		case '0' <= r && r <= '9':
			c = '9'
		case r <= ' ':
			c = ' '
		case r < 128 && (r|0x20 < 'a' || r|0x20 > 'z'):
			c = byte(r)
		case r < 128:
			c = 'A'
		}
		if len(b) == 0 || b[len(b)-1] != c || c < 'A' && c != '9' && c != ' ' {
			b = append(b, c)
		}
		if len(b) == 2*longestWord {
			break
		}
	}
	return string(b)
}

// rowAt is the row that byte at stands in, or the one before it; -1 where there
// is none.
func (p *page) rowAt(at int) int {
	return sort.Search(len(p.rows), func(i int) bool { return p.rows[i].start > at }) - 1
}

// spanAt is the run of the scan that byte at stands in.
func (p *page) spanAt(at int) (kit.Span, bool) {
	spans := p.doc.Spans
	i := sort.Search(len(spans), func(i int) bool { return spans[i].End > at })
	if i == len(spans) || spans[i].Start > at {
		return kit.Span{}, false
	}
	return spans[i], true
}

// field is a drafted value with its evidence.
func (p *page) field(path string, raw json.RawMessage, sure float64, start, end int) kit.Field {
	f := kit.Field{Path: path, Value: raw, Confidence: min(1, max(0, sure))}
	if e, ok := model.EvidenceAt(p.doc, start, end); ok {
		f.Evidence = []kit.Evidence{e}
	}
	return f
}
