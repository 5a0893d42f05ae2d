package workflow

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// BoardDays is the longest stretch that a Board looks back.
const BoardDays = 366

// Board is what came in, went out and was decided in the last days. It is read
// from kept counters alone, however many cases there are.
type Board struct {
	Days   []BoardDay  `json:"days"`   // without gaps, the oldest first, today last
	Fields []FieldEdit `json:"fields"` // of what was released in these days, the most edited first
	Ages   []Age       `json:"ages"`   // of the reviews that wait, the youngest first
}

// BoardDay is one day, from midnight to midnight UTC.
type BoardDay struct {
	Day       time.Time `json:"day"`
	Submitted float64   `json:"submitted"` // cases that came in
	Decided   float64   `json:"decided"`   // decisions that ended a review
	Delivered float64   `json:"delivered"` // cases that went out
	Minutes   float64   `json:"minutes"`   // of people's work, from claim to decision
	Changed   float64   `json:"changed"`   // released with a change
	Unchanged float64   `json:"unchanged"` // released as drafted
	Agreed    float64   `json:"agreed"`    // rounds of several people that agreed
	Disagreed float64   `json:"disagreed"`
	Caught    float64   `json:"caught"` // canaries
	Missed    float64   `json:"missed"`
}

// FieldEdit is how often people changed a field, by day. Seen counts the
// released decisions in which it was shown.
type FieldEdit struct {
	Path    string    `json:"path"`
	Seen    []float64 `json:"seen"`
	Changed []float64 `json:"changed"`
}

// Rate is the share of changes over all days, from 0 to 1.
func (f FieldEdit) Rate() float64 {
	seen, changed := sumOf(f.Seen), sumOf(f.Changed)
	if seen == 0 {
		return 0
	}
	return changed / seen
}

func sumOf(days []float64) (all float64) {
	for _, n := range days {
		all += n
	}
	return all
}

// Age is how many reviews wait since as many days.
type Age struct {
	Days    int     `json:"days"`
	Waiting float64 `json:"waiting"`
}

// tallyRow is a kept counter.
type tallyRow struct {
	Day  int64   `bun:"day"`
	Name string  `bun:"name"`
	Key  string  `bun:"key"`
	N    float64 `bun:"n"`
}

// Board tells of the last days, today's included. It fails with kit.Invalid
// when they are less than one or more than BoardDays.
func (r *Runner) Board(ctx context.Context, days int) (Board, error) {
	if days < 1 || days > BoardDays {
		return Board{}, invalid("read the board", "days", "must be from 1 to "+strconv.Itoa(BoardDays))
	}
	today := review.Day(r.Clock())
	b := Board{Days: make([]BoardDay, days)}
	first := today - int64(days) + 1
	for i := range b.Days {
		b.Days[i].Day = time.Unix((first+int64(i))*24*60*60, 0).UTC()
	}
	var rows []tallyRow
	err := r.DB.Read().NewRaw(`SELECT day, name, key, n FROM tallies WHERE day BETWEEN ? AND ?
		AND name IN ('case.submitted', 'delivered', 'decision', 'human', 'agree', 'field.seen', 'field.changed')
		UNION ALL SELECT day, name, '', SUM(n) FROM tallies WHERE day BETWEEN ? AND ?
		AND name IN ('seconds', 'canary.caught', 'canary.missed') GROUP BY name, day`, first, today, first, today).Scan(ctx, &rows)
	if err != nil {
		return Board{}, err
	}
	fields := map[string]*FieldEdit{}
	for _, row := range rows {
		b.Days[row.Day-first].add(row)
		b.field(fields, row, int(row.Day-first))
	}
	for _, f := range fields {
		b.Fields = append(b.Fields, *f)
	}
	slices.SortFunc(b.Fields, func(one, two FieldEdit) int {
		if d := two.Rate() - one.Rate(); d != 0 {
			return int(d / max(d, -d))
		}
		return strings.Compare(one.Path, two.Path)
	})
	b.Ages, err = r.ages(ctx, today)
	return b, err
}

// add puts a counter where the day shows it.
func (d *BoardDay) add(row tallyRow) {
	switch row.Name + "/" + row.Key {
	case "human/changed":
		d.Changed += row.N
	case "human/unchanged":
		d.Unchanged += row.N
	case "agree/yes":
		d.Agreed += row.N
	case "agree/no":
		d.Disagreed += row.N
	}
	switch row.Name {
	case "case.submitted":
		d.Submitted += row.N
	case "decision":
		if row.Key != string(kit.Skip) {
			d.Decided += row.N
		}
	case "delivered":
		d.Delivered += row.N
	case "seconds":
		d.Minutes += row.N / 60
	case "canary.caught":
		d.Caught += row.N
	case "canary.missed":
		d.Missed += row.N
	}
}

// field puts a counter of a field where it belongs.
func (b Board) field(fields map[string]*FieldEdit, row tallyRow, day int) {
	if row.Name != "field.seen" && row.Name != "field.changed" {
		return
	}
	f := fields[row.Key]
	if f == nil {
		f = &FieldEdit{Path: row.Key, Seen: make([]float64, len(b.Days)), Changed: make([]float64, len(b.Days))}
		fields[row.Key] = f
	}
	if row.Name == "field.seen" {
		f.Seen[day] += row.N
	} else {
		f.Changed[day] += row.N
	}
}

// ages tells how long what waits has waited: what was opened on a day, less
// what of it has ended since.
func (r *Runner) ages(ctx context.Context, today int64) ([]Age, error) {
	var rows []tallyRow
	err := r.DB.Read().NewRaw(`SELECT day, name, '' AS key, n FROM tallies WHERE name = 'review.opened'
		UNION ALL SELECT CAST(key AS BIGINT), name, '', -SUM(n) FROM tallies WHERE name = 'review.ended' GROUP BY name, key`).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	waiting := map[int64]float64{}
	for _, row := range rows {
		waiting[today-row.Day] += row.N
	}
	var ages []Age
	for days, n := range waiting {
		if n > 0 {
			ages = append(ages, Age{Days: int(days), Waiting: n})
		}
	}
	slices.SortFunc(ages, func(a, b Age) int { return a.Days - b.Days })
	return ages, nil
}

// FirstSchema is the shape of what the first step drafts, nil when the workflow
// does not begin with a draft.
func (r *Runner) FirstSchema() *model.Schema { return r.Workflow.FirstSchema() }
