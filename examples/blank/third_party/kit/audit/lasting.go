package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// lastingKinds are the kinds of events that say what holds until another event
// says otherwise: who may do what, by which seed samples are drawn, which bars
// were certified. An archive carries them on, for what the database says of
// this is held against them for ever.
var lastingKinds = []string{"sampling.seeded", "bar.certified", "bar.voided", "calibration.made", "token.made", "token.revoked", "link.made", "link.used",
	"password.set", "identity.linked", "user.added", "user.invited", "user.reset", "user.role", "user.disabled", "user.enabled", "user.deleted"}

// kept is a lasting event as the event of an archive holds it.
type kept struct {
	Seq   int64           `json:"seq"`
	Actor string          `json:"actor"`
	Kind  string          `json:"kind"`
	Data  json.RawMessage `json:"data"`
}

// Lasting lists the events that say what holds until another says otherwise, in
// order: those of the trail, and before them those that went into archives,
// which have no more than Seq, Actor, Kind and Data.
func Lasting(ctx context.Context, db bun.IDB) ([]Event, error) {
	events, err := carriedOn(ctx, db)
	if err != nil {
		return nil, kit.Errorf(kit.CodeOf(err), "read what an archive of the audit trail carried on: %w", err)
	}
	now, err := query(ctx, db, columns+"WHERE case_id = '' AND kind IN (?) ORDER BY seq", bun.List(lastingKinds))
	if err != nil {
		return nil, kit.Errorf(kit.CodeOf(err), "list the audit events that last: %w", err)
	}
	return append(events, now...), nil
}

// carriedOn are the lasting events that the newest archive took out.
func carriedOn(ctx context.Context, db bun.IDB) (events []Event, err error) {
	var data string
	err = db.NewRaw("SELECT data FROM audit_events WHERE kind = ? ORDER BY seq DESC LIMIT 1", trailArchived).Scan(ctx, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var c carried
	if err == nil {
		err = json.Unmarshal([]byte(data), &c)
	}
	for _, k := range c.Lasting {
		events = append(events, Event{Seq: k.Seq, Actor: k.Actor, Kind: k.Kind, Data: k.Data})
	}
	return events, err
}

// lastingUpTo are the lasting events that an archive up to seq is to carry on.
func lastingUpTo(ctx context.Context, db bun.IDB, seq int64) ([]kept, error) {
	events, err := Lasting(ctx, db)
	carry := []kept{}
	for _, e := range events {
		if e.Seq <= seq {
			carry = append(carry, kept{e.Seq, e.Actor, e.Kind, e.Data})
		}
	}
	return carry, err
}
