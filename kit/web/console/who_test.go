package console_test

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

// office is a console with real people: an admin, Boss, and Mei, a reviewer.
type office struct {
	*client
	accounts  auth.Accounts
	boss, mei auth.User
}

func newOffice(t *testing.T, tweak func(*console.Config)) *office {
	t.Helper()
	db, w := storetest.SQLite(t), newWorld()
	o := &office{accounts: auth.Accounts{DB: db, Clock: w.clock, Work: auth.Work{Memory: 64, Passes: 1, Threads: 1}}}
	add := func(name, email string, role auth.Role) auth.User {
		u, err := o.accounts.Add(t.Context(), name, email, role)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	o.boss, o.mei = add("Boss 李", "boss@example.com", auth.Admin), add("Mei Lin", "mei@example.com", auth.Reviewer)
	o.client = serve(t, w, func(cfg *console.Config) {
		cfg.Accounts, cfg.People, cfg.Sessions = o.accounts, o.accounts, auth.Sessions(db, w.clock)
		if tweak != nil {
			tweak(cfg)
		}
	})
	return o
}

// another is a second browser at the same console.
func (o *office) another() *client {
	c := *o.client
	c.http = newBrowser()
	return &c
}

// enters signs a person in by a link.
func (c *client) enters(o *office, u auth.User) *client {
	c.t.Helper()
	code, err := o.accounts.Link(c.t.Context(), u.Email, time.Hour)
	if err != nil {
		c.t.Fatal(err)
	}
	if a := c.post("/signin/link", url.Values{"code": {code}}); a.status != 303 {
		c.t.Fatalf("sign in: %d %.300s", a.status, a.body)
	}
	return c
}

// trail lists the kinds of events, and by whom.
func (o *office) trail(t *testing.T) string {
	t.Helper()
	var all []struct{ Kind, Actor string }
	if err := o.accounts.DB.Read().NewRaw("SELECT kind, actor FROM audit_events ORDER BY seq").Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range all {
		who := map[string]string{o.boss.ID: "boss", o.mei.ID: "mei", auth.System: "system"}[e.Actor]
		out = append(out, e.Kind+" by "+who)
	}
	return strings.Join(out, "\n")
}

const pass = "vier woorden 随机 kiezen"

var madeLink = regexp.MustCompile(`<code class="once"[^>]*>([^<]+)</code>`)

// made reads a secret that a page shows once.
func (a answer) made(t *testing.T) string {
	t.Helper()
	m := madeLink.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("nothing was made: %d %.2000s", a.status, a.body)
	}
	return html.UnescapeString(m[1])
}

func TestAnInvitedPersonComesInAndSetsAPassword(t *testing.T) {
	var mailed []string
	o := newOffice(t, func(cfg *console.Config) {
		cfg.Mail = post(func(u auth.User, link string) error { mailed = append(mailed, u.Email+" "+link); return nil })
	})
	o.enters(o, o.boss)
	a := o.post("/people", url.Values{"name": {"Ana <b>"}, "email": {"ana@example.com"}, "role": {"lead"}, "lang": {"zh"}})
	a.has(t, 200, "Ana &lt;b&gt;", "sent by e-mail", "never")
	link := a.made(t)
	if len(mailed) != 1 || mailed[0] != "ana@example.com "+link {
		t.Errorf("mailed %v", mailed)
	}
	o.get("/people").lacks(t, "/signin/link?")
	o.post("/people", url.Values{"name": {"Ana"}, "email": {"ANA@example.com"}, "role": {"lead"}}).has(t, 409, "has this address already", `value="ANA@example.com"`)
	o.post("/people", url.Values{"name": {""}, "email": {"x"}, "role": {"lead"}}).has(t, 422, "Give a name")

	ana := o.another()
	path := strings.TrimPrefix(link, o.base)
	ana.get(path).has(t, 200, "Ana &lt;b&gt;")
	ana.get(path).has(t, 200, "Ana &lt;b&gt;") // looking uses nothing up
	u, _ := url.Parse(link)
	ana.post("/signin/link", u.Query()).leads(t, "/account?welcome=1")
	ana.get("/account?welcome=1").has(t, 200, "登录成功", "设置密码", "组长") // in the language of the invitation
	ana.post("/account/password", url.Values{"new": {"short"}, "again": {"short"}}).has(t, 422, "至少 12 个字符")
	ana.post("/account/password", url.Values{"new": {pass}, "again": {pass + "x"}}).has(t, 422, "不一致")
	ana.post("/account/password", url.Values{"new": {pass}, "again": {pass}}).leads(t, "/account")

	again := o.another()
	again.post("/signin/password", url.Values{"email": {"ana@example.com"}, "password": {pass + "!"}, "next": {"/cases"}}).has(t, 401, "was tried too often", `value="ana@example.com"`)
	again.post("/signin/password", url.Values{"email": {"nobody@example.com"}, "password": {pass}}).has(t, 401, "was tried too often")
	again.post("/signin/password", url.Values{"email": {"ana@example.com"}, "password": {pass}, "next": {"/cases"}}).leads(t, "/cases")
	again.get("/people").has(t, 403)
}

// post is a way to send invitations.
type post func(auth.User, string) error

func (p post) Invite(_ context.Context, u auth.User, link string) error { return p(u, link) }

func TestAFailedMailLeavesTheLink(t *testing.T) {
	o := newOffice(t, func(cfg *console.Config) {
		cfg.Mail = post(func(auth.User, string) error { return errors.New("no route") })
	})
	a := o.enters(o, o.boss).post("/people", url.Values{"name": {"Ana"}, "email": {"ana@example.com"}, "role": {"viewer"}})
	a.made(t)
	a.lacks(t, "sent by e-mail")
	if !strings.Contains(o.log.String(), "no route") {
		t.Errorf("log %q", o.log)
	}
}

func TestAPasswordChangeEndsOtherSessions(t *testing.T) {
	o := newOffice(t, nil)
	if err := o.accounts.SetPassword(t.Context(), o.mei.ID, auth.NewPassword{New: pass, Fresh: true}); err != nil {
		t.Fatal(err)
	}
	in := url.Values{"email": {"mei@example.com"}, "password": {pass}}
	one, two := o.another(), o.another()
	one.post("/signin/password", in).leads(t, "/")
	two.post("/signin/password", in).leads(t, "/")
	before := one.cookie(t)
	one.get("/account").has(t, 200, `name="old"`, "this one")
	one.post("/account/password", url.Values{"old": {"wrong"}, "new": {pass + " 2"}, "again": {pass + " 2"}}).has(t, 422, "is another one")
	one.post("/account/password", url.Values{"old": {pass}, "new": {pass + " 2"}, "again": {pass + " 2"}}).leads(t, "/account")
	one.get("/account").has(t, 200, "Your other sessions are ended")
	if one.cookie(t) == before {
		t.Error("the session keeps its token over a change of the password")
	}
	two.get("/inbox").leads(t, "/signin?next=%2Finbox")
	two.post("/signin/password", in).has(t, 401)
}

// cookie is the browser's session token.
func (c *client) cookie(t *testing.T) string {
	t.Helper()
	u, _ := url.Parse(c.base)
	for _, k := range c.http.Jar.Cookies(u) {
		if k.Name == "session" {
			return k.Value
		}
	}
	t.Fatal("there is no session")
	return ""
}

func TestAPasswordNeedsAFreshSignIn(t *testing.T) {
	o := newOffice(t, nil)
	c := o.enters(o, o.mei)
	o.w.pass(16 * time.Minute)
	c.get("/account").lacks(t, `name="new"`)
	c.post("/account/password", url.Values{"new": {pass}, "again": {pass}}).has(t, 422, "Sign in again")
	token, err := o.accounts.NewToken(t.Context(), o.mei.ID, "x", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	by := o.another().as(token)
	by.post("/account/password", url.Values{"new": {pass}, "again": {pass}}).has(t, 422, "Sign in again")
	by.post("/account/tokens", url.Values{"name": {"x"}, "days": {"90"}}).has(t, 403)
	by.get("/account").lacks(t, `action="/account/tokens"`)
}

func TestAServiceWithoutPasswordsHasNone(t *testing.T) {
	o := newOffice(t, func(cfg *console.Config) { cfg.NoPassword = true })
	o.get("/signin").lacks(t, "/signin/password")
	o.post("/signin/password", url.Values{"email": {"mei@example.com"}, "password": {pass}}).has(t, 403)
	o.enters(o, o.mei).get("/account").lacks(t, `name="new"`)
	o.post("/account/password", url.Values{"new": {pass}, "again": {pass}}).has(t, 403)
}

func TestOnlyAdminsManagePeople(t *testing.T) {
	o := newOffice(t, nil)
	c := o.enters(o, o.mei)
	c.get("/inbox").has(t, 200, `href="/account"`)
	c.get("/inbox").lacks(t, `href="/people"`)
	for _, path := range []string{"/people", "/people/services", "/people/" + o.boss.ID} {
		c.get(path).has(t, 403)
	}
	for _, path := range []string{"/people", "/people/services", "/people/ID/role", "/people/ID/turn", "/people/ID/delete", "/people/ID/reset",
		"/people/ID/invite", "/people/ID/sessions/end", "/people/ID/sessions/x/end", "/people/ID/tokens/x/revoke"} {
		c.post(strings.Replace(path, "ID", o.mei.ID, 1), url.Values{"role": {"admin"}, "sure": {"yes"}, "by": {o.boss.ID}}).has(t, 403)
		o.another().post(strings.Replace(path, "ID", o.mei.ID, 1), nil).has(t, 303)
	}
	if u, err := o.accounts.Get(t.Context(), o.mei.ID); err != nil || u.Role != auth.Reviewer || u.Disabled {
		t.Errorf("she is %+v, %v", u, err)
	}
}

func TestARoleChangeCountsInOpenSessions(t *testing.T) {
	o := newOffice(t, nil)
	boss, mei := o.enters(o, o.boss), o.another()
	mei.enters(o, o.mei)
	o.w.add("r1", "a.txt")
	boss.get("/people/"+o.mei.ID).has(t, 200, "Mei Lin", "mei@example.com", "Change the role")
	boss.post("/people/"+o.mei.ID+"/role", url.Values{"role": {"viewer"}}).leads(t, "/people/"+o.mei.ID)
	mei.get("/account").has(t, 200, "Only reads")
	boss.post("/people/"+o.mei.ID+"/role", url.Values{"role": {"admin"}}).leads(t, "/people/"+o.mei.ID)
	mei.get("/people").has(t, 200, "Boss 李")
	boss.post("/people/"+o.mei.ID+"/role", url.Values{"role": {"viewer"}}).leads(t, "/people/"+o.mei.ID)
	mei.get("/people").has(t, 403)
	boss.post("/people/"+o.boss.ID+"/role", url.Values{"role": {"viewer"}}).has(t, 409, "last administrator")
	boss.post("/people/"+o.boss.ID+"/turn", url.Values{"to": {"out"}}).has(t, 409, "Nobody does this to themselves")
	boss.post("/people/nobody/role", url.Values{"role": {"viewer"}}).has(t, 404)
	if !strings.Contains(o.trail(t), "user.role by boss") {
		t.Errorf("the trail tells %s", o.trail(t))
	}
}

func TestAnAdminShutsOutResetsAndDeletes(t *testing.T) {
	o := newOffice(t, nil)
	boss, mei, page := o.enters(o, o.boss), o.another(), "/people/"+o.mei.ID
	boss.get(page).has(t, 200, page+"/invite")
	mei.enters(o, o.mei)
	boss.get(page).lacks(t, page+"/invite")
	boss.post(page+"/invite", nil).has(t, 409, "Reset their sign-in instead")
	a := boss.post(page+"/reset", nil)
	link, _ := url.Parse(a.made(t))
	mei.get("/inbox").leads(t, "/signin?next=%2Finbox")
	mei.post("/signin/link", link.Query()).leads(t, "/account?welcome=1")
	mei.get("/account").has(t, 200, "Your sign-in was reset by Boss 李")

	boss.post(page+"/turn", url.Values{"to": {"out"}}).leads(t, page)
	mei.get("/inbox").leads(t, "/signin?next=%2Finbox")
	boss.post(page+"/turn", url.Values{"to": {"in"}}).leads(t, page)
	mei.get("/inbox").leads(t, "/signin?next=%2Finbox")

	boss.post(page+"/delete", nil).has(t, 422, "Tick the box")
	boss.post(page+"/delete", url.Values{"sure": {"yes"}}).leads(t, page)
	boss.get(page).has(t, 200, "Former reviewer ", "stands under the name")
	boss.get(page).lacks(t, "Mei Lin", "mei@example.com", page+"/delete")
	boss.get("/people").lacks(t, "Mei Lin", "mei@example.com", "deleted.invalid")
	boss.post(page+"/turn", url.Values{"to": {"in"}}).has(t, 409)
	for _, want := range []string{"user.reset by boss", "user.disabled by boss", "user.enabled by boss", "user.deleted by boss"} {
		if !strings.Contains(o.trail(t), want) {
			t.Errorf("the trail lacks %s", want)
		}
	}
}

func TestSessionsAreEndedFromThePages(t *testing.T) {
	o := newOffice(t, nil)
	one, two, boss := o.another().enters(o, o.mei), o.another(), o.enters(o, o.boss)
	two.post("/signin/link", url.Values{"code": {o.link(t, o.mei)}}, "User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) MicroMessenger/8.0")
	page := one.get("/account")
	page.has(t, 200, "WeChat · iPhone", "this one")
	ends := regexp.MustCompile(`/account/sessions/[0-9a-f]{16}/end`).FindAllString(page.body, -1)
	if len(ends) != 1 {
		t.Fatalf("sessions to end: %v", ends)
	}
	o.another().enters(o, o.boss).post(ends[0], nil).has(t, 422) // it is none of hers
	one.post(ends[0], nil).leads(t, "/account#sessions")
	two.get("/inbox").leads(t, "/signin?next=%2Finbox")
	two.enters(o, o.mei)
	one.post("/account/sessions/end", nil).leads(t, "/account#sessions")
	two.get("/inbox").leads(t, "/signin?next=%2Finbox")
	one.get("/inbox").has(t, 200)
	boss.get("/people/"+o.mei.ID).has(t, 200, "/people/"+o.mei.ID+"/sessions/"+auth.SessionID(one.cookie(t))+"/end")
	boss.post("/people/"+o.mei.ID+"/sessions/end", nil).leads(t, "/people/"+o.mei.ID)
	one.get("/inbox").leads(t, "/signin?next=%2Finbox")
}

func (o *office) link(t *testing.T, u auth.User) string {
	t.Helper()
	code, err := o.accounts.Link(t.Context(), u.Email, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestTokensAreMadeByTheirOwnerAlone(t *testing.T) {
	o := newOffice(t, nil)
	c, boss := o.another().enters(o, o.mei), o.enters(o, o.boss)
	token := c.post("/account/tokens", url.Values{"name": {"laptop"}, "days": {"30"}, "user_id": {o.boss.ID}}).made(t)
	if u, err := o.accounts.Authenticate(t.Context(), token); err != nil || u.ID != o.mei.ID {
		t.Errorf("it is %+v's, %v", u, err)
	}
	c.get("/account").lacks(t, token)
	for _, form := range []url.Values{{"name": {"x"}, "days": {"4000"}}, {"name": {"x"}}, {"name": {""}, "days": {"30"}}} {
		c.post("/account/tokens", form).has(t, 422, "a year at most")
	}
	page := boss.get("/people/" + o.mei.ID)
	page.has(t, 200, "laptop", "Only the person makes tokens")
	revoke := regexp.MustCompile(`/people/[^"]+/tokens/[0-9a-f]{16}/revoke`).FindString(page.body)
	boss.post(revoke, nil).leads(t, "/people/"+o.mei.ID)
	if _, err := o.accounts.Authenticate(t.Context(), token); kit.CodeOf(err) != kit.Unauthorized {
		t.Errorf("a revoked token: %v", err)
	}
	service := boss.post("/people/services", url.Values{"service": {"till"}, "name": {"shop 3"}, "days": {"365"}}).made(t)
	if u, err := o.accounts.Authenticate(t.Context(), service); err != nil || u.Person() || u.Name != "till" {
		t.Errorf("the service is %+v, %v", u, err)
	}
	services := boss.get("/people/services")
	services.has(t, 200, "till", "shop 3")
	boss.post(regexp.MustCompile(`/people/[^"]+/tokens/[0-9a-f]{16}/revoke`).FindString(services.body), nil).leads(t, "/people/services")
	boss.post("/people/services", url.Values{"service": {""}, "days": {"30"}}).has(t, 422)
}

// Who decides is the session's person, whatever a form says.
func TestNobodyActsAsSomebodyElse(t *testing.T) {
	o := newOffice(t, nil)
	boss := o.enters(o, o.boss)
	o.w.add("r1", "a.txt")
	forged := func(form url.Values) url.Values {
		for _, name := range []string{"user", "user_id", "by", "person", "actor", "claimed_by", "holder", "since"} {
			form.Set(name, o.mei.ID)
		}
		return form
	}
	boss.post("/reviews/r1/claim?user_id="+o.mei.ID+"&by="+o.mei.ID, forged(url.Values{}), "X-User", o.mei.ID, "X-Forwarded-User", o.mei.ID).leads(t, "/reviews/r1")
	if h := o.w.reviews["r1"].Holder; h == nil || h.ID != o.boss.ID {
		t.Fatalf("held by %+v", h)
	}
	form := forged(boss.get("/reviews/r1").form())
	form.Set("verdict", "approve")
	if a := boss.post("/reviews/r1/decide", form); a.status != 303 {
		t.Fatalf("decide: %d %.300s", a.status, a.body)
	}
	if k := o.w.cases[o.w.reviews["r1"].CaseID]; k.Decision == nil || k.Decision.Person.ID != o.boss.ID {
		t.Errorf("decided %+v", k.Decision)
	}
}

func TestAProviderThatLetsNobodyInIsTold(t *testing.T) {
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	o := newOffice(t, func(cfg *console.Config) {
		cfg.Provider = &auth.Provider{Name: "Acme 统一认证", Issuer: down.URL, ClientID: "desk"}
	})
	o.get("/signin?next=%2Fcases").has(t, 200, "Sign in with Acme 统一认证", `href="/signin/oidc?next=%2fcases"`, "Other ways")
	o.get("/signin/oidc").has(t, 503, "Acme 统一认证 does not answer now", `name="password"`)
	o.get("/signin/oidc/callback?error=access_denied&state=x").has(t, 403, "did not let you in")
	o.get("/signin/oidc/callback?code=c&state=s").has(t, 403, "did not fit")
	o.get("/signin/oidc/callback?code=c&state=", "Cookie", "oidc=e30").has(t, 403, "did not fit")
	o.get("/signin/oidc/callback?code=c&state=s", "Cookie", "oidc=%%%").has(t, 403, "did not fit")
	plain := newOffice(t, nil)
	plain.get("/signin").lacks(t, "/signin/oidc")
	plain.get("/signin/oidc").has(t, 404)
	plain.get("/signin/oidc/callback").has(t, 404)
}

// A preview of a link opens every address it finds: none of them changes a thing.
func TestAGetOfPeoplesPagesChangesNothing(t *testing.T) {
	o := newOffice(t, nil)
	boss, page := o.enters(o, o.boss), "/people/"+o.mei.ID
	before := o.trail(t)
	for _, path := range []string{"/role?role=admin", "/turn?to=out", "/delete?sure=yes", "/reset", "/invite", "/sessions/end"} {
		boss.get(page+path).leads(t, page)
	}
	for _, path := range []string{"/password?new=x", "/tokens?name=x&days=30", "/sessions/end"} {
		boss.get("/account"+path).leads(t, "/account")
	}
	boss.get("/people/services").has(t, 200)
	if after := o.trail(t); after != before {
		t.Errorf("the trail went on to %s", after)
	}
}
