package merge

import "math"

// search looks for the shortest way from one list of lines to another, from
// both ends at once, and halves the lists where the two meet.
type search struct {
	from, to *text
	a, b     []int // the kept lines of both
	ahead    front // how far the ways from the beginning got
	back     front // how far the ways from the end got
	patience int   // the cost at which the best way so far is taken
}

// box is a part of the two lists: a[a0:a1] and b[b0:b1].
type box struct{ a0, a1, b0, b1 int }

func newSearch(from, to *text) *search {
	s := &search{from: from, to: to, a: from.keptLines(), b: to.keptLines()}
	diagonals := len(s.a) + len(s.b) + 3
	s.ahead = newFront(diagonals, len(s.b)+1, -1)
	s.back = newFront(diagonals, len(s.b)+1, math.MaxInt)
	s.patience = max(roughRoot(diagonals, math.MaxInt), 256)
	return s
}

func (t *text) keptLines() []int {
	lines := make([]int, len(t.kept))
	for i, k := range t.kept {
		lines[i] = t.line[k]
	}
	return lines
}

// compare marks what changed within the box.
func (s *search) compare(x box) {
	first, last := sameEnds(s.a[x.a0:x.a1], s.b[x.b0:x.b1])
	x = box{x.a0 + first, x.a1 - last, x.b0 + first, x.b1 - last}
	switch {
	case x.a0 == x.a1:
		mark(s.to, x.b0, x.b1)
	case x.b0 == x.b1:
		mark(s.from, x.a0, x.a1)
	default:
		i, j := s.middle(x)
		s.compare(box{x.a0, i, x.b0, j})
		s.compare(box{i, x.a1, j, x.b1})
	}
}

func mark(t *text, at, end int) {
	for _, line := range t.kept[at:end] {
		t.changed[line] = true
	}
}

// front is how far each diagonal (line of a minus line of b) was followed in a.
type front struct {
	reach  []int
	zero   int // the index of diagonal 0
	lo, hi int // the diagonals that were followed
	none   int // the reach of a diagonal that was not
}

func newFront(diagonals, zero, none int) front {
	return front{reach: make([]int, diagonals+1), zero: zero, none: none}
}

func (f *front) at(d int) *int { return &f.reach[f.zero+d] }

func (f *front) start(d, reach int) {
	f.lo, f.hi = d, d
	*f.at(d) = reach
}

// widen takes a diagonal more on each side, or one less where the box ends.
func (f *front) widen(least, most int) {
	if f.lo > least {
		f.lo--
		*f.at(f.lo - 1) = f.none
	} else {
		f.lo++
	}
	if f.hi < most {
		f.hi++
		*f.at(f.hi + 1) = f.none
	} else {
		f.hi--
	}
}

// middle is where the ways from both ends of the box meet.
func (s *search) middle(x box) (i, j int) {
	least, most := x.a0-x.b1, x.a1-x.b0
	s.ahead.start(x.a0-x.b0, x.a0)
	s.back.start(x.a1-x.b1, x.a1)
	odd := (s.ahead.lo-s.back.lo)%2 != 0
	for cost := 1; ; cost++ {
		s.ahead.widen(least, most)
		if i, j, met := s.forward(x, odd); met {
			return i, j
		}
		s.back.widen(least, most)
		if i, j, met := s.backward(x, !odd); met {
			return i, j
		}
		if cost >= s.patience {
			return s.furthest(x)
		}
	}
}

// forward follows each diagonal of the ways from the beginning by one change
// and the equal lines behind it, and stops where it meets a way from the end.
func (s *search) forward(x box, mayMeet bool) (i, j int, met bool) {
	for d := s.ahead.hi; d >= s.ahead.lo; d -= 2 {
		i = max(*s.ahead.at(d - 1)+1, *s.ahead.at(d + 1))
		for i < x.a1 && i-d < x.b1 && s.a[i] == s.b[i-d] {
			i++
		}
		*s.ahead.at(d) = i
		if mayMeet && s.back.lo <= d && d <= s.back.hi && *s.back.at(d) <= i {
			return i, i - d, true
		}
	}
	return 0, 0, false
}

// backward is forward from the end.
func (s *search) backward(x box, mayMeet bool) (i, j int, met bool) {
	for d := s.back.hi; d >= s.back.lo; d -= 2 {
		i = min(*s.back.at(d - 1), *s.back.at(d + 1)-1)
		for i > x.a0 && i-d > x.b0 && s.a[i-1] == s.b[i-d-1] {
			i--
		}
		*s.back.at(d) = i
		if mayMeet && s.ahead.lo <= d && d <= s.ahead.hi && i <= *s.ahead.at(d) {
			return i, i - d, true
		}
	}
	return 0, 0, false
}

// furthest is the end of the way that got furthest so far, from whichever end:
// no longer the shortest, but found in time where everything is different.
func (s *search) furthest(x box) (i, j int) {
	ahead, behind := -1, math.MaxInt
	var aheadAt, behindAt int
	for d := s.ahead.hi; d >= s.ahead.lo; d -= 2 {
		at := min(*s.ahead.at(d), x.a1, x.b1+d)
		if sum := at + at - d; sum > ahead {
			ahead, aheadAt = sum, at
		}
	}
	for d := s.back.hi; d >= s.back.lo; d -= 2 {
		at := max(*s.back.at(d), x.a0, x.b0+d)
		if sum := at + at - d; sum < behind {
			behind, behindAt = sum, at
		}
	}
	if x.a1+x.b1-behind < ahead-(x.a0+x.b0) {
		return aheadAt, ahead - aheadAt
	}
	return behindAt, behind - behindAt
}
