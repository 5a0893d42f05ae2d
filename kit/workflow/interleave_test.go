package workflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// crash is what the clock panics with.
type crash struct{}

// world is a service whose program can die at any moment, and its people.
type world struct {
	*service
	config workflow.Config
	people []auth.User
	ahead  time.Duration
	fuse   int // readings of the clock until the program dies; 0 is never
	drafts int // asked for so far: each answer is another
}

// clock is read within transactions too: there the program dies.
func (w *world) clock() time.Time {
	if w.fuse > 0 {
		if w.fuse--; w.fuse == 0 {
			panic(crash{})
		}
	}
	return kit.Now().Add(w.ahead)
}

// Generate answers differently each time.
func (w *world) Generate(_ context.Context, _ model.Request) (model.Reply, error) {
	w.drafts++
	w.clock()
	title := []string{"One", "two", "One two"}[w.drafts%3] // of the source: a canary may be put there
	out := fmt.Sprintf(`{"title":%q,"count":%d}`, title, w.drafts)
	return model.Reply{Output: out, Model: kit.ModelInfo{Name: "restless", Digest: "v1"}}, nil
}

// Info tells who answers.
func (w *world) Info(context.Context) (kit.ModelInfo, error) {
	return kit.ModelInfo{Name: "restless", Digest: "v1"}, nil
}

// newWorld makes a service that does nothing by itself.
func newWorld(t *testing.T) *world {
	w := &world{}
	w.service = idle(t, storetest.SQLite(t), func(c *workflow.Config) {
		c.Workflow, c.Clock, c.Model = simple(w), w.clock, w
		canaries(c)
		c.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
		w.config = *c
	})
	w.people = []auth.User{w.ann, w.bob, w.person("Cat"), w.person("Dan")}
	return w
}

// run is one case on its way, and what was told of it.
type run struct {
	*world
	*rand.Rand
	seed   uint64
	policy review.Policy
	id     string
	views  map[string]*review.Review // that each person saw last, by their ID
	held   map[string]string         // review -> who holds it
	until  map[string]time.Time      // review -> until when
	made   []review.Decision         // that were taken and not undone
	draft  string                    // the latest that was held against the locks
}

// begin makes a program with some policy, and a case.
func (w *world) begin(seed uint64) *run {
	draw := rand.New(rand.NewPCG(seed, seed))
	p := review.Policy{Quorum: pick(draw, 1, 1, 1, 2, 3, 3), FourEyes: draw.IntN(3) == 0, SecondLook: pick(draw, 0.0, 0, 1),
		Blind: pick(draw, 0.0, 0, 1), DoubleBlind: pick(draw, 0.0, 0, 0, 0, 1), Canaries: pick(draw, 0.0, 0, 1),
		Escalation: pick(draw, nil, []review.Action{review.Raise, review.Reassign, review.Notify}, []review.Action{review.Expire})}
	if p.DoubleBlind > 0 {
		p.Blind = 0 // both shares together are at most all cases
	}
	r := &run{world: w, Rand: draw, seed: seed, policy: p, views: map[string]*review.Review{}}
	w.fuse = 0
	r.restart()
	r.id = w.submit("One two")
	return r
}

// pick draws one of several.
func pick[T any](draw *rand.Rand, of ...T) T { return of[draw.IntN(len(of))] }

// broken ends the test, and says by which draw the case came to it.
func (r *run) broken(format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("draw %d, case %s: "+format, append([]any{r.seed, r.id}, args...)...)
}

// must ends the test on an error.
func (r *run) must(err error) {
	r.t.Helper()
	if err != nil {
		r.broken("%v", err)
	}
}

// restart throws the program away and begins another on the same database.
func (r *run) restart() {
	c := r.config
	c.Workflow, c.Policy = simple(r.world), r.policy
	next, err := workflow.NewRunner(c)
	r.must(err)
	r.Runner = next
	r.held, r.until = map[string]string{}, map[string]time.Time{}
}

// act does something, and lives on when the program dies of it: then nothing
// is known but what the database says.
func (r *run) act(f func() error) (err error) {
	defer func() {
		switch p := recover(); p.(type) {
		case nil:
		case crash:
			r.fuse = 0
			r.restart()
			r.reread()
			err = kit.Errorf(kit.Internal, "the program died")
		default:
			panic(p)
		}
	}()
	return f()
}

// reread takes what is known from the database.
func (r *run) reread() {
	var rows []struct {
		ID      string `bun:"id"`
		Claimed string `bun:"claimed_by"`
		Until   int64  `bun:"lease_until"`
	}
	ctx := context.Background()
	r.must(r.DB.Read().NewRaw(`SELECT id, claimed_by, lease_until FROM reviews WHERE case_id = ? AND state = 'open'
		AND claimed_by IS NOT NULL`, r.id).Scan(ctx, &rows))
	r.held, r.until = map[string]string{}, map[string]time.Time{}
	for _, v := range rows {
		r.held[v.ID], r.until[v.ID] = v.Claimed, time.UnixMicro(v.Until)
	}
	r.made = nil
	all, err := review.Decisions(ctx, r.DB.Read(), r.id)
	r.must(err)
	for _, d := range all {
		if d.UndoneAt == nil && d.Verdict != kit.Skip {
			r.made = append(r.made, d)
		}
	}
}

func (r *run) who() auth.User { return pick(r.Rand, r.people...) }

// claimOne has a person ask for a review of the case.
func (r *run) claimOne() {
	by, id := r.who(), r.anyReview()
	if id == "" {
		return
	}
	var v *review.Review
	err := r.act(func() (err error) { v, err = r.ClaimOne(context.Background(), by, id); return err })
	if err != nil {
		return
	}
	now := kit.Now().Add(r.ahead)
	if holder := r.held[id]; holder != "" && holder != by.ID && now.Before(r.until[id]) {
		r.broken("%s was given review %s, which %s holds", by.Name, id, holder)
	}
	for other, holder := range r.held {
		if other != id && holder == by.ID && now.Before(r.until[other]) && r.sameRound(id, other) {
			r.broken("%s holds two seats of a round", by.Name)
		}
	}
	for _, d := range r.made {
		if d.Person.ID == by.ID && r.sameRound(d.ReviewID, id) {
			r.broken("%s is to decide twice in a round", by.Name)
		}
	}
	r.showsLocks(v)
	r.views[by.ID], r.held[id], r.until[id] = v, by.ID, v.Lease.ExpiresAt
}

// anyReview is a review of the case, most often one that waits.
func (r *run) anyReview() string {
	order := pick(r.Rand, "state = 'open' DESC, seat", "state = 'open' DESC, seat DESC", "id")
	var ids []string
	r.must(r.DB.Read().NewRaw(`SELECT id FROM reviews WHERE case_id = ? ORDER BY `+order+` LIMIT 1`, r.id).Scan(context.Background(), &ids))
	return strings.Join(ids, "")
}

func (r *run) sameRound(a, b string) bool {
	var n int
	err := r.DB.Read().NewRaw(`SELECT COUNT(DISTINCT round) FROM reviews WHERE id IN (?, ?)`, a, b).Scan(context.Background(), &n)
	r.must(err)
	return n == 1
}

// decideOne has a person decide on what they saw last, which may be long ago.
func (r *run) decideOne() {
	by := r.seated()
	v := r.views[by.ID]
	if v == nil {
		return
	}
	req := review.Request{Subject: v.Subject, Epoch: v.Lease.Epoch, Reason: "because", Key: fmt.Sprint("k", r.IntN(4)),
		Verdict: pick(r.Rand, kit.Approve, kit.Approve, kit.Edit, kit.Edit, kit.Return, kit.Reject, kit.Skip)}
	if r.seed%2 == 0 && r.IntN(8) > 0 { // people of one mind: else no three ever agree
		req.Verdict = kit.Approve
	}
	if req.Verdict == kit.Edit || req.Verdict == kit.Return && r.IntN(2) == 0 {
		req.Fields = map[string]json.RawMessage{"title": json.RawMessage(pick(r.Rand, `"a"`, `"b"`))}
		if r.IntN(3) == 0 {
			req.Fields["count"] = json.RawMessage("null")
		}
	}
	if req.Verdict == kit.Return && r.IntN(2) == 0 {
		req.Redraft = []string{"count"}
	}
	var out workflow.Outcome
	err := r.act(func() (err error) { out, err = r.Decide(context.Background(), by, v.ID, req, time.Hour); return err })
	if err != nil || out.Repeated {
		return
	}
	r.taken(by, v, out.Decision)
}

// seated is who holds a review of the case, most often, or else anybody.
func (r *run) seated() auth.User {
	by := r.who()
	if r.IntN(3) == 0 {
		return by
	}
	return r.holder(by)
}

// holder is who holds a review of the case, or else somebody.
func (r *run) holder(or auth.User) auth.User {
	for _, u := range r.people {
		for _, id := range r.held {
			if id == u.ID {
				return u
			}
		}
	}
	return or
}

// taken notes a decision that was taken, which must have been the holder's.
func (r *run) taken(by auth.User, v *review.Review, d review.Decision) {
	if r.held[v.ID] != by.ID {
		r.broken("%s decided on review %s, which %q holds", by.Name, v.ID, r.held[v.ID])
	}
	delete(r.held, v.ID)
	if d.Verdict == kit.Skip {
		return
	}
	for _, m := range r.made {
		if m.ReviewID == v.ID {
			r.broken("review %s was decided twice", v.ID)
		}
	}
	r.made = append(r.made, d)
}

// undoOne has a person take their last decision back.
func (r *run) undoOne() {
	if len(r.made) == 0 {
		return
	}
	i := r.IntN(len(r.made))
	d := r.made[i]
	err := r.act(func() error {
		_, err := r.Undo(context.Background(), auth.User{ID: d.Person.ID, Kind: auth.PersonKind, Role: auth.Reviewer}, d.ID)
		return err
	})
	if err == nil {
		r.reread()
	}
}
