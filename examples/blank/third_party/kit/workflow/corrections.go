package workflow

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Correction is what a person let out of a case, beside what the model had
// drafted: a labelled case, and tomorrow's training data.
type Correction struct {
	ID        string          `json:"id"` // of the decision
	CaseID    string          `json:"case"`
	CaseName  string          `json:"name"`
	Input     json.RawMessage `json:"input"`
	InputHash string          `json:"input_hash"`
	From      string          `json:"from,omitempty"` // the user who brought the case in
	Step      string          `json:"step"`           // the review step
	DraftStep string          `json:"draft_step"`
	Draft     review.Draft    `json:"draft"`
	Value     json.RawMessage `json:"value"` // what was let out
	Changed   []string        `json:"changed"`
	Verdict   kit.Verdict     `json:"verdict"`
	Reason    string          `json:"reason,omitempty"`
	Person    review.Holder   `json:"person"`
	DecidedAt time.Time       `json:"decided_at"`
	Seconds   float64         `json:"seconds"` // from the claim to the decision
	Blind     bool            `json:"blind"`   // the fields were filled in before the draft was shown
	Lot       string          `json:"lot,omitempty"`
}

// correctionRow is a correction as it is read.
type correctionRow struct {
	ID        string  `bun:"id"`
	CaseID    string  `bun:"case_id"`
	CaseName  string  `bun:"case_name"`
	Input     string  `bun:"input"`
	InputHash string  `bun:"input_hash"`
	From      string  `bun:"submitted_by"`
	Step      string  `bun:"step"`
	DraftStep string  `bun:"draft_step"`
	DraftID   string  `bun:"draft_id"`
	Draft     string  `bun:"draft"`
	Fields    string  `bun:"draft_fields"`
	Model     string  `bun:"model_name"`
	Digest    string  `bun:"model_digest"`
	Prompt    string  `bun:"prompt_hash"`
	Usage     string  `bun:"usage"`
	GaveUp    string  `bun:"gave_up"`
	Server    string  `bun:"server"`
	By        string  `bun:"calibration"`
	DraftedAt int64   `bun:"drafted_at"`
	Value     string  `bun:"value"`
	Changed   string  `bun:"changed"`
	Verdict   string  `bun:"verdict"`
	Reason    string  `bun:"reason"`
	UserID    string  `bun:"user_id"`
	UserName  string  `bun:"user_name"`
	DecidedAt int64   `bun:"decided_at"`
	Seconds   float64 `bun:"seconds"`
	Blind     bool    `bun:"blind"`
	Lot       string  `bun:"lot_id"`
}

// correctionQuery finds the last word on each review step of a case that left:
// neither what was undone, nor what was said of a canary.
const correctionQuery = `SELECT d.id, d.case_id, c.name AS case_name, c.input, c.input_hash, COALESCE(c.submitted_by, '') AS submitted_by,
	r.step, f.step AS draft_step, f.id AS draft_id, f.value AS draft, f.fields AS draft_fields, f.model_name, f.model_digest,
	f.prompt_hash, f.server, f.calibration, f.usage, f.gave_up, f.created_at AS drafted_at, d.value, d.changed, d.verdict, d.reason, d.user_id, u.name AS user_name,
	d.created_at AS decided_at, d.seconds, r.blind, COALESCE(d.lot_id, '') AS lot_id
	FROM decisions d JOIN reviews r ON r.id = d.review_id JOIN drafts f ON f.id = r.draft_id
		JOIN cases c ON c.id = d.case_id JOIN users u ON u.id = d.user_id
	WHERE d.id > ? AND d.releases AND d.undone_at IS NULL AND r.kind <> 'canary' AND c.state IN ('delivering', 'delivered')
		AND NOT EXISTS (SELECT 1 FROM decisions x JOIN reviews y ON y.id = x.review_id WHERE x.case_id = d.case_id AND x.id > d.id
			AND y.step = r.step AND y.kind <> 'canary' AND x.verdict <> 'skip' AND x.undone_at IS NULL)
	ORDER BY d.id LIMIT ?`

// Corrections lists what people let out, oldest decision first, from behind
// the decision after on ("" from the first). Those of a lot's cases that
// nobody looked at have Lot set: they are no labels.
func (r *Runner) Corrections(ctx context.Context, after string, limit int) (Page[Correction], error) {
	if err := checkCursor("list corrections", after); err != nil {
		return Page[Correction]{}, err
	}
	var rows []correctionRow
	if err := r.DB.Read().NewRaw(correctionQuery, after, limit+1).Scan(ctx, &rows); err != nil {
		return Page[Correction]{}, err
	}
	return page(rows, limit, correctionRow.correction, func(row correctionRow) string { return row.ID }), nil
}

func (r correctionRow) correction() Correction {
	c := Correction{ID: r.ID, CaseID: r.CaseID, CaseName: r.CaseName, Input: json.RawMessage(r.Input), InputHash: r.InputHash,
		From: r.From, Step: r.Step, DraftStep: r.DraftStep, Value: json.RawMessage(r.Value), Verdict: kit.Verdict(r.Verdict),
		Reason: r.Reason, Person: review.Holder{ID: r.UserID, Name: r.UserName}, DecidedAt: time.UnixMicro(r.DecidedAt).UTC(),
		Seconds: r.Seconds, Blind: r.Blind, Lot: r.Lot}
	c.Draft = review.Draft{ID: r.DraftID, Value: json.RawMessage(r.Draft), Model: kit.ModelInfo{Name: r.Model, Digest: r.Digest, Server: r.Server}, Calibration: r.By,
		Prompt: r.Prompt, Usage: json.RawMessage(r.Usage), GaveUp: r.GaveUp, CreatedAt: time.UnixMicro(r.DraftedAt).UTC()}
	_ = json.Unmarshal([]byte(r.Fields), &c.Draft.Fields) // both written by the runner alone
	_ = json.Unmarshal([]byte(r.Changed), &c.Changed)
	if r.Value == "null" {
		c.Value = c.Draft.Value
	}
	return c
}
