package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"
	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/store"
)

// modelSwitch says that a model drafts from some time on.
type modelSwitch struct {
	ID     string
	Model  string
	Picked string // JSON of nail.Picked, or null
	At     int64
}

// noteModel notes which model drafts, unless it is the one that was noted last.
func noteModel(ctx context.Context, db *store.DB, n nail.Nail) error {
	last, err := switches(ctx, db, 1)
	if err != nil || len(last) > 0 && last[0].Model == n.Model {
		return err
	}
	return db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("INSERT INTO model_switches (id, model, picked, at) VALUES (?, ?, ?, ?)",
			kit.NewID(), n.Model, pickedJSON(n), kit.Now().UnixMicro()).Exec(ctx)
		return err
	})
}

// pickedJSON is what pick measured of the model that drafts.
func pickedJSON(n nail.Nail) string {
	if n.Picked.Model != n.Model {
		return "null"
	}
	raw, err := json.Marshal(n.Picked)
	if err != nil {
		return "null" // it holds texts and numbers: it cannot fail
	}
	return string(raw)
}

// switches lists the last that were not rolled back, newest first.
func switches(ctx context.Context, db *store.DB, limit int) (rows []modelSwitch, err error) {
	err = db.Read().NewRaw("SELECT id, model, picked, at FROM model_switches WHERE undone_at IS NULL ORDER BY id DESC LIMIT ?", limit).Scan(ctx, &rows)
	return rows, err
}

// rolledBack is what a rollback did.
type rolledBack struct {
	From  string    `json:"from"`
	To    string    `json:"to"`
	Since time.Time `json:"since"` // that it drafted before
	File  string    `json:"file"`
}

func (c Config) rollbackModel(cc *cli.Context) error {
	return c.withBaseline(cc, finds, 0, func(ctx context.Context, cc *cli.Context, s *Service) error {
		if err := noteModel(ctx, s.DB, s.Nail); err != nil {
			return err
		}
		last, err := switches(ctx, s.DB, 2)
		if err != nil {
			return err
		}
		if len(last) < 2 {
			return kit.Errorf(kit.Conflict, "roll the model back: none drafted here before %s", s.Nail.Model).
				WithHint("write another into nail.yaml, or let `pick` choose one")
		}
		done := rolledBack{From: last[0].Model, To: last[1].Model, Since: time.UnixMicro(last[1].At).UTC()}
		if done.File, err = writeModel(s.Options.Nail, last[1]); err != nil {
			return err
		}
		if err := undo(ctx, s.DB, last[0], done); err != nil {
			return err
		}
		if cc.Bool("json") {
			return c.printJSON(done)
		}
		fmt.Fprintf(c.Out, "%s drafts again in place of %s: %s says so. A service that runs takes it up when it starts anew.\n", done.To, done.From, done.File)
		return nil
	})
}

// undo notes that a switch was rolled back. The file says so first: where the
// note is lost, the next rollback finds the file's model as one that came anew.
func undo(ctx context.Context, db *store.DB, from modelSwitch, done rolledBack) error {
	return db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ctx, err := audit.Hold(ctx, tx)
		if err != nil {
			return err
		}
		now := kit.Now()
		if _, err := tx.NewRaw("UPDATE model_switches SET undone_at = ? WHERE id = ?", now.UnixMicro(), from.ID).Exec(ctx); err != nil {
			return err
		}
		data, err := json.Marshal(map[string]string{"from": done.From, "to": done.To})
		if err != nil {
			return err
		}
		_, err = audit.Append(ctx, tx, audit.Event{At: now, Actor: "system", Kind: "model.rolled_back", Data: data})
		return err
	})
}

// writeModel writes a model of before, and what pick had measured of it, into
// the nail's file, and returns its path.
func writeModel(path string, to modelSwitch) (string, error) {
	if path == "" {
		path = "nail.yaml"
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", kit.Errorf(kit.Invalid, "roll the model back: %w", err).WithHint("run it in the app's folder, where its nail.yaml is, or give --nail FILE")
	}
	changes := []nail.Change{{Path: []string{"model"}, Value: to.Model}, {Path: []string{"picked"}}}
	var before nail.Picked
	if json.Unmarshal([]byte(to.Picked), &before) == nil && before.Model == to.Model {
		changes = before.Changes()
	}
	edited, err := nail.Edit(filepath.Base(path), raw, changes...)
	if err != nil {
		return "", err
	}
	return path, replaceKeeping(path, edited)
}
