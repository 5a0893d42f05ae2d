package workflow

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// noticeKind is what somebody is told of.
type noticeKind string

// The kinds of a notice.
const (
	noticeAssigned  noticeKind = "assigned"  // a review is theirs
	noticeMentioned noticeKind = "mentioned" // somebody wrote their name in a comment
	noticeEscalated noticeKind = "escalated" // a review waits too long
	noticeLot       noticeKind = "lot"       // a lot is ready to be decided
	noticeBudget    noticeKind = "budget"    // the month's budget for the model is spent
)

// notice notes, in the transaction of the fact, that userID is to be told of
// it; an empty one stands for the leads. The case and the review may be empty.
// Messages are made of it later; without a channel nothing is kept.
func (r *Runner) notice(ctx context.Context, tx bun.Tx, kind noticeKind, userID, caseID, reviewID string) error {
	if len(r.Notify.Channels) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`INSERT INTO notices (id, kind, user_id, case_id, review_id, at) VALUES (?, ?, ?, ?, ?, ?)`,
		kit.NewID(), string(kind), sql.NullString{String: userID, Valid: userID != ""}, caseID, reviewID,
		r.Clock().UnixMicro()).Exec(ctx)
	return err
}
