package review

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
)

// maxEdits bounds what is kept of one person's typing, in bytes of JSON.
const maxEdits = 256 << 10

// Edits are what a person typed into a review and has not sent. They are
// theirs alone, and gone with the decision.
type Edits struct {
	Subject   string            `json:"subject"`             // of the review as the person saw it
	Fields    map[string]string `json:"fields,omitempty"`    // by path: what the inputs hold that differ from the draft, as typed
	Confirmed []string          `json:"confirmed,omitempty"` // paths
	Words     map[string]string `json:"words,omitempty"`     // reasons, by verdict
	SavedAt   time.Time         `json:"-"`
}

// Empty reports whether nothing was typed.
func (e Edits) Empty() bool { return len(e.Fields) == 0 && len(e.Confirmed) == 0 && len(e.Words) == 0 }

// SaveEdits keeps what the holder of a review typed, in place of what was kept
// before. Nothing typed leaves nothing behind. It fails with kit.LostLease and
// kit.Decided like Renew, and with kit.TooLarge above 256 KiB.
func SaveEdits(ctx context.Context, db *store.DB, tx bun.Tx, by auth.User, id string, epoch int64, e Edits, now time.Time) error {
	l, err := lock(ctx, db, tx, id)
	if err != nil {
		return err
	}
	if err := l.heldBy(ctx, tx, by, epoch); err != nil {
		return err
	}
	if e.Empty() {
		return DropEdits(ctx, tx, by, id)
	}
	return e.keep(ctx, tx, by.ID, id, now)
}

// keep writes the one row of a person and a review.
func (e Edits) keep(ctx context.Context, tx bun.Tx, user, id string, now time.Time) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if len(body) > maxEdits {
		return kit.Errorf(kit.TooLarge, "save the edits of review %s: over %d KiB", id, maxEdits>>10).
			WithHint("send the decision; what you typed is not lost by that")
	}
	_, err = tx.NewRaw(`INSERT INTO edits (review_id, user_id, value, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (review_id, user_id) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
		id, user, string(body), now.UnixMicro()).Exec(ctx)
	return err
}

// DropEdits forgets what the user typed into a review.
func DropEdits(ctx context.Context, tx bun.Tx, by auth.User, id string) error {
	_, err := tx.NewRaw(`DELETE FROM edits WHERE review_id = ? AND user_id = ?`, id, by.ID).Exec(ctx)
	return err
}

// EditsOf reads what the user typed into a review, nil when nothing is kept.
func EditsOf(ctx context.Context, db bun.IDB, by auth.User, id string) (*Edits, error) {
	var row struct {
		Value     string `bun:"value"`
		UpdatedAt int64  `bun:"updated_at"`
	}
	err := db.NewRaw(`SELECT value, updated_at FROM edits WHERE review_id = ? AND user_id = ?`, id, by.ID).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e := Edits{SavedAt: micros(row.UpdatedAt)}
	return &e, json.Unmarshal([]byte(row.Value), &e)
}

// Revive puts what a decision that was taken back had changed or confirmed into
// the person's edits again. values are the decision's by path.
func Revive(ctx context.Context, tx bun.Tx, d Decision, values map[string]json.RawMessage, now time.Time) error {
	e := Edits{Subject: d.Subject, Fields: map[string]string{}}
	for _, path := range d.Changed {
		e.Fields[path] = asTyped(values[path])
	}
	for path, did := range d.Fields {
		if did == "confirmed" {
			e.Confirmed = append(e.Confirmed, path)
		}
	}
	slices.Sort(e.Confirmed)
	if e.Empty() {
		return nil
	}
	return e.keep(ctx, tx, d.Person.ID, d.ReviewID, now)
}

// asTyped is a value as a person would have typed it.
func asTyped(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil { // null leaves it empty
		return text
	}
	return string(value)
}
