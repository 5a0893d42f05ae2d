package workflow

import (
	"context"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// outputs compares what code made of what was approved: it is what leaves.
func (c *comparer) outputs(ctx context.Context, id string, s *story) error {
	var rows []struct {
		Step     string `bun:"step"`
		Seq      int    `bun:"seq"`
		Value    string `bun:"value"`
		Decision string `bun:"decision_id"`
	}
	err := c.db.NewRaw(`SELECT step, seq, value, decision_id FROM outputs WHERE case_id = ? AND decision_id IS NOT NULL
		ORDER BY step, seq`, id).Scan(ctx, &rows)
	for _, row := range rows {
		want := s.made[row.Decision].Value
		if values, code := s.outputs[row.Step]; code {
			if row.Seq < 1 || row.Seq > len(values) {
				c.tell(id, "step %s did not yield the output %d", row.Step, row.Seq)
				continue
			}
			want = values[row.Seq-1] // "" before that was noted
		}
		if want != "" && want != kit.Hash([]byte(row.Value)) {
			c.tell(id, "what step %s yielded is not as it was made", row.Step)
		}
	}
	return err
}

// locks compares the fields that people set with what they decided.
func (c *comparer) locks(ctx context.Context, id string, s *story) error {
	for _, at := range c.r.Workflow.steps {
		if at.kind != reviewStep {
			continue
		}
		wrong, err := review.Relocked(ctx, c.db, at.schema, id, at.name, at.from.name)
		if err != nil {
			return err
		}
		for _, path := range wrong {
			c.tell(id, "the lock on field %s is not what people decided", path)
		}
	}
	return nil
}
