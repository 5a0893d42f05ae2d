package review

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// decisionRow is a decision as it is stored.
type decisionRow struct {
	ID        string  `bun:"id"`
	ReviewID  string  `bun:"review_id"`
	CaseID    string  `bun:"case_id"`
	Verdict   string  `bun:"verdict"`
	UserID    string  `bun:"user_id"`
	UserName  string  `bun:"user_name"`
	Reason    string  `bun:"reason"`
	Subject   string  `bun:"subject"`
	Value     string  `bun:"value"`
	Changed   string  `bun:"changed"`
	Fields    string  `bun:"fields"`
	Redraft   string  `bun:"redraft"`
	Stood     string  `bun:"stood"`
	Seconds   float64 `bun:"seconds"`
	LotID     string  `bun:"lot_id"`
	Request   string  `bun:"request"`
	CreatedAt int64   `bun:"created_at"`
	UndoneAt  *int64  `bun:"undone_at"`
}

const decisionQuery = `SELECT d.id, d.review_id, d.case_id, d.verdict, d.user_id, u.name AS user_name, d.reason,
	d.subject, d.value, d.changed, d.fields, d.redraft, d.stood, d.seconds, COALESCE(d.lot_id, '') AS lot_id, d.request, d.created_at, d.undone_at FROM decisions d JOIN users u ON u.id = d.user_id`

func (r decisionRow) decision() Decision {
	d := Decision{ID: r.ID, ReviewID: r.ReviewID, CaseID: r.CaseID, Verdict: kit.Verdict(r.Verdict),
		Person: Holder{ID: r.UserID, Name: r.UserName}, Reason: r.Reason, Subject: r.Subject,
		CreatedAt: micros(r.CreatedAt), UndoneAt: optional(r.UndoneAt)}
	if r.Value != "null" {
		d.Value = json.RawMessage(r.Value)
	}
	d.Seconds, d.LotID = r.Seconds, r.LotID
	for into, column := range map[any]string{&d.Changed: r.Changed, &d.Fields: r.Fields, &d.Redraft: r.Redraft, &d.Stood: r.Stood} {
		_ = json.Unmarshal([]byte(column), into) // written by write alone
	}
	return d
}

// Standing returns the latest decision of a case that ended a review and was
// not undone, nil when there is none. What was said of a canary decides
// nothing.
func Standing(ctx context.Context, db bun.IDB, caseID string) (*Decision, error) {
	return one(ctx, db, `WHERE d.case_id = ? AND d.verdict <> 'skip' AND d.undone_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM reviews k WHERE k.id = d.review_id AND k.kind = 'canary') ORDER BY d.id DESC LIMIT 1`, caseID)
}

// Own returns the decision that a person made on one of some reviews and that
// was not undone, nil when there is none.
func Own(ctx context.Context, db bun.IDB, userID string, reviews []string) (*Decision, error) {
	return one(ctx, db, `WHERE d.review_id IN (?) AND d.user_id = ? AND d.verdict <> 'skip' AND d.undone_at IS NULL
		ORDER BY d.id DESC LIMIT 1`, bun.List(reviews), userID)
}

// DecisionByID reads one decision, nil when there is none.
func DecisionByID(ctx context.Context, db bun.IDB, id string) (*Decision, error) {
	return one(ctx, db, `WHERE d.id = ?`, id)
}

// Decisions lists all decisions on a case, skips and undone ones included, in
// the order in which they were made.
func Decisions(ctx context.Context, db bun.IDB, caseID string) ([]Decision, error) {
	return many(ctx, db, `WHERE d.case_id = ? ORDER BY d.id`, caseID)
}

func many(ctx context.Context, db bun.IDB, where string, args ...any) ([]Decision, error) {
	var rows []decisionRow
	if err := db.NewRaw(decisionQuery+" "+where, args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var all []Decision
	for _, r := range rows {
		all = append(all, r.decision())
	}
	return all, nil
}

func one(ctx context.Context, db bun.IDB, where string, args ...any) (*Decision, error) {
	var r decisionRow
	err := db.NewRaw(decisionQuery+" "+where, args...).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := r.decision()
	return &d, nil
}
