package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// heading and wideHeading are what the tests' workflows draft.
type heading struct {
	Title string `json:"title" jsonschema:"maxLength=80"`
}

type wideHeading struct {
	Title string `json:"title" jsonschema:"maxLength=90"`
}

// pathOf is a workflow of one draft of a T.
func pathOf[T any](m model.Provider) *workflow.Workflow {
	w, in := workflow.New[kit.Document]("notes")
	d := workflow.Draft(in, "extract", model.Extract[kit.Document, T](m, "extract"))
	workflow.Deliver(workflow.Review(d, "check", review.Policy{}), "export", func(_ context.Context, a workflow.Approved[T]) (any, error) { return a.Value(), nil })
	return w
}

// counter answers with the first line, and counts how often it did.
type counter struct {
	info kit.ModelInfo
	fail func(n int) error // of the n-th question; nil answers all

	mu    sync.Mutex
	asked int
	texts map[string]int // answered, by text
}

func (c *counter) Info(context.Context) (kit.ModelInfo, error) { return c.info, nil }

func (c *counter) Generate(ctx context.Context, req model.Request) (model.Reply, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if ctx.Err() != nil {
		return model.Reply{}, ctx.Err()
	}
	if c.fail != nil {
		if err := c.fail(c.asked); err != nil {
			return model.Reply{}, err
		}
	}
	text := req.Input.(kit.Document).Text
	c.texts[text]++
	raw, _ := json.Marshal(heading{text})
	return model.Reply{Output: string(raw), Model: c.info, Prompt: "p", Usage: model.Usage{PromptTokens: 7, OutputTokens: 3}}, nil
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// bench is a model that is measured again and again.
type bench struct {
	t      *testing.T
	dir    string
	model  *counter
	path   func(model.Provider) *workflow.Workflow
	prompt string
	fresh  bool
}

func newBench(t *testing.T) *bench {
	return &bench{t: t, dir: t.TempDir(), path: pathOf[heading], prompt: "Read it.\n{{.Source}}\n",
		model: &counter{info: kit.ModelInfo{Name: "small", Digest: "d1", Server: "s1"}, texts: map[string]int{}}}
}

func (b *bench) drafting(parallel int) *drafting {
	b.t.Helper()
	prompts, err := model.LoadPrompts(fstest.MapFS{"prompts/extract.md": {Data: []byte(b.prompt)}}, "prompts")
	if err != nil {
		b.t.Fatal(err)
	}
	c := Config{Workflow: b.path, Out: io.Discard, Err: io.Discard}
	d, err := c.draftingBy(b.t.Context(), b.model, &answers{dir: b.dir, prompts: prompts, fresh: b.fresh}, how{parallel: parallel})
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// papers are n labelled cases.
func papers(n int) (all []labelled) {
	for i := range n {
		doc := kit.Document{Name: fmt.Sprint(i), Text: fmt.Sprintf("Note %d", i)}
		raw, _ := json.Marshal(doc)
		all = append(all, labelled{Case: eval.Case{Name: doc.Name, Document: doc}, Hash: kit.Hash([]byte(doc.Text)), input: raw})
	}
	return all
}

// asks runs all drafts and returns how many questions that took.
func (b *bench) asks(ls []labelled) int {
	b.t.Helper()
	before := b.model.count()
	made, err := b.drafting(3).all(b.t.Context(), ls)
	if err != nil {
		b.t.Fatal(err)
	}
	asked := b.model.count() - before
	for i, d := range made {
		if want := fmt.Sprintf("%q", ls[i].Document.Text); string(d.Draft.Values["title"]) != want || d.Err != "" || d.Draft.PromptTokens != 7 || d.Draft.Seconds <= 0 {
			b.t.Errorf("draft %d: %+v", i, d)
		}
		if d.Cached != (asked == 0) && (asked == 0 || asked == len(ls)) {
			b.t.Errorf("draft %d: cached is %v after %d questions", i, d.Cached, asked)
		}
	}
	return asked
}

func TestNoQuestionIsAskedTwice(t *testing.T) {
	b, ls := newBench(t), papers(6)
	if n := b.asks(ls); n != 6 {
		t.Errorf("%d questions at first", n)
	}
	if n := b.asks(ls); n != 0 {
		t.Errorf("%d questions again", n)
	}
	if n := b.asks(papers(8)); n != 2 {
		t.Errorf("%d questions for two new cases", n)
	}
	for _, change := range []struct {
		name string
		do   func()
	}{
		{"digest", func() { b.model.info.Digest = "d2" }},
		{"server", func() { b.model.info.Server = "s2" }},
		{"prompt", func() { b.prompt = "Read it well.\n{{.Source}}\n" }},
		{"prompt's options", func() { b.prompt = "---\nseed: 5\n---\nRead it well.\n{{.Source}}\n" }},
		{"schema", func() { b.path = pathOf[wideHeading] }},
	} {
		change.do()
		if n := b.asks(ls); n != 6 {
			t.Errorf("another %s: %d questions", change.name, n)
		}
		if n := b.asks(ls); n != 0 {
			t.Errorf("another %s, again: %d questions", change.name, n)
		}
	}
	b.fresh = true
	if n := b.asks(ls); n != 6 {
		t.Errorf("%d questions when all are to be fresh", n)
	}
}

// files are those of the answers.
func (b *bench) files() (all []string) {
	b.t.Helper()
	err := filepath.WalkDir(b.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func TestTornAndForeignFilesAreAskedAgain(t *testing.T) {
	b, ls := newBench(t), papers(4)
	b.asks(ls)
	files := b.files()
	if len(files) != 4 {
		t.Fatalf("%v", files)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 || filepath.Base(filepath.Dir(f)) != filepath.Base(f)[:2] {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
		if dir, err := os.Stat(filepath.Dir(f)); err != nil || dir.Mode().Perm() != 0o700 {
			t.Errorf("its folder: %v, %v", dir.Mode(), err)
		}
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, content := range [][]byte{whole[:len(whole)/2], nil, whole, []byte(`{"unknown": 1}`)} {
		if err := os.WriteFile(files[i], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.asks(ls); n != 4 {
		t.Errorf("%d of 4 files that are no answers were asked again", n)
	}
	if n := b.asks(ls); n != 0 {
		t.Errorf("%d questions once they are mended", n)
	}
}

func TestARunThatWasInterruptedGoesOn(t *testing.T) {
	b, ls := newBench(t), papers(30)
	ctx, cancel := context.WithCancel(t.Context())
	b.model.fail = func(n int) error {
		if n == 12 {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	_, err := b.drafting(2).all(ctx, ls)
	if kit.CodeOf(err) != kit.Unavailable || !errors.Is(err, context.Canceled) || kit.HintOf(err) == "" {
		t.Fatalf("%v, hint %q", err, kit.HintOf(err))
	}
	if n := len(b.files()); n < 11 || n > 13 {
		t.Errorf("%d answers kept after 11", n)
	}
	b.model.fail = nil
	b.asks(ls)
	for text, n := range b.model.texts {
		if n != 1 {
			t.Errorf("%s was answered %d times", text, n)
		}
	}
	if len(b.model.texts) != 30 {
		t.Errorf("%d texts answered", len(b.model.texts))
	}
}

func TestAFaultOfTheServerIsNotKept(t *testing.T) {
	b, ls := newBench(t), papers(5)
	b.model.fail = func(n int) error {
		if n%2 == 0 {
			return kit.Errorf(kit.Unavailable, "busy")
		}
		return nil
	}
	made, err := b.drafting(1).all(t.Context(), ls)
	if err != nil || !made[1].Lost || made[1].Err == "" || made[0].Lost || len(b.files()) != 3 {
		t.Fatalf("%+v, %v, %d files", made, err, len(b.files()))
	}
	b.model.fail = nil
	if n := b.asks(ls); n != 2 {
		t.Errorf("%d questions after the fault", n)
	}
}

func TestARunEndsWhenTheServerIsGone(t *testing.T) {
	b := newBench(t)
	b.model.fail = func(int) error { return kit.Errorf(kit.Unavailable, "ask small: refused") }
	_, err := b.drafting(1).all(t.Context(), papers(200))
	if kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), "refused") || b.model.count() > mostLost+1 {
		t.Errorf("%v after %d questions", err, b.model.count())
	}
}

// TestRunsAtOnceDoNotDisturbEachOther has three runs over the same cases: each
// gets whole answers, whoever wrote them.
func TestRunsAtOnceDoNotDisturbEachOther(t *testing.T) {
	b, ls := newBench(t), papers(40)
	var runs sync.WaitGroup
	for range 3 {
		d := b.drafting(4)
		runs.Go(func() {
			made, err := d.all(context.Background(), ls)
			if err != nil {
				t.Error(err)
				return
			}
			for i, one := range made {
				if string(one.Draft.Values["title"]) != fmt.Sprintf("%q", ls[i].Document.Text) {
					t.Errorf("draft %d: %+v", i, one)
				}
			}
		})
	}
	runs.Wait()
	if n := len(b.files()); n != 40 {
		t.Errorf("%d files, some of them half-written", n)
	}
	if n := b.asks(ls); n != 0 {
		t.Errorf("%d questions afterwards", n)
	}
}

func TestACaseThatCannotBeReadHasNoDraft(t *testing.T) {
	b, ls := newBench(t), papers(2)
	ls[1].Unread = errors.New("torn page")
	made, err := b.drafting(1).all(t.Context(), ls)
	if err != nil || made[1].Err != "torn page" || made[1].Lost || b.model.count() != 1 {
		t.Errorf("%+v, %v", made, err)
	}
}

// pupil is a model that was made from some cases.
type pupil struct {
	model.Provider
	of map[string]bool
}

func (p pupil) Saw(hash string) bool { return p.of[hash] }

func TestAModelIsNotJudgedOnWhatItWasMadeFrom(t *testing.T) {
	b, ls := newBench(t), papers(3)
	ls[2].Correction = &workflow.Correction{}
	d := b.drafting(1)
	all := labels{Cases: ls, Files: 2, Decided: 1}
	if got, err := d.unseen(all); err != nil || len(got.Cases) != 3 {
		t.Errorf("one that was made from none: %+v, %v", got, err)
	}
	d.Provider = pupil{b.model, map[string]bool{ls[0].Hash: true}}
	got, err := d.unseen(all)
	if err != nil || len(got.Cases) != 2 || got.Learned != 1 || got.Files != 1 || got.Decided != 1 || !strings.Contains(strings.Join(got.notes(), "\n"), "1 left out: the model was made from them") {
		t.Errorf("%+v, %v", got, err)
	}
	d.Provider = pupil{b.model, map[string]bool{ls[0].Hash: true, ls[1].Hash: true, ls[2].Hash: true}}
	if _, err := d.unseen(all); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Errorf("made from all: %v", err)
	}
}
