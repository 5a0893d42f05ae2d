package review

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// Locks lists the fields of a case that people set, of one draft step, in
// order of the path.
func Locks(ctx context.Context, db bun.IDB, caseID, draftStep string) ([]Lock, error) {
	var rows []struct {
		Path   string `bun:"path"`
		Value  string `bun:"value"`
		UserID string `bun:"user_id"`
		Name   string `bun:"name"`
	}
	err := db.NewRaw(`SELECT l.path, l.value, l.user_id, u.name FROM locks l JOIN users u ON u.id = l.user_id
		WHERE l.case_id = ? AND l.step = ? ORDER BY l.path`, caseID, draftStep).Scan(ctx, &rows)
	var locks []Lock
	for _, r := range rows {
		locks = append(locks, Lock{Path: r.Path, Value: json.RawMessage(r.Value), Person: Holder{ID: r.UserID, Name: r.Name}})
	}
	return locks, err
}

// Relock writes a case's locks anew by the decisions that its review step has
// come to.
func Relock(ctx context.Context, tx bun.Tx, schema *model.Schema, caseID, reviewStep, draftStep string) error {
	due, err := locksDue(ctx, tx, schema, caseID, reviewStep)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`DELETE FROM locks WHERE case_id = ? AND step = ?`, caseID, draftStep).Exec(ctx)
	for _, path := range slices.Sorted(maps.Keys(due)) {
		if err != nil {
			break
		}
		l := due[path]
		_, err = tx.NewRaw(`INSERT INTO locks (case_id, step, path, value, user_id, decision_id) VALUES (?, ?, ?, ?, ?, ?)`,
			caseID, draftStep, path, l.Value, l.User, l.Decision).Exec(ctx)
	}
	return err
}

// lockRow is a lock as it is stored.
type lockRow struct {
	Path     string `bun:"path"`
	Value    string `bun:"value"`
	User     string `bun:"user_id"`
	Decision string `bun:"decision_id"`
}

// locksDue are the locks that the decisions on a case come to, by path: the
// latest that set a field counts. A decision that was taken back, or overruled,
// or that waits for other seats, locks nothing, nor does one on a field that the
// form has no more.
func locksDue(ctx context.Context, db bun.IDB, schema *model.Schema, caseID, reviewStep string) (map[string]lockRow, error) {
	settled, err := many(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE d.case_id = ? AND r.step = ? AND d.verdict <> 'skip'
		AND d.undone_at IS NULL AND d.fields <> '{}' AND d.fields <> 'null' AND r.kind <> 'canary'
		AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = r.round AND (o.state = 'open' OR o.ended = 'expired'))
		AND (r.kind = 'adjudication' OR NOT EXISTS (SELECT 1 FROM reviews a WHERE a.round = r.round
			AND a.kind = 'adjudication' AND a.ended = '')) ORDER BY d.id`, caseID, reviewStep)
	due := map[string]lockRow{}
	for _, d := range settled {
		values := schema.Flatten(d.Value)
		for path := range d.Fields {
			if value, known := values[path]; known {
				due[path] = lockRow{path, string(value), d.Person.ID, d.ID}
			}
		}
	}
	return due, err
}

// Relocked lists, in order, the fields whose locks are not those that the
// decisions on a case come to. Of fields that the form has no more it says
// nothing.
func Relocked(ctx context.Context, db bun.IDB, schema *model.Schema, caseID, reviewStep, draftStep string) (paths []string, err error) {
	due, err := locksDue(ctx, db, schema, caseID, reviewStep)
	if err != nil {
		return nil, err
	}
	var rows []lockRow
	err = db.NewRaw(`SELECT path, value, user_id, decision_id FROM locks WHERE case_id = ? AND step = ?`, caseID, draftStep).Scan(ctx, &rows)
	for _, l := range rows {
		if is, found := due[l.Path]; l != is && (found || knows(schema, l.Path)) {
			paths = append(paths, l.Path)
		}
		delete(due, l.Path)
	}
	return slices.Sorted(slices.Values(append(paths, slices.Collect(maps.Keys(due))...))), err
}

// knows reports whether the form has a field.
func knows(schema *model.Schema, path string) bool {
	return slices.ContainsFunc(schema.Fields(), func(f model.FieldSpec) bool { return f.Path == path })
}

// Wish is what people who returned a draft ask of the next one.
type Wish struct {
	Comment string   // their words
	Redraft []string // paths to ask the model for again; empty means all that no person set
}

// WishOf reads what was asked for when a case's last draft was returned at a
// review step, nil when it was not.
func WishOf(ctx context.Context, db bun.IDB, caseID, reviewStep string) (*Wish, error) {
	last, err := one(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE d.case_id = ? AND r.step = ?
		AND r.kind <> 'canary' AND d.verdict <> 'skip' AND d.undone_at IS NULL ORDER BY d.id DESC LIMIT 1`, caseID, reviewStep)
	if err != nil || last == nil || last.Verdict != kit.Return {
		return nil, err
	}
	asked, err := many(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE r.round = (SELECT round FROM reviews WHERE id = ?)
		AND d.verdict = 'return' AND d.undone_at IS NULL AND (r.kind = 'adjudication' OR NOT EXISTS (SELECT 1 FROM reviews a
			WHERE a.round = r.round AND a.kind = 'adjudication' AND a.ended = '')) ORDER BY r.seat`, last.ReviewID)
	return wishOf(asked), err
}

// wishOf joins the wishes of several people. One who asks for all gets all.
func wishOf(asked []Decision) *Wish {
	var w Wish
	var words []string
	all := false
	for _, d := range asked {
		if !slices.Contains(words, d.Reason) {
			words = append(words, d.Reason)
		}
		all = all || len(d.Redraft) == 0
		w.Redraft = append(w.Redraft, d.Redraft...)
	}
	w.Comment = strings.Join(words, "\n")
	if w.Redraft = slices.Compact(slices.Sorted(slices.Values(w.Redraft))); all {
		w.Redraft = nil
	}
	return &w
}
