package model

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// maxEvidence is how many places are shown for a value.
const maxEvidence = 3

// EvidenceAt makes the evidence for the bytes start to end of doc.Text; false
// when they are out of bounds, empty or cut a character in two.
func EvidenceAt(doc kit.Document, start, end int) (kit.Evidence, bool) {
	text := doc.Text
	if start < 0 || start >= end || end > len(text) || !boundary(text, start) || !boundary(text, end) {
		return kit.Evidence{}, false
	}
	e := kit.Evidence{Start: start, End: end, Text: text[start:end], Line: 1 + strings.Count(text[:start], "\n")}
	for _, s := range doc.Spans {
		if s.End <= start || s.Start >= end {
			continue
		}
		if e.Box == nil {
			box := s.Box
			e.Page, e.Box = s.Page, &box
		} else if s.Page == e.Page {
			e.Box.X0, e.Box.Y0 = min(e.Box.X0, s.Box.X0), min(e.Box.Y0, s.Box.Y0)
			e.Box.X1, e.Box.Y1 = max(e.Box.X1, s.Box.X1), max(e.Box.Y1, s.Box.Y1)
		}
	}
	return e, true
}

// Evidence looks a field's value up in a document: up to three places that
// speak for it, best first, none for a path that is no field.
func (s *Schema) Evidence(doc kit.Document, path string, value json.RawMessage) []kit.Evidence {
	spec, ok := s.field(path)
	if !ok {
		return []kit.Evidence{}
	}
	return newFinder(doc).find(spec, value)
}

func boundary(text string, i int) bool { return i == len(text) || utf8.RuneStart(text[i]) }

// finder looks values up in one document. It reads the text once.
type finder struct {
	doc    kit.Document
	folded string // letters and digits of the text in lower case
	starts []int  // for each byte of folded, where its character starts in the text
	ends   []int  // and where it ends
}

func newFinder(doc kit.Document) *finder {
	f := &finder{doc: doc}
	var b strings.Builder
	for i := 0; i < len(doc.Text); {
		r, size := utf8.DecodeRuneInString(doc.Text[i:])
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n, _ := b.WriteRune(unicode.ToLower(r))
			for range n {
				f.starts, f.ends = append(f.starts, i), append(f.ends, i+size)
			}
		}
		i += size
	}
	f.folded = b.String()
	return f
}

// hit is a place with its rank: the lower the better.
type hit struct {
	span
	rank int
}

// find returns the places that speak for a value, best first: beside the
// field's name before elsewhere, as it is written before other notations,
// whole words before parts of words, earlier before later.
func (f *finder) find(spec FieldSpec, value json.RawMessage) []kit.Evidence {
	out := []kit.Evidence{}
	hits := f.hits(spec.Kind, value)
	names := spec.names()
	for i := range hits {
		if f.named(hits[i].start, names) {
			hits[i].rank -= beside
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return a.start - b.start
	})
	for _, h := range hits {
		if e, ok := EvidenceAt(f.doc, h.start, h.end); ok && len(out) < maxEvidence {
			out = append(out, e)
		}
	}
	return out
}

const (
	beside  = 100 // how much the field's name before a place is worth in rank
	lookFor = 60  // how far before it, in bytes
)

// names are the words by which a document may call the field.
func (f FieldSpec) names() []string {
	var names []string
	for _, words := range append(slices.Collect(maps.Values(f.Label)), f.Path[strings.LastIndexByte(f.Path, '.')+1:]) {
		if n := fold(words); len(n) > 2 {
			names = append(names, n)
		}
	}
	return names
}

// named reports whether one of names stands shortly before start, in its line
// or the one above.
func (f *finder) named(start int, names []string) bool {
	before := f.doc.Text[max(0, start-lookFor):start]
	if line := strings.LastIndexByte(before, '\n'); line >= 0 {
		before = before[strings.LastIndexByte(before[:line], '\n')+1:]
	}
	before = fold(before)
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(before, n) })
}

func (f *finder) hits(kind Kind, value json.RawMessage) []hit {
	var text string
	isText := json.Unmarshal(value, &text) == nil && string(value) != "null"
	switch {
	case f.doc.Text == "" || kind == Bool || string(value) == "null":
		return nil
	case kind == Number || kind == Integer:
		return numberHits(f.doc.Text, string(value))
	case kind == JSON:
		return f.listHits(value)
	case kind == Date && isText:
		return dateHits(f.doc.Text, text)
	case isText:
		return f.textHits(text)
	}
	return nil
}

// listHits looks up the first entries of a list or the members of an object.
func (f *finder) listHits(value json.RawMessage) []hit {
	var hits []hit
	dec := json.NewDecoder(strings.NewReader(string(value)))
	dec.UseNumber()
	for len(hits) < maxEvidence {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		var found []hit
		switch v := tok.(type) {
		case string:
			found = f.textHits(v)
		case json.Number:
			found = numberHits(f.doc.Text, v.String())
		}
		if len(found) > 0 {
			hits = append(hits, hit{found[0].span, 0})
		}
	}
	return hits
}

// textHits finds a text whatever its case, spaces and punctuation. A text that
// stands nowhere as a whole is looked for line by line, each after the other.
func (f *finder) textHits(text string) []hit {
	if hits := f.wholeHits(text, 0); len(hits) > 0 {
		return hits
	}
	var hits []hit
	from := 0
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		if fold(piece) == "" {
			continue
		}
		found := f.wholeHits(piece, from)
		if len(found) == 0 {
			return nil
		}
		hits = append(hits, hit{found[0].span, 0})
		from = found[0].end
	}
	return hits
}

// wholeHits finds text from byte offset from on.
func (f *finder) wholeHits(text string, from int) []hit {
	needle := fold(text)
	if needle == "" {
		return nil
	}
	var hits []hit
	for i, n := 0, 0; n < 64; n++ {
		j := strings.Index(f.folded[i:], needle)
		if j < 0 {
			break
		}
		start, end := f.starts[i+j], f.ends[i+j+len(needle)-1]
		i += j + 1
		if start < from {
			continue
		}
		rank := f.rank(text, start, end)
		if rank == partOfWord && len(needle) < 4 {
			continue
		}
		hits = append(hits, hit{span{start, end}, rank})
	}
	return hits
}

// The ranks of a hit.
const (
	asWritten = iota
	otherNotation
	partOfWord
)

func (f *finder) rank(text string, start, end int) int {
	before, _ := utf8.DecodeLastRuneInString(f.doc.Text[:start])
	after, _ := utf8.DecodeRuneInString(f.doc.Text[end:])
	first, _ := utf8.DecodeRuneInString(f.doc.Text[start:])
	last, _ := utf8.DecodeLastRuneInString(f.doc.Text[:end])
	switch {
	case joined(before, first) || joined(last, after):
		return partOfWord
	case strings.Contains(text, f.doc.Text[start:end]):
		return asWritten
	}
	return otherNotation
}

// joined reports whether two neighbours belong to one word. Han characters
// stand for themselves.
func joined(a, b rune) bool {
	word := func(r rune) bool { return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r) }
	return word(a) && word(b)
}

// fold keeps letters and digits in lower case.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
