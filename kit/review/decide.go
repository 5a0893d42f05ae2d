package review

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
//	kit.Forbidden  when the user is no person who may decide
//	kit.Invalid    when a value, a reason or the key breaks a rule
//	kit.Decided    when somebody decided already
//	kit.LostLease  when the user does not hold the review
//	kit.Stale      when the draft, its input, evidence, model or prompt is not
//	               what the person saw
func Decide(ctx context.Context, db *store.DB, tx bun.Tx, schema *model.Schema, by auth.User, id string, req Request, now time.Time) (d Decision, repeated bool, err error) {
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
	if err := l.filledIn(ctx, tx, by, req.Verdict); err != nil {
		return d, false, err
	}
	if err := fresh(ctx, tx, l, req.Subject); err != nil {
		return d, false, err
	}
	d = Decision{ID: kit.NewID(), ReviewID: id, CaseID: l.CaseID, Verdict: req.Verdict, Reason: req.Reason,
		Person: Holder{ID: by.ID, Name: by.Name}, Subject: req.Subject, CreatedAt: now}
	if err := d.judge(ctx, tx, schema, l.DraftID, req.Fields); err != nil {
		return d, false, err
	}
	return d, false, d.write(ctx, tx, by, req)
}

// check refuses what no review could accept.
func (r Request) check() error {
	var bad []kit.FieldError
	add := func(ok bool, path, message string) {
		if !ok {
			bad = append(bad, kit.FieldError{Path: path, Message: message})
		}
	}
	add(r.Verdict.Valid(), "verdict", "must be approve, edit, reject, return or skip")
	add(r.Key != "" && len(r.Key) <= maxKey, "key", "must be there, at most 200 bytes: a repeated click carries the same key")
	add(clean(r.Key), "key", "must be UTF-8 without control characters")
	add(clean(r.Reason) && utf8.RuneCountInString(r.Reason) <= maxReason, "reason", "must be UTF-8 text of at most 2000 characters")
	needs := r.Verdict == kit.Reject || r.Verdict == kit.Return
	add(!needs || strings.TrimSpace(r.Reason) != "", "reason", "say why, so that the model and your colleagues learn from it")
	add(r.Verdict == kit.Edit || len(r.Fields) == 0, "fields", "only the verdict edit changes fields")
	add(r.Verdict != kit.Edit || len(r.Fields) > 0, "fields", "an edit names at least one changed field")
	if r.Verdict == kit.Edit {
		for _, path := range slices.Sorted(maps.Keys(r.Fields)) {
			add(typed(r.Fields[path]), path, "must be UTF-8 without control characters")
		}
	}
	if len(bad) == 0 {
		return nil
	}
	e := kit.Errorf(kit.Invalid, "decide: %s: %s", bad[0].Path, bad[0].Message)
	e.Fields = bad
	return e
}

// clean reports whether s is UTF-8 that both engines store and pages show.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' && r != '\r'
	})
}

// typed reports whether all text in a JSON value is clean. JSON that is broken
// is left to the schema, which tells it better.
func typed(value json.RawMessage) bool {
	if !utf8.Valid(value) {
		return false // a decoder would put U+FFFD in its place
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil {
			return true
		}
		if text, ok := token.(string); ok && !clean(text) {
			return false
		}
	}
}

// hash identifies a request, so that a key used twice for different ones is
// known. The lease is no part of it: a second click may come after the first
// one took a lease that had run out again.
func (r Request) hash() string {
	r.Epoch = 0
	body, _ := json.Marshal(r) // plain values and valid JSON: it cannot fail
	return sum(body)
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

// fresh refuses a decision on something else than what waits now.
func fresh(ctx context.Context, tx bun.Tx, l locked, subject string) error {
	now, err := subjectOf(ctx, tx, l.DraftID)
	if err != nil {
		return err
	}
	if subject == now {
		return nil
	}
	return kit.Errorf(kit.Stale, "decide review %s: it changed since you saw it", l.ID).
		WithHint("look at it again; nothing was decided")
}

// judge fills the final value by the verdict.
func (d *Decision) judge(ctx context.Context, tx bun.Tx, schema *model.Schema, draftID string, edits map[string]json.RawMessage) error {
	if !d.Verdict.Releases() {
		return nil
	}
	var draft string
	if err := tx.NewRaw(`SELECT value FROM drafts WHERE id = ?`, draftID).Scan(ctx, &draft); err != nil {
		return err
	}
	before := schema.Flatten([]byte(draft))
	for _, f := range schema.Fields() {
		_, drafted := before[f.Path]
		if _, typed := edits[f.Path]; !drafted && !typed {
			return kit.Errorf(kit.Stale, "decide review %s: the field %s is newer than the draft", d.ReviewID, f.Path).
				WithHint("fill it in, or return the review for a new draft; nothing was decided")
		}
	}
	final, bad := schema.Apply([]byte(draft), edits)
	if len(bad) > 0 {
		e := kit.Errorf(kit.Invalid, "decide review %s: %s: %s", d.ReviewID, bad[0].Path, bad[0].Message)
		e.Fields = bad
		return e
	}
	d.Value = final
	d.Changed = changed(before, schema.Flatten(final))
	return nil
}

// changed lists the paths whose values differ, sorted.
func changed(before, after map[string]json.RawMessage) []string {
	var paths []string
	for path, v := range after {
		if string(before[path]) != string(v) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// write stores the decision and ends, or for a skip frees, the review.
func (d Decision) write(ctx context.Context, tx bun.Tx, by auth.User, req Request) error {
	paths, _ := json.Marshal(d.Changed)
	value := string(d.Value)
	if value == "" {
		value = "null"
	}
	_, err := tx.NewRaw(`INSERT INTO decisions (id, review_id, case_id, user_id, user_kind, verdict, releases,
		reason, subject, value, changed, key, request, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.ReviewID, d.CaseID, by.ID, string(by.Kind), string(d.Verdict), d.Verdict.Releases(), d.Reason,
		d.Subject, value, string(paths), req.Key, req.hash(), d.CreatedAt.UnixMicro()).Exec(ctx)
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

// skip leaves the review to other people.
func (d Decision) skip(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewRaw(`INSERT INTO skips (review_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING`,
		d.ReviewID, d.Person.ID).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`UPDATE reviews SET claimed_by = NULL, lease_until = 0 WHERE id = ?`, d.ReviewID).Exec(ctx)
	return err
}

// seen is all that a person sees of a draft: the input, the value, confidence
// and evidence of each field, the model and the prompt.
type seen struct {
	Input  string `bun:"input"`
	Value  string `bun:"value"`
	Fields string `bun:"fields"`
	Model  string `bun:"model_name"`
	Digest string `bun:"model_digest"`
	Prompt string `bun:"prompt_hash"`
	GaveUp string `bun:"gave_up"`
}

// subject hashes what a person sees.
func (s seen) subject() string {
	body, _ := json.Marshal(s) // strings alone: it cannot fail
	return sum(body)
}

// subjectOf hashes what a person would see of a draft now.
func subjectOf(ctx context.Context, db bun.IDB, draftID string) (string, error) {
	var s seen
	err := db.NewRaw(`SELECT c.input, d.value, d.fields, d.model_name, d.model_digest, d.prompt_hash, d.gave_up
		FROM drafts d JOIN cases c ON c.id = d.case_id WHERE d.id = ?`, draftID).Scan(ctx, &s)
	return s.subject(), err
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

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
	Request   string  `bun:"request"`
	CreatedAt int64   `bun:"created_at"`
	UndoneAt  *int64  `bun:"undone_at"`
}

const decisionQuery = `SELECT d.id, d.review_id, d.case_id, d.verdict, d.user_id, u.name AS user_name, d.reason,
	d.subject, d.value, d.changed, d.fields, d.redraft, d.stood, d.seconds, d.request, d.created_at, d.undone_at FROM decisions d JOIN users u ON u.id = d.user_id`

func (r decisionRow) decision() Decision {
	d := Decision{ID: r.ID, ReviewID: r.ReviewID, CaseID: r.CaseID, Verdict: kit.Verdict(r.Verdict),
		Person: Holder{ID: r.UserID, Name: r.UserName}, Reason: r.Reason, Subject: r.Subject,
		CreatedAt: micros(r.CreatedAt), UndoneAt: optional(r.UndoneAt)}
	if r.Value != "null" {
		d.Value = json.RawMessage(r.Value)
	}
	d.Seconds = r.Seconds
	for into, column := range map[any]string{&d.Changed: r.Changed, &d.Fields: r.Fields, &d.Redraft: r.Redraft, &d.Stood: r.Stood} {
		_ = json.Unmarshal([]byte(column), into) // written by write alone
	}
	return d
}

// Standing returns the latest decision of a case that ended a review and was
// not undone, nil when there is none.
func Standing(ctx context.Context, db bun.IDB, caseID string) (*Decision, error) {
	return one(ctx, db, `WHERE d.case_id = ? AND d.verdict <> 'skip' AND d.undone_at IS NULL ORDER BY d.id DESC LIMIT 1`, caseID)
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
