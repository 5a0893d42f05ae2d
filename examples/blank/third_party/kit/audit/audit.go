// Package audit keeps the trail of what happened to a service: an append-only
// chain of events, each of which holds the hash of the one before.
//
// A change and its event are written in one transaction. Take the head of the
// chain first with Hold, so that all transactions take their locks in the same
// order; do the work; tell of it with Append:
//
//	err := db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
//		ctx, err := audit.Hold(ctx, tx)
//		if err != nil {
//			return err
//		}
//		…
//		_, err = audit.Append(ctx, tx, audit.Event{At: now, Actor: user.ID, Kind: "review.decided", CaseID: id, Data: data})
//		return err
//	})
//
// Verify reads the chain and names what was altered, removed, inserted or moved.
// Who can rewrite the whole database can rewrite the whole chain too: a
// Checkpoint signs where it stood, and a copy of one, or a Receipt, takes that
// out of the house. Export writes the trail as lines that prove themselves;
// TakeOut lets go of old events that such a file has.
package audit

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/tackhammer/tackhammer/kit"
)

// Event is one thing that happened. Append fills Seq, Prev and Hash.
type Event struct {
	Seq    int64           `json:"seq"` // counts from 1 without gaps
	At     time.Time       `json:"at"`  // kept in microseconds, UTC
	Actor  string          `json:"actor"`
	Kind   string          `json:"kind"` // what happened, as thing.past: "review.decided"
	CaseID string          `json:"case_id,omitempty"`
	Data   json.RawMessage `json:"data"` // kept byte for byte
	Prev   string          `json:"prev"` // Hash of event Seq-1; "" for the first
	Hash   string          `json:"hash"` // hex SHA-256, see Sum
}

// Head is the end of the chain: the last event's number and hash. The head of
// an empty chain is the zero value.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Sum computes the hash that e must have: SHA-256 over the fields "tackhammer
// audit event 1", Seq, At (microseconds since 1970), Actor, Kind, CaseID, Data
// and Prev, numbers in decimal, each field preceded by its length in bytes as
// eight bytes, the highest first. The lengths keep text from moving between
// fields unseen.
func (e Event) Sum() string {
	return kit.Hash(framed("tackhammer audit event 1", strconv.FormatInt(e.Seq, 10), strconv.FormatInt(e.At.UnixMicro(), 10),
		e.Actor, e.Kind, e.CaseID, string(e.Data), e.Prev))
}

// framed joins fields so that no text can move between them unseen.
func framed(fields ...string) (message []byte) {
	for _, field := range fields {
		message = binary.BigEndian.AppendUint64(message, uint64(len(field)))
		message = append(message, field...)
	}
	return message
}

// check refuses what the database could not give back byte for byte.
func (e Event) check() error {
	if e.Kind == "" || e.Actor == "" || e.At.IsZero() {
		return kit.Errorf(kit.Invalid, "append audit event %q: it lacks its kind, actor or time", e.Kind)
	}
	if !json.Valid(e.Data) {
		return kit.Errorf(kit.Invalid, "append audit event %s: the data are not JSON", e.Kind)
	}
	for _, s := range []string{e.Actor, e.Kind, e.CaseID, string(e.Data)} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return kit.Errorf(kit.Invalid, "append audit event %s: %.40q is not text in UTF-8", e.Kind, s)
		}
	}
	return nil
}

// Hold locks the head of the chain until tx ends. Call it first thing in a
// transaction that will append: no two such transactions can then wait for
// each other in a circle. Append, given the returned context, need not ask for
// the head again.
func Hold(ctx context.Context, tx bun.Tx) (context.Context, error) {
	head, err := hold(ctx, tx)
	return context.WithValue(ctx, heldKey{}, &held{tx, head}), err
}

// held is the head of the chain as a transaction that holds it left it.
type held struct {
	tx   bun.Tx
	head Head
}

type heldKey struct{}

// headFor is the head that tx holds, read when the context does not know it.
func headFor(ctx context.Context, tx bun.Tx) (*held, error) {
	if h, ok := ctx.Value(heldKey{}).(*held); ok && h.tx.Tx == tx.Tx {
		return h, nil
	}
	head, err := hold(ctx, tx)
	return &held{tx, head}, err
}

func hold(ctx context.Context, tx bun.Tx) (Head, error) {
	query := selectHead
	if tx.Dialect().Name() == dialect.PG {
		query += " FOR UPDATE"
	}
	return scanHead(ctx, tx, query)
}

const selectHead = "SELECT seq, hash FROM audit_head WHERE id = 1"

// HeadOf tells the end of the chain.
func HeadOf(ctx context.Context, db bun.IDB) (Head, error) { return scanHead(ctx, db, selectHead) }

func scanHead(ctx context.Context, db bun.IDB, query string) (Head, error) {
	var h Head
	err := db.NewRaw(query).Scan(ctx, &h.Seq, &h.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return h, kit.Errorf(kit.Internal, "read the audit head: its row is gone").
			WithHint("restore the database from a backup")
	}
	if err != nil {
		return h, kit.Errorf(kit.CodeOf(err), "read the audit head: %w", err)
	}
	return h, nil
}

// Append writes e at the end of the chain, as part of tx, and returns it with
// its number and hashes. Data must be JSON; kit.Invalid when it is not.
func Append(ctx context.Context, tx bun.Tx, e Event) (Event, error) {
	if err := e.check(); err != nil {
		return Event{}, err
	}
	last, err := headFor(ctx, tx)
	if err != nil {
		return Event{}, err
	}
	e.At = e.At.UTC().Truncate(time.Microsecond)
	e.Seq, e.Prev = last.head.Seq+1, last.head.Hash
	e.Hash = e.Sum()
	if err := write(ctx, tx, e); err != nil {
		return Event{}, kit.Errorf(kit.CodeOf(err), "append audit event %s: %w", e.Kind, err)
	}
	last.head = Head{Seq: e.Seq, Hash: e.Hash}
	return e, nil
}

func write(ctx context.Context, tx bun.Tx, e Event) error {
	_, err := tx.NewRaw("INSERT INTO audit_events (seq, at, actor, kind, case_id, data, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		e.Seq, e.At.UnixMicro(), e.Actor, e.Kind, e.CaseID, string(e.Data), e.Prev, e.Hash).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1", e.Seq, e.Hash).Exec(ctx)
	return err
}

// row is an event as the database keeps it.
type row struct {
	bun.BaseModel `bun:"table:audit_events"`

	Seq, At      int64
	Actor, Kind  string
	CaseID, Data string
	Prev, Hash   string
}

func (r row) event() Event {
	return Event{Seq: r.Seq, At: time.UnixMicro(r.At).UTC(), Actor: r.Actor, Kind: r.Kind, CaseID: r.CaseID,
		Data: json.RawMessage(r.Data), Prev: r.Prev, Hash: r.Hash}
}

const columns = "SELECT seq, at, actor, kind, case_id, data, prev, hash FROM audit_events "

// Events lists the events of one case, oldest first.
func Events(ctx context.Context, db bun.IDB, caseID string) ([]Event, error) {
	events, err := query(ctx, db, columns+"WHERE case_id = ? ORDER BY seq", caseID)
	if err != nil {
		return nil, kit.Errorf(kit.CodeOf(err), "list the audit events of case %s: %w", caseID, err)
	}
	return events, nil
}

// Newest lists up to limit events of one case, newest first: those before the
// one numbered before, or the last ones when that is 0.
func Newest(ctx context.Context, db bun.IDB, caseID string, before int64, limit int) ([]Event, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	events, err := query(ctx, db, columns+"WHERE case_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?", caseID, before, limit)
	if err != nil {
		return nil, kit.Errorf(kit.CodeOf(err), "list the audit events of case %s: %w", caseID, err)
	}
	return events, nil
}

func query(ctx context.Context, db bun.IDB, q string, args ...any) ([]Event, error) {
	var rows []row
	if err := db.NewRaw(q, args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = r.event()
	}
	return events, nil
}
