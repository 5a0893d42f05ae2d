package audit

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

const (
	// checkpointMade is the event that follows a checkpoint and names it: a
	// checkpoint that is gone is missed.
	checkpointMade = "checkpoint.made"

	// CheckpointEvents is how many events the trail gains at most, and
	// checkpointAfter for how long an event stands, before a checkpoint is due.
	CheckpointEvents = 1000
	checkpointAfter  = time.Hour
)

// Checkpoint is a signed statement of where the chain stood. Whoever rewrites
// the chain cannot sign it again; a copy that was taken out of the house shows
// it even to somebody who has the key.
type Checkpoint struct {
	Seq       int64     `json:"seq"`  // of the last event then
	Hash      string    `json:"hash"` // of that event
	At        time.Time `json:"at"`   // microseconds, UTC
	Workflow  string    `json:"workflow"`
	KeyID     string    `json:"key_id"`    // the public key, Ed25519, base64
	Signature string    `json:"signature"` // Ed25519 over the message, base64
}

// message is what the signature covers: the fields "tackhammer audit checkpoint
// 1", Workflow, Seq, Hash and At (microseconds since 1970), numbers in decimal,
// each field preceded by its length in bytes as eight bytes, the highest first.
func (c Checkpoint) message() []byte {
	return framed("tackhammer audit checkpoint 1", c.Workflow, strconv.FormatInt(c.Seq, 10), c.Hash, strconv.FormatInt(c.At.UnixMicro(), 10))
}

// Check reports what is wrong with the signature: kit.Invalid when it does not
// match, or is of none of keys. Without keys the one that c names counts, which
// finds a change, but not a forger with a key of their own.
func (c Checkpoint) Check(keys ...ed25519.PublicKey) error {
	if err := checkSigned(c.KeyID, c.Signature, c.message(), keys); err != nil {
		return kit.Errorf(kit.Invalid, "check the checkpoint at event %d: %w", c.Seq, err)
	}
	return nil
}

func checkSigned(keyID, signature string, message []byte, keys []ed25519.PublicKey) error {
	key, err := ParsePublicKey(keyID)
	if err != nil {
		return errors.New("its key is no Ed25519 key")
	}
	if len(keys) > 0 && !holds(keys, key) {
		return errors.New("it is signed with a key that is none of the service's")
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || !ed25519.Verify(key, message, raw) {
		return errors.New("the signature does not match")
	}
	return nil
}

func holds(keys []ed25519.PublicKey, key ed25519.PublicKey) bool {
	for _, k := range keys {
		if k.Equal(key) {
			return true
		}
	}
	return false
}

// sign gives the key's name and its signature of message.
func (s *Signer) sign(message []byte) (keyID, signature string, err error) {
	if s.key == nil {
		return "", "", kit.Errorf(kit.Internal, "sign for the audit trail: this process was given no key")
	}
	encode := base64.StdEncoding.EncodeToString
	return encode(s.PublicKey()), encode(ed25519.Sign(s.key, message)), nil
}

// Ready reports whether s has a key to sign with.
func (s *Signer) Ready() bool { return s.key != nil }

// CheckpointDue reports whether, at a time, the trail has gained so much since
// the last checkpoint that the next is due.
func CheckpointDue(ctx context.Context, db bun.IDB, at time.Time) (bool, error) {
	since, first, err := unsigned(ctx, db)
	return since >= CheckpointEvents || since > 0 && at.Sub(first) >= checkpointAfter, err
}

// unsigned counts the events since the last checkpoint, without the one that
// tells of it, and says when the first of them was.
func unsigned(ctx context.Context, db bun.IDB) (n int64, first time.Time, err error) {
	var us int64
	err = db.NewRaw(`WITH last AS (SELECT COALESCE((SELECT MAX(seq) + 1 FROM checkpoints), 0) AS seq)
		SELECT h.seq - last.seq, COALESCE((SELECT e.at FROM audit_events e WHERE e.seq = last.seq + 1), 0)
		FROM audit_head h, last WHERE h.id = 1`).Scan(ctx, &n, &us)
	if err != nil {
		return 0, first, kit.Errorf(kit.CodeOf(err), "count the audit events since the last checkpoint: %w", err)
	}
	return n, time.UnixMicro(us).UTC(), nil
}

// MakeCheckpoint signs the end of the chain, as part of tx, and tells of it
// with an event. Where nothing happened since the last one it makes none and
// returns the zero Checkpoint.
func MakeCheckpoint(ctx context.Context, tx bun.Tx, s *Signer, workflow string, at time.Time) (Checkpoint, error) {
	head, err := hold(ctx, tx)
	if err != nil {
		return Checkpoint{}, err
	}
	if n, _, err := unsigned(ctx, tx); err != nil || n <= 0 {
		return Checkpoint{}, err
	}
	c := Checkpoint{Seq: head.Seq, Hash: head.Hash, At: at.UTC().Truncate(time.Microsecond), Workflow: workflow}
	if c.KeyID, c.Signature, err = s.sign(c.message()); err != nil {
		return Checkpoint{}, err
	}
	if err := c.write(ctx, tx); err != nil {
		return Checkpoint{}, kit.Errorf(kit.CodeOf(err), "make a checkpoint at event %d: %w", c.Seq, err)
	}
	return c, nil
}

// made is what the event of a checkpoint holds.
type made struct {
	Seq       int64  `json:"seq"`
	Signature string `json:"signature"`
}

func (c Checkpoint) write(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewRaw("INSERT INTO checkpoints (seq, hash, at, workflow, key_id, signature) VALUES (?, ?, ?, ?, ?, ?)",
		c.Seq, c.Hash, c.At.UnixMicro(), c.Workflow, c.KeyID, c.Signature).Exec(ctx)
	if err != nil {
		return err
	}
	data, err := json.Marshal(made{c.Seq, c.Signature})
	if err != nil {
		return err
	}
	_, err = Append(ctx, tx, Event{At: c.At, Actor: machine, Kind: checkpointMade, Data: data})
	return err
}

// machine is the actor of what the service does by itself.
const machine = "service"

// checkpointRow is a checkpoint as the database keeps it.
type checkpointRow struct {
	bun.BaseModel `bun:"table:checkpoints"`

	Seq                        int64
	Hash                       string
	At                         int64
	Workflow, KeyID, Signature string
}

func (r checkpointRow) checkpoint() Checkpoint {
	return Checkpoint{Seq: r.Seq, Hash: r.Hash, At: time.UnixMicro(r.At).UTC(), Workflow: r.Workflow, KeyID: r.KeyID, Signature: r.Signature}
}

func checkpoints(ctx context.Context, db bun.IDB, rest string, args ...any) ([]Checkpoint, error) {
	var rows []checkpointRow
	if err := db.NewRaw("SELECT seq, hash, at, workflow, key_id, signature FROM checkpoints "+rest, args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]Checkpoint, len(rows))
	for i, r := range rows {
		out[i] = r.checkpoint()
	}
	return out, nil
}

// LastCheckpoint reads the newest checkpoint that is no younger than at and of
// an event with a number below before; kit.NotFound when there is none.
func LastCheckpoint(ctx context.Context, db bun.IDB, at time.Time, before int64) (Checkpoint, error) {
	found, err := checkpoints(ctx, db, "WHERE at <= ? AND seq < ? ORDER BY seq DESC LIMIT 1", at.UnixMicro(), before)
	if err != nil {
		return Checkpoint{}, kit.Errorf(kit.CodeOf(err), "find a checkpoint of the audit trail: %w", err)
	}
	if len(found) == 0 {
		return Checkpoint{}, kit.Errorf(kit.NotFound, "find a checkpoint of the audit trail: there is none yet").
			WithHint("`trail checkpoint` makes one, and the service one an hour")
	}
	return found[0], nil
}
