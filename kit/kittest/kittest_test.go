package kittest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/kittest"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

type note struct{ kit.Document }

type entry struct {
	Title string       `json:"title" label:"Title"`
	Lines *json.Number `json:"lines" label:"Lines"`
}

// config is an app whose nail names a model and a webhook that are not there.
func config() app.Config {
	rules := func(n note) []baseline.Guess {
		title, _, _ := strings.Cut(n.Text, "\n")
		return []baseline.Guess{
			{Path: "title", Value: title, Confidence: 0.9, End: len(title)},
			{Path: "lines", Value: json.Number(fmt.Sprint(strings.Count(n.Text, "\n") + 1)), Confidence: 0.5},
		}
	}
	return app.Config{
		Name: "notes",
		Files: fstest.MapFS{
			"nail.yaml": {Data: []byte("name: notes\njob: File notes\nmodel: ollama:none\ndatabase: postgres\n" +
				"deliver: {webhook: {url: https://example.com/hook, secret_env: NO_SUCH_SECRET}}\n")},
			"prompts/extract.md": {Data: []byte("Read the note.\n\n{{.Source}}\n")},
		},
		Baseline: baseline.New("rules", "v1", rules),
		Workflow: func(m model.Provider) *workflow.Workflow {
			w, in := workflow.New[note]("notes")
			drafted := workflow.Draft(in, "extract", model.Extract[note, entry](m, "extract"))
			checked := workflow.Review(drafted, "check", review.Policy{})
			workflow.Deliver(checked, "export", func(_ context.Context, e workflow.Approved[entry]) (any, error) { return e.Value(), nil })
			return w
		},
	}
}

func TestACaseLeavesAsDecided(t *testing.T) {
	desk := kittest.Start(t, config())
	id := desk.Submit("Tea\nMilk")
	desk.Edit(desk.Claim(), map[string]any{"title": "Groceries"})
	if got := string(desk.Delivered(id)); got != `{"title":"Groceries","lines":2}` {
		t.Errorf("left as %s", got)
	}
	if c := desk.Reaches(id, kit.Delivered); len(c.Delivery.Sends) != 0 {
		t.Errorf("a test's delivery went to %v", c.Delivery.Sends)
	}
}

func TestImportApproveReject(t *testing.T) {
	desk := kittest.Start(t, config())
	first := desk.Import("shopping.txt", "Tea\nMilk")
	r := desk.Claim()
	if r.CaseID != first {
		t.Errorf("claimed %s, imported %s", r.CaseID, first)
	}
	desk.Approve(r)
	if got := string(desk.Delivered(first)); got != `{"title":"Tea","lines":2}` {
		t.Errorf("left as %s", got)
	}
	second := desk.Submit("Nothing")
	desk.Reject(desk.Claim(), "no note")
	if c := desk.Reaches(second, kit.Rejected); c.Delivery != nil {
		t.Errorf("a rejected case left: %+v", c.Delivery)
	}
}

// Two desks of one test do not see each other.
func TestDesksAreApart(t *testing.T) {
	one, two := kittest.Start(t, config()), kittest.Start(t, config())
	one.Submit("Tea")
	status, err := two.Runner.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for state, n := range status.Cases {
		if n != 0 {
			t.Errorf("%d cases of the other desk are %s", n, state)
		}
	}
}

// A helper that waits in vain fails the test, and the rest of it is not run.
func TestWhatFailsEndsTheTest(t *testing.T) {
	reached := false
	failed := failing(func(t testing.TB) {
		desk := kittest.Start(t, config())
		r := &review.Review{ID: "none", Subject: "s"}
		desk.Approve(r)
		reached = true
	})
	if !failed || reached {
		t.Errorf("a decision on no review: failed %v, went on %v", failed, reached)
	}
}

// failing runs f as a test of its own, which may fail without the one that
// calls it.
func failing(f func(testing.TB)) (failed bool) {
	testing.Benchmark(func(b *testing.B) {
		defer func() {
			failed = failed || b.Failed()
			b.SkipNow() // once is enough
		}()
		f(b)
	})
	return failed
}

func Example() {
	if failing(func(t testing.TB) {
		desk := kittest.Start(t, config())
		id := desk.Submit("Tea\nMilk")
		desk.Edit(desk.Claim(), map[string]any{"title": "Groceries"})
		fmt.Println(string(desk.Delivered(id)))
	}) {
		fmt.Fprintln(os.Stderr, "the example failed")
	}
	// Output: {"title":"Groceries","lines":2}
}
