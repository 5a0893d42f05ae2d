package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// endpoint is a server with OpenAI's protocol that has the model "small",
// whose weights are in the file root, and wants the key "hush".
func endpoint(t *testing.T, root string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer hush":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/v1/models":
			fmt.Fprintf(w, `{"data":[{"id":"small","owned_by":"vllm","root":%q}]}`, root)
		case r.URL.Path == "/version":
			fmt.Fprint(w, `{"version":"1.2.3"}`)
		default:
			fmt.Fprint(w, `{"choices":[{"message":{"content":"{\"nail\":\"tackhammer\"}"},"finish_reason":"stop"}]}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestCheckSaysHowEachServerIs has two servers of one model: both well, one
// down, both of different weights, and none that takes the key.
func TestCheckSaysHowEachServerIs(t *testing.T) {
	one, same, other, down := endpoint(t, "/a/q4"), endpoint(t, "/b/q4"), endpoint(t, "/a/q8"), endpoint(t, "")
	down.Close()
	check := func(key string, code int, servers ...*httptest.Server) string {
		t.Helper()
		t.Setenv("DESK_KEY", key)
		nail := deskNail + "model: openai:small\nopenai:\n  key_env: DESK_KEY\n  urls:\n"
		for _, s := range servers {
			nail += "  - " + s.URL + "/v1\n"
		}
		file := filepath.Join(t.TempDir(), "nail.yaml")
		if err := os.WriteFile(file, []byte(strings.Replace(nail, "LEASE", "2s", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		c := desk()
		c.Out, c.Err = &out, &out
		if got := c.Run(t.Context(), []string{"test-desk", "check", "--nail", file}); got != code {
			t.Errorf("exit code %d, want %d:\n%s", got, code, &out)
		}
		return strings.Join(strings.Fields(out.String()), " ")
	}
	for _, c := range []struct {
		says []string
		out  string
	}{
		{[]string{"ok model small (", "ok servers " + one.URL + "/v1: ", "vllm 1.2.3 " + same.URL + "/v1: "}, check("hush", 0, one, same)},
		{[]string{"ok model small (", "warn servers ", down.URL + "/v1: ask small", "hint: is the server running"}, check("hush", 0, one, down)},
		{[]string{"WRONG model ask small: the servers run different models", one.URL, other.URL, "ok servers"}, check("hush", 1, one, other)},
		{[]string{"WRONG model ask small: none of 2 servers", "WRONG servers", "hint: openai.key_env"}, check("wrong", 1, one, same)},
		{[]string{"WRONG model open the model openai:small: the variable DESK_KEY is empty"}, check("", 1, one)},
		{[]string{"WRONG model ask small", "connect"}, check("hush", 1, down)},
	} {
		for _, want := range c.says {
			if !strings.Contains(c.out, want) {
				t.Errorf("no %q in %s", want, c.out)
			}
		}
	}
}
