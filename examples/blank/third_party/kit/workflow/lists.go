package workflow

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// deliveryColumns are those of a stored Delivery.
type deliveryColumns struct {
	ID         string `bun:"id"`
	CaseID     string `bun:"case_id"`
	CaseName   string `bun:"case_name"`
	Step       string `bun:"step"`
	DecisionID string `bun:"decision_id"`
	Output     string `bun:"output"`
	Receipt    string `bun:"receipt"`
	CreatedAt  int64  `bun:"created_at"`
}

const deliveryQuery = `SELECT d.id, d.case_id, c.name AS case_name, d.step, d.decision_id, d.output, d.receipt,
	d.created_at FROM deliveries d JOIN cases c ON c.id = d.case_id `

func (d deliveryColumns) delivery() (Delivery, error) {
	v := Delivery{ID: d.ID, CaseID: d.CaseID, CaseName: d.CaseName, Step: d.Step, DecisionID: d.DecisionID,
		Output: json.RawMessage(d.Output), CreatedAt: micros(d.CreatedAt)}
	err := json.Unmarshal([]byte(d.Receipt), &v.Receipt)
	return v, err
}

// deliveryOf reads the delivery that a decision released, nil when there is
// none. An empty step means any.
func (r *Runner) deliveryOf(ctx context.Context, db bun.IDB, caseID, step, decisionID string) (*Delivery, error) {
	found, err := deliveries(ctx, db, `WHERE d.case_id = ? AND d.decision_id = ? AND (? = '' OR d.step = ?)`,
		caseID, decisionID, step, step)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// deliveries reads deliveries with their sends.
func deliveries(ctx context.Context, db bun.IDB, where string, args ...any) ([]Delivery, error) {
	var rows []deliveryColumns
	if err := db.NewRaw(deliveryQuery+where, args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	found := make([]Delivery, len(rows))
	for i, row := range rows {
		var err error
		if found[i], err = row.delivery(); err != nil {
			return nil, fmt.Errorf("read delivery %s: %w", row.ID, err)
		}
	}
	return found, fillSends(ctx, db, found)
}

// fillSends adds how far each delivery has come.
func fillSends(ctx context.Context, db bun.IDB, found []Delivery) error {
	if len(found) == 0 {
		return nil
	}
	index := map[string]*Delivery{}
	var ids []string
	for i := range found {
		ids, index[found[i].ID] = append(ids, found[i].ID), &found[i]
	}
	var rows []struct {
		DeliveryID string `bun:"delivery_id"`
		Target     string `bun:"target"`
		Attempts   int    `bun:"attempts"`
		Error      string `bun:"error"`
		DoneAt     *int64 `bun:"done_at"`
	}
	err := db.NewRaw(`SELECT delivery_id, target, attempts, error, done_at FROM sends WHERE delivery_id IN (?)
		ORDER BY delivery_id, target`, bun.List(ids)).Scan(ctx, &rows)
	for _, s := range rows {
		d := index[s.DeliveryID]
		d.Sends = append(d.Sends, Send{Target: s.Target, Attempts: s.Attempts, Error: s.Error, DoneAt: optional(s.DoneAt)})
	}
	return err
}

// Deliveries lists deliveries, newest first. After is the ID of the last one
// of the page before.
func (r *Runner) Deliveries(ctx context.Context, after string, limit int) (Page[Delivery], error) {
	limit = pageSize(limit)
	if err := checkCursor("list deliveries", after); err != nil {
		return Page[Delivery]{}, err
	}
	where, args := `WHERE 1 = 1`, []any{}
	if after != "" {
		where, args = `WHERE d.id < ?`, []any{after}
	}
	found, err := deliveries(ctx, r.DB.Read(), where+` ORDER BY d.id DESC LIMIT ?`, append(args, limit+1)...)
	if err != nil {
		return Page[Delivery]{}, err
	}
	return page(found, limit, func(d Delivery) Delivery { return d }, func(d Delivery) string { return d.ID }), nil
}

// checkCursor refuses what no page before gave as its next: the ID of a row.
func checkCursor(act, after string) error {
	if after == "" || uuid.Validate(after) == nil {
		return nil
	}
	return invalid(act, "after", "is no cursor of a page before")
}

// Delivery reads one delivery, or fails with kit.NotFound.
func (r *Runner) Delivery(ctx context.Context, id string) (*Delivery, error) {
	found, err := deliveries(ctx, r.DB.Read(), `WHERE d.id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, kit.Errorf(kit.NotFound, "delivery %s: there is no such delivery", id)
	}
	return &found[0], nil
}
