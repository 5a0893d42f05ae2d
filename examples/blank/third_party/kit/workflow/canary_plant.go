package workflow

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// altered is a draft with an error put in.
type altered struct {
	name, path     string
	planted, truth json.RawMessage
	value, fields  json.RawMessage // of the draft
}

// plant shows a case with an error first, when its turn for one has come, and
// reports whether it does: the case's real reviews open when that one is
// decided. To a client it looks like any other review.
func (r *Runner) plant(ctx context.Context, tx bun.Tx, o *opening) (bool, error) {
	if len(r.Canaries) == 0 || o.terms.Canaries <= 0 {
		return false, nil
	}
	a, err := r.draw(ctx, tx, o)
	if err != nil {
		return false, err
	}
	if a == nil { // the trail grows alike: its numbers in a case's history do not tell
		return false, noteHidden(ctx, tx, o.at, "canary.passed", map[string]string{"case": o.c.ID, "draft": o.draft})
	}
	return true, r.show(ctx, tx, o, a)
}

// draw is the error that a case is to be shown with, nil for none.
func (r *Runner) draw(ctx context.Context, tx bun.Tx, o *opening) (*altered, error) {
	drawn, err := r.sampled(ctx, tx, "canary", o.c.ID, o.terms.Canaries)
	if err != nil || !drawn || o.blind || o.terms.Quorum > 1 || o.facts.GaveUp != "" {
		return nil, err
	}
	var before bool
	err = tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM canaries WHERE case_id = ?)`, o.c.ID).Scan(ctx, &before)
	if err != nil || before {
		return nil, err
	}
	return r.alter(ctx, tx, o)
}

// alter puts an error into a draft, nil when none of the app's canaries fits.
func (r *Runner) alter(ctx context.Context, tx bun.Tx, o *opening) (*altered, error) {
	seed, err := review.Seed(ctx, tx, o.at)
	if err != nil {
		return nil, err
	}
	others, err := otherDrafts(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	s := Specimen{Values: spoken(o.facts), Rand: drawer(seed, o.c.ID)}
	s.Other = func(path string) json.RawMessage { return another(s.Rand, others, path) }
	for _, i := range s.Rand.Perm(len(r.Canaries)) {
		path, wrong, ok := r.Canaries[i].Make(s)
		if ok {
			if a := o.with(path, wrong, s.Values); a != nil {
				a.name = r.Canaries[i].Name
				return a, nil
			}
		}
	}
	return nil, nil
}

// drawer draws the same for a case whenever it is asked.
func drawer(seed, caseID string) *rand.Rand {
	mac := hmac.New(sha256.New, []byte(seed))
	mac.Write([]byte("canary draw\x00" + caseID))
	return rand.New(rand.NewChaCha8([32]byte(mac.Sum(nil))))
}

// spoken are the draft's values that the source speaks for: an error in
// another one could not be seen by it.
func spoken(f review.Facts) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for _, field := range f.Fields {
		plain := !slices.ContainsFunc(field.Marks, func(m kit.Mark) bool { return m != kit.MarkRepaired && m != kit.MarkRetried })
		if plain && len(field.Value) > 0 && string(field.Value) != "null" {
			values[field.Path] = field.Value
		}
	}
	return values
}

// othersRead is how many other drafts a wrong value is chosen from.
const othersRead = 30

// otherDrafts reads the values of the latest drafts of other cases.
func otherDrafts(ctx context.Context, tx bun.Tx, o *opening) ([]map[string]json.RawMessage, error) {
	var rows []string
	err := tx.NewRaw(`SELECT value FROM drafts WHERE case_id <> ? AND step = (SELECT step FROM drafts WHERE id = ?)
		AND NOT canary AND gave_up = '' ORDER BY id DESC LIMIT ?`, o.c.ID, o.draft, othersRead).Scan(ctx, &rows)
	var all []map[string]json.RawMessage
	for _, value := range rows {
		all = append(all, o.facts.Schema.Flatten([]byte(value)))
	}
	return all, err
}

// another draws one of the values of a field.
func another(rng *rand.Rand, drafts []map[string]json.RawMessage, path string) json.RawMessage {
	var values []json.RawMessage
	for _, d := range drafts {
		if v := d[path]; len(v) > 0 && string(v) != "null" {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return nil
	}
	return values[rng.IntN(len(values))]
}

// with is the draft with a wrong value, nil when it changes nothing or breaks
// the schema: that would tell.
func (o *opening) with(path string, wrong json.RawMessage, values map[string]json.RawMessage) *altered {
	truth := values[path]
	if len(truth) == 0 || alike(truth, wrong) {
		return nil
	}
	value, bad := o.facts.Schema.Apply(o.facts.Value, map[string]json.RawMessage{path: wrong})
	if len(bad) > 0 {
		return nil
	}
	fields := slices.Clone(o.facts.Fields)
	for i := range fields {
		if fields[i].Path == path {
			fields[i].Value = wrong
		}
	}
	kept, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return &altered{path: path, planted: wrong, truth: truth, value: value, fields: kept}
}

// show opens the review of the altered draft.
func (r *Runner) show(ctx context.Context, tx bun.Tx, o *opening, a *altered) error {
	draft, id := kit.NewID(), o.id
	_, err := tx.NewRaw(`INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, server,
		calibration, usage, gave_up, created_at, canary, original) SELECT ?, case_id, step, ?, ?, model_name, model_digest, prompt_hash, server,
		calibration, usage, gave_up, created_at, TRUE, id FROM drafts WHERE id = ?`, draft, string(a.value), string(a.fields), o.draft).Exec(ctx)
	if err != nil {
		return err
	}
	v := o.review(id, 1)
	v.DraftID, v.Kind = draft, review.Canary
	if err := o.add(ctx, tx, v); err != nil {
		return err
	}
	_, err = tx.NewRaw(`INSERT INTO canaries (review_id, case_id, original, name, path, planted, truth) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, o.c.ID, o.draft, a.name, a.path, string(a.planted), string(a.truth)).Exec(ctx)
	if err != nil {
		return err
	}
	seal, err := sealDraft(ctx, tx, draft, o.at)
	if err != nil {
		return err
	}
	// No case: its history is read by those who must not know.
	err = noteAt(ctx, tx, o.at, machine, "canary.planted", "", map[string]string{"case": o.c.ID, "review": id, "draft": draft,
		"original": o.draft, "name": a.name, "path": a.path, "value": kit.Hash(a.value), "seal": seal})
	if err != nil {
		return err
	}
	return r.announce(ctx, tx, o)
}

// CanaryFound tells the person who decided on a canary what was wrong.
type CanaryFound struct {
	Path    string          `json:"path"`    // of the field that was altered
	Planted json.RawMessage `json:"planted"` // what stood in it
	Truth   json.RawMessage `json:"truth"`   // what the draft had said
	Caught  bool            `json:"caught"`  // the person changed it or asked for it again
	person  string          // who decided; "" when nobody did yet
}

// canaryOf reads the canary of a review, nil when it is none, and the draft
// that it was made of.
func canaryOf(ctx context.Context, db bun.IDB, reviewID string) (*CanaryFound, string, error) {
	var row struct {
		Original string `bun:"original"`
		Path     string `bun:"path"`
		Planted  string `bun:"planted"`
		Truth    string `bun:"truth"`
		Caught   bool   `bun:"caught"`
		Person   string `bun:"person"`
	}
	err := db.NewRaw(`SELECT original, path, planted, truth, COALESCE(caught, FALSE) AS caught,
		COALESCE(user_id, '') AS person FROM canaries WHERE review_id = ?`, reviewID).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", nil
	}
	return &CanaryFound{Path: row.Path, Planted: json.RawMessage(row.Planted), Truth: json.RawMessage(row.Truth),
		Caught: row.Caught, person: row.Person}, row.Original, err
}

// toldOf is what a person is told of the canary that they decided on, nil when
// it was none or they left it to others.
func toldOf(ctx context.Context, db bun.IDB, d review.Decision) (*CanaryFound, error) {
	if d.Verdict == kit.Skip {
		return nil, nil
	}
	found, _, err := canaryOf(ctx, db, d.ReviewID)
	return found, err
}

// judge notes whether the person saw the error, and opens the case's real
// reviews, whatever they said: nothing comes of a decision on a canary.
func (r *Runner) judge(ctx context.Context, tx bun.Tx, c *current, s *step, d review.Decision) error {
	found, original, err := canaryOf(ctx, tx, d.ReviewID)
	if err != nil || found == nil || d.Verdict == kit.Skip {
		return err
	}
	found.Caught = d.Touches(found.Path)
	if err := r.noteJudged(ctx, tx, c, d, found); err != nil {
		return err
	}
	return r.openReview(ctx, tx, c, s, original)
}

// noteJudged keeps what a canary told of its reviewer.
func (r *Runner) noteJudged(ctx context.Context, tx bun.Tx, c *current, d review.Decision, found *CanaryFound) error {
	_, err := tx.NewRaw(`UPDATE canaries SET user_id = ?, caught = ?, decided_at = ? WHERE review_id = ?`,
		d.Person.ID, found.Caught, d.CreatedAt.UnixMicro(), d.ReviewID).Exec(ctx)
	if err != nil {
		return err
	}
	name := "canary.missed"
	if found.Caught {
		name = "canary.caught"
	}
	if err := review.Tally(ctx, tx, d.CreatedAt, name, d.Person.ID, 1); err != nil {
		return err
	}
	return r.note(ctx, tx, machine, "canary.judged", c.ID, map[string]any{"review": d.ReviewID, "decision": d.ID,
		"person": d.Person.ID, "path": found.Path, "planted": found.Planted, "truth": found.Truth, "caught": found.Caught})
}
