package app_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Two people fill each case in, see the draft, and decide; the report is made
// of what they said.
func TestReportBlindReadsWhatPeopleFilledIn(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	file := filepath.Join(dir, "nail.yaml")
	if err := os.WriteFile(file, []byte("name: test-desk\njob: Read notes\nreview: {double_blind: 1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := desk().Open(ctx, app.Options{Data: dir, Nail: file})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Runner.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Runner.Stop(context.WithoutCancel(ctx)) }()
	var people []auth.User
	for _, name := range []string{"mei", "li"} {
		u, err := s.Accounts.Add(ctx, name, name+"@example.com", auth.Reviewer)
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, u)
	}
	for _, text := range []string{"One\n", "One two\n", "One two three\n"} {
		if _, err := s.Runner.Import(ctx, people[0], text[:len(text)-1]+".txt", strings.NewReader(text), "", false); err != nil {
			t.Fatal(err)
		}
	}
	for _, by := range people {
		for range 3 {
			reviewBlind(t, s, by, `9`)
		}
	}
	var reports []struct {
		Cases, Answers, People int
		Fields                 []struct {
			Field   string
			Model   map[string]struct{ Value, Low *float64 } `json:"people_and_model"`
			Between map[string]struct{ Value, Low *float64 } `json:"people_and_people"`
		}
	}
	if err := json.Unmarshal([]byte(command(t, "report", "blind", "--data", dir, "--json")), &reports); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 1 || reports[0].Cases != 3 || reports[0].Answers != 6 || reports[0].People != 2 {
		t.Fatalf("%+v", reports)
	}
	title, words := reports[0].Fields[0], reports[0].Fields[1]
	if v := title.Model["normalised"].Value; v == nil || *v != 1 {
		t.Errorf("the title: %+v", title)
	}
	if m, b := words.Model["exact"].Value, words.Between["exact"].Value; len(words.Model) != 1+len(eval.Measures) || m == nil || *m != 0 || b == nil || *b != 1 {
		t.Errorf("the words: %+v", words)
	}
}

// reviewBlind takes the next review that waits for the person, fills it in with
// its own title and some count, and decides so.
func reviewBlind(t *testing.T, s *app.Service, by auth.User, count string) {
	t.Helper()
	ctx := t.Context()
	var v *review.Review
	for end := time.Now().Add(20 * time.Second); v == nil; time.Sleep(20 * time.Millisecond) {
		var err error
		if v, err = s.Runner.Claim(ctx, by); err != nil && kit.CodeOf(err) != kit.NotFound || time.Now().After(end) {
			t.Fatalf("claim: %v", err)
		}
	}
	title, _ := json.Marshal(strings.TrimSuffix(v.CaseName, ".txt"))
	fields := map[string]json.RawMessage{"title": title, "words": json.RawMessage(count)}
	seen, err := s.Runner.AnswerBlind(ctx, by, v.ID, v.Lease.Epoch, fields)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Runner.Decide(ctx, by, v.ID, review.Request{Verdict: kit.Edit, Epoch: seen.Lease.Epoch, Subject: seen.Subject, Key: kit.NewID(),
		Fields: map[string]json.RawMessage{"words": json.RawMessage(count)}}, 0)
	if err != nil {
		t.Fatal(err)
	}
}
