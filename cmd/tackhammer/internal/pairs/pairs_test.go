package pairs

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func ExampleCover() {
	for _, row := range Cover([]Option{{Values: 2}, {Values: 2}, {Values: 2}}) {
		fmt.Println(row)
	}
	// Output:
	// [0 0 0]
	// [0 1 1]
	// [1 0 1]
	// [1 1 0]
}

// all lists every row that the options allow.
func all(options []Option) (rows [][]int) {
	rows = [][]int{{}}
	for _, o := range options {
		var next [][]int
		for _, row := range rows {
			if !there(o, row) {
				next = append(next, append(row[:len(row):len(row)], Absent))
				continue
			}
			for v := range o.Values {
				next = append(next, append(row[:len(row):len(row)], v))
			}
		}
		rows = next
	}
	return rows
}

func pairsOf(rows [][]int) map[pair]bool {
	got := map[pair]bool{}
	for _, row := range rows {
		for b, vb := range row {
			for a := 0; a <= b; a++ {
				if row[a] != Absent && vb != Absent {
					got[pair{a, row[a], b, vb}] = true
				}
			}
		}
	}
	return got
}

// The rows are possible ones, and hold the pairs of all possible rows.
func TestCoverHoldsEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var options []Option
		for i := range rapid.IntRange(1, 6).Draw(t, "options") {
			o := Option{Values: rapid.IntRange(1, 4).Draw(t, "values")}
			for range rapid.IntRange(0, min(2, i)).Draw(t, "needs") {
				on := rapid.IntRange(0, i-1).Draw(t, "on")
				o.When = append(o.When, Need{on, rapid.SliceOfN(rapid.IntRange(0, options[on].Values-1), 1, 3).Draw(t, "of")})
			}
			options = append(options, o)
		}
		rows := Cover(options)
		for _, row := range rows {
			for i, o := range options {
				if there(o, row[:i]) != (row[i] != Absent) || row[i] >= o.Values {
					t.Fatalf("row %v of %+v", row, options)
				}
			}
		}
		if got, want := pairsOf(rows), pairsOf(all(options)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%d pairs of %d of %+v", len(got), len(want), options)
		}
		if again := Cover(options); !reflect.DeepEqual(again, rows) {
			t.Fatal("another result")
		}
	})
}

// The number of rows is near the least that can be, the product of the two
// options with the most values.
func TestCoverIsSmall(t *testing.T) {
	for _, c := range []struct{ values, most []int }{
		{[]int{2, 2, 2}, []int{4}},
		{[]int{3, 3, 3, 3}, []int{12}},
		{[]int{2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, []int{10}},
		{[]int{4, 3, 2, 2, 2, 2}, []int{14}},
		{[]int{7}, []int{7}},
	} {
		var options []Option
		for _, v := range c.values {
			options = append(options, Option{Values: v})
		}
		if rows := Cover(options); len(rows) > c.most[0] {
			t.Errorf("%v takes %d rows, want %d at most", c.values, len(rows), c.most[0])
		}
	}
}
