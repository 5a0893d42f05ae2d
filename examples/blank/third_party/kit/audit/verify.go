package audit

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// pageSize is how many events are in memory at a time; most how many problems
// are told before Verify leaves it at that.
const (
	pageSize = 1000
	most     = 20
)

// Problem is one place where the trail is broken.
type Problem struct {
	Of   string `json:"of"`             // what is wrong: "event", "checkpoint", "archive" or "line"
	Seq  int64  `json:"seq"`            // of the event, or the one that a checkpoint or an archive names
	Line int64  `json:"line,omitempty"` // where it stands in a file, from 1
	What string `json:"what"`
}

// String names the row, and in a file its line: "event 3: it is missing".
func (p Problem) String() string {
	name := fmt.Sprintf("%s %d", p.Of, p.Seq)
	switch {
	case p.Of == "line":
		name = fmt.Sprintf("line %d", p.Line)
	case p.Line > 0:
		name = fmt.Sprintf("line %d: %s", p.Line, name)
	}
	return name + ": " + p.What
}

// Result is what Verify found.
type Result struct {
	Events      int64          `json:"events"`   // how many were read
	Archived    int64          `json:"archived"` // how many an archive has taken out
	Head        Head           `json:"head"`
	Checkpoints int64          `json:"checkpoints"`       // how many were read
	Keys        map[string]int `json:"keys"`              // how many checkpoints and archives each public key signed
	CaseID      string         `json:"case_id,omitempty"` // of a file with one case's events, which do not chain
	Problems    []Problem      `json:"problems"`          // empty for a good trail; the first 20 of a bad one
}

// OK reports whether the trail is whole.
func (r Result) OK() bool { return len(r.Problems) == 0 }

// Against is what a trail is held against beside itself.
type Against struct {
	// Keys are those whose signatures count. Defaults to the keys that the
	// trail knows as the service's.
	Keys []ed25519.PublicKey

	// Checkpoints are those that were kept out of the house: all of them, for
	// the newest signs what was rewritten before it. Defaults to none.
	Checkpoints []Checkpoint

	// Archives are the files of what was taken out of the trail. Defaults to
	// none: the chain is then read from where the last archive ended.
	Archives []File
}

// Verify reads the whole chain, in pages, and compares every hash, every
// signature and the head with what they must be. A broken trail is no error: it
// is in the Result. Events that are appended meanwhile are read too.
func Verify(ctx context.Context, db bun.IDB) (Result, error) { return Against{}.Verify(ctx, db) }

// Verify is the function Verify, against more than the trail itself.
func (a Against) Verify(ctx context.Context, db bun.IDB) (Result, error) {
	v := newVerifier(a)
	err := v.database(ctx, db)
	if err != nil {
		return v.result, kit.Errorf(kit.CodeOf(err), "verify the audit trail after event %d: %w", v.last.Seq, err)
	}
	return v.result, nil
}

// verifier reads a trail in order, from a database or a file.
type verifier struct {
	Against
	result Result
	line   int64 // that is read, 0 outside of files
	start  Head  // what the first event follows
	open   bool  // the first event's link is not known
	last   Head  // of the events read so far
	before string
	shift  int64                  // by how much the events read last were renumbered
	unmet  map[int64]Checkpoint   // whose event is still to come
	signed map[string]int64       // by key, the first event that it signed for
	outer  map[int64][]Checkpoint // those from outside, by event
	met    map[int64]bool         // whose event was found
}

func newVerifier(a Against) *verifier {
	v := &verifier{Against: a, result: Result{Problems: []Problem{}, Keys: map[string]int{}},
		unmet: map[int64]Checkpoint{}, signed: map[string]int64{}, outer: map[int64][]Checkpoint{}, met: map[int64]bool{}}
	for _, c := range a.Checkpoints {
		v.outer[c.Seq] = append(v.outer[c.Seq], c)
	}
	return v
}

// database reads the trail of a database.
func (v *verifier) database(ctx context.Context, db bun.IDB) (err error) {
	if len(v.Keys) == 0 {
		if v.Keys, err = Keys(ctx, db); err != nil {
			v.tell("event", 0, "%v", err)
		}
	}
	if err := v.begin(ctx, db); err != nil {
		return err
	}
	for more := true; more && err == nil; {
		more, err = v.page(ctx, db)
		if err == nil && !more {
			more, err = v.end(ctx, db)
		}
	}
	v.close()
	return err
}

// page reads the next events, and reports whether there were any.
func (v *verifier) page(ctx context.Context, db bun.IDB) (bool, error) {
	p, err := readPage(ctx, db, v.last.Seq, 1<<62)
	for _, e := range p.events {
		v.event(e)
		if c, ok := p.checkpoints[e.Seq]; ok {
			v.checkpoint(c)
		}
	}
	return len(p.events) > 0, err
}

// event compares one event with the one before and with its own hash.
func (v *verifier) event(e Event) {
	v.result.Events++
	v.links(e)
	if e.Sum() != e.Hash {
		v.altered(e)
	} else {
		v.shift = 0
	}
	v.told(e)
	v.outside(Head{e.Seq, e.Hash})
	v.before, v.last, v.open = e.Prev, Head{e.Seq, e.Hash}, false
}

func (v *verifier) links(e Event) {
	switch next := v.last.Seq + 1; {
	case v.result.CaseID != "" || v.open:
	case e.Seq < next:
		v.tell("event", e.Seq, "it is out of order: it stands after event %d", v.last.Seq)
	case e.Seq == next+1:
		v.tell("event", next, "it is missing")
	case e.Seq > next:
		v.tell("event", next, "it and the events up to %d are missing", e.Seq-1)
	case e.Prev == v.last.Hash:
	case v.last.Seq > v.start.Seq && e.Prev == v.before:
		v.tell("event", v.last.Seq, "it was inserted: event %d follows the one before it", e.Seq)
	default:
		v.tell("event", e.Seq, "it does not follow event %d: one of the two was replaced or moved", v.last.Seq)
	}
}

// altered tells of an event without its hash. One that has it under another
// number was moved; those that moved with it are not told one by one.
func (v *verifier) altered(e Event) {
	if len(v.result.Problems) >= most {
		return // nothing more is told, and to look for its place takes long
	}
	was := e.movedFrom()
	switch {
	case was == 0:
		v.tell("event", e.Seq, "it (%s) was altered: its content does not have its hash", e.Kind)
	case e.Seq-was != v.shift:
		v.tell("event", e.Seq, "it is out of order: it was written as event %d", was)
		v.shift = e.Seq - was
	}
}

// reach is how far away the place of a moved event is looked for.
const reach = 1000

// movedFrom is the number under which e has its hash, 0 when there is none
// within reach.
func (e Event) movedFrom() int64 {
	here, hash := e.Seq, e.Hash
	for off := int64(1); off <= reach; off++ {
		for _, e.Seq = range []int64{here - off, here + off} {
			if e.Seq > 0 && e.Sum() == hash {
				return e.Seq
			}
		}
	}
	return 0
}

// end compares the head with the last event. Both come from one statement, so
// that an append cannot fall between; it reports whether there is more to read.
func (v *verifier) end(ctx context.Context, db bun.IDB) (bool, error) {
	beyond, err := checkpoints(ctx, db, "WHERE seq > ? ORDER BY seq LIMIT ?", v.last.Seq, most)
	if err != nil {
		return false, err
	}
	var newest int64
	err = db.NewRaw("SELECT seq, hash, (SELECT COALESCE(MAX(seq), 0) FROM audit_events) FROM audit_head WHERE id = 1").
		Scan(ctx, &v.result.Head.Seq, &v.result.Head.Hash, &newest)
	gone := errors.Is(err, sql.ErrNoRows)
	if gone {
		err = nil
		v.tell("event", v.last.Seq, "the row that names the head is gone")
	}
	if err != nil || newest > v.last.Seq {
		return err == nil, err
	}
	for _, c := range beyond {
		v.tell("checkpoint", c.Seq, "it signs an event that is not there: the end of the chain was removed, or the checkpoint inserted")
	}
	if !gone {
		v.head()
	}
	return false, nil
}

func (v *verifier) head() {
	switch head := v.result.Head; {
	case head.Seq > v.last.Seq:
		v.tell("event", head.Seq, "it and the events after %d are missing: the head names it", v.last.Seq)
	case head.Seq < v.last.Seq:
		v.tell("event", v.last.Seq, "it stands after the head, event %d: it was inserted, or the head was altered", head.Seq)
	case head != v.last:
		v.tell("event", v.last.Seq, "the head names it with another hash: the last events were replaced, or the head was altered")
	}
}

func (v *verifier) tell(of string, seq int64, format string, args ...any) {
	if len(v.result.Problems) < most {
		v.result.Problems = append(v.result.Problems, Problem{Of: of, Seq: seq, Line: v.line, What: fmt.Sprintf(format, args...)})
	}
}
