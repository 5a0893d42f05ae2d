package review

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/big"
	"slices"

	"github.com/uptrace/bun"
)

// Agrees reports whether two decisions come to the same: both release the same
// value, both reject, or both return.
func (d Decision) Agrees(with Decision) bool {
	if d.Verdict.Releases() || with.Verdict.Releases() {
		return d.Verdict.Releases() && with.Verdict.Releases() && sameValue(d.Value, with.Value)
	}
	return d.Verdict == with.Verdict
}

// compare holds a decision against those of the other seats. A value that
// differs in its notation alone (12.5 and 12.50) is taken as it was decided
// first, so that the same is the same for the database too. Who settles a
// disagreement is told to have agreed with whom.
func (d *Decision) compare(ctx context.Context, tx bun.Tx, l locked) error {
	others, err := decisionsOf(ctx, tx, l.Round)
	if err != nil {
		return err
	}
	for _, o := range others {
		if !d.Agrees(o) {
			continue
		}
		if d.Verdict.Releases() {
			d.Value = o.Value
		}
		if Kind(l.Kind) == Adjudication {
			d.Stood = append(d.Stood, o.ID)
		}
	}
	return nil
}

// Alike lists the other decisions of a decision's round that stand and come to
// the same, by seat.
func Alike(ctx context.Context, db bun.IDB, d Decision) ([]Decision, error) {
	all, err := many(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE r.round = (SELECT round FROM reviews WHERE id = ?)
		AND d.verdict <> 'skip' AND d.undone_at IS NULL AND d.id <> ? ORDER BY r.seat`, d.ReviewID, d.ID)
	return slices.DeleteFunc(all, func(o Decision) bool { return !o.Agrees(d) }), err
}

// Passed lists the decisions by which a case passed one of its review steps,
// none where it did not: the last that let it on, after those that came to the
// same. What was said of a canary decides nothing.
func Passed(ctx context.Context, db bun.IDB, caseID, step string) ([]Decision, error) {
	last, err := one(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE d.case_id = ? AND r.step = ? AND r.kind <> 'canary'
		AND d.verdict IN ('approve', 'edit') AND d.undone_at IS NULL ORDER BY d.id DESC LIMIT 1`, caseID, step)
	if err != nil || last == nil {
		return nil, err
	}
	all, err := Alike(ctx, db, *last)
	return append(all, *last), err
}

// decisionsOf are those that stand in a round, by seat. Skips are none.
func decisionsOf(ctx context.Context, db bun.IDB, round string) ([]Decision, error) {
	return many(ctx, db, `JOIN reviews r ON r.id = d.review_id WHERE r.round = ? AND d.verdict <> 'skip'
		AND d.undone_at IS NULL ORDER BY r.seat`, round)
}

// sameValue reports whether two JSON values say the same: numbers by value,
// objects whatever the order of their members.
func sameValue(a, b json.RawMessage) bool {
	x, errA := parsed(a)
	y, errB := parsed(b)
	return errA == nil && errB == nil && same(x, y)
}

func parsed(raw json.RawMessage) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

func same(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		return ok && sameNumber(x.String(), y.String())
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, same)
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, same)
	}
	return a == b
}

// sameNumber compares two numbers to 512 bits, more than people write.
func sameNumber(a, b string) bool {
	x, _, errA := big.ParseFloat(a, 10, 512, big.ToNearestEven)
	y, _, errB := big.ParseFloat(b, 10, 512, big.ToNearestEven)
	if errA != nil || errB != nil {
		return a == b
	}
	return x.Cmp(y) == 0
}
