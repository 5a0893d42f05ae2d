package audit

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/uptrace/bun"
)

// begin looks at what was taken out of the trail, and at the signatures of
// that. The chain goes on from the last archive whose signature is good.
func (v *verifier) begin(ctx context.Context, db bun.IDB) error {
	archives, err := Archives(ctx, db)
	if err != nil {
		return err
	}
	for _, a := range archives {
		if err := a.Check(v.Keys...); err != nil {
			v.tell("archive", a.Seq, "%v", errors.Unwrap(err))
			continue
		}
		v.result.Keys[a.KeyID]++
		v.start = Head{a.Seq, a.Hash}
	}
	v.last, v.result.Archived = v.start, v.start.Seq
	old, err := checkpoints(ctx, db, "WHERE seq <= ? ORDER BY seq", v.start.Seq)
	if err != nil {
		return err
	}
	for _, c := range old {
		v.checkpointBefore(c)
	}
	if err := v.files(archives, old); err != nil {
		return err
	}
	return v.inserted(ctx, db)
}

// checkpointBefore looks at a checkpoint of what was taken out. The last of
// them signs what the chain goes on from, and the trail still tells of it.
func (v *verifier) checkpointBefore(c Checkpoint) {
	if c.Seq == v.start.Seq {
		v.checkpoint(c)
		return
	}
	v.signature(c)
}

// inserted tells of events that stand before the first.
func (v *verifier) inserted(ctx context.Context, db bun.IDB) error {
	extra, err := query(ctx, db, columns+"WHERE seq <= ? ORDER BY seq LIMIT ?", v.start.Seq, most)
	for _, e := range extra {
		v.tell("event", e.Seq, "it was inserted: the trail begins with event %d", v.start.Seq+1)
	}
	return err
}

// signature checks and counts one checkpoint's signature.
func (v *verifier) signature(c Checkpoint) {
	v.result.Checkpoints++
	if err := c.Check(); err != nil {
		v.tell("checkpoint", c.Seq, "%v", errors.Unwrap(err))
		return
	}
	v.result.Keys[c.KeyID]++
	if _, known := v.signed[c.KeyID]; !known {
		v.signed[c.KeyID] = c.Seq
	}
}

// checkpoint compares a checkpoint with the event just read.
func (v *verifier) checkpoint(c Checkpoint) {
	v.signature(c)
	if c.Seq != v.last.Seq || c.Hash != v.last.Hash {
		v.tell("checkpoint", c.Seq, "it signs another event %d than the chain has: the chain was rewritten, or the checkpoint altered", c.Seq)
	}
	v.unmet[c.Seq] = c
}

// told takes what an event says of keys and checkpoints.
func (v *verifier) told(e Event) {
	if e.Kind != checkpointMade {
		return
	}
	var m made
	if json.Unmarshal(e.Data, &m) != nil || m.Seq < v.start.Seq || v.result.CaseID != "" {
		return
	}
	if v.line > 0 && m.Seq == v.start.Seq { // it ended the file before
		return
	}
	c, ok := v.unmet[m.Seq]
	delete(v.unmet, m.Seq)
	switch {
	case !ok:
		v.tell("checkpoint", m.Seq, "it is missing")
	case c.Signature != m.Signature:
		v.tell("checkpoint", m.Seq, "it was altered: event %d tells of another signature", e.Seq)
	}
}

// outside compares the checkpoints from outside with where the chain stands.
func (v *verifier) outside(is Head) {
	for _, c := range v.outer[is.Seq] {
		v.met[is.Seq] = true
		if c.Hash != is.Hash {
			v.tell("event", c.Seq, "it is not the one that the checkpoint from outside signs: the chain was rewritten")
		}
	}
}

// close tells of what is left over once all is read.
func (v *verifier) close() {
	for _, seq := range slices.Sorted(maps.Keys(v.unmet)) {
		if v.line == 0 || seq != v.last.Seq { // a file may end with a checkpoint
			v.tell("checkpoint", seq, "it was inserted: the trail does not tell of it")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.signed)) {
		if key, err := ParsePublicKey(id); err == nil && len(v.Keys) > 0 && !holds(v.Keys, key) {
			v.tell("checkpoint", v.signed[id], "it is signed with %s, which is no key of the service", id)
		}
	}
	v.closeOutside()
}

// closeOutside tells what the checkpoints from outside say of a chain that does
// not have their events.
func (v *verifier) closeOutside() {
	if !v.met[v.start.Seq] {
		v.outside(v.start)
	}
	for _, seq := range slices.Sorted(maps.Keys(v.outer)) {
		for _, c := range v.outer[seq] {
			if err := c.Check(v.Keys...); err != nil {
				v.tell("checkpoint", seq, "the one from outside: %v", errors.Unwrap(err))
			}
		}
		switch {
		case v.met[seq]:
		case seq < v.start.Seq:
			v.tell("checkpoint", seq, "the one from outside signs an event that was archived: give the archive's file, too")
		default:
			v.tell("event", seq, "it is missing: the checkpoint from outside signs it")
		}
	}
}

// learn adds a key that the trail tells of, where none were given.
func learn(keys []ed25519.PublicKey, e Event) []ed25519.PublicKey {
	more, err := e.keys()
	if err != nil {
		return keys // told as an altered event, or by Keys
	}
	for _, k := range more {
		if !holds(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}
