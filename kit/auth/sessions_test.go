package auth_test

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestSessionsKeepFindDelete(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		s := auth.Sessions(db, func() time.Time { return now }).(scs.CtxStore)
		find := func(token string) (string, bool) {
			t.Helper()
			data, found, err := s.FindCtx(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			return string(data), found
		}
		keep := func(token, data string, until time.Time) {
			t.Helper()
			if err := s.CommitCtx(t.Context(), token, []byte(data), until); err != nil {
				t.Fatal(err)
			}
		}
		keep("tok", "one\x00\xff", now.Add(time.Hour))
		keep("other", "other", now.Add(2*time.Hour))
		if data, found := find("tok"); !found || data != "one\x00\xff" {
			t.Errorf("found %q, %v", data, found)
		}
		keep("tok", "two", now.Add(time.Hour))
		if data, _ := find("tok"); data != "two" {
			t.Errorf("after another commit: %q", data)
		}
		for _, token := range []string{"", "TOK", "tok ", "%"} {
			if _, found := find(token); found {
				t.Errorf("found a session for %q", token)
			}
		}
		now = now.Add(time.Hour)
		if _, found := find("tok"); found {
			t.Error("found an expired session")
		}
		keep("new", "", now.Add(time.Hour)) // sweeps the expired one out
		if data, found := find("new"); !found || data != "" {
			t.Errorf("an empty session: %q, %v", data, found)
		}
		for range 2 {
			if err := s.DeleteCtx(t.Context(), "other"); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if _, found := find("other"); found {
			t.Error("found a deleted session")
		}
		var kept []string
		if err := db.Read().NewRaw("SELECT token FROM sessions").Scan(t.Context(), &kept); err != nil {
			t.Fatal(err)
		}
		if len(kept) != 1 || strings.Contains(kept[0], "new") {
			t.Errorf("kept %q, want one hash", kept)
		}
	})
}

func TestSessionsFailWithTheDatabase(t *testing.T) {
	db := storetest.SQLite(t)
	s := auth.Sessions(db, nil)
	db.Close()
	if _, found, err := s.Find("tok"); err == nil || found {
		t.Errorf("find in a closed database: %v, %v", found, err)
	}
	if err := s.Commit("tok", nil, time.Now().Add(time.Hour)); err == nil {
		t.Error("a commit to a closed database")
	}
	if err := s.Delete("tok"); err == nil {
		t.Error("a delete in a closed database")
	}
}

// A browser stays signed in over two processes on one database.
func TestSessionsServeABrowser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: jar}
		var handler http.Handler
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
		defer server.Close()
		get := func(path string) string {
			t.Helper()
			handler = desktop(db) // as after a restart
			res, err := client.Get(server.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var body bytes.Buffer
			body.ReadFrom(res.Body)
			return body.String()
		}
		if got := get("/who"); got != "nobody" {
			t.Errorf("at first: %q", got)
		}
		get("/in")
		if got := get("/who"); got != "mei" {
			t.Errorf("signed in: %q", got)
		}
		get("/out")
		if got := get("/who"); got != "nobody" {
			t.Errorf("signed out: %q", got)
		}
	})
}

func desktop(db *store.DB) http.Handler {
	sessions := scs.New()
	sessions.Store = auth.Sessions(db, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.RenewToken(r.Context()); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		sessions.Put(r.Context(), "user", "mei")
	})
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Destroy(r.Context()); err != nil {
			http.Error(w, err.Error(), 500)
		}
	})
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		who := sessions.GetString(r.Context(), "user")
		if who == "" {
			who = "nobody"
		}
		w.Write([]byte(who))
	})
	return sessions.LoadAndSave(mux)
}
