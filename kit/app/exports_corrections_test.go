package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// corrected opens a desk and lets each text through review with a title of a
// person's.
func corrected(t *testing.T, data string, texts map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := desk()
	c.Out, c.Err = io.Discard, io.Discard
	s, err := c.Open(ctx, app.Options{Data: data, Stay: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mei, err := s.Accounts.Add(ctx, "Mei", "mei@example.com", auth.Reviewer)
	if err != nil {
		t.Fatal(err)
	}
	for text := range texts {
		input, _ := json.Marshal(kit.Document{Text: text})
		if _, err := s.Runner.Submit(ctx, mei, workflow.Submission{Name: "note", Input: input}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Runner.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer s.Runner.Stop(ctx)
	for done := 0; done < len(texts); time.Sleep(5 * time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal(ctx.Err())
		}
		r, err := s.Runner.Claim(ctx, mei)
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			continue
		}
		var in kit.Document
		_ = json.Unmarshal(r.Input, &in)
		title, _ := json.Marshal(texts[in.Text])
		if _, err := s.Runner.Decide(ctx, mei, r.ID, review.Request{Verdict: kit.Edit, Fields: map[string]json.RawMessage{"title": title},
			Subject: r.Subject, Epoch: r.Lease.Epoch, Key: kit.NewID()}, 0); err != nil {
			t.Fatal(err)
		}
		done++
	}
}

// TestThePromptIsTheOneAModelSees holds that a model that learned from the
// export is asked in the same words.
func TestThePromptIsTheOneAModelSees(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	corrected(t, data, map[string]string{"FIRST NOTE\nof two lines": "First note"})
	command(t, "export", "corrections", "--data", data, "--format", "dpo", "--split", "100/0/0", "--out", filepath.Join(dir, "out"))
	raw, err := os.ReadFile(filepath.Join(dir, "out", "train.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Prompt, Chosen, Rejected []struct{ Role, Content string }
	}
	if err := json.Unmarshal(bytes.TrimSpace(raw), &got); err != nil {
		t.Fatal(err)
	}
	prompts, err := model.LoadPrompts(deskFiles(""), "prompts")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := model.SchemaOf[title]()
	if err != nil {
		t.Fatal(err)
	}
	want, err := prompts.Render("extract", model.Request{Task: "extract", Schema: schema, Input: note{kit.Document{Text: "FIRST NOTE\nof two lines"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Prompt[0].Content != want.System || got.Prompt[1].Content != want.User {
		t.Errorf("the prompt is %q, a model sees %q and %q", got.Prompt, want.System, want.User)
	}
	if got.Chosen[0].Content != `{"title":"First note","words":5}` || got.Rejected[0].Content != `{"title":"FIRST NOTE","words":5}` {
		t.Errorf("chosen %s, rejected %s", got.Chosen, got.Rejected)
	}
}
