package workflow

import (
	"context"
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
)

// said holds what people said of a case against the events of it: whose words
// each comment is, and whether its author took it back.
func (c *comparer) said(ctx context.Context, id string, s *story) error {
	noted := map[string]string{} // by comment: its author and words, or that it was taken back
	for _, e := range s.events {
		var data struct{ Comment, Text string }
		if e.Kind != "comment.added" && e.Kind != "comment.dropped" || json.Unmarshal(e.Data, &data) != nil {
			continue
		}
		if noted[data.Comment] = e.Actor + " " + data.Text; e.Kind == "comment.dropped" {
			noted[data.Comment] = e.Actor + " took it back"
		}
	}
	var rows []struct {
		ID      string `bun:"id"`
		User    string `bun:"user_id"`
		Text    string `bun:"text"`
		Dropped *int64 `bun:"deleted_at"`
	}
	err := c.db.NewRaw(`SELECT id, user_id, text, deleted_at FROM comments WHERE case_id = ? ORDER BY id`, id).Scan(ctx, &rows)
	for _, row := range rows {
		is := row.User + " " + kit.Hash([]byte(row.Text))
		if row.Dropped != nil {
			is = row.User + " took it back"
		}
		if noted[row.ID] != is {
			c.tell(id, "the comment %s is not as it was written", row.ID)
		}
		delete(noted, row.ID)
	}
	for comment := range noted {
		c.tell(id, "the comment %s is gone", comment)
	}
	return err
}
