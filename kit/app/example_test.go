package app_test

import (
	"context"
	"os"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// A program is its nail, its prompts, its rules and its workflow. Its main
// would be os.Exit(app.Main(c)).
func Example() {
	type Note struct{ kit.Document }
	type Entry struct {
		Title string `json:"title" label:"Title"`
	}
	firstLine := func(n Note) []baseline.Guess {
		return []baseline.Guess{{Path: "title", Value: n.Text, Confidence: 0.9, End: len(n.Text)}}
	}
	c := app.Config{
		Name: "notes-desk",
		Files: fstest.MapFS{
			"nail.yaml":          {Data: []byte("name: notes-desk\njob: File notes by their titles\nvolume: 500\nprice: 0.20\n")},
			"prompts/extract.md": {Data: []byte("Read the note's title.\n\n{{.Source}}\n")},
		},
		Baseline: baseline.New("rules", "v1", firstLine),
		Workflow: func(m model.Provider) *workflow.Workflow {
			w, in := workflow.New[Note]("notes")
			drafted := workflow.Draft(in, "extract", model.Extract[Note, Entry](m, "extract"))
			checked := workflow.Review(drafted, "check", review.Policy{})
			workflow.Deliver(checked, "export", func(_ context.Context, e workflow.Approved[Entry]) (any, error) { return e.Value(), nil })
			return w
		},
		Out: os.Stdout,
	}
	c.Run(context.Background(), []string{"notes-desk", "check"})
	// Output:
	// ok     nail       File notes by their titles
	// ok     economics  the buyer, a month: 100.00 USD here; nail.yaml does not say
	//                   what it costs by hand
	//                   us, a month, before the minutes of those who review: revenue
	//                   100.00 USD, the model's machine 0.00, 100.00 remain; with 20 %
	//                   less revenue 80.00
	// ok     deliver    folder deliveries
	// ok     notify     nobody is told what waits
	// ok     workflow   draft extract → review check → deliver export
	// ok     review     check, each draft:
	//                     One person decides.
	//                     It is for reviewers, leads and admins, also for who brought
	//                     the case in.
	//                     It is due within 72h of its opening.
	//                     After 72h without a decision it is put before the others;
	//                     waiting never approves it.
	//                     It gathers in no lot: each case is decided by itself.
	// ok     people     there is no database yet, and so nobody to count
	// ok     prompts    extract
	// ok     model      rules (3bfc269594ef)
}
