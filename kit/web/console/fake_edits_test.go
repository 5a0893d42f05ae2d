package console_test

import (
	"context"
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

func (w *world) Edits(_ context.Context, by auth.User, id string) (*review.Edits, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e, ok := w.typed[id+by.ID]; ok {
		return &e, nil
	}
	return nil, w.fail
}

func (w *world) SaveEdits(_ context.Context, by auth.User, id string, epoch int64, e review.Edits) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.reviews[id]
	switch {
	case r.State == review.Decided:
		return kit.Errorf(kit.Decided, "save the edits of review %s: it is over", id)
	case r.Holder == nil || r.Holder.ID != by.ID || r.Lease.Epoch != epoch:
		return kit.Errorf(kit.LostLease, "save the edits of review %s: held by another", id)
	}
	e.SavedAt = w.now
	if w.typed[id+by.ID] = e; e.Empty() {
		delete(w.typed, id+by.ID)
	}
	return nil
}

func (w *world) DropEdits(_ context.Context, by auth.User, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.typed, id+by.ID)
	return nil
}

// revive is what an undo leaves of a decision's changes.
func (w *world) revive(d review.Decision) {
	e := review.Edits{Subject: d.Subject, Fields: map[string]string{}, SavedAt: w.now}
	for _, path := range d.Changed {
		var text string
		raw := schema.Flatten(d.Value)[path]
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		e.Fields[path] = text
	}
	if !e.Empty() {
		w.typed[d.ReviewID+d.Person.ID] = e
	}
}
