package console_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (w *world) Inbox(_ context.Context, f workflow.InboxFilter) (p workflow.Page[workflow.Waiting], err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.together.asked = f
	if w.together.more != "" {
		return workflow.Page[workflow.Waiting]{Next: w.together.more}, nil
	}
	for _, id := range w.order {
		r := w.reviews[id]
		if r.State != review.Open || f.Mine != "" && (r.Holder == nil || r.Holder.ID != f.Mine) || f.After >= id {
			continue
		}
		if len(p.Items) == f.Limit {
			p.Next = p.Items[len(p.Items)-1].ID
			break
		}
		p.Items = append(p.Items, workflow.Waiting{ID: id, CaseID: r.CaseID, CaseName: r.CaseName, Step: r.Step, Confidence: r.Confidence,
			CreatedAt: r.CreatedAt, DueAt: r.CreatedAt.Add(time.Hour), EscalatedAt: r.EscalatedAt, Holder: r.Holder, Tier: r.Tier, Cause: r.Cause,
			Settles: w.together.settles[id], Seats: r.Quorum, Free: max(0, r.Quorum-r.Seat)})
	}
	return p, w.fail
}

func (w *world) Review(_ context.Context, _ auth.User, id string) (*review.Review, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.reviews[id]
	if !ok {
		return nil, kit.Errorf(kit.NotFound, "review %s: there is no such review", id)
	}
	seen := *r
	return &seen, nil
}

func (w *world) Claim(ctx context.Context, by auth.User) (*review.Review, error) {
	for _, id := range w.order {
		if r := w.reviews[id]; r.State == review.Open && r.Holder == nil && !w.skipped[id+by.ID] {
			return w.ClaimOne(ctx, by, id)
		}
	}
	return nil, w.fail
}

func (w *world) ClaimSeat(ctx context.Context, by auth.User, id string) (*review.Review, error) {
	if other, ok := w.seats[id]; ok {
		id = other
	}
	return w.ClaimOne(ctx, by, id)
}

func (w *world) ClaimOne(ctx context.Context, by auth.User, id string) (*review.Review, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.reviews[id]
	switch {
	case !by.MayDecide():
		return nil, kit.Errorf(kit.Forbidden, "claim review %s: %s may not", id, by.Name)
	case r.Cause != "":
		return nil, kit.Errorf(kit.Forbidden, "claim review %s: %s", id, r.Cause)
	case r.Holder != nil && r.Holder.ID != by.ID:
		return nil, kit.Errorf(kit.LostLease, "claim review %s: held by %s until 14:05", id, r.Holder.Name)
	}
	if err := w.pausing("claim review " + id); err != nil {
		return nil, err
	}
	r.Holder, r.Lease = &review.Holder{ID: by.ID, Name: by.Name}, review.Lease{Epoch: r.Lease.Epoch + 1, ExpiresAt: w.now.Add(10 * time.Minute)}
	seen := *r
	return &seen, nil
}

func (w *world) Renew(_ context.Context, by auth.User, id string, epoch int64) (review.Lease, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.reviews[id]
	if r.Holder == nil || r.Holder.ID != by.ID || r.Lease.Epoch != epoch {
		return review.Lease{}, kit.Errorf(kit.LostLease, "renew review %s: held by another", id)
	}
	r.Lease.ExpiresAt = w.now.Add(10 * time.Minute)
	return r.Lease, nil
}

func (w *world) Release(_ context.Context, by auth.User, id string, epoch int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reviews[id].Holder = nil
	return nil
}

func (w *world) Decide(_ context.Context, by auth.User, id string, req review.Request, undo time.Duration) (workflow.Outcome, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.reviews[id]
	if out, ok := w.made[id+req.Key]; ok {
		out.Repeated = true
		return out, nil
	}
	switch {
	case r.State == review.Decided:
		return workflow.Outcome{}, kit.Errorf(kit.Decided, "decide review %s: Omar Haddad approved it at 14:05", id)
	case r.Holder == nil || r.Holder.ID != by.ID || r.Lease.Epoch != req.Epoch:
		return workflow.Outcome{}, kit.Errorf(kit.LostLease, "decide review %s: you do not hold it", id)
	case r.Subject != req.Subject:
		return workflow.Outcome{}, kit.Errorf(kit.Stale, "decide review %s: it changed since you saw it", id)
	}
	if err := w.pausing("decide review " + id); err != nil {
		return workflow.Outcome{}, err
	}
	final, bad := schema.Apply(r.Draft.Value, req.Fields)
	if len(bad) > 0 {
		e := kit.Errorf(kit.Invalid, "decide review %s: %s: %s", id, bad[0].Path, bad[0].Message)
		e.Fields = bad
		return workflow.Outcome{}, e
	}
	w.decided = append(w.decided, req)
	return w.settle(r, by, req, final, undo), nil
}

// settle does what follows from a decision.
func (w *world) settle(r *review.Review, by auth.User, req review.Request, final []byte, undo time.Duration) workflow.Outcome {
	c := w.cases[r.CaseID]
	d := review.Decision{ID: fmt.Sprintf("dec-%d", len(w.decided)), ReviewID: r.ID, CaseID: r.CaseID, Verdict: req.Verdict, Reason: req.Reason,
		Person: review.Holder{ID: by.ID, Name: by.Name}, Subject: req.Subject, Value: final, CreatedAt: w.now}
	for path := range req.Fields {
		d.Changed = append(d.Changed, path)
	}
	slices.Sort(d.Changed)
	out := workflow.Outcome{Decision: d, Case: c.CaseRow}
	r.Holder = nil
	if req.Verdict != kit.Skip {
		r.State, c.ReviewID, c.Decision = review.Decided, "", &d
		delete(w.typed, r.ID+by.ID)
	}
	if until := w.now.Add(undo); undo > 0 && (req.Verdict.Releases() || req.Verdict == kit.Reject) {
		out.UndoUntil = &until
	}
	switch {
	case req.Verdict.Releases():
		c.State = kit.Delivering
	case req.Verdict == kit.Skip:
		w.skipped[r.ID+by.ID] = true
	case req.Verdict == kit.Reject:
		c.State = kit.Rejected
	}
	w.tell(r.CaseID, by.ID, "decision.made", map[string]any{"verdict": d.Verdict, "reason": d.Reason, "changed": d.Changed})
	w.made[r.ID+req.Key] = out
	return out
}

func (w *world) Undo(_ context.Context, by auth.User, decisionID string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, out := range w.made {
		if d := out.Decision; d.ID == decisionID {
			if out.UndoUntil == nil || !w.now.Before(*out.UndoUntil) {
				return "", kit.Errorf(kit.Conflict, "undo decision %s: it was delivered", decisionID)
			}
			r := w.reviews[d.ReviewID]
			r.State, r.Holder = review.Open, &review.Holder{ID: by.ID, Name: by.Name}
			r.Lease = review.Lease{Epoch: r.Lease.Epoch + 1, ExpiresAt: w.now.Add(10 * time.Minute)}
			w.revive(d)
			w.cases[r.CaseID].State, w.cases[r.CaseID].Decision, w.cases[r.CaseID].ReviewID = kit.InReview, nil, r.ID
			return r.ID, nil
		}
	}
	return "", kit.Errorf(kit.NotFound, "undo decision %s: there is none", decisionID)
}
