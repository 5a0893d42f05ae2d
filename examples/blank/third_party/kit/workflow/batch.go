package workflow

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// MaxBatch is how many reviews one act may be for.
const MaxBatch = 200

// BatchItem is what came of one review of a batch: Code is "" when it was
// done, and Message says else why not.
type BatchItem struct {
	ID      string         `json:"id"`
	Code    kit.Code       `json:"code,omitempty"`
	Message string         `json:"message,omitempty"`
	Holder  *review.Holder `json:"holder,omitempty"` // who holds it, where that is why
	Cause   review.Cause   `json:"cause,omitempty"`  // why it is not for the person, where that is why

	CaseName string          `json:"case_name,omitempty"` // where it was not done
	Obstacle review.Obstacle `json:"obstacle,omitempty"`  // what stood in the way, where that is why
	Pause    *review.Pause   `json:"pause,omitempty"`     // of the person, where that is why
}

// BatchReturn returns the drafts of several reviews with one reason. Each is a
// decision of its own: one that cannot be returned keeps none of the others. A
// repeat with the same key does nothing twice and gives the same answer.
func (r *Runner) BatchReturn(ctx context.Context, by auth.User, ids []string, reason, key string) ([]BatchItem, error) {
	const act = "return reviews"
	if !by.MayDecide() {
		return nil, kit.Errorf(kit.Forbidden, "%s: %s is not a person who may decide", act, by.Name)
	}
	if strings.TrimSpace(reason) == "" {
		return nil, invalid(act, "reason", "is needed: the model drafts again with it")
	}
	if key == "" || len(key) > maxKey {
		return nil, invalid(act, "key", "must have 1 to 200 bytes")
	}
	return r.batch(ctx, act, ids, func(id string) error { return r.returnOne(ctx, by, id, reason, key) })
}

// returnOne claims a review and returns its draft; a claim that leads nowhere
// is given up again.
func (r *Runner) returnOne(ctx context.Context, by auth.User, id, reason, key string) error {
	var done int
	err := r.DB.Read().NewRaw(`SELECT COUNT(*) FROM decisions WHERE review_id = ? AND user_id = ? AND key = ?`, id, by.ID, key).Scan(ctx, &done)
	if err != nil || done > 0 {
		return err
	}
	before, err := r.Review(ctx, by, id)
	if err != nil {
		return err
	}
	v, err := r.ClaimOne(ctx, by, id)
	if err != nil {
		return err
	}
	_, err = r.Decide(ctx, by, id, review.Request{Verdict: kit.Return, Reason: reason, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: key}, 0)
	if err != nil && (before.Holder == nil || before.Holder.ID != by.ID) {
		return errors.Join(err, r.Release(ctx, by, id, v.Lease.Epoch))
	}
	return err
}

// Assign leaves several reviews to one person, or with an empty userID to
// everybody again. Leads and admins may. Each review is a change of its own.
// Doing it again changes nothing.
func (r *Runner) Assign(ctx context.Context, by auth.User, ids []string, userID string) ([]BatchItem, error) {
	const act = "assign reviews"
	if !by.MayLead() {
		return nil, kit.Errorf(kit.Forbidden, "%s: %s may not", act, by.Name).WithHint("ask a lead")
	}
	var to auth.User
	if userID != "" {
		var err error
		if to, err = (auth.Accounts{DB: r.DB, Clock: r.Clock}).Get(ctx, userID); err != nil {
			return nil, err
		}
		if !to.MayDecide() {
			return nil, kit.Errorf(kit.Invalid, "%s: %s is not a person who may decide", act, to.Name)
		}
	}
	return r.batch(ctx, act, ids, func(id string) error { return r.assignOne(ctx, by, id, to) })
}

func (r *Runner) assignOne(ctx context.Context, by auth.User, id string, to auth.User) error {
	return r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		if !by.MayLead() {
			return kit.Errorf(kit.Forbidden, "assign review %s: %s may not", id, by.Name).WithHint("ask a lead")
		}
		if to.ID != "" {
			var err error
			if to, err = r.now(ctx, tx, to); err != nil {
				return err
			}
		}
		caseID, changed, err := review.Assign(ctx, r.DB, tx, id, to, r.terms)
		if err != nil || !changed {
			return err
		}
		if to.ID != "" && to.ID != by.ID {
			if err := r.notice(ctx, tx, noticeAssigned, to.ID, caseID, id); err != nil {
				return err
			}
		}
		return r.note(ctx, tx, by.ID, "review.assigned", caseID, map[string]string{"review": id, "to": to.ID, "name": to.Name})
	})
}

// batch does one thing after the other, and says what came of each. What is
// nobody's fault but the service's ends it.
func (r *Runner) batch(ctx context.Context, act string, ids []string, do func(id string) error) ([]BatchItem, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 || len(ids) > MaxBatch {
		return nil, invalid(act, "reviews", "must be 1 to 200")
	}
	items := make([]BatchItem, len(ids))
	for i, id := range ids {
		err := do(id)
		code := kit.CodeOf(err)
		if code == kit.Internal || code == kit.Unavailable {
			return items[:i], err
		}
		items[i] = BatchItem{ID: id, Code: code}
		if err != nil {
			if err := r.hindered(ctx, &items[i], err); err != nil {
				return items[:i], err
			}
		}
	}
	return items, nil
}

// hindered fills in why a review of a batch was left as it was.
func (r *Runner) hindered(ctx context.Context, item *BatchItem, cause error) (err error) {
	item.Message, item.Cause = cause.Error(), review.CauseOf(cause)
	item.Obstacle, item.Pause = review.ObstacleOf(cause), review.PauseOf(cause)
	if item.Code == kit.LostLease {
		if item.Holder, err = r.holder(ctx, item.ID); err != nil {
			return err
		}
	}
	err = r.DB.Read().NewRaw(`SELECT c.name FROM reviews r JOIN cases c ON c.id = r.case_id WHERE r.id = ?`, item.ID).Scan(ctx, &item.CaseName)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// holder is who holds a review now, nil when nobody does.
func (r *Runner) holder(ctx context.Context, id string) (*review.Holder, error) {
	var h review.Holder
	err := r.DB.Read().NewRaw(`SELECT u.id, u.name FROM reviews r JOIN users u ON u.id = r.claimed_by
		WHERE r.id = ? AND r.lease_until > ?`, id, r.Clock().UnixMicro()).Scan(ctx, &h.ID, &h.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &h, err
}

// Deciders lists the people who may decide, by name.
func (r *Runner) Deciders(ctx context.Context) ([]review.Holder, error) {
	people, err := r.people(ctx, r.DB.Read())
	var out []review.Holder
	for _, p := range people {
		if p.Role != string(auth.Viewer) {
			out = append(out, review.Holder{ID: p.ID, Name: p.Name})
		}
	}
	return out, err
}

// known is a person who may be called or given work.
type known struct {
	ID    string `bun:"id"`
	Name  string `bun:"name"`
	Email string `bun:"email"`
	Role  string `bun:"role"`
}

func (r *Runner) people(ctx context.Context, db bun.IDB) (all []known, err error) {
	err = db.NewRaw(`SELECT id, name, COALESCE(email, '') AS email, role FROM users WHERE kind = 'person'
		AND disabled_at IS NULL AND deleted_at = 0 ORDER BY name, id`).Scan(ctx, &all)
	return all, err
}
