package workflow

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Costs are what the last days cost: what was measured, what nail.yaml says
// that it costs, and what the two come to.
type Costs struct {
	Facts  nail.Facts  `json:"facts" doc:"Measured"`
	Rates  nail.Rates  `json:"rates" doc:"Assumed: what nail.yaml says today"`
	Ledger nail.Ledger `json:"ledger" doc:"What the facts cost at these rates"`
	Budget Budget      `json:"budget"`
	Days   []CostDay   `json:"days" nullable:"false" doc:"Without gaps, the oldest first, today last"`
	Models []ModelCost `json:"models" nullable:"false" doc:"The one that took longest first"`
}

// CostDay is one day, from midnight to midnight UTC.
type CostDay struct {
	Day           time.Time `json:"day"`
	Submitted     float64   `json:"submitted"`
	Delivered     float64   `json:"delivered"`
	ModelSeconds  float64   `json:"model_seconds"`
	ReviewSeconds float64   `json:"review_seconds"`
}

// ModelCost is what one model took in these days.
type ModelCost struct {
	Model        string  `json:"model" doc:"Empty for calls that failed before any model had answered"`
	Drafts       int     `json:"drafts"`
	Calls        int     `json:"calls"`
	Failed       int     `json:"failed"`
	PromptTokens int     `json:"prompt_tokens"`
	OutputTokens int     `json:"output_tokens"`
	Seconds      float64 `json:"seconds"`
	Cost         float64 `json:"cost" doc:"Of its seconds, at today's price of the machine"`
}

// Costs tells what the last days cost, today's included. Only admins and leads
// may know: others are kit.Forbidden. It fails with kit.Invalid when the days
// are less than one or more than BoardDays. It reads kept counters, never
// counts.
func (r *Runner) Costs(ctx context.Context, by auth.User, days int) (Costs, error) {
	if !by.MayLead() {
		return Costs{}, kit.Errorf(kit.Forbidden, "read the costs: %s may not see them", by.Name).WithHint("admins and leads do")
	}
	if days < 1 || days > BoardDays {
		return Costs{}, invalid("read the costs", "days", "must be from 1 to "+strconv.Itoa(BoardDays))
	}
	now, today := r.Clock(), review.Day(r.Clock())
	c := costing{Costs: Costs{Rates: r.Rates, Days: make([]CostDay, days)}, first: today - int64(days) + 1, models: map[string]*ModelCost{}}
	for i := range c.Days {
		c.Days[i].Day = dayStart(c.first + int64(i))
	}
	if err := c.read(ctx, r.DB.Read(), today, now); err != nil {
		return Costs{}, err
	}
	c.conclude()
	var err error
	c.Costs.Budget, err = r.budgetAt(ctx, r.DB.Read(), now)
	return c.Costs, err
}

// dayStart is the midnight at which a day begins.
func dayStart(day int64) time.Time { return time.Unix(day*24*60*60, 0).UTC() }

// costing adds counters up.
type costing struct {
	Costs
	first  int64
	models map[string]*ModelCost
}

// read takes in the counters of the days.
func (c *costing) read(ctx context.Context, db bun.IDB, today int64, now time.Time) error {
	var rows []tallyRow
	err := db.NewRaw(`SELECT day, name, key, n FROM tallies WHERE day BETWEEN ? AND ? AND name IN ('case.submitted', 'delivered',
		'draft.made', 'decision', 'human', 'work', 'model.calls', 'model.failed', 'model.seconds', 'model.prompt', 'model.output')
		UNION ALL SELECT day, name, '', SUM(n) FROM tallies WHERE day BETWEEN ? AND ? AND name = 'lot' GROUP BY name, day`,
		c.first, today, c.first, today).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		c.add(row)
	}
	return c.measure(ctx, db, now)
}

// measure tells how long was measured. That begins with the service: one that
// is younger than was asked for is judged from its first case on, whose day is
// not a whole one. IDs are in order of time.
func (c *costing) measure(ctx context.Context, db bun.IDB, now time.Time) error {
	var born, first *int64
	if err := db.NewRaw(`SELECT MIN(day), (SELECT created_at FROM cases ORDER BY id LIMIT 1) FROM tallies`).Scan(ctx, &born, &first); err != nil || born == nil {
		return err
	}
	from := dayStart(max(*born, c.first))
	if first != nil && *born >= c.first && review.Day(time.UnixMicro(*first)) == *born {
		from = time.UnixMicro(*first)
	}
	c.Facts.Days = max(now.Sub(from), 0).Hours() / 24
	return nil
}

// add takes in one counter.
func (c *costing) add(row tallyRow) {
	day, n := &c.Days[row.Day-c.first], int(row.N)
	switch row.Name {
	case "case.submitted":
		day.Submitted += row.N
		c.Facts.Submitted += n
	case "delivered":
		day.Delivered += row.N
		c.Facts.Delivered += n
	case "decision":
		c.Facts.Decisions += n
	case "lot":
		c.Facts.Decisions -= n
	case "human":
		if row.Key == "lot" {
			c.Facts.InLots += n
		} else {
			c.Facts.Touched += n
		}
	case workTally:
		day.ReviewSeconds += row.N
		c.Facts.ReviewSeconds += row.N
	default:
		c.addModel(day, row)
	}
}

// addModel takes in one counter of a model.
func (c *costing) addModel(day *CostDay, row tallyRow) {
	m := c.models[row.Key]
	if m == nil {
		m = &ModelCost{Model: row.Key}
		c.models[row.Key] = m
	}
	n := int(row.N)
	switch row.Name {
	case "draft.made":
		m.Drafts += n
	case callsTally:
		m.Calls += n
	case failedTally:
		m.Failed += n
	case promptTally:
		m.PromptTokens += n
	case outputTally:
		m.OutputTokens += n
	case secondsTally:
		m.Seconds += row.N
		day.ModelSeconds += row.N
	}
}

// conclude works the figures out.
func (c *costing) conclude() {
	f := &c.Facts
	c.Models = []ModelCost{}
	for _, m := range c.models {
		m.Cost = m.Seconds * c.Rates.Second()
		f.Drafted, f.Calls, f.Failed = f.Drafted+m.Drafts, f.Calls+m.Calls, f.Failed+m.Failed
		f.PromptTokens, f.OutputTokens, f.ModelSeconds = f.PromptTokens+m.PromptTokens, f.OutputTokens+m.OutputTokens, f.ModelSeconds+m.Seconds
		c.Models = append(c.Models, *m)
	}
	slices.SortFunc(c.Models, func(a, b ModelCost) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.Model, b.Model))
	})
	c.Ledger = c.Rates.Ledger(*f)
}
