package review

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/store"
)

const (
	maxReason = 2000 // runes
	maxKey    = 200  // bytes
)

// Decide records what a person decided on a review, and reports whether the
// same request was answered before. It fails with
//
//	kit.Forbidden  when the user is no person who may decide, is kept from this
//	               review, or decided too many within the hour
//	kit.Invalid    when a value, a reason or the key breaks a rule
//	kit.Decided    when somebody decided already
//	kit.LostLease  when the user does not hold the review
//	kit.Stale      when the draft, its input, evidence, model or prompt is not
//	               what the person saw
func Decide(ctx context.Context, db *store.DB, tx bun.Tx, schema *model.Schema, by auth.User, id string, req Request, now time.Time, terms Terms) (d Decision, repeated bool, err error) {
	if err := mayDecide(by, "decide review "+id); err != nil {
		return d, false, err
	}
	if err := req.check(); err != nil {
		return d, false, err
	}
	l, err := lock(ctx, db, tx, id)
	if err != nil {
		return d, false, err
	}
	first, err := repeatOf(ctx, tx, by, id, req)
	if err != nil || first != nil {
		if first != nil {
			d = *first
		}
		return d, first != nil, err
	}
	if err := l.heldBy(ctx, tx, by, req.Epoch); err != nil {
		return d, false, err
	}
	if err := l.allows(ctx, tx, by, terms); err != nil {
		return d, false, err
	}
	if err := capped(ctx, tx, by, terms(l.Step, l.Tiers).HourlyCap, now); err != nil && req.Verdict != kit.Skip {
		return d, false, err
	}
	if err := l.filledIn(ctx, tx, by, req.Verdict); err != nil {
		return d, false, err
	}
	subject, err := fresh(ctx, tx, l, req)
	if err != nil {
		return d, false, err
	}
	d = Decision{ID: kit.NewID(), ReviewID: id, CaseID: l.CaseID, Verdict: req.Verdict, Reason: req.Reason,
		Person: Holder{ID: by.ID, Name: by.Name}, Subject: subject, CreatedAt: now,
		Seconds: now.Sub(micros(l.ClaimedAt)).Seconds()}
	if err := d.judge(ctx, tx, schema, l, req); err != nil {
		return d, false, err
	}
	if err := d.compare(ctx, tx, l); err != nil {
		return d, false, err
	}
	return d, false, d.write(ctx, tx, by, req)
}

// hash identifies a request, so that a key used twice for different ones is
// known. The lease is no part of it: a second click may come after the first
// one took a lease that had run out again.
func (r Request) hash() string {
	r.Epoch = 0
	body, _ := json.Marshal(r) // plain values and valid JSON: it cannot fail
	return kit.Hash(body)
}

// repeatOf returns the decision that the same request led to before, if any.
func repeatOf(ctx context.Context, tx bun.Tx, by auth.User, id string, req Request) (*Decision, error) {
	var first decisionRow
	err := tx.NewRaw(decisionQuery+` WHERE d.review_id = ? AND d.user_id = ? AND d.key = ?`, id, by.ID, req.Key).Scan(ctx, &first)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if first.Request != req.hash() {
		return nil, kit.Errorf(kit.Conflict, "decide review %s: the key %q was used for another decision", id, req.Key).
			WithHint("send a new key with each new decision")
	}
	d := first.decision()
	return &d, nil
}

// fresh is the subject of what waits now, and refuses a decision on something
// else. Who leaves a review to others may not have been told it.
func fresh(ctx context.Context, tx bun.Tx, l locked, req Request) (string, error) {
	now, err := subjectOf(ctx, tx, l.DraftID)
	if err != nil || req.Subject == now || req.Verdict == kit.Skip && req.Subject == "" {
		return now, err
	}
	return "", kit.Errorf(kit.Stale, "decide review %s: it changed since you saw it", l.ID).
		WithHint("look at it again; nothing was decided")
}

// write stores the decision and ends, or for a skip frees, the review.
func (d Decision) write(ctx context.Context, tx bun.Tx, by auth.User, req Request) error {
	value := string(d.Value)
	if value == "" {
		value = "null"
	}
	_, err := tx.NewRaw(`INSERT INTO decisions (id, review_id, case_id, user_id, user_kind, verdict, releases, reason,
		subject, value, changed, fields, redraft, stood, seconds, key, request, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.ReviewID, d.CaseID, by.ID, string(by.Kind), string(d.Verdict), d.Verdict.Releases(), d.Reason, d.Subject,
		value, column(d.Changed), column(d.Fields), column(d.Redraft), column(d.Stood), d.Seconds, req.Key, req.hash(),
		d.CreatedAt.UnixMicro()).Exec(ctx)
	if err != nil {
		return err
	}
	if d.Verdict == kit.Skip {
		return d.skip(ctx, tx)
	}
	_, err = tx.NewRaw(`UPDATE reviews SET state = 'decided', decided_at = ?, lease_until = 0 WHERE id = ?`,
		d.CreatedAt.UnixMicro(), d.ReviewID).Exec(ctx)
	return err
}

// column is a list or a map as the database keeps it.
func column(v any) string {
	body, _ := json.Marshal(v) // text alone: it cannot fail
	return string(body)
}

// skip leaves the review, and with it all seats of its round, to other people.
func (d Decision) skip(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewRaw(`INSERT INTO skips (review_id, user_id) SELECT o.id, CAST(? AS TEXT) FROM reviews r JOIN reviews o
		ON o.round = r.round WHERE r.id = ? AND o.state = 'open' ON CONFLICT DO NOTHING`, d.Person.ID, d.ReviewID).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`UPDATE reviews SET claimed_by = NULL, lease_until = 0 WHERE id = ?`, d.ReviewID).Exec(ctx)
	return err
}

// seen is all that a person sees of a draft: the input, the value, confidence
// and evidence of each field, the model, its server, the calibration and the
// prompt.
type seen struct {
	Input  string `bun:"input"`
	Value  string `bun:"value"`
	Fields string `bun:"fields"`
	Model  string `bun:"model_name"`
	Digest string `bun:"model_digest"`
	Prompt string `bun:"prompt_hash"`
	GaveUp string `bun:"gave_up"`

	// Left out where a draft has none, as drafts of before: those hash as ever.
	Server      string `bun:"server" json:",omitempty"`
	Calibration string `bun:"calibration" json:",omitempty"`
}

// subject hashes what a person sees.
func (s seen) subject() string {
	body, _ := json.Marshal(s) // strings alone: it cannot fail
	return kit.Hash(body)
}

// subjectOf hashes what a person would see of a draft now.
func subjectOf(ctx context.Context, db bun.IDB, draftID string) (string, error) {
	var s seen
	err := db.NewRaw(`SELECT c.input, d.value, d.fields, d.model_name, d.model_digest, d.prompt_hash, d.gave_up, d.server, d.calibration
		FROM drafts d JOIN cases c ON c.id = d.case_id WHERE d.id = ?`, draftID).Scan(ctx, &s)
	return s.subject(), err
}
