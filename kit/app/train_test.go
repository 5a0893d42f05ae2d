package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// letterDesk is an app whose rules take the first line for the title and see
// the others, too. Version tells one text of the rules from the next.
func letterDesk(version string) app.Config {
	type entry struct {
		Title *string `json:"title" label:"Title" jsonschema:"maxLength=80"`
	}
	rules := func(n note) (out []baseline.Guess) {
		at := 0
		for i, line := range strings.SplitAfter(n.Text, "\n") {
			if words := strings.TrimSpace(line); words != "" {
				out = append(out, baseline.Guess{Path: "title", Value: words, Confidence: 0.7, Start: at, End: at + len(words), Weak: i > 0})
			}
			at += len(line)
		}
		return out
	}
	return app.Config{
		Name: "letter-desk",
		Files: fstest.MapFS{
			"nail.yaml":          {Data: []byte("name: letter-desk\njob: Title letters\nbar: {title: 0.9}\nreview: {undo: 0s}\n")},
			"prompts/extract.md": {Data: []byte("Read the letter.\n\n{{.Source}}\n")},
		},
		Baseline: baseline.New("rules", version, rules),
		Workflow: func(m model.Provider) *workflow.Workflow {
			w, in := workflow.New[note]("letters")
			drafted := workflow.Draft(in, "extract", model.Extract[note, entry](m, "extract"))
			checked := workflow.Review(drafted, "check", review.Policy{})
			workflow.Deliver(checked, "export", func(_ context.Context, a workflow.Approved[entry]) (any, error) { return a.Value(), nil })
			return w
		},
	}
}

// letter is a text and its title: the line behind "Subject:".
func letter(i int) (text, title string) {
	title = fmt.Sprintf("Order %d of %d boxes", i, i%17)
	lines := []string{fmt.Sprintf("Our ref %d", i*7), fmt.Sprintf("Mill Lane %d", i), "Subject:\n" + title, "Kind regards"}
	return strings.Join(lines[i%3:], "\n"), title
}

// letters writes letters and their answers, and returns the two folders.
func letters(t *testing.T, from, to int, title func(i int) string) (cases, answers string) {
	t.Helper()
	dir := t.TempDir()
	cases, answers = filepath.Join(dir, "cases"), filepath.Join(dir, "answers")
	for _, d := range []string{cases, answers} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for i := from; i < to; i++ {
		text, _ := letter(i)
		raw, err := json.Marshal(map[string]string{"title": title(i)})
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(cases, fmt.Sprint(i, ".txt")), []byte(text))
		write(t, filepath.Join(answers, fmt.Sprint(i, ".json")), raw)
	}
	return cases, answers
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// subject is a letter's right title.
func subject(i int) string { _, title := letter(i); return title }

// ran runs a command and returns its exit code and what it said.
func ran(c app.Config, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	c.Out, c.Err = &o, &e
	code = c.Run(context.Background(), append([]string{c.Name}, args...))
	return code, o.String(), e.String()
}

// wants runs a command and holds it to an exit code and to words, which may
// stand on either output.
func wants(t *testing.T, c app.Config, code int, words string, args ...string) (out string) {
	t.Helper()
	got, out, errs := ran(c, args...)
	said := strings.Join(strings.Fields(out+errs), " ")
	if got != code || !strings.Contains(said, words) {
		t.Fatalf("%s: exit code %d, want %d and %q in\n%s%s", strings.Join(args, " "), got, code, words, out, errs)
	}
	return out
}

// drafter opens the desk with the model that it is told of, and tells who
// drafts and what the log says.
func drafter(t *testing.T, c app.Config, data string) (who, log string) {
	t.Helper()
	var errs bytes.Buffer
	c.Err = &errs
	s, err := c.Open(t.Context(), app.Options{Data: data, Model: "learned", Stay: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info, err := s.Model.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.Name, errs.String()
}

func TestTrainBeatsTheRules(t *testing.T) {
	desk, data := letterDesk("v1"), t.TempDir()
	cases, answers := letters(t, 0, 60, subject)
	file := filepath.Join(data, "learned.json")
	wants(t, desk, 0, "nothing was written", "train", "--cases", cases, "--answers", answers, "--data", data, "--dry-run")
	if _, err := os.Stat(file); err == nil {
		t.Error("a dry run wrote the model")
	}
	wants(t, desk, 0, "it beats the rules: of 60 fields of 60 cases", "train", "--cases", cases, "--answers", answers, "--data", data)

	others, theirs := letters(t, 60, 90, subject)
	wants(t, desk, 0, "title 30 100.0 % 100.0 %", "eval", "--model", "learned", "--cases", others, "--answers", theirs, "--data", data, "--bar")
	wants(t, desk, 4, "below the bar", "eval", "--cases", others, "--answers", theirs, "--data", data, "--bar")
	if who, log := drafter(t, desk, data); who != "learned" || log != "" {
		t.Errorf("drafts by %s, log %s", who, log)
	}
	wants(t, desk, 0, "ok learned of 60 fields", "check", "--model", "learned", "--data", data)

	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file holds answers of customers, and has the mode %v, %v", info, err)
	}
}

// A model is judged on what it never saw.
func TestALearnedModelIsNotJudgedOnWhatItLearnedFrom(t *testing.T) {
	desk, data := letterDesk("v1"), t.TempDir()
	cases, answers := letters(t, 0, 40, subject)
	wants(t, desk, 0, "wrote", "train", "--cases", cases, "--answers", answers, "--data", data)
	wants(t, desk, 2, "made from all 40", "eval", "--model", "learned", "--cases", cases, "--answers", answers, "--data", data)
	more, theirs := letters(t, 30, 50, subject)
	wants(t, desk, 0, "10 left out: the model was made from them", "eval", "--model", "learned", "--cases", more, "--answers", theirs, "--data", data)
}

// Without a reason to trust it, the learned model does not draft, and whoever
// asked for it hears why.
func TestTheRulesGoOnDrafting(t *testing.T) {
	desk, data := letterDesk("v1"), t.TempDir()
	if who, log := drafter(t, desk, data); who != "rules" || !strings.Contains(log, "is not there") {
		t.Errorf("without a model: drafts by %s, log %s", who, log)
	}
	wants(t, desk, 1, "letter-desk train makes it", "eval", "--model", "learned", "--data", data)

	first := func(i int) string { text, _ := letter(i); line, _, _ := strings.Cut(text, "\n"); return line }
	cases, answers := letters(t, 0, 30, first)
	wants(t, desk, 0, "the rules go on drafting", "train", "--cases", cases, "--answers", answers, "--data", data)
	if who, log := drafter(t, desk, data); who != "rules" || !strings.Contains(log, "does not beat the rules") {
		t.Errorf("as good as the rules: drafts by %s, log %s", who, log)
	}
	wants(t, desk, 0, "warn learned the rules draft in its place", "check", "--model", "learned", "--data", data)

	cases, answers = letters(t, 0, 60, subject)
	wants(t, desk, 0, "it beats the rules", "train", "--cases", cases, "--answers", answers, "--data", data)
	if who, log := drafter(t, letterDesk("v2"), data); who != "rules" || !strings.Contains(log, "other rules than today's") {
		t.Errorf("after a change of the rules: drafts by %s, log %s", who, log)
	}
	wants(t, letterDesk("v2"), 3, "train it again", "eval", "--model", "learned", "--cases", cases, "--answers", answers, "--data", data)

	file := filepath.Join(data, "learned.json")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, raw[:len(raw)/2])
	wants(t, desk, 0, "the file is torn", "check", "--model", "learned", "--data", data)
}

// Fewer cases do not take the place of more unless that is said.
func TestTrainKeepsTheModelOfMoreCases(t *testing.T) {
	desk, data := letterDesk("v1"), t.TempDir()
	file := filepath.Join(data, "learned.json")
	train := func(n, code int, words string, args ...string) {
		t.Helper()
		cases, answers := letters(t, 0, n, subject)
		wants(t, desk, code, words, append([]string{"train", "--cases", cases, "--answers", answers, "--data", data}, args...)...)
	}
	train(30, 0, "learned from 30 cases")
	before := readFile(t, file)
	train(20, 3, "learned from 30 cases, and this would be from 20 hint: replace it with --force, or write to another file with --out FILE")
	train(20, 0, "nothing was written", "--dry-run")
	if readFile(t, file) != before {
		t.Error("the model of more cases is gone")
	}
	other := filepath.Join(data, "other.json")
	train(20, 0, "wrote "+other, "--out", other)
	train(19, 3, "learned from 20 cases", "--out", other)
	train(20, 0, "learned from 20 cases", "--force")
	train(20, 0, "learned from 20 cases")
	if readFile(t, file) == before {
		t.Error("--force did not replace it")
	}
}

func TestTrainCountsInGrammar(t *testing.T) {
	desk, data := letterDesk("v1"), t.TempDir()
	cases, answers := letters(t, 0, 20, subject)
	write(t, filepath.Join(cases, "torn.pdf"), []byte("no PDF"))
	write(t, filepath.Join(answers, "torn.json"), []byte(`{"title": "Torn"}`))
	wants(t, desk, 0, "; 1 is left to measure on", "train", "--cases", cases, "--answers", answers, "--data", data)
}

func TestTrainRefusesWhatItCannotUse(t *testing.T) {
	desk, data := letterDesk("v1"), t.TempDir()
	cases, answers := letters(t, 0, 1, subject)
	wants(t, desk, 2, "too few", "train", "--cases", cases, "--answers", answers, "--data", data)
	wants(t, desk, 2, "", "train", "--cases", t.TempDir(), "--answers", answers, "--data", data)
	wants(t, desk, 2, "", "train", "extra")
	cases, answers = letters(t, 0, 20, subject)
	out := filepath.Join(data, "nowhere", "model.json")
	wants(t, desk, 2, "does its folder exist", "train", "--cases", cases, "--answers", answers, "--data", data, "--out", out)
	none := filepath.Join(t.TempDir(), "cases")
	if err := os.Mkdir(none, 0o700); err != nil {
		t.Fatal(err)
	}
	wants(t, desk, 2, "", "train", "--cases", none, "--answers", answers)
}

// Of what people decided, train takes the half that no model is measured on.
func TestTrainOnDecisions(t *testing.T) {
	desk, data := letterDesk("v1"), t.TempDir()
	want := decideLetters(t, desk, data, 60)
	out := wants(t, desk, 0, `"beats": true`, "train", "--from", "cases", "--data", data, "--json")
	var got struct {
		Cases   int `json:"cases"`
		LeftOut int `json:"left_out"`
		File    string
		Model   kit.ModelInfo
		Trial   struct {
			Fields []struct {
				Path                 string
				N, Rules, Learned    int
				OnlyRules, Unheardof int
				P                    float64
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Cases != want || got.LeftOut != 60-want || got.Model.Name != "learned" || got.File == "" {
		t.Errorf("learned from %d, left %d out, of %d to learn from: %s", got.Cases, got.LeftOut, want, out)
	}
	if f := got.Trial.Fields[0]; f.Path != "title" || f.N != want || f.Learned <= f.Rules || f.P <= 0 || f.P > 0.05 {
		t.Errorf("the trial says %+v", f)
	}
	wants(t, desk, 0, fmt.Sprintf("%d left out: the model was made from them", want), "eval", "--model", "learned", "--from", "cases", "--data", data)
}

// decideLetters has people put n letters right, and returns how many of them
// are to learn from.
func decideLetters(t *testing.T, desk app.Config, data string, n int) (train int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	desk.Err = t.Output()
	s, err := desk.Open(ctx, app.Options{Data: data, Stay: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	by, err := s.Accounts.Add(ctx, "Mei", "mei@example.com", auth.Reviewer)
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for i := range n {
		text, title := letter(i)
		done, err := s.Runner.Import(ctx, by, fmt.Sprint(i, ".txt"), strings.NewReader(text), "", true)
		if err != nil {
			t.Fatal(err)
		}
		titles[done.ID] = title
		if eval.Split(kit.Hash([]byte(text))) == eval.Train {
			train++
		}
	}
	if err := s.Runner.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer s.Runner.Stop(ctx)
	for left := n; left > 0; time.Sleep(2 * time.Millisecond) {
		r, err := s.Runner.Claim(ctx, by)
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			continue
		}
		raw, _ := json.Marshal(titles[r.CaseID])
		if _, err := s.Runner.Decide(ctx, by, r.ID, review.Request{Verdict: kit.Edit, Fields: map[string]json.RawMessage{"title": raw},
			Subject: r.Subject, Epoch: r.Lease.Epoch, Key: kit.NewID()}, 0); err != nil {
			t.Fatal(err)
		}
		left--
	}
	for {
		status, err := s.Runner.Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if status.Cases[kit.Delivered] == int64(n) {
			return train
		}
		time.Sleep(5 * time.Millisecond)
	}
}
