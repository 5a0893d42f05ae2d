package review

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/store"
)

// Concealed is what is said in place of a draft that a person is not shown.
const Concealed = "hidden until the fields are filled in"

// BlindAnswer is what a person filled in before the draft was shown.
type BlindAnswer struct {
	Value     json.RawMessage `json:"value"`
	Differs   []string        `json:"differs"` // paths in which the draft says something else, sorted
	CreatedAt time.Time       `json:"created_at"`
}

// IsConcealed reports whether the draft of a case is hidden from the user:
// while a blind review of it is open, all but those who filled in a seat of
// its round see nothing of it. From the zero User nothing is hidden.
func IsConcealed(ctx context.Context, db bun.IDB, by auth.User, caseID string) (hidden bool, err error) {
	if by.ID == "" {
		return false, nil
	}
	err = db.NewRaw(`SELECT EXISTS (SELECT 1 FROM reviews o WHERE o.case_id = ? AND o.state = 'open' AND o.blind
		AND NOT EXISTS (SELECT 1 FROM blind_answers b JOIN reviews m ON m.id = b.review_id
			WHERE m.case_id = o.case_id AND m.round = o.round AND b.user_id = ?))`, caseID, by.ID).Scan(ctx, &hidden)
	return hidden, err
}

// conceal takes from a review what its reader may not see yet, and adds what
// they filled in themselves.
func (v *Review) conceal(ctx context.Context, db bun.IDB, by auth.User) error {
	if err := db.NewRaw(`SELECT blind FROM reviews WHERE id = ?`, v.ID).Scan(ctx, &v.Blind); err != nil {
		return err
	}
	if v.Blind {
		answer, err := blindAnswer(ctx, db, by, v.ID)
		if err != nil {
			return err
		}
		v.BlindAnswer = answer
	}
	hidden, err := IsConcealed(ctx, db, by, v.CaseID)
	if err != nil || !hidden {
		return err
	}
	v.Concealed, v.Confidence, v.Tier = Concealed, 0, ""
	v.Subject = "" // a hash that what the draft says could be tried against
	v.Comment, v.Locked, v.Versions = "", nil, nil
	v.Draft = v.Draft.Conceal()
	return nil
}

// Conceal returns of a draft what may be told to those who are to fill the
// fields in first: which fields it has, and what made it.
func (d Draft) Conceal() Draft {
	bare := Draft{ID: d.ID, Model: d.Model, Prompt: d.Prompt, CreatedAt: d.CreatedAt}
	for _, f := range d.Fields {
		bare.Fields = append(bare.Fields, kit.Field{Path: f.Path})
	}
	return bare
}

// blindAnswer reads what the user filled in, in whichever seat of a review's
// round, nil when nothing.
func blindAnswer(ctx context.Context, db bun.IDB, by auth.User, id string) (*BlindAnswer, error) {
	var row struct {
		Value     string `bun:"value"`
		Differs   string `bun:"differs"`
		CreatedAt int64  `bun:"created_at"`
	}
	err := db.NewRaw(`SELECT b.value, b.differs, b.created_at FROM reviews r JOIN reviews m ON m.round = r.round
		JOIN blind_answers b ON b.review_id = m.id WHERE r.id = ? AND b.user_id = ?`,
		id, by.ID).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	a := &BlindAnswer{Value: json.RawMessage(row.Value), Differs: []string{}, CreatedAt: micros(row.CreatedAt)}
	_ = json.Unmarshal([]byte(row.Differs), &a.Differs) // written by AnswerBlind alone
	return a, err
}

// AnswerBlind keeps what the holder of a blind review filled in, and from then
// on shows them the draft. A field that is left out is empty. The same answer
// sent again is welcome and reported; another one is kit.Conflict, in another seat
// of the round too, as is one to a review that is not blind. Values that break the schema are kit.Invalid,
// and a lease that is gone kit.LostLease.
func AnswerBlind(ctx context.Context, db *store.DB, tx bun.Tx, schema *model.Schema, by auth.User, id string, epoch int64, fields map[string]json.RawMessage, now time.Time) (a BlindAnswer, repeated bool, err error) {
	act := "fill in review " + id
	if err := mayDecide(by, act); err != nil {
		return a, false, err
	}
	l, err := lock(ctx, db, tx, id)
	if err != nil {
		return a, false, err
	}
	if err := l.heldBy(ctx, tx, by, epoch); err != nil {
		return a, false, err
	}
	draft, err := l.blindDraft(ctx, tx, act)
	if err != nil {
		return a, false, err
	}
	if a.Value, err = filled(schema, act, fields); err != nil {
		return a, false, err
	}
	a.Differs = changed(schema.Flatten([]byte(draft)), schema.Flatten(a.Value))
	a.CreatedAt = now
	first, err := blindAnswer(ctx, tx, by, id)
	switch {
	case err != nil:
		return a, false, err
	case first != nil && string(first.Value) == string(a.Value):
		return *first, true, nil
	case first != nil:
		return a, false, kit.Errorf(kit.Conflict, "%s: you filled it in before", act).
			WithHint("what was filled in blind cannot be changed; decide on the draft now")
	}
	// What was typed so far was the answer, not changes to the draft.
	if err := DropEdits(ctx, tx, by, id); err != nil {
		return a, false, err
	}
	return a, false, a.write(ctx, tx, by, id)
}

// write stores the answer.
func (a BlindAnswer) write(ctx context.Context, tx bun.Tx, by auth.User, id string) error {
	differs, _ := json.Marshal(a.Differs) // a list of texts
	_, err := tx.NewRaw(`INSERT INTO blind_answers (review_id, user_id, value, differs, created_at) VALUES (?, ?, ?, ?, ?)`,
		id, by.ID, string(a.Value), string(differs), a.CreatedAt.UnixMicro()).Exec(ctx)
	return err
}

// blindDraft reads the draft of a blind review.
func (l locked) blindDraft(ctx context.Context, tx bun.Tx, act string) (draft string, err error) {
	var row struct {
		Blind bool   `bun:"blind"`
		Value string `bun:"value"`
	}
	err = tx.NewRaw(`SELECT r.blind, d.value FROM reviews r JOIN drafts d ON d.id = r.draft_id WHERE r.id = ?`, l.ID).Scan(ctx, &row)
	if err == nil && !row.Blind {
		err = kit.Errorf(kit.Conflict, "%s: it is not blind: the draft is shown already", act).WithHint("decide on the draft")
	}
	return row.Value, err
}

// filled is a whole value of the schema as a person filled it in.
func filled(schema *model.Schema, act string, fields map[string]json.RawMessage) (json.RawMessage, error) {
	all := maps.Clone(fields)
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	var bad []kit.FieldError
	for _, spec := range schema.Fields() {
		if len(all[spec.Path]) == 0 {
			all[spec.Path] = json.RawMessage("null")
		}
		if !typed(all[spec.Path]) {
			bad = append(bad, kit.FieldError{Path: spec.Path, Message: "must be UTF-8 without control characters"})
		}
	}
	value, broken := schema.Apply([]byte("{}"), all)
	if bad = append(bad, broken...); len(bad) == 0 {
		return value, nil
	}
	e := kit.Errorf(kit.Invalid, "%s: %s: %s", act, bad[0].Path, bad[0].Message)
	e.Fields = bad
	return nil, e
}

// filledIn refuses a decision on a blind review by a person who did not fill
// it in. To leave it to somebody else needs no answer.
func (l locked) filledIn(ctx context.Context, tx bun.Tx, by auth.User, verdict kit.Verdict) error {
	if verdict == kit.Skip {
		return nil
	}
	var missing bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM reviews r WHERE r.id = ? AND r.blind AND NOT EXISTS (SELECT 1 FROM reviews m
		JOIN blind_answers b ON b.review_id = m.id WHERE m.round = r.round AND b.user_id = ?))`, l.ID, by.ID).Scan(ctx, &missing)
	if err != nil || !missing {
		return err
	}
	return kit.Errorf(kit.Conflict, "decide review %s: %w", l.ID, Unfilled).
		WithHint("the draft is shown, and can be decided on, once you have filled the fields in by the source alone")
}
