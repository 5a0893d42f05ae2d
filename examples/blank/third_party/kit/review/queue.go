package review

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
)

// Opening is a review that is to wait for a person.
type Opening struct {
	ID         string
	CaseID     string
	Step       string
	DraftID    string
	Round      string // the reviews that belong together. Defaults to ID
	Seat       int    // from 1. Defaults to 1
	Quorum     int    // of the round. Defaults to 1
	Kind       Kind   // Defaults to First
	Tiers      string // whose terms hold, as Policy.Met names them; "" for the policy's own
	Priority   int
	Confidence float64     // of the least sure field
	Roles      []auth.Role // who may claim it. Defaults to reviewer, lead and admin
	At         time.Time
	DueAt      time.Time // Defaults to At
	Blind      bool      // its fields are filled in before the draft is shown
	Kept       bool      // it is in nobody's queue, as while its case lies in a lot
}

func (o Opening) defaults() Opening {
	o.Round, o.Kind = cmp.Or(o.Round, o.ID), cmp.Or(o.Kind, First)
	o.Seat, o.Quorum = cmp.Or(o.Seat, 1), cmp.Or(o.Quorum, 1)
	if o.DueAt.IsZero() {
		o.DueAt = o.At
	}
	return o
}

// Add puts a review into the queue. The draft must be in the database.
func Add(ctx context.Context, tx bun.Tx, o Opening) error {
	o = o.defaults()
	tier, _, _ := strings.Cut(o.Tiers, ",")
	_, err := tx.NewRaw(`INSERT INTO reviews
		(id, case_id, step, draft_id, state, round, seat, quorum, kind, tier, besides, waits, roles, priority, confidence,
		created_at, due_at, blind, epoch, lease_until) VALUES (?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
		o.ID, o.CaseID, o.Step, o.DraftID, o.Round, o.Seat, o.Quorum, string(o.Kind), tier, o.Tiers[len(tier):], !o.Kept,
		mask(o.Roles), o.Priority, o.Confidence, o.At.UnixMicro(), o.DueAt.UnixMicro(), o.Blind).Exec(ctx)
	return err
}

// row is a review as it is stored, with what it points at.
type row struct {
	seen
	ID          string  `bun:"id"`
	CaseID      string  `bun:"case_id"`
	CaseName    string  `bun:"case_name"`
	Step        string  `bun:"step"`
	State       string  `bun:"state"`
	Priority    int     `bun:"priority"`
	DueAt       int64   `bun:"due_at"`
	Tier        string  `bun:"tier"`
	Round       string  `bun:"round"`
	Kind        string  `bun:"kind"`
	Quorum      int     `bun:"quorum"`
	Seat        int     `bun:"seat"`
	AssignedID  string  `bun:"assigned_id"`
	Assigned    string  `bun:"assigned_name"`
	DraftStep   string  `bun:"draft_step"`
	Confidence  float64 `bun:"confidence"`
	CreatedAt   int64   `bun:"created_at"`
	EscalatedAt *int64  `bun:"escalated_at"`
	HolderID    string  `bun:"holder_id"`
	HolderName  string  `bun:"holder_name"`
	Epoch       int64   `bun:"epoch"`
	LeaseUntil  int64   `bun:"lease_until"`
	DraftID     string  `bun:"draft_id"`
	Usage       string  `bun:"usage"`
	DraftedAt   int64   `bun:"drafted_at"`
	Comment     string  `bun:"comment"`
}

// Get reads one review as far as the user may see it, or fails with
// kit.NotFound.
func Get(ctx context.Context, db bun.IDB, by auth.User, id string, now time.Time) (*Review, error) {
	var r row
	err := db.NewRaw(`SELECT r.id, r.case_id, c.name AS case_name, r.step, r.state, r.priority, r.due_at, r.tier,
		r.round, r.kind, r.quorum, r.seat, COALESCE(r.assigned_to, '') AS assigned_id,
		COALESCE((SELECT a.name FROM users a WHERE a.id = r.assigned_to), '') AS assigned_name, d.step AS draft_step,
		r.confidence, r.created_at, r.escalated_at, COALESCE(r.claimed_by, '') AS holder_id,
		COALESCE(u.name, '') AS holder_name, r.epoch, r.lease_until, c.input,
		CASE WHEN d.canary THEN d.original ELSE d.id END AS draft_id, d.value, d.fields,
		d.model_name, d.model_digest, d.prompt_hash, d.server, d.calibration, d.usage, d.gave_up, d.created_at AS drafted_at,
		COALESCE((SELECT x.reason FROM decisions x WHERE x.case_id = r.case_id AND x.verdict = 'return'
			AND x.undone_at IS NULL AND EXISTS (SELECT 1 FROM reviews y WHERE y.id = x.review_id AND y.round <> r.round
			AND y.kind <> 'canary' AND y.id < r.id) ORDER BY x.id DESC LIMIT 1), '') AS comment
		FROM reviews r JOIN cases c ON c.id = r.case_id JOIN drafts d ON d.id = r.draft_id
		LEFT JOIN users u ON u.id = r.claimed_by WHERE r.id = ?`, id).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, kit.Errorf(kit.NotFound, "review %s: there is no such review", id)
	}
	if err != nil {
		return nil, err
	}
	v, err := r.review(now)
	if err != nil {
		return nil, err
	}
	if v.Locked, err = Locks(ctx, db, r.CaseID, r.DraftStep); err != nil {
		return nil, err
	}
	if v.Versions, err = r.versions(ctx, db, by); err != nil {
		return nil, err
	}
	return v, v.conceal(ctx, db, by)
}

// review makes the stored row into what people see at the time now.
func (r *row) review(now time.Time) (*Review, error) {
	var fields []kit.Field
	if err := json.Unmarshal([]byte(r.Fields), &fields); err != nil {
		return nil, err
	}
	v := &Review{ID: r.ID, CaseID: r.CaseID, CaseName: r.CaseName, Step: r.Step, State: State(r.State),
		Subject: r.subject(), Priority: r.Priority, DueAt: micros(r.DueAt), Tier: r.Tier, Quorum: r.Quorum, Seat: r.place(),
		Confidence: r.Confidence,
		CreatedAt:  micros(r.CreatedAt), EscalatedAt: optional(r.EscalatedAt),
		Lease: Lease{Epoch: r.Epoch, ExpiresAt: micros(r.LeaseUntil)},
		Input: json.RawMessage(r.Input), Comment: r.Comment,
		Draft: Draft{ID: r.DraftID, Value: json.RawMessage(r.Value), Fields: fields,
			Model: kit.ModelInfo{Name: r.Model, Digest: r.Digest, Server: r.Server}, Calibration: r.Calibration,
			Prompt: r.Prompt, Usage: json.RawMessage(r.Usage), GaveUp: r.GaveUp,
			CreatedAt: micros(r.DraftedAt)}}
	if r.HolderID != "" && v.State == Open && now.Before(v.Lease.ExpiresAt) {
		v.Holder = &Holder{ID: r.HolderID, Name: r.HolderName}
	}
	if r.AssignedID != "" {
		v.AssignedTo = &Holder{ID: r.AssignedID, Name: r.Assigned}
	}
	return v, nil
}

// Claimed is a review that was given to a person.
type Claimed struct {
	ID, CaseID string
	Epoch      int64 // of the lease
}

// nextQuery finds the first review that a person may have: in order of the
// queue, free, not skipped, for their role, and no second seat of a round.
const nextQuery = `SELECT r.id, r.step, r.tier || r.besides AS tiers, ` + fourEyes + ` AS four_eyes FROM reviews r WHERE r.state = 'open' AND r.waits AND r.lease_until <= ?
	AND (r.roles & ?) <> 0 AND (r.assigned_to IS NULL OR r.assigned_to = ?)
	AND NOT EXISTS (SELECT 1 FROM skips s WHERE s.review_id = r.id AND s.user_id = ?)
	AND NOT EXISTS (SELECT 1 FROM barred b WHERE b.review_id = r.id AND b.user_id = ?)
	AND (r.quorum = 1 AND r.kind = 'first' OR NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = r.round
		AND o.id <> r.id AND o.claimed_by = ? AND o.ended = ''))
	ORDER BY r.priority DESC, r.due_at, r.id LIMIT ?`

// candidate is a review that a person may have, unless its terms ask for four
// eyes and these keep them from it.
type candidate struct {
	ID       string `bun:"id"`
	Step     string `bun:"step"`
	Tiers    string `bun:"tiers"`
	FourEyes Cause  `bun:"four_eyes"`
}

// next finds the first review that a person may have, nil when there is none.
// Mostly it is the first at all; who brought many in looks at twice as many
// each time.
func next(ctx context.Context, db *store.DB, tx bun.Tx, by auth.User, now time.Time, terms Terms) (*candidate, error) {
	for limit := 1; ; limit *= 2 {
		var rows []candidate
		err := tx.NewRaw(nextQuery+db.SkipLocked(), by.ID, by.ID, now.UnixMicro(), roleBits[by.Role], by.ID, by.ID, by.ID, by.ID, limit).Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for _, c := range rows {
			if c.FourEyes == "" || !terms(c.Step, c.Tiers).FourEyes {
				return &c, nil
			}
		}
		if len(rows) < limit {
			return nil, nil
		}
	}
}

// Claim gives the user the first review that nobody holds; its ID is "" when
// none waits for them. Reviews that the user skipped, or is kept from, are left to
// others. At most one person holds a review at a time, however many ask at
// once, and nobody two of a round. Who decided as many within the hour as the
// terms allow is refused with kit.Forbidden.
func Claim(ctx context.Context, db *store.DB, tx bun.Tx, by auth.User, now time.Time, terms Terms) (Claimed, error) {
	if err := mayDecide(by, "claim a review"); err != nil {
		return Claimed{}, err
	}
	if err := db.InOrder(ctx, tx); err != nil {
		return Claimed{}, err
	}
	first, err := next(ctx, db, tx, by, now, terms)
	if err != nil || first == nil {
		return Claimed{}, err
	}
	policy := terms(first.Step, first.Tiers)
	if err := capped(ctx, tx, by, policy.HourlyCap, now); err != nil {
		return Claimed{}, err
	}
	if err := handsFull(ctx, tx, by, now); err != nil {
		return Claimed{}, err
	}
	return hold(ctx, tx, first.ID, by, now, policy.Lease)
}

// ClaimOne gives the user a certain review. It fails with kit.LostLease when
// somebody else holds it, with kit.Decided when it is over, and with
// kit.Forbidden when the user is kept from it. The user's own lease is
// prolonged. Claiming a review that one skipped before is allowed.
func ClaimOne(ctx context.Context, db *store.DB, tx bun.Tx, by auth.User, id string, now time.Time, terms Terms) (Claimed, error) {
	if err := mayDecide(by, "claim a review"); err != nil {
		return Claimed{}, err
	}
	l, err := lock(ctx, db, tx, id)
	if err != nil {
		return Claimed{}, err
	}
	if err := l.free(ctx, tx, by, now); err != nil {
		return Claimed{}, err
	}
	if err := l.allows(ctx, tx, by, terms); err != nil {
		return Claimed{}, err
	}
	policy := terms(l.Step, l.Tiers)
	if l.ClaimedBy == by.ID && now.UnixMicro() < l.LeaseUntil {
		return Claimed{ID: id, CaseID: l.CaseID, Epoch: l.Epoch}, prolong(ctx, tx, id, now.Add(policy.Lease)) // from a second tab
	}
	if err := capped(ctx, tx, by, policy.HourlyCap, now); err != nil {
		return Claimed{}, err
	}
	if err := handsFull(ctx, tx, by, now); err != nil {
		return Claimed{}, err
	}
	return hold(ctx, tx, id, by, now, policy.Lease)
}

// Renew prolongs the user's lease and returns it.
func Renew(ctx context.Context, db *store.DB, tx bun.Tx, by auth.User, id string, epoch int64, now time.Time, terms Terms) (Lease, error) {
	if err := mayDecide(by, "hold review "+id); err != nil {
		return Lease{}, err
	}
	l, err := lock(ctx, db, tx, id)
	if err != nil {
		return Lease{}, err
	}
	if err := l.heldBy(ctx, tx, by, epoch); err != nil {
		return Lease{}, err
	}
	until := now.Add(terms(l.Step, l.Tiers).Lease)
	return Lease{Epoch: epoch, ExpiresAt: until}, prolong(ctx, tx, id, until)
}

func prolong(ctx context.Context, tx bun.Tx, id string, until time.Time) error {
	_, err := tx.NewRaw(`UPDATE reviews SET lease_until = ? WHERE id = ?`, until.UnixMicro(), id).Exec(ctx)
	return err
}

// Release gives the review back to the queue without a decision.
func Release(ctx context.Context, db *store.DB, tx bun.Tx, by auth.User, id string, epoch int64) error {
	l, err := lock(ctx, db, tx, id)
	if err != nil {
		return err
	}
	if err := l.heldBy(ctx, tx, by, epoch); err != nil {
		return err
	}
	_, err = tx.NewRaw(`UPDATE reviews SET claimed_by = NULL, lease_until = 0 WHERE id = ?`, id).Exec(ctx)
	return err
}

// Reopen takes back the decision of a review and gives it to the person who
// made it. The database refuses it once the decision was delivered.
func Reopen(ctx context.Context, tx bun.Tx, d Decision, now time.Time, lease time.Duration) error {
	if _, err := tx.NewRaw(`UPDATE decisions SET undone_at = ? WHERE id = ?`, now.UnixMicro(), d.ID).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewRaw(`UPDATE reviews SET state = 'open', waits = TRUE, decided_at = NULL, claimed_by = ?, claimed_at = ?,
		epoch = epoch + 1, lease_until = ? WHERE id = ?`, d.Person.ID, now.UnixMicro(), now.Add(lease).UnixMicro(), d.ReviewID).Exec(ctx)
	return err
}

// hold writes the user's lease on a review.
func hold(ctx context.Context, tx bun.Tx, id string, by auth.User, now time.Time, lease time.Duration) (Claimed, error) {
	c := Claimed{ID: id}
	err := tx.NewRaw(`UPDATE reviews SET claimed_by = ?, claimed_at = ?, epoch = epoch + 1, lease_until = ? WHERE id = ?
		RETURNING case_id, epoch`, by.ID, now.UnixMicro(), now.Add(lease).UnixMicro(), id).Scan(ctx, &c.CaseID, &c.Epoch)
	return c, err
}

// mayDecide refuses all but people whose role decides.
func mayDecide(by auth.User, act string) error {
	if by.MayDecide() {
		return nil
	}
	return kit.Errorf(kit.Forbidden, "%s: %s is not a person who may decide", act, by.Name).
		WithHint("sign in as a person with the role reviewer, lead or admin")
}

func micros(us int64) time.Time { return time.UnixMicro(us).UTC() }

func optional(us *int64) *time.Time {
	if us == nil {
		return nil
	}
	t := micros(*us)
	return &t
}
