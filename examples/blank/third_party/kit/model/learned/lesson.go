package learned

import (
	"encoding/json"
	"strings"
)

// Example is a labelled case.
type Example struct {
	Hash    string                     // of the document's text: two of one hash are one case, and the later counts
	Input   any                        // what the rules read; its document is where candidates stand
	Answers map[string]json.RawMessage // what is right, by path; what it lacks is not learned from
}

// lesson is what one example teaches of one field.
type lesson struct {
	text  string // the answer as written
	form  string // "" for an answer that is empty or cannot be read
	pairs []pair
}

// pair is a word of a draft and what it was made.
type pair struct{ from, to string }

// pairsOf counts how often the lesson makes from to.
func (l *lesson) pairsOf(from, to string) int {
	n := 0
	if l != nil {
		for _, p := range l.pairs {
			if p.from == from && p.to == to {
				n++
			}
		}
	}
	return n
}

// mostWords bounds how many words of a text are compared.
const mostWords = 60

// pairsIn aligns a draft with its answer word by word, on the longest sequence
// of words that they share, and lists what was kept and what was made of it.
func pairsIn(draft, answer string) []pair {
	a, b := strings.Fields(draft), strings.Fields(answer)
	if len(a) > mostWords || len(b) > mostWords {
		return nil
	}
	var out []pair
	i, j := 0, 0
	for _, m := range append(common(a, b), [2]int{len(a), len(b)}) {
		if m[0]-i == m[1]-j { // as many words as there were: each was changed
			for k := range m[0] - i {
				out = append(out, pair{a[i+k], b[j+k]})
			}
		}
		if m[0] < len(a) {
			out = append(out, pair{a[m[0]], b[m[1]]})
		}
		i, j = m[0]+1, m[1]+1
	}
	return out
}

// common lists the places in a and b of the longest sequence that they share.
func common(a, b []string) [][2]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	var out [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}
