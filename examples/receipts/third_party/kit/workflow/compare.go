package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

const (
	comparedAtOnce = 200 // cases in memory
	mostFaults     = 20  // told before Compare leaves it at that
)

// Compare holds what the database says of cases, decisions, deliveries, lots,
// blind answers, canaries and comments against what the trail noted when they
// were made. It returns what disagrees, in words, the first 20; none for a good database. The trail's own hashes are
// audit.Verify's matter. Cases whose events were archived are only counted: the
// last audit.Archive says how many there are.
func (r *Runner) Compare(ctx context.Context) ([]string, error) {
	c := comparer{r: r, db: r.DB.Read(), faults: []string{}}
	if err := c.canaries(ctx); err != nil {
		return nil, err
	}
	for after := ""; len(c.faults) < mostFaults; {
		var cases []comparedCase
		err := c.db.NewRaw(`SELECT id, input FROM cases WHERE id > ? ORDER BY id LIMIT ?`, after, comparedAtOnce).Scan(ctx, &cases)
		if err != nil {
			return nil, err
		}
		if len(cases) == 0 {
			err := errors.Join(c.gone(ctx), c.countArchived(ctx), c.lots(ctx))
			return c.first(), err
		}
		for _, one := range cases {
			if err := c.surely(ctx, one); err != nil {
				return nil, fmt.Errorf("compare case %s with the trail: %w", one.ID, err)
			}
		}
		after = cases[len(cases)-1].ID
	}
	return c.first(), nil
}

// first bounds what is told.
func (c *comparer) first() []string { return c.faults[:min(len(c.faults), mostFaults)] }

type comparedCase struct {
	ID    string `bun:"id"`
	Input string `bun:"input"`
}

type comparer struct {
	r      *Runner
	db     bun.IDB
	faults []string

	planted  map[string]bool // the reviews that were canaries, once read
	archived int64           // cases whose beginning is in no event of the trail
}

// noted is what the events of a case say, as far as it can be compared.
type noted struct {
	Decision string   `json:"decision"`
	Delivery string   `json:"delivery"`
	Verdict  string   `json:"verdict"`
	Reason   string   `json:"reason"`
	Changed  []string `json:"changed"`
	Subject  string   `json:"subject"`
	Value    string   `json:"value"`
	Receipt  string   `json:"receipt"`
	Lot      string   `json:"lot"`
	Input    string   `json:"input"`
	actor    string
	rounds   int // that the case had until then
	notedRound
}

func (c *comparer) tell(id, format string, args ...any) {
	c.faults = append(c.faults, "case "+id+": "+fmt.Sprintf(format, args...))
}

// surely compares a case, and once more when something disagrees: it may have
// moved while it was read.
func (c *comparer) surely(ctx context.Context, one comparedCase) error {
	before := len(c.faults)
	if err := c.compare(ctx, one); err != nil || len(c.faults) == before {
		return err
	}
	c.faults = c.faults[:before]
	return c.compare(ctx, one)
}

// compare holds one case against its events.
func (c *comparer) compare(ctx context.Context, one comparedCase) error {
	events, err := audit.Events(ctx, c.db, one.ID)
	if err != nil {
		return err
	}
	input, made, undone, left := "", map[string]noted{}, map[string]bool{}, map[string]noted{}
	quorums, settles := map[string]int{}, map[string]bool{}
	for _, e := range events {
		n := noted{actor: e.Actor}
		if json.Unmarshal(e.Data, &n) != nil {
			continue // an event of another shape; audit.Verify looks at all
		}
		switch e.Kind {
		case "case.submitted":
			input = n.Input
		case "round.opened":
			quorums[n.Round] = n.Quorum
		case "review.opened":
			settles[n.Review] = n.Kind == string(review.Adjudication)
		case "decision.made":
			n.rounds = len(quorums)
			made[n.Decision] = n
		case "decision.undone":
			undone[n.Decision] = true
		case "delivery.made":
			left[n.Delivery] = n
		}
	}
	if input == "" && c.inArchive(ctx) {
		return nil
	}
	if input != sum([]byte(one.Input)) {
		c.tell(one.ID, "its input is not what came in")
	}
	if err := c.quorums(ctx, one.ID, made, undone, left, quorums, settles); err != nil {
		return err
	}
	if err := c.decisions(ctx, one.ID, made, undone); err != nil {
		return err
	}
	if err := c.unseen(ctx, one.ID, events); err != nil {
		return err
	}
	if err := c.said(ctx, one.ID, events); err != nil {
		return err
	}
	return c.deliveries(ctx, one.ID, left)
}

// decisions compares the decisions on a case, and what each was bound to.
func (c *comparer) decisions(ctx context.Context, id string, made map[string]noted, undone map[string]bool) error {
	rows, err := review.Decisions(ctx, c.db, id)
	if err != nil {
		return err
	}
	for _, d := range rows {
		n, known := made[d.ID]
		delete(made, d.ID)
		switch {
		case !known:
			c.tell(id, "nobody made the decision %s", d.ID)
			continue
		case n.actor != d.Person.ID || n.Verdict != string(d.Verdict) || n.Reason != d.Reason || n.Subject != d.Subject || n.Lot != d.LotID ||
			n.Value != sum(d.Value) || !slices.Equal(n.Changed, d.Changed) || !n.sameFields(d) || undone[d.ID] != (d.UndoneAt != nil):
			c.tell(id, "the decision %s is not as it was made", d.ID)
		}
		v, err := review.Get(ctx, c.db, auth.User{}, d.ReviewID, c.r.Clock())
		if err != nil {
			return err
		}
		if v.Subject != d.Subject {
			c.tell(id, "its draft is not what was seen in the decision %s", d.ID)
		}
	}
	for missing := range made {
		c.tell(id, "the decision %s is gone", missing)
	}
	return nil
}

// deliveries compares what left of a case. The trail has to go on from where
// each receipt saw it.
func (c *comparer) deliveries(ctx context.Context, id string, left map[string]noted) error {
	var rows []struct {
		ID       string `bun:"id"`
		Decision string `bun:"decision_id"`
		Receipt  string `bun:"receipt"`
	}
	err := c.db.NewRaw(`SELECT id, decision_id, receipt FROM deliveries WHERE case_id = ? ORDER BY id`, id).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, d := range rows {
		n, known := left[d.ID]
		delete(left, d.ID)
		switch {
		case !known:
			c.tell(id, "the trail does not know the delivery %s", d.ID)
		case n.Decision != d.Decision || n.Receipt != sum([]byte(d.Receipt)):
			c.tell(id, "the delivery %s is not as it was made", d.ID)
		}
		if err := c.follows(ctx, id, d.Receipt); err != nil {
			return err
		}
	}
	for missing := range left {
		c.tell(id, "the delivery %s is gone", missing)
	}
	return nil
}

// follows looks for the event at which a receipt saw the trail.
func (c *comparer) follows(ctx context.Context, id, receipt string) error {
	var seen struct {
		Chain audit.Head `json:"chain"`
	}
	if json.Unmarshal([]byte(receipt), &seen) != nil {
		return nil // told by the check of receipts
	}
	var hash string
	err := c.db.NewRaw(`SELECT hash FROM audit_events WHERE seq = ?`, seen.Chain.Seq).Scan(ctx, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if hash != seen.Chain.Hash {
		c.tell(id, "its receipt saw another event %d in the trail", seen.Chain.Seq)
	}
	return nil
}

// gone looks for cases that the trail knows and the database does not.
func (c *comparer) gone(ctx context.Context) error {
	var ids []string
	err := c.db.NewRaw(`SELECT e.case_id FROM audit_events e WHERE e.kind = 'case.submitted'
		AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = e.case_id) ORDER BY e.seq LIMIT ?`, mostFaults).Scan(ctx, &ids)
	for _, id := range ids {
		c.tell(id, "it is gone")
	}
	return err
}
