package audit

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// trailArchived is the event of an archive. It carries on what the trail must
// still know once the events in the archive are gone.
const trailArchived = "trail.archived"

// Archive is the signed record of events that were taken out of the trail into
// a file. The chain goes on from its Hash.
type Archive struct {
	Seq        int64     `json:"seq"`         // of the last event in the file
	Hash       string    `json:"hash"`        // of that event
	FileSHA256 string    `json:"file_sha256"` // hex
	Cases      int64     `json:"cases"`       // that came in up to Seq, in this file and those before
	At         time.Time `json:"at"`          // microseconds, UTC
	Workflow   string    `json:"workflow"`
	KeyID      string    `json:"key_id"`    // the public key, Ed25519, base64
	Signature  string    `json:"signature"` // Ed25519 over the message, base64
}

// message is what the signature covers, framed as a Checkpoint's: the fields
// "tackhammer audit archive 1", Workflow, Seq, Hash, FileSHA256, Cases and At.
func (a Archive) message() []byte {
	return framed("tackhammer audit archive 1", a.Workflow, strconv.FormatInt(a.Seq, 10), a.Hash, a.FileSHA256,
		strconv.FormatInt(a.Cases, 10), strconv.FormatInt(a.At.UnixMicro(), 10))
}

// Check reports what is wrong with the signature, as Checkpoint.Check does.
func (a Archive) Check(keys ...ed25519.PublicKey) error {
	if err := checkSigned(a.KeyID, a.Signature, a.message(), keys); err != nil {
		return kit.Errorf(kit.Invalid, "check the archive up to event %d: %w", a.Seq, err)
	}
	return nil
}

// archiveRow is an archive as the database keeps it.
type archiveRow struct {
	bun.BaseModel `bun:"table:archives"`

	Seq                        int64
	Hash                       string
	FileSha256                 string `bun:"file_sha256"`
	Cases, At                  int64
	Workflow, KeyID, Signature string
}

func (r archiveRow) archive() Archive {
	return Archive{Seq: r.Seq, Hash: r.Hash, FileSHA256: r.FileSha256, Cases: r.Cases, At: time.UnixMicro(r.At).UTC(),
		Workflow: r.Workflow, KeyID: r.KeyID, Signature: r.Signature}
}

// Archives lists the records of all archives, oldest first.
func Archives(ctx context.Context, db bun.IDB) ([]Archive, error) {
	var rows []archiveRow
	err := db.NewRaw("SELECT seq, hash, file_sha256, cases, at, workflow, key_id, signature FROM archives ORDER BY seq").Scan(ctx, &rows)
	if err != nil {
		return nil, kit.Errorf(kit.CodeOf(err), "list the archives of the audit trail: %w", err)
	}
	out := make([]Archive, len(rows))
	for i, r := range rows {
		out[i] = r.archive()
	}
	return out, nil
}

// lastArchive is the newest one, the zero Archive where there is none.
func lastArchive(ctx context.Context, db bun.IDB) (Archive, error) {
	all, err := Archives(ctx, db)
	if err != nil || len(all) == 0 {
		return Archive{}, err
	}
	return all[len(all)-1], nil
}

// carried is what the event of an archive holds.
type carried struct {
	Seq    int64    `json:"seq"`
	SHA256 string   `json:"file_sha256"`
	Keys   []string `json:"public_keys"` // of the service so far

	// Lasting are the events in archives that still hold; see Lasting.
	Lasting []kept `json:"lasting"`
}

// TakeOut removes the events up to c from the trail, as part of tx, once a file
// with this hash has them: it signs the record of that, tells of it with an
// event, and makes a checkpoint of what is left. It fails with kit.Conflict
// when the trail does not go on from the last archive to c.
func TakeOut(ctx context.Context, tx bun.Tx, s *Signer, c Checkpoint, fileSHA256 string, at time.Time) (Archive, error) {
	ctx, err := Hold(ctx, tx)
	if err != nil {
		return Archive{}, err
	}
	a, err := record(ctx, tx, c)
	if err != nil {
		return Archive{}, err
	}
	a.FileSHA256, a.At = fileSHA256, at.UTC().Truncate(time.Microsecond)
	if a.KeyID, a.Signature, err = s.sign(a.message()); err != nil {
		return Archive{}, err
	}
	if err := a.write(ctx, tx); err != nil {
		return Archive{}, kit.Errorf(kit.CodeOf(err), "take the events up to %d out of the audit trail: %w", a.Seq, err)
	}
	_, err = MakeCheckpoint(ctx, tx, s, c.Workflow, at)
	return a, err
}

// record is the archive up to c, before it is signed.
func record(ctx context.Context, tx bun.Tx, c Checkpoint) (Archive, error) {
	last, err := lastArchive(ctx, tx)
	if err != nil {
		return Archive{}, err
	}
	var rows, cases int64
	err = tx.NewRaw(`SELECT COUNT(*), COUNT(CASE WHEN kind = 'case.submitted' THEN 1 END) FROM audit_events
		WHERE seq > ? AND seq <= ?`, last.Seq, c.Seq).Scan(ctx, &rows, &cases)
	if err == nil && (c.Seq <= last.Seq || rows != c.Seq-last.Seq) {
		return Archive{}, kit.Errorf(kit.Conflict, "take the events up to %d out of the audit trail: it has %d of the %d after the last archive",
			c.Seq, rows, c.Seq-last.Seq).WithHint("verify tells what is wrong with the trail")
	}
	return Archive{Seq: c.Seq, Hash: c.Hash, Workflow: c.Workflow, Cases: last.Cases + cases}, err
}

func (a Archive) write(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewRaw(`INSERT INTO archives (seq, hash, file_sha256, cases, at, workflow, key_id, signature)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, a.Seq, a.Hash, a.FileSHA256, a.Cases, a.At.UnixMicro(), a.Workflow, a.KeyID, a.Signature).Exec(ctx)
	if err != nil {
		return err
	}
	keys, err := Keys(ctx, tx)
	if err != nil {
		return err
	}
	note := carried{Seq: a.Seq, SHA256: a.FileSHA256, Keys: []string{}}
	if note.Lasting, err = lastingUpTo(ctx, tx, a.Seq); err != nil {
		return err
	}
	for _, k := range keys {
		note.Keys = append(note.Keys, base64.StdEncoding.EncodeToString(k))
	}
	data, err := json.Marshal(note)
	if err != nil {
		return err
	}
	if _, err := Append(ctx, tx, Event{At: a.At, Actor: machine, Kind: trailArchived, Data: data}); err != nil {
		return err
	}
	_, err = tx.NewRaw("DELETE FROM audit_events WHERE seq <= ?", a.Seq).Exec(ctx)
	return err
}
