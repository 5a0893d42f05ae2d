package auth_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

// idle is a service in which nothing is to be done.
type idle struct{ console.Service }

func (idle) HasLots(context.Context) (bool, error) { return false, nil }

// browser is a person's, at a console whose people sign in by a real provider.
type browser struct {
	t *testing.T
	*http.Client
	base string
	idp  *idp
}

func atConsole(t *testing.T) (*browser, *desk) {
	t.Helper()
	d, server := newDesk(storetest.SQLite(t)), newIDP(t)
	d.Clock = nil // the provider's tokens are of this hour
	p := server.provider()
	p.Domains = []string{"example.org"}
	e := echo.New()
	if err := console.Register(e, console.Config{Service: idle{}, Accounts: d.Accounts, People: d.Accounts,
		Sessions: auth.Sessions(d.DB, nil), Provider: p}); err != nil {
		t.Fatal(err)
	}
	here := httptest.NewServer(e)
	t.Cleanup(here.Close)
	server.back = here.URL + "/signin/oidc/callback"
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	// The browser stops where it is sent to a page that lies behind the sign-in.
	return &browser{t, &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/account" || r.URL.Path == "/signin" {
			return http.ErrUseLastResponse
		}
		return nil
	}}, here.URL, server}, d
}

// get opens a page and tells what it says and where it leads.
func (b *browser) get(path string) (status int, body, to string) {
	b.t.Helper()
	res, err := b.Get(b.base + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header.Get("Location")
}

func TestAPersonComesInByARealProvider(t *testing.T) {
	b, d := atConsole(t)
	mei := d.add(t, "mei@example.com", auth.Lead)
	if _, _, to := b.get("/signin/oidc?next=/account"); to != "/account" {
		t.Fatalf("it leads to %q", to)
	}
	if status, body, _ := b.get("/account"); status != 200 || !strings.Contains(body, "mei@example.com") {
		t.Errorf("the account: %d %.400s", status, body)
	}
	if u, _ := d.Get(t.Context(), mei.ID); u.SignedInAt.IsZero() || last(kinds(t, d.DB)) != "session.started" {
		t.Errorf("she is %+v; the trail tells %v", u, kinds(t, d.DB))
	}
}

func TestWhoTheProviderDoesNotVouchForStaysOut(t *testing.T) {
	b, d := atConsole(t)
	d.add(t, "mei@example.com", auth.Lead)
	for _, c := range []struct {
		subject, email string
		verified       bool
		want           string
	}{
		{"s1", "mei@example.com", false, "does not vouch for your address"},
		{"s2", "stranger@example.com", true, "Nobody here has your address"},
	} {
		b.idp.is(c.subject, c.email, c.verified)
		if status, body, _ := b.get("/signin/oidc?next=/account"); status != 403 || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %.600s", c.email, status, body)
		}
		if _, _, to := b.get("/account"); !strings.HasPrefix(to, "/signin") {
			t.Errorf("%s is in", c.email)
		}
	}
	b.idp.is("s3", "new@example.org", true)
	if _, _, to := b.get("/signin/oidc?next=/account"); to != "/account" {
		t.Errorf("a domain that is let in: %q", to)
	}
}

// The answer signs in only the browser that asked, once.
func TestAnAnswerBelongsToOneBrowser(t *testing.T) {
	b, d := atConsole(t)
	d.add(t, "mei@example.com", auth.Lead)
	stop := b.CheckRedirect
	var answer *url.URL
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/signin/oidc/callback" {
			answer = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}
	b.get("/signin/oidc")
	other, _ := cookiejar.New(nil)
	mine := b.Jar
	b.Jar, b.CheckRedirect = other, stop
	if status, body, _ := b.get(answer.RequestURI()); status != 403 || !strings.Contains(body, "did not fit") {
		t.Errorf("another browser: %d %.300s", status, body)
	}
	b.Jar = mine
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status, _, to := b.get(answer.RequestURI()); status != 303 || to != "/" {
		t.Errorf("the browser that asked: %d %q", status, to)
	}
	if status, _, _ := b.get(answer.RequestURI()); status != 403 {
		t.Errorf("a second time: %d", status)
	}
}
