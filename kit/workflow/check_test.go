package workflow_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// draftLabel drafts a label by the tests' rules.
func draftLabel(ctx context.Context, n note) (model.Draft[label], error) {
	return model.Extract[note, label](baseline.New("rules", "v1", firstLine), "extract")(ctx, n)
}

func relabel(context.Context, workflow.Approved[label]) (model.Draft[label], error) {
	return model.Draft[label]{}, nil
}

// path builds a workflow by name whose review has a policy.
func path(name, draft, check string, p review.Policy) *workflow.Workflow {
	w, in := workflow.New[note](name)
	workflow.Deliver(workflow.Review(workflow.Draft(in, draft, draftLabel), check, p), "export", value)
	return w
}

// faults are workflows that compile and must not run, with the words of each
// fault.
var faults = map[string]struct {
	build func() *workflow.Workflow
	words []string
}{
	"a name with a space": {
		func() *workflow.Workflow { return path("my notes", "extract", "check", review.Policy{}) },
		[]string{"workflow my notes: its name must be lower-case letters, digits, - and _"},
	},
	"a step's name with a slash": {
		func() *workflow.Workflow { return path("notes", "a/b", "check", review.Policy{}) },
		[]string{`workflow notes: step "a/b": its name must be unique, of lower-case letters, digits, - and _`},
	},
	"a name too long": {
		func() *workflow.Workflow { return path("notes", strings.Repeat("x", 41), "check", review.Policy{}) },
		[]string{`step "` + strings.Repeat("x", 41) + `": its name must be unique`},
	},
	"two steps of one name": {
		func() *workflow.Workflow { return path("notes", "check", "check", review.Policy{}) },
		[]string{`workflow notes: step "check": its name must be unique`},
	},
	"a quorum of nobody": {
		func() *workflow.Workflow { return path("notes", "extract", "check", review.Policy{Quorum: -1}) },
		[]string{"workflow notes: step check: quorum -1: at least one person decides"},
	},
	"a lease shorter than a look": {
		func() *workflow.Workflow {
			return path("notes", "extract", "check", review.Policy{Lease: time.Millisecond})
		},
		[]string{"workflow notes: step check: lease 1ms: at least 1s"},
	},
	"no step": {
		func() *workflow.Workflow { w, _ := workflow.New[note]("notes"); return w },
		[]string{"workflow notes: it ends at the input; a path ends in a delivery"},
	},
	"no delivery": {
		func() *workflow.Workflow {
			w, in := workflow.New[note]("notes")
			workflow.Review(workflow.Draft(in, "extract", draftLabel), "check", review.Policy{})
			return w
		},
		[]string{"workflow notes: it ends at step check; a path ends in a delivery"},
	},
	"a draft behind the last review": {
		func() *workflow.Workflow {
			w, in := workflow.New[note]("notes")
			checked := workflow.Review(workflow.Draft(in, "extract", draftLabel), "check", review.Policy{})
			workflow.Draft(checked, "again", relabel)
			return w
		},
		[]string{"workflow notes: it ends at step again; a path ends in a delivery"},
	},
	"two steps of one stage": {
		func() *workflow.Workflow {
			w, in := workflow.New[note]("notes")
			drafted := workflow.Draft(in, "extract", draftLabel)
			workflow.Deliver(workflow.Review(drafted, "check", review.Policy{}), "export", value)
			workflow.Deliver(workflow.Review(drafted, "look", review.Policy{}), "send", value)
			return w
		},
		[]string{"workflow notes: step extract feeds 2 steps; a stage feeds one"},
	},
	"two steps of the input": {
		func() *workflow.Workflow {
			w, in := workflow.New[note]("notes")
			workflow.Deliver(workflow.Review(workflow.Draft(in, "extract", draftLabel), "check", review.Policy{}), "export", value)
			workflow.Draft(in, "stray", draftLabel)
			return w
		},
		[]string{"workflow notes: the input feeds 2 steps; a stage feeds one"},
	},
	"an input that says it was approved": {
		func() *workflow.Workflow {
			w, in := workflow.New[workflow.Approved[label]]("notes")
			workflow.Deliver(in, "export", value)
			return w
		},
		[]string{"workflow notes: step export delivers what no person reviewed"},
	},
	"an input that says it is a draft": {
		func() *workflow.Workflow {
			w, in := workflow.New[model.Draft[label]]("notes")
			workflow.Deliver(workflow.Review(in, "check", review.Policy{}), "export", value)
			return w
		},
		[]string{"workflow notes: step check reviews the input; a review is of a draft"},
	},
	"an output that no schema describes": {
		func() *workflow.Workflow {
			w, in := workflow.New[note]("notes")
			drafted := workflow.Draft(in, "extract", func(context.Context, note) (d model.Draft[int], err error) { return d, err })
			workflow.Deliver(workflow.Review(drafted, "check", review.Policy{}), "export",
				func(_ context.Context, a workflow.Approved[int]) (any, error) { return a.Value(), nil })
			return w
		},
		[]string{"workflow notes: step extract: make a schema of int: it is no struct"},
	},
	"many faults": {
		func() *workflow.Workflow { return path("Notes", "Extract", "Check", review.Policy{EscalateAfter: 1}) },
		[]string{"its name must be lower-case", `step "Extract"`, `step "Check"`, "step Check: escalate after 1ns: at least 1s"},
	},
}

func TestCheckFinds(t *testing.T) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			err := f.build().Check()
			if err == nil {
				t.Fatal("it passes")
			}
			if got := strings.Split(err.Error(), "\n"); len(got) != len(f.words) {
				t.Errorf("it tells %d faults, want %d:\n%v", len(got), len(f.words), err)
			}
			for _, want := range f.words {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("it does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestARunnerRefusesAWorkflowWithAFault(t *testing.T) {
	_, err := workflow.NewRunner(workflow.Config{})
	wantCode(t, err, kit.Internal)
	signer, err := audit.MakeSigner(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = workflow.NewRunner(workflow.Config{DB: storetest.SQLite(t), Signer: signer,
		Workflow: path("notes", "extract", "check", review.Policy{Quorum: -1})})
	wantCode(t, err, kit.Invalid)
	if !strings.Contains(err.Error(), "quorum -1") || kit.HintOf(err) == "" {
		t.Errorf("it says %q, hint %q", err, kit.HintOf(err))
	}
}

func TestStepsAndSchemasOfThePath(t *testing.T) {
	w, in := workflow.New[note]("notes")
	checked := workflow.Review(workflow.Draft(in, "extract", draftLabel), "check", review.Policy{})
	rechecked := workflow.Review(workflow.Draft(checked, "reword", relabel), "reread", review.Policy{})
	workflow.Deliver(rechecked, "export", value)
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	want := []workflow.StepInfo{{Name: "extract", Kind: "draft"}, {Name: "check", Kind: "review"},
		{Name: "reword", Kind: "draft"}, {Name: "reread", Kind: "review"}, {Name: "export", Kind: "deliver"}}
	if got := w.Steps(); !slices.Equal(got, want) {
		t.Errorf("the path is %v, want %v", got, want)
	}
	if fields := w.FirstSchema().Fields(); len(fields) != 2 || fields[0].Path != "title" {
		t.Errorf("the first draft has the fields %+v", fields)
	}
}

func TestAStepOfNoWorkflowPanicsInWords(t *testing.T) {
	defer func() {
		if p := recover(); p != "workflow: step export starts from an empty Stage; only New and the steps make stages" {
			t.Errorf("the panic says %v", p)
		}
	}()
	var none workflow.Stage[workflow.Approved[label]]
	workflow.Deliver(none, "export", value)
}

func TestFirstDraftMakesNoCase(t *testing.T) {
	w := path("notes", "extract", "check", review.Policy{})
	d, err := w.FirstDraft(t.Context(), json.RawMessage(`{"text": "Blue chairs"}`))
	if err != nil || string(d.Value) != `{"title":"Blue chairs","count":2}` || d.Model.Name != "rules" {
		t.Errorf("drafted %s by %s, %v", d.Value, d.Model.Name, err)
	}
	_, err = w.FirstDraft(t.Context(), json.RawMessage(`{"text": ""}`))
	wantCode(t, err, kit.Invalid)
	empty, _ := workflow.New[note]("notes")
	_, err = empty.FirstDraft(t.Context(), json.RawMessage(`{"text": "a"}`))
	wantCode(t, err, kit.Unsupported)
	if empty.FirstSchema() != nil {
		t.Error("a workflow without steps has a first schema")
	}
}
