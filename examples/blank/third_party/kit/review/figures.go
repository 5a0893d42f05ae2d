package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
)

// Figures tell how one person reviewed within a span of days.
type Figures struct {
	Person   Holder              `json:"person"`
	Verdicts map[kit.Verdict]int `json:"verdicts"`
	Decided  int                 `json:"decided"`  // without skips
	Approved Share               `json:"approved"` // as drafted, of all decided
	Edited   Share               `json:"edited"`   // with changes, of all decided
	Caught   Share               `json:"caught"`   // of the errors that were put in on purpose
	Seconds  float64             `json:"seconds"`  // from claim to decision, on average; 0 when nothing was decided
	// SecondLook is the share of the person's approvals at which a second
	// person looks now.
	SecondLook float64 `json:"second_look"`
}

// Share is k of n with its Wilson interval at 95 %; from 0 to 1 when n is 0.
type Share struct {
	K    int     `json:"k"`
	N    int     `json:"n"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func shareOf(k, n int) Share {
	s := Share{K: k, N: n}
	s.Low, s.High = eval.Wilson(k, n, eval.Confidence)
	return s
}

// Part is K of N between 0 and 1, 0 when N is 0.
func (s Share) Part() float64 {
	if s.N == 0 {
		return 0
	}
	return float64(s.K) / float64(s.N)
}

// ReadFigures tells how people reviewed on the days of from to to, in order of
// their names. Admins and leads see everybody who decided something, a reviewer
// their own, and others are refused with kit.Forbidden. It reads kept counters
// and counts nothing.
func ReadFigures(ctx context.Context, db bun.IDB, by auth.User, from, to time.Time) ([]Figures, error) {
	if !by.MayDecide() {
		return nil, kit.Errorf(kit.Forbidden, "read the figures of reviewers: %s may not see them", by.Name).
			WithHint("admins and leads see all, reviewers their own")
	}
	people := map[string]*Figures{}
	if by.Role == auth.Reviewer {
		people[by.ID] = &Figures{Person: Holder{ID: by.ID, Name: by.Name}}
	}
	if err := sumTallies(ctx, db, by, people, from, to); err != nil {
		return nil, err
	}
	if err := nameAll(ctx, db, people); err != nil {
		return nil, err
	}
	all := make([]Figures, 0, len(people))
	for _, f := range people {
		f.conclude()
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Figures) int {
		return strings.Compare(a.Person.Name+"\x00"+a.Person.ID, b.Person.Name+"\x00"+b.Person.ID)
	})
	return all, nil
}

// sumTallies adds up the counters of each person that the user may see.
func sumTallies(ctx context.Context, db bun.IDB, by auth.User, people map[string]*Figures, from, to time.Time) error {
	var rows []struct {
		Name string  `bun:"name"`
		Key  string  `bun:"key"`
		N    float64 `bun:"n"`
	}
	err := db.NewRaw(`SELECT name, key, SUM(n) AS n FROM tallies WHERE name IN ('by', 'seconds', 'canary.caught', 'canary.missed')
		AND day BETWEEN ? AND ? GROUP BY name, key`, Day(from), Day(to)).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		id, verdict, _ := strings.Cut(row.Key, ".")
		if by.Role == auth.Reviewer && id != by.ID {
			continue
		}
		if people[id] == nil {
			people[id] = &Figures{Person: Holder{ID: id}}
		}
		people[id].add(row.Name, kit.Verdict(verdict), row.N)
	}
	return nil
}

// add takes in one counter.
func (f *Figures) add(name string, verdict kit.Verdict, n float64) {
	switch name {
	case "by":
		if f.Verdicts == nil {
			f.Verdicts = map[kit.Verdict]int{}
		}
		f.Verdicts[verdict] += int(n)
	case "seconds":
		f.Seconds += n
	case "canary.caught":
		f.Caught.K += int(n)
		f.Caught.N += int(n)
	case "canary.missed":
		f.Caught.N += int(n)
	}
}

// conclude works the shares out.
func (f *Figures) conclude() {
	for v, n := range f.Verdicts {
		if v != kit.Skip {
			f.Decided += n
		}
	}
	if f.Verdicts == nil {
		f.Verdicts = map[kit.Verdict]int{}
	}
	f.Approved = shareOf(f.Verdicts[kit.Approve], f.Decided)
	f.Edited = shareOf(f.Verdicts[kit.Edit], f.Decided)
	f.Caught = shareOf(f.Caught.K, f.Caught.N)
	if f.Decided == 0 {
		f.Seconds = 0
		return
	}
	f.Seconds /= float64(f.Decided)
}

// nameAll fills in who the people are.
func nameAll(ctx context.Context, db bun.IDB, people map[string]*Figures) error {
	var rows []struct {
		ID   string `bun:"id"`
		Name string `bun:"name"`
	}
	if err := db.NewRaw(`SELECT id, name FROM users WHERE kind = 'person'`).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, u := range rows {
		if f := people[u.ID]; f != nil {
			f.Person.Name = u.Name
		}
	}
	return nil
}
