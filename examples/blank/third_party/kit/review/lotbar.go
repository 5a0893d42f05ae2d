package review

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Bar is a certified threshold: of the drafts whose least sure field is at
// least that sure, at most the share Error is wrong, at Confidence. It holds
// for drafts of the same model, prompt, schema, server and calibration alone.
type Bar struct {
	ID          string        `json:"id"`
	Step        string        `json:"step"`       // the draft step
	Threshold   float64       `json:"threshold"`  // on the confidence of the least sure field
	Error       float64       `json:"error"`      // the share of wrong drafts above it, at most
	Confidence  float64       `json:"confidence"` // how sure that is
	Labels      int           `json:"labels"`     // labelled drafts above it that it was measured on
	Wrong       int           `json:"wrong"`      // of those
	Cases       int           `json:"cases"`      // labelled cases that there were to measure on; 0 where that was not noted
	Share       float64       `json:"share"`      // of those, how many pass: 0 to 1
	Model       kit.ModelInfo `json:"model"`
	Prompt      string        `json:"prompt_hash"`
	Schema      string        `json:"schema_hash"`
	Calibration string        `json:"calibration,omitempty"` // hash of the calibration; "" for the model's own confidence
	CertifiedAt time.Time     `json:"certified_at"`
	VoidedAt    *time.Time    `json:"voided_at,omitempty"`
	Reason      string        `json:"void_reason,omitempty"`
}

// upper is the exact upper bound for the share of wrong drafts above the bar,
// one-sided at its Confidence, by Clopper and Pearson.
func (b Bar) upper() float64 {
	_, high := eval.ClopperPearson(b.Wrong, b.Labels, 2*b.Confidence-1)
	return high
}

// Check refuses a bar whose own numbers do not hold, with kit.Invalid.
func (b Bar) Check() error {
	var e *kit.Error
	refuse := func(ok bool, path, format string, args ...any) {
		if ok || e != nil {
			return
		}
		e = kit.Errorf(kit.Invalid, "certify a bar for step %s: %s "+format, append([]any{b.Step, path}, args...)...)
		e.Fields = []kit.FieldError{{Path: path, Message: fmt.Sprintf(format, args...)}}
	}
	refuse(b.Step != "", "step", "is missing")
	refuse(b.Threshold > 0 && b.Threshold <= 1, "threshold", "%v: over 0, at most 1", b.Threshold)
	refuse(b.Error > 0 && b.Error < 1, "error", "%v: between 0 and 1", b.Error)
	refuse(b.Confidence > 0.5 && b.Confidence < 1, "confidence", "%v: between 0.5 and 1", b.Confidence)
	refuse(b.Labels > 0 && b.Wrong >= 0 && b.Wrong <= b.Labels, "labels", "%d, %d of them wrong: there must be some", b.Labels, b.Wrong)
	refuse(b.Model.Digest != "", "model", "has no digest: it could not be told from another")
	refuse(b.Schema != "", "schema_hash", "is missing")
	refuse(b.Cases == 0 && b.Share == 0 || b.Cases >= b.Labels && b.Share > 0 && b.Share <= 1, "share", "%v of %d cases: they are not those of the labels", b.Share, b.Cases)
	if e == nil {
		refuse(b.upper() <= b.Error, "error", "%v does not hold: with %d wrong of %d labels it may be %.4f, at %v confidence",
			b.Error, b.Wrong, b.Labels, b.upper(), b.Confidence)
	}
	if e == nil {
		return nil
	}
	return e.WithHint("measure on more labels, or raise the threshold")
}

// Fit is what drafts the bar holds for must be of.
func (b Bar) Fit() model.Fit {
	return model.Fit{Step: b.Step, Digest: b.Model.Digest, Prompt: b.Prompt, Schema: b.Schema, Server: b.Model.Server}
}

// Differs names what a bar's drafts have another of than such drafts: step,
// model, prompt, schema, server; or where all of those are the same, calibration,
// which goes with them. None where the bar holds for them.
func (b Bar) Differs(fit model.Fit, calibration string) (parts []string) {
	was := b.Fit()
	for _, part := range []struct{ name, was, is string }{
		{"step", was.Step, fit.Step}, {"model", was.Digest, fit.Digest}, {"prompt", was.Prompt, fit.Prompt},
		{"schema", was.Schema, fit.Schema}, {"server", was.Server, fit.Server},
	} {
		if part.was != part.is {
			parts = append(parts, part.name)
		}
	}
	if len(parts) == 0 && b.Calibration != calibration {
		parts = append(parts, "calibration")
	}
	return parts
}

// Certify stores a bar that holds from now on. The transaction must hold the
// trail.
func Certify(ctx context.Context, tx bun.Tx, by auth.User, b Bar) error {
	_, err := tx.NewRaw(`INSERT INTO bars (id, step, threshold, error, confidence, labels, wrong, cases, share, model_name, model_digest,
		prompt_hash, schema_hash, server, calibration, certified_at, certified_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.ID, b.Step, b.Threshold, b.Error, b.Confidence, b.Labels, b.Wrong, b.Cases, b.Share, b.Model.Name, b.Model.Digest, b.Prompt,
		b.Schema, b.Model.Server, b.Calibration, b.CertifiedAt.UnixMicro(), by.ID).Exec(ctx)
	return err
}

// Void ends a bar. One that was void before is kit.Conflict.
func Void(ctx context.Context, tx bun.Tx, id, reason string, now time.Time) error {
	b, err := barByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if b.VoidedAt != nil {
		return kit.Errorf(kit.Conflict, "void bar %s: it is void already: %s", id, b.Reason).WithHint("nothing was changed")
	}
	_, err = tx.NewRaw(`UPDATE bars SET voided_at = ?, void_reason = ? WHERE id = ?`, now.UnixMicro(), reason, id).Exec(ctx)
	return err
}

// barRow is a bar as it is stored.
type barRow struct {
	ID          string  `bun:"id"`
	Step        string  `bun:"step"`
	Threshold   float64 `bun:"threshold"`
	Error       float64 `bun:"error"`
	Confidence  float64 `bun:"confidence"`
	Labels      int     `bun:"labels"`
	Wrong       int     `bun:"wrong"`
	Cases       int     `bun:"cases"`
	Share       float64 `bun:"share"`
	Model       string  `bun:"model_name"`
	Digest      string  `bun:"model_digest"`
	Prompt      string  `bun:"prompt_hash"`
	Schema      string  `bun:"schema_hash"`
	Server      string  `bun:"server"`
	Calibration string  `bun:"calibration"`
	CertifiedAt int64   `bun:"certified_at"`
	VoidedAt    *int64  `bun:"voided_at"`
	Reason      string  `bun:"void_reason"`
}

const barQuery = `SELECT id, step, threshold, error, confidence, labels, wrong, cases, share, model_name, model_digest, prompt_hash,
	schema_hash, server, calibration, certified_at, voided_at, void_reason FROM bars `

func (r barRow) bar() Bar {
	return Bar{ID: r.ID, Step: r.Step, Threshold: r.Threshold, Error: r.Error, Confidence: r.Confidence, Labels: r.Labels,
		Wrong: r.Wrong, Cases: r.Cases, Share: r.Share, Model: kit.ModelInfo{Name: r.Model, Digest: r.Digest, Server: r.Server},
		Prompt: r.Prompt, Schema: r.Schema, Calibration: r.Calibration,
		CertifiedAt: micros(r.CertifiedAt), VoidedAt: optional(r.VoidedAt), Reason: r.Reason}
}

// barByID reads a bar, or fails with kit.NotFound.
func barByID(ctx context.Context, db bun.IDB, id string) (Bar, error) {
	var r barRow
	err := db.NewRaw(barQuery+`WHERE id = ?`, id).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return Bar{}, kit.Errorf(kit.NotFound, "find bar %s: there is no such bar", id).
			WithHint("the page of lots lists the bars that hold")
	}
	return r.bar(), err
}

// Bars lists the bars of a draft step that hold, newest first; of all steps
// for "".
func Bars(ctx context.Context, db bun.IDB, step string) ([]Bar, error) {
	return bars(ctx, db, `WHERE voided_at IS NULL AND (step = ? OR ? = '') ORDER BY id DESC`, step, step)
}

// EveryBar lists all bars, newest first, also those that are void.
func EveryBar(ctx context.Context, db bun.IDB) ([]Bar, error) {
	return bars(ctx, db, `ORDER BY id DESC`)
}

func bars(ctx context.Context, db bun.IDB, rest string, args ...any) ([]Bar, error) {
	var rows []barRow
	err := db.NewRaw(barQuery+rest, args...).Scan(ctx, &rows)
	bars := make([]Bar, len(rows))
	for i, r := range rows {
		bars[i] = r.bar()
	}
	return bars, err
}

// Outlived is a bar that does not hold for a draft, with what it has another of.
type Outlived struct {
	Bar
	Differs []string
}

// BarsFor parts the bars of a draft's step that hold into the one for drafts
// like this, nil when there is none, and those for drafts of another model,
// prompt, schema, server or calibration.
func BarsFor(ctx context.Context, db bun.IDB, step, draftID, schema string) (holds *Bar, others []Outlived, err error) {
	bars, err := Bars(ctx, db, step)
	if err != nil || len(bars) == 0 {
		return nil, nil, err
	}
	var d struct {
		Digest      string `bun:"model_digest"`
		Prompt      string `bun:"prompt_hash"`
		Server      string `bun:"server"`
		Calibration string `bun:"calibration"`
	}
	err = db.NewRaw(`SELECT model_digest, prompt_hash, server, calibration FROM drafts WHERE id = ?`, draftID).Scan(ctx, &d)
	if err != nil {
		return nil, nil, err
	}
	fit := model.Fit{Step: step, Digest: d.Digest, Prompt: d.Prompt, Schema: schema, Server: d.Server}
	for _, b := range bars {
		if parts := b.Differs(fit, d.Calibration); len(parts) > 0 {
			others = append(others, Outlived{b, parts})
		} else {
			holds = &b
		}
	}
	return holds, others, nil
}
