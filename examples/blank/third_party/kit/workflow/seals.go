package workflow

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/review"
)

// sealed is what of a draft must stay as it was made, whether or not anybody
// decides on it.
type sealed struct {
	ID     string `bun:"id"`
	Case   string `bun:"case_id"`
	Step   string `bun:"step"`
	Value  string `bun:"value"`
	Fields string `bun:"fields"` // with confidence and evidence
	Model  string `bun:"model_name"`
	Digest string `bun:"model_digest"`
	Prompt string `bun:"prompt_hash"`
	GaveUp string `bun:"gave_up"`

	Server      string `bun:"server"`
	Calibration string `bun:"calibration"`
}

const sealedQuery = `SELECT id, case_id, step, value, fields, model_name, model_digest, prompt_hash, gave_up, server, calibration FROM drafts `

// seal is what the trail notes of the draft. It is no plain hash: the client
// reads it beside a draft with an error put in, and must not find that out.
func (s sealed) seal(seed string) string {
	fields := []string{s.ID, s.Case, s.Step, s.Value, s.Fields, s.Model, s.Digest, s.Prompt, s.GaveUp}
	if s.Server != "" || s.Calibration != "" { // drafts of before have neither, and their seals stand
		fields = append(fields, s.Server, s.Calibration)
	}
	return review.Seal(seed, fields...)
}

// sealDraft seals a draft that was just stored.
func sealDraft(ctx context.Context, tx bun.Tx, id string, at time.Time) (string, error) {
	seed, err := review.Seed(ctx, tx, at)
	if err != nil {
		return "", err
	}
	var s sealed
	err = tx.NewRaw(sealedQuery+`WHERE id = ?`, id).Scan(ctx, &s)
	return s.seal(seed), err
}

// noteHidden appends an event of a case that its history leaves out. Its nonce
// keeps those who see the events around it from trying what it says against
// their hashes.
func noteHidden(ctx context.Context, tx bun.Tx, at time.Time, kind string, data map[string]string) error {
	seed, err := review.Seed(ctx, tx, at)
	if err != nil {
		return err
	}
	data["nonce"] = review.Seal(seed, kind, data["case"], data["draft"], data["lot"])
	return noteAt(ctx, tx, at, machine, kind, "", data)
}
