package app_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// beDesk makes the test's program the app that is tested, so that a test can
// start it as a process of its own and kill it.
const beDesk = "TACKHAMMER_TEST_DESK"

func TestMain(m *testing.M) {
	if os.Getenv(beDesk) == "" {
		testscript.Main(tests{m}, map[string]func(){
			"test-desk":       func() { os.Exit(app.Main(desk())) },
			"own-desk":        func() { os.Exit(app.Main(ownDesk())) },
			"letter-desk":     func() { os.Exit(app.Main(letterDesk("v1"))) },
			"test-desk-visit": visit,
		})
	}
	go func() { // whoever started it holds its input: it ends with them
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	os.Exit(app.Main(desk()))
}

// tests runs with the databases that storetest makes.
type tests struct{ *testing.M }

func (t tests) Run() int { return storetest.Run(t.M) }

const deskNail = `
name: test-desk
job: Read the note's first line and count its words
deliver: {folder: out}
review: {lease: LEASE, undo: 0s}
`

// deskLease names how long a claim on the desk holds, 2 seconds unless told.
const deskLease = "TACKHAMMER_TEST_LEASE"

// note and title are the input and the output of the desk.
type note struct{ kit.Document }

type title struct {
	Title string       `json:"title" label:"Title" jsonschema:"minLength=1,maxLength=80"`
	Words *json.Number `json:"words" label:"Words" jsonschema:"minimum=0"`
}

// desk is an app whose rules take a moment, so that it can die in the middle.
func desk() app.Config {
	rules := func(n note) []baseline.Guess {
		time.Sleep(3 * time.Millisecond)
		line, _, _ := strings.Cut(n.Text, "\n")
		return []baseline.Guess{
			{Path: "title", Value: line, Confidence: 0.9, End: len(line)},
			{Path: "words", Value: json.Number(fmt.Sprint(len(strings.Fields(n.Text)))), Confidence: 0.6},
		}
	}
	return app.Config{
		Name:     "test-desk",
		Files:    deskFiles(os.Getenv("DESK_PROMPTS")),
		Baseline: baseline.New("rules", "v1", rules),
		Workflow: func(m model.Provider) *workflow.Workflow {
			w, in := workflow.New[note]("notes")
			drafted := workflow.Draft(in, "extract", model.Extract[note, title](m, "extract"))
			checked := workflow.Review(drafted, "check", review.Policy{})
			workflow.Deliver(checked, "export", func(_ context.Context, a workflow.Approved[title]) (any, error) { return a.Value(), nil })
			return w
		},
	}
}

// deskFiles are the desk's own, or such as are wrong.
func deskFiles(wrong string) fstest.MapFS {
	nail := strings.Replace(deskNail, "LEASE", cmp.Or(os.Getenv(deskLease), "2s"), 1)
	files := fstest.MapFS{"nail.yaml": {Data: []byte(nail)}}
	switch wrong {
	case "missing":
		files["prompts/other.md"] = &fstest.MapFile{Data: []byte("Read the note.\n\n{{.Source}}\n")}
	case "broken":
		files["prompts/extract.md"] = &fstest.MapFile{Data: []byte("Read {{.Nothing")}
	default:
		files["prompts/extract.md"] = &fstest.MapFile{Data: []byte("Read the note.\n\n{{.Source}}\n")}
	}
	return files
}

// command runs one command of the desk and returns what it printed.
func command(t testing.TB, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	c := desk()
	c.Out, c.Err = &out, &errs
	if code := c.Run(context.Background(), append([]string{"test-desk"}, args...)); code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", strings.Join(args, " "), code, &out, &errs)
	}
	return strings.TrimSpace(out.String())
}
