package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// machine is the actor of what the service does by itself.
const machine = "service"

// current is where a case stands, held by the transaction. Each move makes
// the version one greater, so that a job of an earlier move does nothing.
type current struct {
	ID      string `bun:"id"`
	Name    string `bun:"name"`
	State   string `bun:"state"`
	Step    string `bun:"step"`
	Version int64  `bun:"version"`
}

// lockCase reads a case for a change.
func (r *Runner) lockCase(ctx context.Context, tx bun.Tx, id string) (*current, error) {
	var c current
	err := tx.NewRaw(`SELECT id, name, state, step, version FROM cases WHERE id = ?`+r.DB.ForUpdate(), id).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, kit.Errorf(kit.NotFound, "case %s: there is no such case", id)
	}
	return &c, err
}

// at reports whether the case still stands where a job was made for. One that is
// over stands nowhere: a failed case goes on when a person retries it.
func (c *current) at(a stepArgs) bool {
	over := slices.Contains([]kit.State{kit.Delivered, kit.Rejected, kit.Failed}, kit.State(c.State))
	return c.Step == a.Step && c.Version == a.Version && !over
}

// set writes a case's next place.
func (c *current) set(ctx context.Context, tx bun.Tx, state kit.State, step string, now time.Time) error {
	c.State, c.Step, c.Version = string(state), step, c.Version+1
	_, err := tx.NewRaw(`UPDATE cases SET state = ?, step = ?, version = ?, error_code = '', error = '', updated_at = ?
		WHERE id = ?`, c.State, c.Step, c.Version, now.UnixMicro(), c.ID).Exec(ctx)
	return err
}

// enter moves a case to a step of a model or of code, whose job waits for
// delay.
func (r *Runner) enter(ctx context.Context, tx bun.Tx, c *current, s *step, delay time.Duration) error {
	now := r.Clock()
	if err := c.set(ctx, tx, s.kind.state(), s.name, now); err != nil {
		return err
	}
	return r.insertStep(ctx, tx, c, s, now.Add(delay))
}

// state is the state of a case that stands at a step of this kind.
func (k kind) state() kit.State {
	switch k {
	case reviewStep:
		return kit.InReview
	case deliverStep:
		return kit.Delivering
	default:
		return kit.Drafting
	}
}

// saveOutput stores what a step yielded.
func saveOutput(ctx context.Context, tx bun.Tx, caseID, step string, value json.RawMessage, decisionID string, now time.Time) error {
	_, err := tx.NewRaw(`INSERT INTO outputs (case_id, step, seq, value, decision_id, created_at)
		SELECT ?, ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ? FROM outputs WHERE case_id = ? AND step = ?`,
		caseID, step, string(value), sql.NullString{String: decisionID, Valid: decisionID != ""}, now.UnixMicro(),
		caseID, step).Exec(ctx)
	return err
}

// loadOutput reads what the step before s yielded last, or the case's input.
func (r *Runner) loadOutput(ctx context.Context, db bun.IDB, caseID string, s *step) (o output, err error) {
	var row struct {
		Value      string `bun:"value"`
		DecisionID string `bun:"decision_id"`
	}
	if s.from == nil {
		err = db.NewRaw(`SELECT input AS value, '' AS decision_id FROM cases WHERE id = ?`, caseID).Scan(ctx, &row)
	} else {
		err = db.NewRaw(`SELECT value, COALESCE(decision_id, '') AS decision_id FROM outputs
			WHERE case_id = ? AND step = ? ORDER BY seq DESC LIMIT 1`, caseID, s.from.name).Scan(ctx, &row)
	}
	if err != nil {
		return o, err
	}
	o.value = json.RawMessage(row.Value)
	if row.DecisionID == "" {
		return o, nil
	}
	if o.decision, err = review.DecisionByID(ctx, db, row.DecisionID); err != nil {
		return o, err
	}
	if o.decision == nil {
		return o, kit.Errorf(kit.Internal, "read what step %s of case %s yielded: its decision is gone", s.from.name, caseID)
	}
	if s.from.kind == reviewStep {
		o.value = o.decision.Value // the database keeps it as it was decided
	}
	return o, nil
}

// fail ends a case with its reason. A person can retry it.
func (r *Runner) fail(ctx context.Context, a stepArgs, cause error) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := r.lockCase(ctx, tx, a.Case)
		if err != nil || !c.at(a) {
			return err
		}
		return r.setFailed(ctx, tx, c, c.Step, kit.CodeOf(cause), plain(cause.Error()))
	})
}

// setFailed writes why a case failed at a step.
func (r *Runner) setFailed(ctx context.Context, tx bun.Tx, c *current, step string, code kit.Code, reason string) error {
	if err := c.set(ctx, tx, kit.Failed, step, r.Clock()); err != nil {
		return err
	}
	_, err := tx.NewRaw(`UPDATE cases SET error_code = ?, error = ? WHERE id = ?`, string(code), reason, c.ID).Exec(ctx)
	if err != nil {
		return err
	}
	return r.note(ctx, tx, machine, "case.failed", c.ID, map[string]any{"step": step, "code": code, "error": reason})
}

// maxWords bounds what an error leaves in the database and in lists, in bytes.
const maxWords = 2000

// plain keeps of an error's words what both engines store and lists can show.
func plain(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(words, "\uFFFD"))
	if len(words) > maxWords {
		words = strings.ToValidUTF8(words[:maxWords], "") + " …"
	}
	return words
}
