package app_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/app"
)

const chatNail = `
name: test-desk
title: 收据台
job: Count
notify:
  every: 1m
  url: https://desk.example
  channels: [{kind: wecom, url_env: WECOM_WEBHOOK, lang: zh}]
`

// group is a WeCom group that says what it was told.
func group(t *testing.T) <-chan string {
	t.Helper()
	told := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Markdown struct{ Content string } }
		if json.NewDecoder(r.Body).Decode(&body) != nil || r.URL.Query().Get("key") != "KEY" {
			_, _ = io.WriteString(w, `{"errcode":93000,"errmsg":"invalid webhook url"}`)
			return
		}
		told <- body.Markdown.Content
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	t.Cleanup(s.Close)
	t.Setenv("WECOM_WEBHOOK", s.URL+"/send?key=KEY")
	return told
}

// An app whose nail names a chat tells it what waits.
func TestAChatIsToldWhatWaits(t *testing.T) {
	told, dir := group(t), t.TempDir()
	file, note, data := filepath.Join(dir, "nail.yaml"), filepath.Join(dir, "a.txt"), filepath.Join(dir, "data")
	for path, text := range map[string]string{file: chatNail, note: "First note"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said := command(t, "notify", "test", "--nail", file); said != "sent by wecom" || !strings.HasPrefix(<-told, "### 收据台：测试消息\n") {
		t.Errorf("the test said %s", said)
	}
	command(t, "import", note, "--nail", file, "--data", data)
	c := desk()
	c.Out, c.Err = io.Discard, t.Output()
	s, err := c.Open(t.Context(), app.Options{Data: data, Nail: file})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	workUntil(t, s, func() bool {
		var n int
		return s.DB.Read().NewRaw("SELECT COUNT(*) FROM reviews").Scan(t.Context(), &n) == nil && n == 1
	})
	if err := s.DB.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE message_rounds SET at = 0").Exec(ctx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	workUntil(t, s, func() bool {
		m, err := s.Runner.Messages(t.Context())
		return err == nil && m.SentAt != nil
	})
	if got := <-told; !strings.Contains(got, "收据台：1 件待审核") || !strings.Contains(got, "https://desk.example/inbox") {
		t.Errorf("the group was told %s", got)
	}
}

// workUntil lets the workers run until something is done.
func workUntil(t *testing.T, s *app.Service, done func() bool) {
	t.Helper()
	if err := s.Runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it was not done in time")
		}
	}
	if err := s.Runner.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
}
