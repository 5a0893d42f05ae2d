package review

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
)

// Gather is a case that passes a bar: its review, kept from the queue, and the
// terms that hold for it.
type Gather struct {
	CaseID, ReviewID, DraftID string
	Step                      string // the review step
	Bar                       Bar
	Terms                     Policy
	At                        time.Time
}

// Join puts a review that was opened, but is kept from the queue, into the lot
// that gathers on its terms, beginning one where there is none. It tells the
// lot's ID, how many cases it has now, and whether it began. The transaction
// must hold the trail.
func Join(ctx context.Context, tx bun.Tx, g Gather) (lotID string, size int, began bool, err error) {
	lotID, began, err = g.lot(ctx, tx)
	if err != nil {
		return "", 0, false, err
	}
	subject, err := subjectOf(ctx, tx, g.DraftID)
	if err != nil {
		return "", 0, false, err
	}
	for _, q := range []*bun.RawQuery{
		tx.NewRaw(`INSERT INTO lot_cases (lot_id, case_id, review_id, subject) VALUES (?, ?, ?, ?)`, lotID, g.CaseID, g.ReviewID, subject),
		tx.NewRaw(`UPDATE reviews SET lot_id = ?, waits = FALSE WHERE id = ?`, lotID, g.ReviewID),
		tx.NewRaw(`UPDATE lots SET size = size + 1 WHERE id = ?`, lotID),
	} {
		if _, err := q.Exec(ctx); err != nil {
			return "", 0, false, err
		}
	}
	err = tx.NewRaw(`SELECT size FROM lots WHERE id = ?`, lotID).Scan(ctx, &size)
	return lotID, size, began, err
}

// lot finds the lot that gathers, or begins one.
func (g Gather) lot(ctx context.Context, tx bun.Tx) (id string, began bool, err error) {
	terms, roles := g.Terms.Lots.fill(), mask(g.Terms.Roles)
	err = tx.NewRaw(`SELECT id FROM lots WHERE step = ? AND bar_id = ? AND roles = ? AND full_at = ? AND error = ?
		AND confidence = ? AND state = 'gathering'`, g.Step, g.Bar.ID, roles, terms.Size, terms.Error, terms.Confidence).Scan(ctx, &id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, false, err
	}
	id = kit.NewID()
	_, err = tx.NewRaw(`INSERT INTO lots (id, step, bar_id, state, roles, full_at, error, confidence, opened_at, closes_at)
		VALUES (?, ?, ?, 'gathering', ?, ?, ?, ?, ?, ?)`, id, g.Step, g.Bar.ID, roles, terms.Size, terms.Error, terms.Confidence,
		g.At.UnixMicro(), g.At.Add(terms.After).UnixMicro()).Exec(ctx)
	return id, true, err
}

// Close ends the gathering of a lot: it draws the seed and by it the sample,
// whose reviews go into the queue. It returns the lot with its seed and cases,
// nil when it does not gather any more.
func Close(ctx context.Context, tx bun.Tx, id string, now time.Time) (*Lot, error) {
	l, err := GetLot(ctx, tx, id)
	if err != nil || l.State != Gathering {
		return nil, err
	}
	if l.Cases, err = lotCases(ctx, tx, id); err != nil {
		return nil, err
	}
	l.Seed, l.Size = newSeed(), len(l.Cases)
	l.Sample = eval.SampleSize(l.Size, l.Error, l.Confidence)
	sample := Draw(l.Seed, l.ids(), l.Sample)
	for i, c := range l.Cases {
		l.Cases[i].Sampled = slices.Contains(sample, c.CaseID)
	}
	for _, q := range []*bun.RawQuery{
		tx.NewRaw(`UPDATE lot_cases SET sampled = TRUE WHERE lot_id = ? AND case_id IN (?)`, id, bun.List(sample)),
		tx.NewRaw(`UPDATE reviews SET waits = TRUE WHERE id IN (SELECT review_id FROM lot_cases WHERE lot_id = ? AND sampled)`, id),
		tx.NewRaw(`UPDATE lots SET state = 'sampling', seed = ?, size = ?, sample = ?, closed_at = ? WHERE id = ?`,
			l.Seed, l.Size, l.Sample, now.UnixMicro(), id),
	} {
		if _, err := q.Exec(ctx); err != nil {
			return nil, err
		}
	}
	l.State = Sampling
	return l, nil
}

// ids are the lot's cases by ID, in order.
func (l Lot) ids() []string {
	ids := make([]string, len(l.Cases))
	for i, c := range l.Cases {
		ids[i] = c.CaseID
	}
	return ids
}

// Dissolve ends a lot that nobody decided on because its bar is void: its cases
// are reviewed singly. It returns the reviews that were kept from the queue.
func Dissolve(ctx context.Context, tx bun.Tx, id string, now time.Time) (reviews []string, err error) {
	_, err = tx.NewRaw(`UPDATE lots SET state = 'void', settled_at = ? WHERE id = ?`, now.UnixMicro(), id).Exec(ctx)
	if err != nil {
		return nil, err
	}
	return Free(ctx, tx, id)
}

// Free puts the reviews of a lot that are still kept into the queue, and
// returns them.
func Free(ctx context.Context, tx bun.Tx, id string) (reviews []string, err error) {
	err = tx.NewRaw(`SELECT r.id FROM lot_cases x JOIN reviews r ON r.id = x.review_id
		WHERE x.lot_id = ? AND r.state = 'open' AND NOT r.waits ORDER BY r.id`, id).Scan(ctx, &reviews)
	if err != nil || len(reviews) == 0 {
		return nil, err
	}
	_, err = tx.NewRaw(`UPDATE reviews SET waits = TRUE WHERE id IN (?)`, bun.List(reviews)).Exec(ctx)
	return reviews, err
}

// Gathers reports whether lots of a bar gather.
func Gathers(ctx context.Context, tx bun.Tx, barID string) (any bool, err error) {
	err = tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM lots WHERE bar_id = ? AND state = 'gathering')`, barID).Scan(ctx, &any)
	return any, err
}

// OpenLots are the lots of a bar that nobody decided on yet.
func OpenLots(ctx context.Context, tx bun.Tx, barID string) (ids []string, err error) {
	err = tx.NewRaw(`SELECT id FROM lots WHERE bar_id = ? AND state IN ('gathering', 'sampling', 'ready') AND settled_at IS NULL
		ORDER BY id`, barID).Scan(ctx, &ids)
	return ids, err
}
