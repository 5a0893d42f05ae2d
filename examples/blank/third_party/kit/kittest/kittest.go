// Package kittest runs a generated app inside a test: a real database in a
// temporary folder, real workers, and a reviewer, with no model and no
// network.
//
//	desk := kittest.Start(t, config())
//	id := desk.Submit("ACME SDN BHD\nTOTAL 9.00")
//	r := desk.Claim()
//	desk.Edit(r, map[string]any{"total": 9.5})
//	out := desk.Delivered(id) // {"company":"ACME SDN BHD", …}
//
// Every helper fails the test when what it waits for does not come.
package kittest

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// patience is how long a helper waits for what workers do.
const patience = 30 * time.Second

// Desk is a running app with one reviewer.
type Desk struct {
	*app.Service
	Reviewer auth.User
	t        testing.TB
}

// Start runs an app until the test ends. Whatever its nail.yaml says, the app
// drafts by its rules, its database is a file, and deliveries go nowhere.
func Start(t testing.TB, c app.Config) *Desk {
	t.Helper()
	c.Out, c.Err = t.Output(), t.Output()
	data := t.TempDir()
	s, err := c.Open(t.Context(), app.Options{Data: data, DB: filepath.Join(data, "test.db"), Model: "baseline", Stay: true})
	if err != nil {
		t.Fatal(err)
	}
	d := &Desk{Service: s, t: t}
	t.Cleanup(d.stop)
	if d.Reviewer, err = s.Accounts.Add(t.Context(), "Test Reviewer", "reviewer@example.com", auth.Reviewer); err != nil {
		t.Fatal(err)
	}
	if err := s.Runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *Desk) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := d.Runner.Stop(ctx); err != nil {
		d.t.Errorf("stop the app: %v", err)
	}
	if err := d.Close(); err != nil {
		d.t.Errorf("close the app: %v", err)
	}
}

// Golden are the labelled cases that the app's nail.yaml names under data.
func Golden(t testing.TB, c app.Config) []eval.Case {
	t.Helper()
	cases, err := c.Golden(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// Submit makes a case of a text and returns its ID.
func (d *Desk) Submit(text string) string {
	d.t.Helper()
	input, err := json.Marshal(kit.Document{Name: "test.txt", Text: text})
	if err != nil {
		d.t.Fatal(err)
	}
	done, err := d.Runner.Submit(d.t.Context(), d.Reviewer, workflow.Submission{Name: "test.txt", Input: input})
	if err != nil {
		d.t.Fatal(err)
	}
	return done.ID
}

// Import makes a case of a file's content, as `import` does.
func (d *Desk) Import(name, content string) string {
	d.t.Helper()
	done, err := d.Runner.Import(d.t.Context(), d.Reviewer, name, strings.NewReader(content), "", true)
	if err != nil {
		d.t.Fatal(err)
	}
	return done.ID
}

// Claim waits for a review and claims it.
func (d *Desk) Claim() *review.Review {
	d.t.Helper()
	var r *review.Review
	d.wait("a review to claim", func() (bool, error) {
		var err error
		r, err = d.Runner.Claim(d.t.Context(), d.Reviewer)
		return r != nil, err
	})
	return r
}

// Approve approves a claimed review as it is.
func (d *Desk) Approve(r *review.Review) {
	d.t.Helper()
	d.decide(r, review.Request{Verdict: kit.Approve})
}

// Edit approves a claimed review with changed values, by path.
func (d *Desk) Edit(r *review.Review, values map[string]any) {
	d.t.Helper()
	fields := map[string]json.RawMessage{}
	for path, v := range values {
		raw, err := json.Marshal(v)
		if err != nil {
			d.t.Fatal(err)
		}
		fields[path] = raw
	}
	d.decide(r, review.Request{Verdict: kit.Edit, Fields: fields})
}

// Reject rejects a claimed review.
func (d *Desk) Reject(r *review.Review, reason string) {
	d.t.Helper()
	d.decide(r, review.Request{Verdict: kit.Reject, Reason: reason})
}

func (d *Desk) decide(r *review.Review, req review.Request) {
	d.t.Helper()
	req.Subject, req.Epoch, req.Key = r.Subject, r.Lease.Epoch, kit.NewID()
	if _, err := d.Runner.Decide(d.t.Context(), d.Reviewer, r.ID, req, 0); err != nil {
		d.t.Fatal(err)
	}
}

// Delivered waits until a case is delivered and returns what left.
func (d *Desk) Delivered(id string) json.RawMessage {
	d.t.Helper()
	return d.Reaches(id, kit.Delivered).Delivery.Output
}

// Reaches waits until a case is in a state.
func (d *Desk) Reaches(id string, state kit.State) *workflow.Case {
	d.t.Helper()
	var c *workflow.Case
	d.wait("case "+id+" in state "+string(state), func() (bool, error) {
		var err error
		c, err = d.Runner.Case(d.t.Context(), d.Reviewer, id)
		return err == nil && c.State == state, err
	})
	return c
}

// wait asks again until ok, or fails the test.
func (d *Desk) wait(what string, ok func() (bool, error)) {
	d.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		done, err := ok()
		if err != nil {
			d.t.Fatal(err)
		}
		if done {
			return
		}
	}
	d.t.Fatalf("waited %s for %s", patience, what)
}
