package workflow_test

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit/review"
)

// chair is a review of the case as the locks depend on it.
type chair struct {
	ID    string `bun:"id"`
	Round string `bun:"round"`
	Kind  string `bun:"kind"`
	State string `bun:"state"`
	Ended string `bun:"ended"`
}

// counts reports whether what was decided on a review counts: its round is
// over, no canary, and nobody else settled it.
func (c chair) counts(all []chair) bool {
	for _, o := range all {
		if o.Round != c.Round {
			continue
		}
		settles := o.Kind == string(review.Adjudication) && o.Ended == ""
		if o.State == "open" || o.Ended == "expired" || settles && o.ID != c.ID {
			return false
		}
	}
	return c.Kind != string(review.Canary)
}

// locks are the fields that people set, by what was told of their decisions.
func (r *run) locks() map[string]string {
	var chairs []chair
	r.must(r.DB.Read().NewRaw(`SELECT id, round, kind, state, ended FROM reviews WHERE case_id = ?`, r.id).Scan(context.Background(), &chairs))
	locks := map[string]string{}
	slices.SortFunc(r.made, func(a, b review.Decision) int { return cmp.Compare(a.ID, b.ID) })
	for _, d := range r.made {
		i := slices.IndexFunc(chairs, func(c chair) bool { return c.ID == d.ReviewID })
		if len(d.Fields) == 0 || !chairs[i].counts(chairs) {
			continue
		}
		values := r.values(d.Value)
		for path := range d.Fields {
			locks[path] = values[path]
		}
	}
	return locks
}

// values are a draft's or a decision's, by path.
func (r *run) values(of json.RawMessage) map[string]string {
	var raw map[string]json.RawMessage
	r.must(json.Unmarshal(of, &raw))
	values := map[string]string{}
	for path, value := range raw {
		values[path] = string(value)
	}
	return values
}

// keepsLocks fails unless the database locks what people set, and a draft that
// came about just now has it.
func (r *run) keepsLocks() {
	want := r.locks()
	var kept []struct{ Path, Value string }
	r.must(r.DB.Read().NewRaw(`SELECT path, value FROM locks WHERE case_id = ?`, r.id).Scan(context.Background(), &kept))
	got := map[string]string{}
	for _, l := range kept {
		got[l.Path] = l.Value
	}
	if !maps.Equal(got, want) {
		r.broken("people set %v; the locks say %v", want, got)
	}
	var latest []struct{ ID, Value string }
	r.must(r.DB.Read().NewRaw(`SELECT id, value FROM drafts WHERE case_id = ? AND NOT canary ORDER BY id DESC LIMIT 1`, r.id).
		Scan(context.Background(), &latest))
	if len(latest) == 0 || latest[0].ID == r.draft {
		return
	}
	r.draft = latest[0].ID
	values := r.values(json.RawMessage(latest[0].Value))
	for path, value := range want {
		if values[path] != value {
			r.broken("%s was set to %s, and a draft made it %s", path, value, values[path])
		}
	}
}

// showsLocks fails unless a review shows what people set, or nothing of it to
// who is to fill it in first.
func (r *run) showsLocks(v *review.Review) {
	shown := map[string]string{}
	for _, l := range v.Locked {
		shown[l.Path] = string(l.Value)
	}
	switch want := r.locks(); {
	case v.Concealed != "" && (len(shown) > 0 || len(v.Draft.Value) > 0):
		r.broken("a blind review shows %v and %s", shown, v.Draft.Value)
	case v.Concealed == "" && !maps.Equal(shown, want):
		r.broken("people set %v; the review shows %v", want, shown)
	}
}

// fillIn has a person fill in a blind review that they saw last.
func (r *run) fillIn() {
	by := r.seated()
	v := r.views[by.ID]
	if v == nil || !v.Blind || v.BlindAnswer != nil {
		return
	}
	var seen *review.Review
	fields := map[string]json.RawMessage{"title": json.RawMessage(pick(r.Rand, `"a"`, `"One"`)), "count": json.RawMessage("2")}
	err := r.act(func() (err error) {
		seen, err = r.AnswerBlind(context.Background(), by, v.ID, v.Lease.Epoch, fields)
		return err
	})
	if err != nil {
		return
	}
	if r.held[v.ID] != by.ID {
		r.broken("%s filled in review %s, which %q holds", by.Name, v.ID, r.held[v.ID])
	}
	r.showsLocks(seen)
	r.views[by.ID] = seen
}

// typeIn has a person type into a review, and finds it again.
func (r *run) typeIn() {
	by, ctx := r.seated(), context.Background()
	v := r.views[by.ID]
	if v == nil {
		return
	}
	words := pick(r.Rand, "half a", "whole")
	typed := review.Edits{Subject: v.Subject, Fields: map[string]string{"title": words}}
	err := r.act(func() error { return r.SaveEdits(ctx, by, v.ID, v.Lease.Epoch, typed) })
	if err != nil {
		return // the program died, or another holds the review now
	}
	if r.held[v.ID] != by.ID {
		r.broken("%s typed into review %s, which %q holds", by.Name, v.ID, r.held[v.ID])
	}
	e, err := r.Edits(ctx, by, v.ID)
	if err != nil || e == nil || e.Fields["title"] != words {
		r.broken("%s typed %q and found %+v, %v", by.Name, words, e, err)
	}
}
