package workflow

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
)

// keepCheckpoints signs the end of the trail when that is due. Every process
// with a key looks; whoever holds the trail first makes the one checkpoint.
func (r *Runner) keepCheckpoints(ctx context.Context) error {
	if !r.Signer.Ready() {
		return nil
	}
	due, err := audit.CheckpointDue(ctx, r.DB.Read(), r.Clock())
	if err != nil || !due {
		return err
	}
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		due, err := audit.CheckpointDue(ctx, tx, r.Clock())
		if err != nil || !due {
			return err
		}
		_, err = audit.MakeCheckpoint(ctx, tx, r.Signer, r.Workflow.name, r.Clock())
		return err
	})
}

// Checkpoint signs the end of the trail, unless nothing happened since the last
// one, and returns the newest checkpoint.
func (r *Runner) Checkpoint(ctx context.Context) (c audit.Checkpoint, err error) {
	err = r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if c, err = audit.MakeCheckpoint(ctx, tx, r.Signer, r.Workflow.name, r.Clock()); err != nil || c.Seq > 0 {
			return err
		}
		c, err = audit.LastCheckpoint(ctx, tx, r.Clock(), 1<<62)
		return err
	})
	return c, err
}

// ArchivePoint is the newest checkpoint that is older than a time and before
// everything that happened to cases which are not over. It fails with
// kit.NotFound where there is none that was not archived.
func (r *Runner) ArchivePoint(ctx context.Context, older time.Duration) (audit.Checkpoint, error) {
	needed, err := needed(ctx, r.DB.Read())
	if err != nil {
		return audit.Checkpoint{}, err
	}
	c, err := audit.LastCheckpoint(ctx, r.DB.Read(), r.Clock().Add(-older), needed)
	if err != nil {
		return c, err
	}
	archives, err := audit.Archives(ctx, r.DB.Read())
	if n := len(archives); err == nil && n > 0 && archives[n-1].Seq >= c.Seq {
		return c, kit.Errorf(kit.NotFound, "find what to archive: the trail has no checkpoint that old after event %d", archives[n-1].Seq)
	}
	return c, err
}

// needed is the first event of a case that is not over, or beyond all.
func needed(ctx context.Context, db bun.IDB) (seq int64, err error) {
	err = db.NewRaw(`SELECT COALESCE(MIN(e.seq), ?) FROM cases c JOIN audit_events e ON e.case_id = c.id
		WHERE c.state IN ('drafting', 'review', 'delivering')`, int64(1)<<62).Scan(ctx, &seq)
	return seq, err
}

// TakeOut removes the events up to c from the trail, which a file with this
// hash (hex SHA-256) has. It fails with kit.Conflict when one of them is of a
// case that has begun anew meanwhile.
func (r *Runner) TakeOut(ctx context.Context, c audit.Checkpoint, fileSHA256 string) (a audit.Archive, err error) {
	err = r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		needed, err := needed(ctx, tx)
		if err != nil {
			return err
		}
		if needed <= c.Seq {
			return kit.Errorf(kit.Conflict, "archive the trail up to event %d: event %d is of a case that is not over", c.Seq, needed).
				WithHint("run it again, with another file: it then chooses an earlier point")
		}
		a, err = audit.TakeOut(ctx, tx, r.Signer, c, fileSHA256, r.Clock())
		return err
	})
	return a, err
}

// inArchive reports whether a case without a beginning in the trail may have it
// in an archive, and counts it.
func (c *comparer) inArchive(ctx context.Context) bool {
	archives, err := audit.Archives(ctx, c.db)
	if err != nil || len(archives) == 0 {
		return false
	}
	c.archived++
	return true
}

// countArchived compares the number of those cases with the last archive's.
func (c *comparer) countArchived(ctx context.Context) error {
	archives, err := audit.Archives(ctx, c.db)
	if err != nil || len(archives) == 0 {
		return err
	}
	switch n := archives[len(archives)-1].Cases - c.archived; {
	case n > 0:
		c.faults = append(c.faults, fmt.Sprintf("archived cases: %d of them are gone", n))
	case n < 0:
		c.faults = append(c.faults, fmt.Sprintf("archived cases: there are %d more than came in", -n))
	}
	return nil
}
