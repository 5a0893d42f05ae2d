package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// page is how many events are in memory at a time; most how many problems are
// told before Verify leaves it at that.
const (
	page = 1000
	most = 20
)

// Problem is one place where the chain is broken.
type Problem struct {
	Seq  int64  `json:"seq"`
	What string `json:"what"`
}

// Result is what Verify found.
type Result struct {
	Events   int64     `json:"events"` // how many were read
	Head     Head      `json:"head"`
	Problems []Problem `json:"problems"` // empty for a good chain; the first 20 of a bad one
}

// OK reports whether the chain is whole.
func (r Result) OK() bool { return len(r.Problems) == 0 }

// Verify reads the whole chain, in pages, and compares every hash and the head
// with what they must be. A broken chain is no error: it is in the Result.
// Events that are appended meanwhile are read too.
func Verify(ctx context.Context, db bun.IDB) (Result, error) {
	v := verifier{result: Result{Problems: []Problem{}}}
	for {
		more, err := v.page(ctx, db)
		if err == nil && !more {
			more, err = v.end(ctx, db)
		}
		if err != nil {
			return v.result, kit.Errorf(kit.CodeOf(err), "verify the audit trail after event %d: %w", v.last.Seq, err)
		}
		if !more {
			return v.result, nil
		}
	}
}

type verifier struct {
	result Result
	last   Head // of the events read so far
}

// page reads the next events, and reports whether there were any.
func (v *verifier) page(ctx context.Context, db bun.IDB) (bool, error) {
	events, err := query(ctx, db, columns+"WHERE seq > ? ORDER BY seq LIMIT ?", v.last.Seq, page)
	for _, e := range events {
		v.check(e)
	}
	return len(events) > 0, err
}

func (v *verifier) check(e Event) {
	switch {
	case e.Seq == v.last.Seq+2:
		v.tell(e.Seq-1, "the event is missing")
	case e.Seq > v.last.Seq+2:
		v.tell(v.last.Seq+1, "the events up to %d are missing", e.Seq-1)
	case e.Prev != v.last.Hash:
		v.tell(e.Seq, "it does not follow event %d: one of the two was replaced or moved", v.last.Seq)
	}
	if e.Sum() != e.Hash {
		v.tell(e.Seq, "the event (%s) was altered: its content does not have its hash", e.Kind)
	}
	v.result.Events++
	v.last = Head{e.Seq, e.Hash}
}

// end compares the head with the last event. Both come from one statement, so
// that an append cannot fall between; it reports whether there is more to read.
func (v *verifier) end(ctx context.Context, db bun.IDB) (bool, error) {
	var newest int64
	err := db.NewRaw("SELECT seq, hash, (SELECT COALESCE(MAX(seq), 0) FROM audit_events) FROM audit_head WHERE id = 1").
		Scan(ctx, &v.result.Head.Seq, &v.result.Head.Hash, &newest)
	if errors.Is(err, sql.ErrNoRows) {
		v.tell(v.last.Seq, "the row that names the head is gone")
		return false, nil
	}
	if err != nil || newest > v.last.Seq {
		return err == nil, err
	}
	switch head := v.result.Head; {
	case head.Seq > v.last.Seq:
		v.tell(head.Seq, "the events after %d up to the head are missing", v.last.Seq)
	case head != v.last:
		v.tell(v.last.Seq, "the head names event %d with another hash: the last events were replaced or the head was altered", head.Seq)
	}
	return false, nil
}

func (v *verifier) tell(seq int64, format string, args ...any) {
	if len(v.result.Problems) < most {
		v.result.Problems = append(v.result.Problems, Problem{seq, fmt.Sprintf(format, args...)})
	}
}
