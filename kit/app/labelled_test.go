package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// deskOf is an app whose rules copy the text.
func deskOf(out, errs *bytes.Buffer) Config {
	m := &counter{info: kit.ModelInfo{Name: "copy", Digest: "d"}, texts: map[string]int{}}
	return Config{Name: "desk", Baseline: m, Workflow: pathOf[heading], Out: out, Err: errs, Files: fstest.MapFS{
		"nail.yaml":          {Data: []byte("name: desk\njob: Read notes\nreview: {undo: 0s}\n")},
		"prompts/extract.md": {Data: []byte("Read it.\n{{.Source}}\n")}}}
}

// decideNotes brings texts in and decides them one after the other.
func decideNotes(t *testing.T, c Config, data string, verdicts map[string]review.Request, texts ...string) {
	t.Helper()
	ctx := t.Context()
	s, err := c.open(ctx, Options{Data: data}, works)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	robot, err := s.Accounts.Service(ctx, "import")
	if err != nil {
		t.Fatal(err)
	}
	ann, err := s.Accounts.Add(ctx, "Ann", "ann@example.com", auth.Reviewer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Runner.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Runner.Stop(context.Background()) }()
	for _, text := range texts {
		if _, err := s.Runner.Import(ctx, robot, text+".txt", strings.NewReader(text+"\n"), "", false); err != nil {
			t.Fatal(err)
		}
		var v *review.Review
		for end := time.Now().Add(20 * time.Second); v == nil; time.Sleep(10 * time.Millisecond) {
			if v, err = s.Runner.Claim(ctx, ann); err != nil || time.Now().After(end) {
				t.Fatalf("no review: %v", err)
			}
		}
		q := verdicts[text]
		q.Subject, q.Epoch, q.Key = v.Subject, v.Lease.Epoch, kit.NewID()
		if _, err := s.Runner.Decide(ctx, ann, v.ID, q, 0); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		st, err := s.Runner.Status(ctx)
		if err != nil || time.Now().After(end) {
			t.Fatalf("not delivered: %v", err)
		}
		if st.Cases[kit.Drafting]+st.Cases[kit.InReview]+st.Cases[kit.Delivering] == 0 {
			return
		}
	}
}

// TestCasesThatPeopleDecidedAreLabels decides three notes, of which one is in
// the golden files as well, with another answer.
func TestCasesThatPeopleDecidedAreLabels(t *testing.T) {
	var out, errs bytes.Buffer
	dir := t.TempDir()
	c, data := deskOf(&out, &errs), filepath.Join(dir, "data")
	decideNotes(t, c, data, map[string]review.Request{
		"Edited":   {Verdict: kit.Edit, Fields: map[string]json.RawMessage{"title": json.RawMessage(`"Mended"`)}},
		"Approved": {Verdict: kit.Approve}, "Rejected": {Verdict: kit.Reject, Reason: "no"}}, "Edited", "Approved", "Rejected")
	for name, text := range map[string]string{"cases/a.txt": "Approved\n", "answers/a.json": `{"title": "By file"}`,
		"cases/b.txt": "Other\n", "answers/b.json": `{"title": "Other"}`} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	measure := func(from string) (e evaluation) {
		t.Helper()
		out.Reset()
		errs.Reset()
		code := c.Run(t.Context(), []string{"desk", "eval", "--json", "--data", data, "--from", from,
			"--cases", filepath.Join(dir, "cases"), "--answers", filepath.Join(dir, "answers")})
		if code != 0 || json.Unmarshal(out.Bytes(), &e) != nil {
			t.Fatalf("from %s: exit code %d\n%s%s", from, code, &out, &errs)
		}
		return e
	}
	if e := measure("cases"); e.Cases != 2 || e.Labels != (labelCount{Decided: 2}) || e.Fields[0].N != 2 || e.Fields[0].Normalised != 0.5 ||
		len(e.Misses) != 1 || string(e.Misses[0].Answer) != `"Mended"` {
		t.Errorf("from cases: %+v", e)
	}
	e := measure("both")
	if e.Cases != 3 || e.Labels != (labelCount{Files: 2, Decided: 1, Repeated: 1}) || !strings.Contains(errs.String(), "1 left out: a case with the same text") {
		t.Errorf("from both: %+v\n%s", e.Labels, &errs)
	}
	if len(e.Misses) != 2 || string(e.Misses[0].Answer) != `"By file"` || string(e.Misses[1].Answer) != `"Mended"` {
		t.Errorf("the file's answer counts: %+v", e.Misses)
	}
	if e := measure("files"); e.Labels != (labelCount{Files: 2}) {
		t.Errorf("from files: %+v", e.Labels)
	}
	if code := c.Run(t.Context(), []string{"desk", "eval", "--data", data, "--from", "people"}); code != 2 {
		t.Errorf("from who knows where: exit code %d", code)
	}
	empty := filepath.Join(dir, "empty")
	if code := c.Run(t.Context(), []string{"desk", "migrate", "--data", empty}); code != 0 {
		t.Fatal("migrate")
	}
	if code := c.Run(t.Context(), []string{"desk", "eval", "--data", empty, "--from", "cases"}); code != 2 || !strings.Contains(errs.String(), "people decided on none yet") {
		t.Errorf("from no case: exit code %d, %s", code, &errs)
	}
}

// TestADocumentIsKnownAgainWhateverItsSpaces reads one text under three names,
// with other spaces and line ends: a model that learned from one has seen all.
func TestADocumentIsKnownAgainWhateverItsSpaces(t *testing.T) {
	l := labels{casesDir: t.TempDir(), answersDir: t.TempDir()}
	for name, text := range map[string]string{"a": "ACME Ltd.\nTotal 9.00\n", "b": "ACME  Ltd.\r\nTOTAL 9.00", "c": "acme ltd\n\ntotal 9.00\n", "d": "ACME Ltd.\nTotal 8.00\n"} {
		for file, content := range map[string]string{filepath.Join(l.casesDir, name+".txt"): text, filepath.Join(l.answersDir, name+".json"): `{"title": "x"}`} {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.addFiles(t.Context(), &intake.Reader{}); err != nil {
		t.Fatal(err)
	}
	hashes := map[string]int{}
	for _, one := range l.Cases {
		hashes[one.Hash]++
	}
	if len(l.Cases) != 4 || l.Repeated != 0 || len(hashes) != 2 {
		t.Errorf("%d cases, %d repeated, known as %v", len(l.Cases), l.Repeated, hashes)
	}
	decided := labelled{Correction: &workflow.Correction{}, Hash: l.Cases[0].Hash}
	decided.Document.Text = "ACME, Ltd. Total 9.00"
	if l.add([]labelled{decided}); len(l.Cases) != 4 || l.Repeated != 1 {
		t.Errorf("with a decided case of the same paper: %d cases, %d repeated", len(l.Cases), l.Repeated)
	}
}

// Two files that nobody can read are two cases, and both count as wrong.
func TestWhatCannotBeReadIsNotTheSameText(t *testing.T) {
	var l labels
	l.add([]labelled{{Case: eval.Case{Name: "a"}, Unread: errors.New("torn")}, {Case: eval.Case{Name: "b"}, Unread: errors.New("torn")}})
	if len(l.Cases) != 2 || l.Repeated != 0 {
		t.Errorf("%d cases, %d repeated", len(l.Cases), l.Repeated)
	}
}
