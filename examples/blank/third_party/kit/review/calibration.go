package review

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Calibration is a stored model.Calibration. Drafts that it fits have their
// confidence by it from when it is made until another one for the same is.
type Calibration struct {
	ID      string     `json:"id"`
	For     model.Fit  `json:"for"`
	Model   string     `json:"model"` // its name
	Hash    string     `json:"hash"`  // of Body
	Body    string     `json:"-"`     // model.Calibration as JSON
	Labels  int        `json:"labels"`
	MadeAt  time.Time  `json:"made_at"`
	EndedAt *time.Time `json:"ended_at,omitempty"`
	MadeBy  string     `json:"made_by"` // a user's ID
}

// Calibrate stores a calibration that holds from now on, and ends the one for
// the same drafts that held before, whose hash it returns ("" for none). The
// transaction must hold the trail.
func Calibrate(ctx context.Context, tx bun.Tx, by auth.User, c Calibration) (before string, err error) {
	old, err := CalibrationFor(ctx, tx, c.For)
	if err != nil {
		return "", err
	}
	if old != nil {
		before = old.Hash
		if _, err := tx.NewRaw(`UPDATE calibrations SET ended_at = ? WHERE id = ?`, c.MadeAt.UnixMicro(), old.ID).Exec(ctx); err != nil {
			return "", err
		}
	}
	_, err = tx.NewRaw(`INSERT INTO calibrations (id, step, model_name, model_digest, prompt_hash, schema_hash, server, hash, body,
		labels, made_at, made_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.ID, c.For.Step, c.Model, c.For.Digest, c.For.Prompt,
		c.For.Schema, c.For.Server, c.Hash, c.Body, c.Labels, c.MadeAt.UnixMicro(), by.ID).Exec(ctx)
	return before, err
}

// calibrationRow is a calibration as it is stored.
type calibrationRow struct {
	ID      string `bun:"id"`
	Step    string `bun:"step"`
	Model   string `bun:"model_name"`
	Digest  string `bun:"model_digest"`
	Prompt  string `bun:"prompt_hash"`
	Schema  string `bun:"schema_hash"`
	Server  string `bun:"server"`
	Hash    string `bun:"hash"`
	Body    string `bun:"body"`
	Labels  int    `bun:"labels"`
	MadeAt  int64  `bun:"made_at"`
	MadeBy  string `bun:"made_by"`
	EndedAt *int64 `bun:"ended_at"`
}

const calibrationQuery = `SELECT id, step, model_name, model_digest, prompt_hash, schema_hash, server, hash, body, labels, made_at,
	made_by, ended_at FROM calibrations `

func (r calibrationRow) calibration() Calibration {
	return Calibration{ID: r.ID, For: model.Fit{Step: r.Step, Digest: r.Digest, Prompt: r.Prompt, Schema: r.Schema, Server: r.Server},
		Model: r.Model, Hash: r.Hash, Body: r.Body, Labels: r.Labels, MadeAt: micros(r.MadeAt), EndedAt: optional(r.EndedAt), MadeBy: r.MadeBy}
}

// CalibrationFor finds the calibration that holds for such drafts, nil where
// there is none.
func CalibrationFor(ctx context.Context, db bun.IDB, fit model.Fit) (*Calibration, error) {
	var r calibrationRow
	err := db.NewRaw(calibrationQuery+`WHERE step = ? AND model_digest = ? AND prompt_hash = ? AND schema_hash = ? AND server = ?
		AND ended_at IS NULL`, fit.Step, fit.Digest, fit.Prompt, fit.Schema, fit.Server).Scan(ctx, &r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, kit.Errorf(kit.CodeOf(err), "find the calibration of step %s: %w", fit.Step, err)
	}
	c := r.calibration()
	return &c, nil
}

// EveryCalibration lists all calibrations, newest first, also those that ended.
func EveryCalibration(ctx context.Context, db bun.IDB) ([]Calibration, error) {
	var rows []calibrationRow
	err := db.NewRaw(calibrationQuery+`ORDER BY id DESC`).Scan(ctx, &rows)
	all := make([]Calibration, len(rows))
	for i, r := range rows {
		all[i] = r.calibration()
	}
	return all, err
}
