package workflow_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// TestWhateverHappensACaseIsInALegalState has people, clocks and a program
// that dies interleave at random, and holds each case against what was told.
func TestWhateverHappensACaseIsInALegalState(t *testing.T) {
	w := newWorld(t)
	runs := uint64(2000)
	if testing.Short() {
		runs = 200
	}
	for seed := range runs {
		r := w.begin(seed)
		_ = r.act(func() error { return r.StepNow(context.Background(), r.id) })
		r.legal()
		for range 6 + r.IntN(12) {
			r.once()
			r.legal()
		}
	}
	w.fuse = 0
	w.agrees()
	if !testing.Short() {
		w.happened()
	}
}

// happened fails unless all that is to be held against the rules came about.
func (w *world) happened() {
	w.t.Helper()
	for what, query := range map[string]string{
		"deliveries":                  `SELECT COUNT(*) FROM deliveries`,
		"settlings":                   `SELECT COUNT(*) FROM decisions d JOIN reviews r ON r.id = d.review_id WHERE r.kind = 'adjudication'`,
		"second looks":                `SELECT COUNT(*) FROM decisions d JOIN reviews r ON r.id = d.review_id WHERE r.kind = 'second'`,
		"undone":                      `SELECT COUNT(*) FROM decisions WHERE undone_at IS NOT NULL`,
		"expired":                     `SELECT COUNT(*) FROM reviews WHERE ended = 'expired'`,
		"withdrawn":                   `SELECT COUNT(*) FROM reviews WHERE ended = 'withdrawn'`,
		"blind answers":               `SELECT COUNT(*) FROM blind_answers`,
		"canaries judged":             `SELECT COUNT(*) FROM decisions d JOIN reviews r ON r.id = d.review_id WHERE r.kind = 'canary' AND d.verdict <> 'skip'`,
		"seats of two or more":        `SELECT COUNT(*) FROM decisions d JOIN reviews r ON r.id = d.review_id WHERE r.quorum > 1`,
		"deliveries by three":         `SELECT COUNT(*) FROM deliveries x JOIN decisions d ON d.id = x.decision_id JOIN reviews r ON r.id = d.review_id WHERE r.quorum > 2`,
		"deliveries after a settling": `SELECT COUNT(*) FROM deliveries x JOIN decisions d ON d.id = x.decision_id JOIN reviews r ON r.id = d.review_id WHERE r.kind = 'adjudication'`,
		"edits kept":                  `SELECT COUNT(*) FROM edits`,
		"locks":                       `SELECT COUNT(*) FROM locks`,
		"redrafts":                    `SELECT COUNT(*) FROM drafts d WHERE d.fields LIKE '%"set"%'`,
		"rejections":                  `SELECT COUNT(*) FROM cases WHERE state = 'rejected'`,
	} {
		var n int
		if err := w.DB.Read().NewRaw(query).Scan(w.t.Context(), &n); err != nil || n == 0 {
			w.t.Errorf("%d %s came about: %v", n, what, err)
		} else {
			w.t.Logf("%d %s", n, what)
		}
	}
}

// once does one thing, of which the program may die.
func (r *run) once() {
	ctx := context.Background()
	if r.IntN(8) == 0 {
		r.fuse = 1 + r.IntN(12)
	}
	switch pick(r.Rand, "step", "step", "step", "claim", "claim", "look", "look", "look", "look", "look", "decide", "decide", "type", "undo", "later", "escalate", "retry", "release") {
	case "step":
		_ = r.act(func() error { return r.StepNow(ctx, r.id) })
	case "claim":
		r.claimOne()
	case "look":
		r.claimOne()
		r.fillIn()
		r.decideOne()
	case "type":
		r.typeIn()
	case "decide":
		r.fillIn()
		r.decideOne()
	case "undo":
		r.undoOne()
	case "later":
		r.ahead += 11 * time.Minute
	case "escalate":
		if id := r.anyReview(); id != "" && r.IntN(4) == 0 {
			_ = r.act(func() error { return r.EscalateNow(ctx, id) })
			r.reread()
		}
	case "retry":
		_ = r.act(func() error { return r.Retry(ctx, r.ann, r.id) })
	case "release":
		by := r.who()
		if v := r.views[by.ID]; v != nil && r.act(func() error { return r.Release(ctx, by, v.ID, v.Lease.Epoch) }) == nil {
			delete(r.held, v.ID)
		}
	}
	r.fuse = 0
}

// standing is what the database says of a case.
type standing struct {
	State      string `bun:"state"`
	Open       int    `bun:"open_reviews"`
	Deliveries int    `bun:"deliveries"`
	Jobs       int    `bun:"jobs"`
}

// legal fails unless the case is as its state says.
func (r *run) legal() {
	var s standing
	err := r.DB.Read().NewRaw(`SELECT c.state, (SELECT COUNT(*) FROM reviews r WHERE r.case_id = c.id AND r.state = 'open') AS open_reviews,
		(SELECT COUNT(*) FROM deliveries d WHERE d.case_id = c.id) AS deliveries,
		(SELECT COUNT(*) FROM river_job j WHERE j.kind = 'tackhammer_step' AND json_extract(j.args, '$.case') = c.id
			AND json_extract(j.args, '$.version') = c.version) AS jobs FROM cases c WHERE c.id = ?`, r.id).Scan(context.Background(), &s)
	r.must(err)
	state := kit.State(s.State)
	moves := state == kit.Drafting || state == kit.Delivering
	switch {
	case (s.Open > 0) != (state == kit.InReview):
		r.broken("in state %s, %d reviews wait", state, s.Open)
	case moves && s.Jobs != 1:
		r.broken("in state %s, %d jobs move the case on", state, s.Jobs)
	case s.Deliveries > 1 || state == kit.Delivered && s.Deliveries != 1 || s.Deliveries > 0 && !moves && state != kit.Delivered && state != kit.Failed:
		r.broken("in state %s, %d deliveries", state, s.Deliveries)
	}
	if s.Deliveries == 1 {
		r.rested()
	}
	r.keepsLocks()
}

// rested fails unless the delivery rests on as many people as its round needs.
func (r *run) rested() {
	var of struct {
		Decision string `bun:"decision_id"`
		Review   string `bun:"review_id"`
		Kind     string `bun:"kind"`
		Quorum   int    `bun:"quorum"`
	}
	err := r.DB.Read().NewRaw(`SELECT x.decision_id, d.review_id, v.kind, v.quorum FROM deliveries x JOIN decisions d ON d.id = x.decision_id
		JOIN reviews v ON v.id = d.review_id WHERE x.case_id = ?`, r.id).Scan(context.Background(), &of)
	r.must(err)
	people := map[string]bool{}
	var final json.RawMessage
	for _, d := range r.made {
		if d.ID == of.Decision {
			final = d.Value
		}
	}
	for _, d := range r.made {
		if d.Verdict.Releases() && string(d.Value) == string(final) && r.sameRound(d.ReviewID, of.Review) {
			people[d.Person.ID] = true
		}
	}
	if of.Quorum != max(r.policy.Quorum, 1+int(r.policy.DoubleBlind)) || len(people) < of.Quorum && review.Kind(of.Kind) != review.Adjudication || len(people) == 0 {
		r.broken("what left rests on %d people of %d", len(people), of.Quorum)
	}
}
