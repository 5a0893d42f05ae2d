// Package pairs chooses few combinations of options such that every pair of
// values occurs in one: most faults of options show with one value or with two
// together, and all combinations are too many to try.
//
//	rows := pairs.Cover([]pairs.Option{{Values: 2}, {Values: 3}, {Values: 2}})
//
// The result is always the same for the same options.
package pairs

import "slices"

// Option is one thing to choose.
type Option struct {
	Values int    // how many there are; they are called 0, 1, …
	When   []Need // the option is there only where all of them hold
}

// Need is a value, or one of several, that an earlier option must have.
type Need struct {
	Option int // its place
	Values []int
}

// Absent stands in a row for an option whose needs do not hold.
const Absent = -1

// candidates is how many rows are made before the best of them is taken.
const candidates = 12

// Cover returns rows with a value for each option, so that every two values
// that can stand together do so in one of the rows, and every value that can be
// had is in one.
func Cover(options []Option) [][]int {
	c := cover{options: options, open: map[pair]bool{}}
	c.list()
	var rows [][]int
	for len(c.order) > 0 {
		row := c.best()
		c.close(row)
		rows = append(rows, row)
	}
	return rows
}

// pair is two values of two options, the earlier one first; a value with itself
// stands for that value alone.
type pair struct{ a, va, b, vb int }

type cover struct {
	options []Option
	open    map[pair]bool // not in a row yet
	order   []pair        // the same, in order
}

// list finds the pairs that can be, and the values that stand in none.
func (c *cover) list() {
	paired := map[[2]int]bool{}
	for b := range c.options {
		for a := range b {
			for _, p := range c.between(a, b) {
				c.add(p)
				paired[[2]int{p.a, p.va}], paired[[2]int{p.b, p.vb}] = true, true
			}
		}
	}
	for a, o := range c.options {
		for v := range o.Values {
			if p := (pair{a, v, a, v}); !paired[[2]int{a, v}] && c.allowed(p) != nil {
				c.add(p)
			}
		}
	}
}

// between lists the pairs of two options that can be.
func (c *cover) between(a, b int) (all []pair) {
	for va := range c.options[a].Values {
		for vb := range c.options[b].Values {
			if p := (pair{a, va, b, vb}); c.allowed(p) != nil {
				all = append(all, p)
			}
		}
	}
	return all
}

func (c *cover) add(p pair) {
	c.open[p] = true
	c.order = append(c.order, p)
}

// allowed is what each option may be for p to stand in a row, nil where p
// cannot: an option that is not named may be anything, also absent.
func (c *cover) allowed(p pair) map[int][]int {
	may := map[int][]int{}
	if !c.demand(may, p.a, []int{p.va}) || !c.demand(may, p.b, []int{p.vb}) {
		return nil
	}
	return may
}

// demand adds that an option is there with one of values, and what that needs.
func (c *cover) demand(may map[int][]int, option int, values []int) bool {
	if had, ok := may[option]; ok {
		values = slices.DeleteFunc(slices.Clone(values), func(v int) bool { return !slices.Contains(had, v) })
	}
	may[option] = values
	for _, n := range c.options[option].When {
		if !c.demand(may, n.Option, n.Values) {
			return false
		}
	}
	return len(values) > 0
}

// best is the row that closes the most of some that close at least one pair.
func (c *cover) best() (best []int) {
	most := 0
	for i := range min(candidates, len(c.order)) {
		seed := c.order[i*len(c.order)/min(candidates, len(c.order))]
		row := c.row(c.allowed(seed))
		if n := c.closes(row); n > most {
			best, most = row, n
		}
	}
	return best
}

// row gives each option in turn the value that closes the most pairs with
// those before it, and of several the one with the most pairs still open.
func (c *cover) row(may map[int][]int) []int {
	row := make([]int, len(c.options))
	for i, o := range c.options {
		row[i] = Absent
		if !there(o, row) {
			continue
		}
		most, best := -1, 0
		for v := range o.Values {
			if values, named := may[i]; named && !slices.Contains(values, v) {
				continue
			}
			row[i] = v
			if n := c.worth(row[:i+1], may); n > most {
				most, best = n, v
			}
		}
		row[i] = best
	}
	return row
}

func there(o Option, row []int) bool {
	for _, n := range o.When {
		if !slices.Contains(n.Values, row[n.Option]) {
			return false
		}
	}
	return true
}

// worth weighs the last value of a row that is half made.
func (c *cover) worth(row []int, may map[int][]int) int {
	b, vb := len(row)-1, row[len(row)-1]
	n := 0
	for a, va := range row[:b] {
		if c.open[pair{a, va, b, vb}] {
			n += 1000
		}
	}
	for later, values := range may {
		if later > b && len(values) == 1 && c.open[pair{b, vb, later, values[0]}] {
			n += 1000
		}
	}
	for _, p := range c.order {
		if p.a == b && p.va == vb || p.b == b && p.vb == vb {
			n++
		}
	}
	return n
}

func (c *cover) closes(row []int) (n int) {
	for _, p := range c.order {
		if row[p.a] == p.va && row[p.b] == p.vb {
			n++
		}
	}
	return n
}

// close takes out what a row has.
func (c *cover) close(row []int) {
	c.order = slices.DeleteFunc(c.order, func(p pair) bool {
		in := row[p.a] == p.va && row[p.b] == p.vb
		if in {
			delete(c.open, p)
		}
		return in
	})
}
