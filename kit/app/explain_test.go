package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
)

// A case is explained from the draft that the database has, whoever may see it.
func TestCheckExplainsACaseOfTheDatabase(t *testing.T) {
	ctx, data := context.Background(), t.TempDir()
	s, err := desk().Open(ctx, app.Options{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	by, err := s.Accounts.Service(ctx, "import")
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.Runner.Import(ctx, by, "a.txt", strings.NewReader("Hello there\n"), "", false)
	if err != nil {
		t.Fatal(err)
	}
	var before strings.Builder
	c := desk()
	c.Out, c.Err = &before, &before
	if code := c.Run(ctx, []string{"test-desk", "check", "--data", data, "--case", done.ID}); code != 3 {
		t.Errorf("before there is a draft: exit code %d, %s", code, &before)
	}
	if err := s.Runner.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Runner.Stop(ctx) }()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		cs, err := s.Runner.Case(ctx, by, done.ID)
		if err != nil || time.Now().After(end) {
			t.Fatalf("no review: %v", err)
		}
		if cs.State == kit.InReview {
			break
		}
	}
	words := command(t, "check", "--data", data, "--case", done.ID)
	for _, want := range []string{"a.txt at the step check\n", "confidence of 0.60\n", "tier: none", "\nOne person decides.\n"} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in\n%s", want, words)
		}
	}
}
