package workflow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// notes is the path of a note: rules draft its label, a person checks it, and
// what they approved is delivered.
func notes(m model.Provider) *workflow.Workflow {
	w, in := workflow.New[note]("notes")
	drafted := workflow.Draft(in, "extract", model.Extract[note, label](m, "extract"))
	checked := workflow.Review(drafted, "check", review.Policy{Lease: 5 * time.Minute})
	workflow.Deliver(checked, "export", func(_ context.Context, a workflow.Approved[label]) (any, error) {
		return map[string]any{"label": a.Value(), "by": a.Decision().Person.Name}, nil
	})
	return w
}

// Example builds a workflow and tells its path.
func Example() {
	w := notes(baseline.New("rules", "v1", firstLine))
	if err := w.Check(); err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range w.Steps() {
		fmt.Println(s.Kind, s.Name)
	}
	// Output:
	// draft extract
	// review check
	// deliver export
}

// ExampleRunner brings one case from its input to its delivery. A service runs
// the runner for months, and people claim and decide through its console.
func ExampleRunner() {
	ctx := context.Background()
	r, ann, end, err := desk(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer end()

	done, err := r.Submit(ctx, ann, workflow.Submission{Name: "chairs.txt", Input: []byte(`{"text": "Blue chairs"}`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	var v *review.Review
	for v == nil && err == nil { // the draft takes a moment
		v, err = r.Claim(ctx, ann)
	}
	fmt.Printf("%s drafted %s\n", v.Draft.Model.Name, v.Draft.Value)
	_, err = r.Decide(ctx, ann, v.ID, review.Request{Verdict: kit.Edit, Subject: v.Subject, Epoch: v.Lease.Epoch,
		Key: "click-1", Fields: map[string]json.RawMessage{"count": json.RawMessage("4")}}, 0)
	c := &workflow.Case{}
	for err == nil && c.State != kit.Delivered {
		c, err = r.Case(ctx, ann, done.ID)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("delivered %s\n", c.Delivery.Output)
	// Output:
	// rules drafted {"title":"Blue chairs","count":2}
	// delivered {"by":"Ann","label":{"title":"Blue chairs","count":4}}
}

// desk starts a runner on a database of its own, with one person.
func desk(ctx context.Context) (r *workflow.Runner, ann auth.User, end func(), err error) {
	dir, err := os.MkdirTemp("", "desk")
	if err != nil {
		return nil, ann, nil, err
	}
	db, err := store.Open(ctx, store.Config{URL: filepath.Join(dir, "app.db")})
	if err != nil {
		return nil, ann, nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, ann, nil, err
	}
	signer, err := audit.MakeSigner(filepath.Join(dir, "receipt.key"))
	if err != nil {
		return nil, ann, nil, err
	}
	if ann, err = (auth.Accounts{DB: db}).Add(ctx, "Ann", "ann@example.com", auth.Reviewer); err != nil {
		return nil, ann, nil, err
	}
	r, err = workflow.NewRunner(workflow.Config{DB: db, Workflow: notes(baseline.New("rules", "v1", firstLine)), Signer: signer})
	if err != nil {
		return nil, ann, nil, err
	}
	end = func() {
		_ = r.Stop(ctx)
		_ = db.Close()
		_ = os.RemoveAll(dir)
	}
	return r, ann, end, r.Start(ctx)
}
