package merge

import "math/bits"

// hunk is a change: the old lines became the new ones. Either may be none.
type hunk struct{ old, new span }

// diff is what changed from old to new, in order: the fewest lines that must
// go and come (Myers, An O(ND) Difference Algorithm, 1986), each run of them
// moved to where it lines up with a change of the other side, and else as far
// down as it can. Where several answers are as short, the choices are git's,
// so that a merge made of two diffs is git's as well.
func diff(old, new []string) []hunk {
	a, b := numbered(old, new)
	first, last := sameEnds(a.line, b.line)
	a.thin(b, first, len(a.line)-last)
	b.thin(a, first, len(b.line)-last)
	s := newSearch(a, b)
	s.compare(box{0, len(s.a), 0, len(s.b)})
	slide(a, b)
	slide(b, a)
	return hunks(a, b)
}

// text is one side of a diff.
type text struct {
	line    []int  // equal lines have equal numbers
	changed []bool // one more than lines: the end is never changed
	count   map[int]int
	kept    []int // the lines that are compared one by one
}

// numbered gives the lines of both sides numbers.
func numbered(old, new []string) (a, b *text) {
	numbers := map[string]int{}
	number := func(lines []string) *text {
		t := &text{line: make([]int, len(lines)), changed: make([]bool, len(lines)+1), count: map[int]int{}}
		for i, l := range lines {
			n, ok := numbers[l]
			if !ok {
				n = len(numbers)
				numbers[l] = n
			}
			t.line[i] = n
			t.count[n]++
		}
		return t
	}
	return number(old), number(new)
}

// sameEnds counts the lines that both begin with, and of the rest those that
// both end with.
func sameEnds(a, b []int) (first, last int) {
	n := min(len(a), len(b))
	for first < n && a[first] == b[first] {
		first++
	}
	for last < n-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	return first, last
}

// How often a line stands on the other side.
const (
	never = iota
	seldom
	often
)

// thin marks the lines from first up to end as changed that need no search:
// those which the other side does not have, and among many of these, those
// that it has often. The others are kept.
func (t *text) thin(other *text, first, end int) {
	many := roughRoot(len(t.line), 1024)
	there := make([]int, len(t.line))
	for i := first; i < end; i++ {
		switch n := other.count[t.line[i]]; {
		case n == 0:
			there[i] = never
		case n < many:
			there[i] = seldom
		default:
			there[i] = often
		}
	}
	for i := first; i < end; i++ {
		if there[i] == seldom || there[i] == often && !amongStrangers(there[first:end], i-first) {
			t.kept = append(t.kept, i)
		} else {
			t.changed[i] = true
		}
	}
}

// amongStrangers reports whether line i, which the other side has often,
// stands between lines that it mostly does not have at all.
func amongStrangers(there []int, i int) bool {
	before, oftenBefore := run(there, i, -1)
	after, oftenAfter := run(there, i, +1)
	if before == 0 || after == 0 {
		return false
	}
	strangers, known := before+after, oftenBefore+oftenAfter+2
	return 4*known < strangers+known
}

// run counts, from line i on, the lines that the other side never and often
// has, up to the next one that it has seldom, a hundred at most.
func run(there []int, i, step int) (strangers, known int) {
	for j, n := i+step, 0; j >= 0 && j < len(there) && n < 100 && there[j] != seldom; j, n = j+step, n+1 {
		if there[j] == never {
			strangers++
		} else {
			known++
		}
	}
	return strangers, known
}

// roughRoot is the power of two next to the square root of n, above or below,
// and never more than most.
func roughRoot(n, most int) int {
	return min(1<<((bits.Len(uint(n))+1)/2), most)
}

// hunks lists the changes that are marked on the two sides.
func hunks(a, b *text) []hunk {
	var all []hunk
	for i, j := 0, 0; i < len(a.line) || j < len(b.line); i, j = i+1, j+1 {
		h := hunk{span{i, i}, span{j, j}}
		for a.changed[i] {
			i++
		}
		for b.changed[j] {
			j++
		}
		if h.old.end, h.new.end = i, j; h.old.at < i || h.new.at < j {
			all = append(all, h)
		}
	}
	return all
}
