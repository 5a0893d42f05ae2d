package audit

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// keyAdded is the event by which a key becomes one of the service's. Keys are
// kept nowhere else: whoever slips another one in has to break the chain.
const keyAdded = "key.added"

// keyData is what such an event holds.
type keyData struct {
	PublicKey string `json:"public_key"` // Ed25519, base64, as a receipt states it
}

// AddKey notes in the trail, as part of tx, that receipts are signed with key
// from now on. Receipts of the keys before it stay good.
func AddKey(ctx context.Context, tx bun.Tx, at time.Time, actor string, key ed25519.PublicKey) error {
	data, err := json.Marshal(keyData{base64.StdEncoding.EncodeToString(key)})
	if err != nil {
		return err
	}
	_, err = Append(ctx, tx, Event{At: at, Actor: actor, Kind: keyAdded, Data: data})
	return err
}

// Keys lists the keys that the trail knows as the service's, oldest first. It
// fails with kit.Internal when an event of a key cannot be read.
func Keys(ctx context.Context, db bun.IDB) ([]ed25519.PublicKey, error) {
	events, err := query(ctx, db, columns+"WHERE kind = '"+keyAdded+"' UNION ALL "+
		columns+"WHERE kind = '"+trailArchived+"' ORDER BY seq")
	if err != nil {
		return nil, kit.Errorf(kit.CodeOf(err), "list the keys of receipts: %w", err)
	}
	var keys []ed25519.PublicKey
	for _, e := range events {
		more, err := e.keys()
		if err != nil {
			return nil, kit.Errorf(kit.Internal, "read the key of audit event %d: %w", e.Seq, err)
		}
		for _, k := range more {
			if !holds(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys, nil
}

// keys are those that an event tells of: a new one, or all that were known
// when events were taken out.
func (e Event) keys() (keys []ed25519.PublicKey, err error) {
	if e.Kind != keyAdded && e.Kind != trailArchived {
		return nil, nil
	}
	var d struct {
		keyData
		carried
	}
	if err := json.Unmarshal(e.Data, &d); err != nil {
		return nil, err
	}
	if e.Kind == keyAdded {
		d.Keys = []string{d.PublicKey}
	}
	for _, s := range d.Keys {
		key, err := ParsePublicKey(s)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, err
}

// ParsePublicKey reads a key as receipts state it, in base64; kit.Invalid when
// it is none.
func ParsePublicKey(s string) (ed25519.PublicKey, error) {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, kit.Errorf(kit.Invalid, "read public key: %.60q is no Ed25519 key", s).
			WithHint("it is the public_key of a receipt, 44 letters")
	}
	return raw, nil
}
