package workflow

import (
	"context"
	"strings"
)

// guards looks whether the database still refuses what its triggers are to
// refuse.
func (c *comparer) guards(ctx context.Context) error {
	found, err := c.r.DB.Unguarded(ctx, c.db)
	if len(found) > 0 {
		c.faults = append(c.faults, "database: of its triggers, "+strings.Join(found, ", "))
	}
	return err
}
