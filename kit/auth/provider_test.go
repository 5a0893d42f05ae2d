package auth_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func (p *idp) provider() *auth.Provider {
	return &auth.Provider{Name: "Ours", Issuer: p.URL, ClientID: "desk", Secret: "s3cret", Role: auth.Reviewer}
}

// goes signs in at the provider and comes back.
func goes(t *testing.T, server *idp, p *auth.Provider) (auth.Challenge, url.Values) {
	t.Helper()
	address, challenge, err := p.Begin(t.Context(), back)
	if err != nil {
		t.Fatal(err)
	}
	return challenge, server.visit(t, address).URL.Query()
}

func TestAProviderTellsWhoCame(t *testing.T) {
	server := newIDP(t)
	for _, inToken := range []bool{true, false} {
		server.inToken = inToken
		p := server.provider()
		challenge, q := goes(t, server, p)
		got, err := p.Finish(t.Context(), back, challenge, q.Get("state"), q.Get("code"))
		want := auth.Identity{Issuer: server.URL, Subject: "subject-1", Email: "mei@example.com", Name: "Mei Lin", Verified: true}
		if err != nil || got != want || (server.asked == 0) != inToken {
			t.Errorf("address in the token %v: %+v, %v, the user page was asked %d times", inToken, got, err, server.asked)
		}
	}
}

// What the user page says counts for whom the token names alone, and it is not
// vouched for by what the token says.
func TestAUserPageIsNotTrustedBeyondItself(t *testing.T) {
	server := newIDP(t)
	server.inToken = false
	for name, c := range map[string]struct {
		page func(u *oidc.UserInfo) error
		want auth.Refusal
	}{
		"somebody else's": {func(u *oidc.UserInfo) error { u.Subject = "subject-2"; u.Email = "boss@example.com"; return nil }, auth.BadAnswer},
		"none":            {func(*oidc.UserInfo) error { return errors.New("gone") }, auth.BadAnswer},
		"not vouched for": {func(u *oidc.UserInfo) error { u.Subject = "subject-1"; u.Email = "mei@example.com"; return nil }, ""},
	} {
		server.page = c.page
		p := server.provider()
		challenge, q := goes(t, server, p)
		got, err := p.Finish(t.Context(), back, challenge, q.Get("state"), q.Get("code"))
		if auth.RefusalOf(err) != c.want || got.Verified {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAnAnswerThatDoesNotFitIsRefused(t *testing.T) {
	server := newIDP(t)
	now := time.Now()
	for name, spoil := range map[string]func(p *auth.Provider, c *auth.Challenge, q url.Values){
		"state":    func(_ *auth.Provider, _ *auth.Challenge, q url.Values) { q.Set("state", "another") },
		"no state": func(_ *auth.Provider, c *auth.Challenge, q url.Values) { q.Del("state"); c.State = "" },
		"nonce":    func(_ *auth.Provider, c *auth.Challenge, _ url.Values) { c.Nonce = "another" },
		"verifier": func(_ *auth.Provider, c *auth.Challenge, _ url.Values) { c.Verifier = strings.Repeat("v", 43) },
		"code":     func(_ *auth.Provider, _ *auth.Challenge, q url.Values) { q.Set("code", "made-up") },
		"late":     func(p *auth.Provider, _ *auth.Challenge, _ url.Values) { now = now.Add(11 * time.Minute) },
		"expired": func(p *auth.Provider, c *auth.Challenge, _ url.Values) {
			now = now.Add(time.Hour)
			c.Until = now.Add(time.Hour)
		},
		"secret":    func(p *auth.Provider, _ *auth.Challenge, _ url.Values) { p.Secret = "wrong" },
		"audience":  func(p *auth.Provider, _ *auth.Challenge, _ url.Values) { p.ClientID = "other" },
		"signature": func(p *auth.Provider, _ *auth.Challenge, _ url.Values) { p.Client = &http.Client{Transport: forger{}} },
		"nothing":   func(_ *auth.Provider, c *auth.Challenge, _ url.Values) { *c = auth.Challenge{} },
	} {
		now = time.Now()
		p := server.provider()
		p.Clock = func() time.Time { return now }
		challenge, q := goes(t, server, p)
		spoil(p, &challenge, q)
		if who, err := p.Finish(t.Context(), back, challenge, q.Get("state"), q.Get("code")); kit.CodeOf(err) != kit.Unauthorized || auth.RefusalOf(err) != auth.BadAnswer {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

// forger changes what a token says and keeps its signature.
type forger struct{}

func (forger) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/token") {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	head, rest, _ := strings.Cut(string(body), `"id_token":"`)
	parts := strings.SplitN(rest, ".", 3)
	parts[1] = "eyJpc3MiOiJ4In0"
	forged := head + `"id_token":"` + strings.Join(parts, ".")
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader([]byte(forged))), int64(len(forged))
	return res, err
}

// A token that the provider made for another service is well signed, and not
// for this one.
func TestATokenForAnotherServiceIsRefused(t *testing.T) {
	server := newIDP(t)
	theirs := server.provider()
	theirs.ClientID = "other"
	challenge, q := goes(t, server, theirs)
	p := server.provider()
	p.Client = &http.Client{Transport: asOther{}}
	_, err := p.Finish(t.Context(), back, challenge, q.Get("state"), q.Get("code"))
	if auth.RefusalOf(err) != auth.BadAnswer || !strings.Contains(err.Error(), "audience") {
		t.Errorf("finished with %v", err)
	}
}

// asOther shows a code as the client that it was made for.
type asOther struct{}

func (asOther) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/token") {
		r = r.Clone(r.Context())
		r.SetBasicAuth("other", "s3cret")
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestAProviderThatGoesDownMeanwhileIsNoWrongAnswer(t *testing.T) {
	server := newIDP(t)
	p := server.provider()
	challenge, q := goes(t, server, p)
	server.Close()
	if _, err := p.Finish(t.Context(), back, challenge, q.Get("state"), q.Get("code")); auth.RefusalOf(err) != auth.Unreachable {
		t.Errorf("finished with %v", err)
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	server := newIDP(t)
	p := server.provider()
	challenge, q := goes(t, server, p)
	if _, err := p.Finish(t.Context(), back, challenge, q.Get("state"), q.Get("code")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Finish(t.Context(), back, challenge, q.Get("state"), q.Get("code")); auth.RefusalOf(err) != auth.BadAnswer {
		t.Errorf("a second time: %v", err)
	}
}

func TestAProviderThatIsDownIsAskedAgain(t *testing.T) {
	server := newIDP(t)
	up := false
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !up {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		res, err := http.Get(server.URL + r.URL.Path)
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, strings.ReplaceAll(string(body), server.URL, "http://"+r.Host))
	}))
	defer gate.Close()
	p := &auth.Provider{Name: "Ours", Issuer: gate.URL, ClientID: "desk"}
	if _, _, err := p.Begin(t.Context(), back); kit.CodeOf(err) != kit.Unavailable || auth.RefusalOf(err) != auth.Unreachable {
		t.Fatalf("down: %v", err)
	}
	up = true
	if address, _, err := p.Begin(t.Context(), back); err != nil || !strings.HasPrefix(address, gate.URL+"/authorize?") {
		t.Errorf("up again: %s, %v", address, err)
	}
}

func TestWhoArrives(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(db)
		p := &auth.Provider{Name: "Ours", Domains: []string{"Example.org"}, Role: auth.Viewer}
		mei, out := d.add(t, "mei@example.com", auth.Lead), d.add(t, "out@example.com", auth.Lead)
		boss, gone := d.add(t, "boss@example.com", auth.Admin), d.add(t, "gone@example.com", auth.Lead)
		if _, err := d.Disable(t.Context(), out.Email); err != nil {
			t.Fatal(err)
		}
		arrive := func(subject, email string, verified bool) (auth.User, auth.Refusal) {
			u, err := d.Arrive(t.Context(), p, auth.Identity{Issuer: "i", Subject: subject, Email: email, Name: "N", Verified: verified})
			if (err != nil) != (kit.CodeOf(err) == kit.Forbidden) {
				t.Errorf("%s: %v", subject, err)
			}
			return u, auth.RefusalOf(err)
		}
		if _, why := arrive("gone", gone.Email, true); why != "" {
			t.Fatal(why)
		}
		if _, err := d.Delete(t.Context(), boss.ID, gone.ID); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			subject, email string
			verified       bool
			want           auth.Refusal
			id             string
		}{
			{"s1", "mei@example.com", false, auth.Unverified, ""},
			{"s1", "", true, auth.Unverified, ""},
			{"s1", "MEI@example.com", true, "", mei.ID},
			{"s1", "moved@elsewhere.net", false, "", mei.ID}, // known by subject, whatever the address is now
			{"s2", "mei@example.com", true, auth.Another, ""},
			{"s3", "stranger@example.com", true, auth.Stranger, ""},
			{"s3", "stranger@sub.example.org", true, auth.Stranger, ""},
			{"s4", "out@example.com", true, auth.Shut, ""},
			{"gone", "gone@example.com", true, auth.Stranger, ""},
			{"gone", gone.ID + "@deleted.invalid", true, auth.Shut, ""},
		} {
			u, why := arrive(c.subject, c.email, c.verified)
			if why != c.want || u.ID != c.id {
				t.Errorf("%s <%s>: %s, %q; want %s, %q", c.subject, c.email, u.ID, why, c.id, c.want)
			}
		}
		u, why := arrive("s5", "New@example.org", true)
		if why != "" || u.Role != auth.Viewer || u.Email != "new@example.org" || last(kinds(t, db)) != "identity.linked" {
			t.Errorf("a domain that is let in: %+v, %q", u, why)
		}
		if _, err := d.Turn(t.Context(), boss.ID, mei.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, why := arrive("s1", "mei@example.com", true); why != auth.Shut {
			t.Errorf("a known one who was shut out: %q", why)
		}
	})
}
