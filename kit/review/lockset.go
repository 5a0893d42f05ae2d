package review

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"
)

// Locks lists the fields of a case that people set, of one draft step, in
// order of the path.
func Locks(ctx context.Context, db bun.IDB, caseID, draftStep string) ([]Lock, error) {
	var rows []struct {
		Path   string `bun:"path"`
		Value  string `bun:"value"`
		UserID string `bun:"user_id"`
		Name   string `bun:"name"`
	}
	err := db.NewRaw(`SELECT l.path, l.value, l.user_id, u.name FROM locks l JOIN users u ON u.id = l.user_id
		WHERE l.case_id = ? AND l.step = ? ORDER BY l.path`, caseID, draftStep).Scan(ctx, &rows)
	var locks []Lock
	for _, r := range rows {
		locks = append(locks, Lock{Path: r.Path, Value: json.RawMessage(r.Value), Person: Holder{ID: r.UserID, Name: r.Name}})
	}
	return locks, err
}
