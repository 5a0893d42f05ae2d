package review

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
)

// LotRequest is what a person wants to decide on a lot.
type LotRequest struct {
	Accept  bool
	Reason  string // needed to reject
	Subject string // of the lot as the person saw it
	Key     string // repeats of a click carry the same; needed
}

// check refuses what no lot could accept.
func (q LotRequest) check(id string) error {
	var bad kit.FieldError
	switch {
	case q.Key == "" || len(q.Key) > maxKey || !clean(q.Key):
		bad = kit.FieldError{Path: "key", Message: "must be there, at most 200 bytes: a repeated click carries the same key"}
	case !clean(q.Reason) || utf8.RuneCountInString(q.Reason) > maxReason:
		bad = kit.FieldError{Path: "reason", Message: "must be UTF-8 text of at most 2000 characters"}
	case !q.Accept && strings.TrimSpace(q.Reason) == "":
		bad = kit.FieldError{Path: "reason", Message: "say why, so that your colleagues learn from it"}
	default:
		return nil
	}
	e := kit.Errorf(kit.Invalid, "decide lot %s: %s: %s", id, bad.Path, bad.Message)
	e.Fields = []kit.FieldError{bad}
	return e
}

func (q LotRequest) hash() string {
	body, _ := json.Marshal(q) // plain values: it cannot fail
	return kit.Hash(body)
}

// DecideLot records that a person accepted or rejected a lot, and reports
// whether the same request was answered before. It fails with
//
//	kit.Forbidden  when the user is no person who may decide on it
//	kit.Invalid    when the reason or the key breaks a rule
//	kit.Decided    when somebody decided already
//	kit.Conflict   when its sample is not reviewed, or breaks the promise that
//	               is to be accepted, or the key was used before
//	kit.Stale      when the lot or one of its cases is not what the person saw
//
// What follows for its cases is the caller's to do. The transaction must hold
// the trail.
func DecideLot(ctx context.Context, tx bun.Tx, by auth.User, id string, q LotRequest, now time.Time, terms Terms) (l *Lot, repeated bool, err error) {
	if err := mayDecide(by, "decide lot "+id); err != nil {
		return nil, false, err
	}
	if err := q.check(id); err != nil {
		return nil, false, err
	}
	if l, err = GetLot(ctx, tx, id); err != nil {
		return nil, false, err
	}
	if repeated, err = l.repeats(by, q); err != nil || repeated {
		return l, repeated, err
	}
	if err := l.open(ctx, tx, by, q, terms); err != nil {
		return nil, false, err
	}
	state := RejectedLot
	if q.Accept {
		state = AcceptedLot
	}
	_, err = tx.NewRaw(`UPDATE lots SET state = ?, decided_by = ?, decided_at = ?, reason = ?, subject = ?, key = ?, request = ?
		WHERE id = ?`, string(state), by.ID, now.UnixMicro(), q.Reason, q.Subject, q.Key, q.hash(), id).Exec(ctx)
	if err != nil {
		return nil, false, err
	}
	l, err = GetLot(ctx, tx, id)
	return l, false, err
}

// repeats reports whether the lot was decided by the same request.
func (l Lot) repeats(by auth.User, q LotRequest) (bool, error) {
	switch {
	case !l.State.decided():
		return false, nil
	case l.Person.ID != by.ID || l.key != q.Key:
		return false, kit.Errorf(kit.Decided, "lot %s: %s %s it on %s", l.ID, l.Person.Name, l.State,
			l.DecidedAt.Format("2006-01-02 15:04 MST"))
	case l.request != q.hash():
		return false, kit.Errorf(kit.Conflict, "decide lot %s: the key %q was used for another decision", l.ID, q.Key).
			WithHint("send a new key with each new decision")
	}
	return true, nil
}

// open refuses to decide on a lot that is not ready, by a person who may not,
// on other things than what they saw, or against what it promises.
func (l Lot) open(ctx context.Context, tx bun.Tx, by auth.User, q LotRequest, terms Terms) error {
	if l.State == VoidLot {
		return kit.Errorf(kit.Conflict, "decide lot %s: its bar is void: %s", l.ID, l.Bar.Reason).
			WithHint("its cases are reviewed one by one")
	}
	if l.State != Ready {
		return kit.Errorf(kit.Conflict, "decide lot %s: %d of its sample of %d are reviewed", l.ID, l.Looked, l.Sample).
			WithHint("it can be decided when the whole sample is")
	}
	if err := l.mayBy(ctx, tx, by, terms); err != nil {
		return err
	}
	if q.Subject != l.Subject {
		return kit.Errorf(kit.Stale, "decide lot %s: it changed since you saw it", l.ID).
			WithHint("look at it again; nothing was decided")
	}
	if !q.Accept {
		return nil
	}
	if !l.Result.Keeps {
		return kit.Errorf(kit.Conflict, "accept lot %s: %d of %d in the sample were wrong, so up to %.2f %% of the lot may be; the promise is %.2f %%",
			l.ID, l.Result.Wrong, l.Sample, math.Ceil(1e4*l.Result.Bound)/100, 100*l.Error). // up: it must not look kept
			WithHint("reject it: its cases are then reviewed one by one")
	}
	changed, err := changedCase(ctx, tx, l.ID)
	if err != nil || changed == "" {
		return err
	}
	return kit.Errorf(kit.Stale, "accept lot %s: case %s is not what it was when it was gathered", l.ID, changed).
		WithHint("reject the lot: its cases are then reviewed one by one")
}

// mayBy refuses a person whose role may not decide, or who may not look at one
// of the cases.
func (l Lot) mayBy(ctx context.Context, tx bun.Tx, by auth.User, terms Terms) error {
	if l.roles&roleBits[by.Role] == 0 {
		return kit.Errorf(kit.Forbidden, "decide lot %s: the role %s may not", l.ID, by.Role).
			WithHint("the policy of its step says which roles do")
	}
	kept, err := l.kept(ctx, tx, by, terms)
	if err != nil || kept == 0 {
		return err
	}
	return kit.Errorf(kit.Forbidden, "decide lot %s: %s brought in or decided %d of its cases before", l.ID, by.Name, kept).
		WithHint("somebody else is to decide: four eyes see more than two")
}

// kept counts the cases that nobody looked at by themselves, and from which
// four eyes keep a person: noted, or on these terms.
func (l Lot) kept(ctx context.Context, tx bun.Tx, by auth.User, terms Terms) (n int, err error) {
	var rows []struct {
		Tiers string `bun:"tiers"`
		Noted int    `bun:"noted"`
		Keep  int    `bun:"keep"` // if the terms ask for four eyes
	}
	err = tx.NewRaw(`SELECT tiers, COUNT(noted) AS noted, COUNT(COALESCE(noted, NULLIF(four_eyes, ''))) AS keep FROM
		(SELECT r.tier || r.besides AS tiers, b.why AS noted, `+fourEyes+` AS four_eyes FROM lot_cases x
			JOIN reviews r ON r.id = x.review_id LEFT JOIN barred b ON b.review_id = r.id AND b.user_id = ?
			WHERE x.lot_id = ? AND NOT x.sampled) c GROUP BY tiers`, by.ID, by.ID, by.ID, l.ID).Scan(ctx, &rows)
	for _, row := range rows {
		if terms(l.Step, row.Tiers).FourEyes {
			n += row.Keep
		} else {
			n += row.Noted
		}
	}
	return n, err
}

// changedCase finds a case of a lot of which there is something else to see
// than when it was gathered, "" when there is none.
func changedCase(ctx context.Context, tx bun.Tx, lotID string) (string, error) {
	var rows []struct {
		seen
		CaseID  string `bun:"case_id"`
		Subject string `bun:"subject"`
	}
	err := tx.NewRaw(`SELECT x.case_id, x.subject, c.input, d.value, d.fields, d.model_name, d.model_digest, d.prompt_hash, d.gave_up, d.server, d.calibration
		FROM lot_cases x JOIN reviews r ON r.id = x.review_id JOIN drafts d ON d.id = r.draft_id JOIN cases c ON c.id = x.case_id
		WHERE x.lot_id = ? AND NOT x.sampled ORDER BY x.case_id`, lotID).Scan(ctx, &rows)
	for _, row := range rows {
		if row.subject() != row.Subject {
			return row.CaseID, nil
		}
	}
	return "", err
}

// Pending lists up to limit cases of an accepted lot that did not follow it
// yet.
func Pending(ctx context.Context, db bun.IDB, lotID string, limit int) (cases []LotCase, err error) {
	err = db.NewRaw(`SELECT x.case_id, x.review_id, x.subject FROM lot_cases x JOIN reviews r ON r.id = x.review_id
		WHERE x.lot_id = ? AND NOT x.sampled AND r.state = 'open' AND NOT r.waits ORDER BY x.case_id LIMIT ?`, lotID, limit).Scan(ctx, &cases)
	return cases, err
}

// DecideByLot decides a case as its accepted lot was: its draft stands. It
// returns nil, and puts the review into the queue, when there is something
// else to see of the case than was accepted, or who accepted is kept from it.
func DecideByLot(ctx context.Context, tx bun.Tx, schema *model.Schema, l Lot, c LotCase) (*Decision, error) {
	var draft struct {
		ID    string `bun:"id"`
		Value string `bun:"value"`
		Kept  bool   `bun:"kept"`
	}
	err := tx.NewRaw(`SELECT d.id, d.value, EXISTS (SELECT 1 FROM barred b WHERE b.review_id = r.id AND b.user_id = ?) AS kept
		FROM reviews r JOIN drafts d ON d.id = r.draft_id WHERE r.id = ?`, l.Person.ID, c.ReviewID).Scan(ctx, &draft)
	if err != nil {
		return nil, err
	}
	now, err := subjectOf(ctx, tx, draft.ID)
	if err != nil {
		return nil, err
	}
	d := Decision{ID: kit.NewID(), ReviewID: c.ReviewID, CaseID: c.CaseID, LotID: l.ID, Verdict: kit.Approve, Reason: l.Reason,
		Person: *l.Person, Subject: c.Subject, CreatedAt: *l.DecidedAt}
	final, bad := schema.Apply([]byte(draft.Value), nil)
	if now != c.Subject || len(bad) > 0 || draft.Kept {
		_, err := tx.NewRaw(`UPDATE reviews SET waits = TRUE WHERE id = ?`, c.ReviewID).Exec(ctx)
		return nil, err
	}
	d.Value = final
	return &d, d.writeByLot(ctx, tx, l)
}

// writeByLot stores the decision and ends the review.
func (d Decision) writeByLot(ctx context.Context, tx bun.Tx, l Lot) error {
	_, err := tx.NewRaw(`INSERT INTO decisions (id, review_id, case_id, user_id, user_kind, verdict, releases, reason, subject,
		value, changed, key, request, created_at, lot_id) VALUES (?, ?, ?, ?, 'person', 'approve', TRUE, ?, ?, ?, '[]', ?, ?, ?, ?)`,
		d.ID, d.ReviewID, d.CaseID, d.Person.ID, d.Reason, d.Subject, string(d.Value), l.key, l.request,
		d.CreatedAt.UnixMicro(), l.ID).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`UPDATE reviews SET state = 'decided', decided_at = ?, claimed_by = NULL, lease_until = 0 WHERE id = ?`,
		d.CreatedAt.UnixMicro(), d.ReviewID).Exec(ctx)
	return err
}

// Settle notes that all cases of a decided lot followed it.
func Settle(ctx context.Context, tx bun.Tx, lotID string, now time.Time) error {
	_, err := tx.NewRaw(`UPDATE lots SET settled_at = ? WHERE id = ? AND settled_at IS NULL`, now.UnixMicro(), lotID).Exec(ctx)
	return err
}

// The outcomes of a sampled case. Until there is one it is "".
const (
	Right = "right" // a person approved it just as drafted
	Wrong = "wrong" // anything else ended its review
)

// Outcome tells what a round that came to that decision says of its draft.
func Outcome(d Decision) string {
	if d.Verdict.Releases() && len(d.Changed) == 0 {
		return Right
	}
	return Wrong
}

// Judge notes what came of a case in the sample of a lot, by a review of the
// round that looked at it; "" takes it back. Of other reviews, and of a void
// lot, it notes nothing.
// When that makes the lot ready, or no more so, it returns the lot. What a lot
// was decided on stays: to change it is kit.Conflict.
func Judge(ctx context.Context, tx bun.Tx, reviewID, outcome string) (*Lot, error) {
	var x struct {
		LotID    string `bun:"lot_id"`
		State    string `bun:"state"`
		ReviewID string `bun:"review_id"`
		Outcome  string `bun:"outcome"`
	}
	err := tx.NewRaw(`SELECT x.lot_id, l.state, x.review_id, x.outcome FROM reviews r JOIN reviews f ON f.round = r.round
		JOIN lot_cases x ON x.review_id = f.id JOIN lots l ON l.id = x.lot_id WHERE r.id = ? AND x.sampled`, reviewID).Scan(ctx, &x)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil || outcome == x.Outcome || LotState(x.State) == VoidLot {
		return nil, err
	}
	if LotState(x.State).decided() {
		return nil, kit.Errorf(kit.Conflict, "undo the decision on review %s: its lot was %s on it", reviewID, x.State).
			WithHint("the lot was decided on what its sample showed")
	}
	if _, err := tx.NewRaw(`UPDATE lot_cases SET outcome = ? WHERE review_id = ?`, outcome, x.ReviewID).Exec(ctx); err != nil {
		return nil, err
	}
	return ready(ctx, tx, x.LotID, LotState(x.State))
}

// ready moves a lot between sampling and ready, and returns it when it did.
func ready(ctx context.Context, tx bun.Tx, id string, was LotState) (*Lot, error) {
	l, err := GetLot(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	state, wrong := Sampling, 0
	if err := tx.NewRaw(`SELECT COUNT(*) FROM lot_cases WHERE lot_id = ? AND outcome = 'wrong'`, id).Scan(ctx, &wrong); err != nil {
		return nil, err
	}
	if l.Looked == l.Sample {
		state = Ready
	}
	_, err = tx.NewRaw(`UPDATE lots SET state = ?, wrong = ?, bound = ? WHERE id = ?`, string(state), wrong, l.bound(wrong), id).Exec(ctx)
	if err != nil || state == was {
		return nil, err
	}
	return GetLot(ctx, tx, id)
}
