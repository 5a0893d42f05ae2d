package app_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// A program that reads the graph gets the steps and the faults together.
func TestGraphTellsAForkedPath(t *testing.T) {
	var out, errs bytes.Buffer
	c := desk()
	c.Out, c.Err = &out, &errs
	straight := c.Workflow
	c.Workflow = func(m model.Provider) *workflow.Workflow {
		w, in := workflow.New[note]("notes")
		for _, name := range []string{"one", "two"} {
			drafted := workflow.Draft(in, name, model.Extract[note, title](m, name))
			workflow.Review(drafted, "check-"+name, review.Policy{})
		}
		return w
	}
	if code := c.Run(t.Context(), []string{"desk", "graph", "--json"}); code != line.Failed {
		t.Errorf("exit code %d, want %d", code, line.Failed)
	}
	var got struct {
		Steps  []struct{ Name, Kind, From string }
		Faults []string
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	if len(got.Steps) != 4 || got.Steps[3].From != "two" {
		t.Errorf("the steps are %v", got.Steps)
	}
	if all := strings.Join(got.Faults, "\n"); !strings.Contains(all, "the input feeds 2 steps") || !strings.Contains(errs.String(), "graph: wrong") {
		t.Errorf("the faults are %q, and said was %q", all, &errs)
	}

	out.Reset()
	c.Workflow = straight
	if code := c.Run(t.Context(), []string{"desk", "graph", "--json"}); code != line.Done || !strings.Contains(out.String(), `"faults": []`) {
		t.Errorf("a straight path ends with %d and\n%s", code, &out)
	}
}
