package workflow

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
)

// notedLot is what the events of a lot say, as far as it can be compared.
type notedLot struct {
	Lot     string  `json:"lot"`
	Seed    string  `json:"seed"`
	Size    int     `json:"size"`
	Sample  int     `json:"sample"`
	Cases   string  `json:"cases"`
	Wrong   int     `json:"wrong"`
	Bound   float64 `json:"bound"`
	Subject string  `json:"subject"`
	Reason  string  `json:"reason"`
	kind    string
	actor   string
}

// lots holds each lot that was decided against what the trail noted: its
// sample is the one that its seed draws, its bound the one that its numbers
// give, and who decided on it is who the trail says.
func (c *comparer) lots(ctx context.Context) error {
	sampled, decided, err := c.notedLots(ctx)
	if err != nil {
		return err
	}
	archives, err := audit.Archives(ctx, c.db)
	if err != nil {
		return err
	}
	archived := len(archives) > 0 // events of old lots may lie there
	var ids []string
	if err := c.db.NewRaw(`SELECT id FROM lots WHERE decided_at IS NOT NULL ORDER BY id`).Scan(ctx, &ids); err != nil {
		return err
	}
	for _, id := range ids {
		l, err := review.GetLot(ctx, c.db, id)
		if err != nil {
			return err
		}
		n, known := decided[id]
		delete(decided, id)
		if known || !archived {
			c.lot(*l, sampled[id], n)
		}
	}
	for id := range decided {
		c.tellLot(id, "it is gone")
	}
	return nil
}

// lot compares one lot.
func (c *comparer) lot(l review.Lot, drawn, n notedLot) {
	ids, wrong := []string{}, 0
	for _, one := range l.Cases {
		ids = append(ids, one.CaseID)
		if one.Outcome == "wrong" {
			wrong++
		}
	}
	inSample := review.Draw(drawn.Seed, ids, drawn.Sample)
	switch {
	case n.kind != "lot."+string(l.State) || n.actor != l.Person.ID || n.Reason != l.Reason || n.Subject != l.Subject:
		c.tellLot(l.ID, "the decision on it is not as it was made")
	case n.Size != l.Size || n.Sample != l.Sample || n.Wrong != l.Result.Wrong || n.Bound != l.Result.Bound || wrong != n.Wrong,
		l.Result.Bound != eval.LotBound(wrong, l.Sample, l.Size, l.Confidence):
		c.tellLot(l.ID, "its numbers are not those that it was decided on")
	case drawn.Seed != l.Seed || drawn.Cases != sumAll(ids) || drawn.Size != len(ids),
		slices.ContainsFunc(l.Cases, func(one review.LotCase) bool { return one.Sampled != slices.Contains(inSample, one.CaseID) }):
		c.tellLot(l.ID, "its sample is not the one that was drawn")
	}
}

// notedLots reads the events of lots, by their IDs.
func (c *comparer) notedLots(ctx context.Context) (sampled, decided map[string]notedLot, err error) {
	var rows []struct {
		Kind  string `bun:"kind"`
		Actor string `bun:"actor"`
		Data  string `bun:"data"`
	}
	err = c.db.NewRaw(`SELECT kind, actor, data FROM audit_events WHERE case_id = ''
		AND kind IN ('lot.sampled', 'lot.accepted', 'lot.rejected') ORDER BY seq`).Scan(ctx, &rows)
	sampled, decided = map[string]notedLot{}, map[string]notedLot{}
	for _, row := range rows {
		n := notedLot{kind: row.Kind, actor: row.Actor}
		if json.Unmarshal([]byte(row.Data), &n) != nil {
			continue // audit.Verify looks at all
		}
		if row.Kind == "lot.sampled" {
			sampled[n.Lot] = n
		} else {
			decided[n.Lot] = n
		}
	}
	return sampled, decided, err
}

func (c *comparer) tellLot(id, words string) { c.faults = append(c.faults, "lot "+id+": "+words) }
