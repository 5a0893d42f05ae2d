package workflow

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit/review"
)

// notedRound is what the events of a case say of its rounds.
type notedRound struct {
	Review  string            `json:"review"`
	Round   string            `json:"round"`
	Quorum  int               `json:"quorum"`
	Kind    string            `json:"kind"`
	Fields  map[string]string `json:"fields"`
	Redraft []string          `json:"redraft"`
	Stood   []string          `json:"stood"`
}

// sameFields reports whether a decision does with single fields what was noted.
func (n notedRound) sameFields(d review.Decision) bool {
	return maps.Equal(n.Fields, d.Fields) && slices.Equal(n.Redraft, d.Redraft) && slices.Equal(n.Stood, d.Stood)
}

// quorums looks, by the trail alone, for as many people behind each delivery as
// its round was opened for. What was decided before there were rounds needed
// one.
func (c *comparer) quorums(ctx context.Context, id string, made map[string]noted, undone map[string]bool, left map[string]noted, quorums map[string]int, settles map[string]bool) error {
	rounds, err := c.roundsOf(ctx, id)
	if err != nil {
		return err
	}
	for delivery, n := range left {
		d, known := made[n.Decision]
		if known && c.planted[d.Review] {
			c.tell(id, "the delivery %s rests on review %s, which was a canary", delivery, d.Review)
		}
		if !known || settles[d.Review] {
			continue // told elsewhere, or one person settled it
		}
		need, opened := quorums[rounds[d.Review]]
		if !opened && d.rounds > 0 {
			c.tell(id, "the delivery %s rests on review %s, which is of no round that was opened", delivery, d.Review)
		}
		people := map[string]bool{}
		for other, m := range made {
			if rounds[m.Review] == rounds[d.Review] && m.Value == d.Value && !undone[other] {
				people[m.actor] = true
			}
		}
		if need = max(1, need); len(people) < need {
			c.tell(id, "the delivery %s rests on %d people, its round had %d seats", delivery, len(people), need)
		}
	}
	return nil
}

// roundsOf tells the round of each review of a case.
func (c *comparer) roundsOf(ctx context.Context, id string) (map[string]string, error) {
	var rows []struct {
		ID    string `bun:"id"`
		Round string `bun:"round"`
	}
	err := c.db.NewRaw(`SELECT id, round FROM reviews WHERE case_id = ?`, id).Scan(ctx, &rows)
	rounds := map[string]string{}
	for _, r := range rows {
		rounds[r.ID] = r.Round
	}
	return rounds, err
}

// canaries reads from the trail which reviews were canaries: what is in a row
// of them can be altered together.
func (c *comparer) canaries(ctx context.Context) error {
	var rows []string
	err := c.db.NewRaw(`SELECT data FROM audit_events WHERE kind = 'canary.planted'`).Scan(ctx, &rows)
	c.planted = map[string]bool{}
	for _, data := range rows {
		var n notedRound
		if json.Unmarshal([]byte(data), &n) == nil {
			c.planted[n.Review] = true
		}
	}
	return err
}
