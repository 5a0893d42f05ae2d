package workflow

import (
	"context"
	"encoding/json"
)

// unseen holds what was filled in blind, and whom a canary was told, against
// the events of a case.
func (c *comparer) unseen(ctx context.Context, id string, s *story) error {
	filled, caught := map[string]string{}, map[string]bool{}
	for _, e := range s.events {
		var data struct {
			Review, Seal string
			Caught       bool
		}
		if e.Kind != "blind.answered" && e.Kind != "canary.judged" || json.Unmarshal(e.Data, &data) != nil {
			continue
		}
		if e.Kind == "blind.answered" {
			filled[data.Review+" "+e.Actor] = data.Seal
		} else {
			caught[data.Review] = data.Caught
		}
	}
	if err := c.filled(ctx, id, filled); err != nil {
		return err
	}
	return c.caught(ctx, id, caught)
}

// filled compares blind answers.
func (c *comparer) filled(ctx context.Context, id string, noted map[string]string) error {
	var rows []struct {
		Review string `bun:"review_id"`
		User   string `bun:"user_id"`
		Value  string `bun:"value"`
	}
	err := c.db.NewRaw(`SELECT b.review_id, b.user_id, b.value FROM blind_answers b JOIN reviews r ON r.id = b.review_id
		WHERE r.case_id = ? ORDER BY b.review_id, b.user_id`, id).Scan(ctx, &rows)
	for _, row := range rows {
		key := row.Review + " " + row.User
		if noted[key] != sealAnswer(c.lasting.seed, row.Review, row.User, json.RawMessage(row.Value)) {
			c.tell(id, "what %s filled in blind in review %s is not what they did", row.User, row.Review)
		}
		delete(noted, key)
	}
	for key := range noted {
		c.tell(id, "what was filled in blind is gone: review and person %s", key)
	}
	return err
}

// caught compares canaries that were decided on.
func (c *comparer) caught(ctx context.Context, id string, noted map[string]bool) error {
	var rows []struct {
		Review string `bun:"review_id"`
		Caught bool   `bun:"caught"`
	}
	err := c.db.NewRaw(`SELECT review_id, caught FROM canaries WHERE case_id = ? AND decided_at IS NOT NULL`, id).Scan(ctx, &rows)
	for _, row := range rows {
		if caught, known := noted[row.Review]; !known || caught != row.Caught {
			c.tell(id, "the canary of review %s is not as it was told", row.Review)
		}
		delete(noted, row.Review)
	}
	for review := range noted {
		c.tell(id, "the canary of review %s is gone", review)
	}
	return err
}
