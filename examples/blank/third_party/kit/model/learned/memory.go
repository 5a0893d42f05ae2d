package learned

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

const (
	alike       = 0.75 // of an answer seen before, from which on it is a candidate
	mostAnswers = 5000 // seen, of a field, that are kept: the most frequent
	longest     = 400  // characters of an answer that is kept
)

// answer is a value that people gave.
type answer struct {
	Form     string `json:"form"`
	Spelling string `json:"spelling"` // the most frequent one
	Count    int    `json:"count"`    // cases that have it
}

// memory finds answers by how they are spelled.
type memory struct {
	answers []answer
	at      map[string]int   // by form
	grams   map[string][]int // three letters to the answers that have them
}

// remember counts the answers of lessons.
func remember(lessons []*lesson) *memory {
	counts, spellings := map[string]int{}, map[string]map[string]int{}
	for _, l := range lessons {
		if l.form == "" || utf8.RuneCountInString(l.form) > longest {
			continue
		}
		counts[l.form]++
		if spellings[l.form] == nil {
			spellings[l.form] = map[string]int{}
		}
		spellings[l.form][l.text]++
	}
	var all []answer
	for form, n := range counts {
		all = append(all, answer{Form: form, Spelling: frequent(spellings[form]), Count: n})
	}
	slices.SortFunc(all, func(a, b answer) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Form, b.Form)) })
	return index(all[:min(len(all), mostAnswers)])
}

// frequent is the spelling that most cases have, the first by its letters of
// equals.
func frequent(spellings map[string]int) string {
	best := ""
	for s, n := range spellings {
		if best == "" || n > spellings[best] || n == spellings[best] && s < best {
			best = s
		}
	}
	return best
}

func index(answers []answer) *memory {
	m := &memory{answers: answers, at: map[string]int{}, grams: map[string][]int{}}
	for i, a := range answers {
		m.at[a.Form] = i
		for _, g := range grams(a.Form) {
			m.grams[g] = append(m.grams[g], i)
		}
	}
	return m
}

// grams are the runs of three characters in s, each once.
func grams(s string) []string {
	runes := []rune(s)
	seen := map[string]bool{}
	var out []string
	for i := 0; i+3 <= len(runes); i++ {
		if g := string(runes[i : i+3]); !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	return out
}

// count is how many cases had the answer, the one that less is of left out.
func (m *memory) count(form string, less *lesson) int {
	i, ok := m.at[form]
	if !ok {
		return 0
	}
	return m.left(i, less)
}

func (m *memory) left(i int, less *lesson) int {
	if less != nil && less.form == m.answers[i].Form {
		return m.answers[i].Count - 1
	}
	return m.answers[i].Count
}

// nearest finds the answer that is most like form and not the same, and tells
// how alike: 1 less the edits by the longer's length. Nothing is alike enough:
// 0. Of equals the more frequent wins.
func (m *memory) nearest(form string, less *lesson) (spelling string, like float64) {
	if utf8.RuneCountInString(form) > longest {
		return "", 0
	}
	for _, i := range m.similar(form) {
		a := m.answers[i]
		if a.Form == form || m.left(i, less) == 0 {
			continue
		}
		if s := similarity(form, a.Form); s >= alike && s > like {
			spelling, like = a.Spelling, s
		}
	}
	return spelling, like
}

// mostSimilar is how many answers are compared letter by letter.
const mostSimilar = 8

// similar lists the answers that share most of their runs of three with form,
// those that share most first.
func (m *memory) similar(form string) []int {
	shared := map[int]int{}
	own := grams(form)
	for _, g := range own {
		for _, i := range m.grams[g] {
			shared[i]++
		}
	}
	var out []int
	for i, n := range shared {
		if 3*n >= len(own) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), mostSimilar)]
}

// similarity is 1 less the Levenshtein distance of a and b by the length of the
// longer, in characters; 0 where it is below alike anyway.
func similarity(a, b string) float64 {
	short, long := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	if short > long {
		short, long = long, short
	}
	if float64(short) < alike*float64(long) || long == 0 {
		return 0
	}
	return 1 - float64(levenshtein.ComputeDistance(a, b))/float64(long)
}

// mends are words that people keep putting right.
type mends struct {
	counts map[string]map[string]int // a drafted word to what it was made, itself included
}

// mendFrom counts the words of lessons.
func mendFrom(lessons []*lesson) *mends {
	m := &mends{counts: map[string]map[string]int{}}
	for _, l := range lessons {
		for _, p := range l.pairs {
			if m.counts[p.from] == nil {
				m.counts[p.from] = map[string]int{}
			}
			m.counts[p.from][p.to]++
		}
	}
	return m
}

// mend puts the words of a text right; ok is false where none is wrong.
func (m *mends) mend(text string, less *lesson) (string, bool) {
	words := strings.Fields(text)
	changed := false
	for i, w := range words[:min(len(words), mostWords)] {
		if to, ok := m.word(w, less); ok {
			words[i], changed = to, true
		}
	}
	return strings.Join(words, " "), changed
}

// word is what a word is made: what it was made twice or more, and more than
// twice as often as it was left as it is.
func (m *mends) word(w string, less *lesson) (string, bool) {
	counts := m.counts[w]
	if len(counts) == 0 || len(counts) == 1 && counts[w] > 0 {
		return "", false
	}
	kept := counts[w] - less.pairsOf(w, w)
	best, most := "", 0
	for to, n := range counts {
		n -= less.pairsOf(w, to)
		if to != w && (n > most || n == most && to < best) {
			best, most = to, n
		}
	}
	return best, most >= 2 && most > 2*kept
}
