package web_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/notify"
	"github.com/tackhammer/tackhammer/kit/web"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// agents are programs that fetch each link of a message before its reader does.
var agents = []string{
	"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Mozilla/5.0 (compatible; Feishu-LinkPreview)",
	"DingTalkBot-LinkService/1.0", "Mozilla/5.0 (compatible; WeComLinkPreview)", "Microsoft Office/16.0 (SafeLinks)",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
}

// decidedTables are those whose rows say what was decided, by whom, and who may.
var decidedTables = []string{"cases", "reviews", "decisions", "deliveries", "drafts", "locks", "tokens", "users", "audit_events",
	"audit_head", "checkpoints", "comments", "mentions", "lots", "notices", "messages", "passwords", "identities", "skips", "barred", "river_job"}

// crawled is a service with a waiting review, an admin who is signed in, and a
// message that tells them of it.
type crawled struct {
	site
	t       *testing.T
	server  *httptest.Server
	browser *http.Client
	link    string // that signs the admin in, once
	message notify.Message
	caseID  string
	review  string
}

type keep struct{ got chan notify.Message }

func (k keep) Send(_ context.Context, m notify.Message) error {
	k.got <- m
	return nil
}

func newCrawled(t *testing.T) *crawled {
	c := &crawled{t: t}
	var runner *workflow.Runner
	box := keep{make(chan notify.Message, 10)}
	c.site = build(t, func(_ *web.Config, s *oddService) {
		set := s.Runner.Config
		set.Notify = workflow.Notify{URL: "https://desk.example", Service: "Notes", Lang: "en",
			Channels: []workflow.NotifyChannel{{Name: "email", Personal: true, Channel: box}}}
		var err error
		runner, err = workflow.NewRunner(set)
		must(t, err)
		s.Runner = runner
	})
	c.server = httptest.NewServer(c.Server)
	t.Cleanup(c.server.Close)
	c.work(runner)
	c.message = <-box.got
	c.signIn()
	return c
}

// work makes a case that waits, and the message that tells of it.
func (c *crawled) work(runner *workflow.Runner) {
	accounts := auth.Accounts{DB: c.db}
	admin, err := accounts.Add(c.t.Context(), "Root", "root@example.com", auth.Admin)
	must(c.t, err)
	service, err := accounts.ServiceToken(c.t.Context(), "robot")
	must(c.t, err)
	robot, err := accounts.Authenticate(c.t.Context(), service)
	must(c.t, err)
	done, err := runner.Submit(c.t.Context(), robot, workflow.Submission{Name: "a", Input: []byte(`{"text":"One"}`)})
	must(c.t, err)
	c.caseID = done.ID
	must(c.t, runner.Start(c.t.Context()))
	for deadline := time.Now().Add(30 * time.Second); c.review == "" && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		_ = c.db.Read().NewRaw("SELECT id FROM reviews WHERE state = 'open'").Scan(c.t.Context(), &c.review)
	}
	must(c.t, c.db.Write(c.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("INSERT INTO notices (id, kind, user_id, case_id, review_id, at) VALUES ('n', 'assigned', ?, ?, ?, 1), ('m', 'lot', NULL, '', '', 1)",
			admin.ID, c.caseID, c.review).Exec(ctx)
		if err == nil {
			_, err = tx.NewRaw("UPDATE message_rounds SET at = 0").Exec(ctx)
		}
		return err
	}))
	must(c.t, runner.Stop(c.t.Context()))
	must(c.t, runner.Start(c.t.Context())) // its first beat makes the messages
	c.t.Cleanup(func() { _ = runner.Stop(context.Background()) })
}

func (c *crawled) signIn() {
	jar, err := cookiejar.New(nil)
	must(c.t, err)
	c.browser = &http.Client{Jar: jar}
	code, err := auth.Accounts{DB: c.db}.Link(c.t.Context(), "root@example.com", time.Hour)
	must(c.t, err)
	res, err := c.browser.PostForm(c.server.URL+"/signin/link", url.Values{"code": {code}})
	must(c.t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || strings.Contains(res.Request.URL.Path, "signin") {
		c.t.Fatalf("sign in: %s at %s", res.Status, res.Request.URL)
	}
	c.link, err = auth.Accounts{DB: c.db}.Link(c.t.Context(), "mei@example.com", time.Hour)
	must(c.t, err)
}

// state is what the database holds, in a hash for each table.
func (c *crawled) state() map[string]string {
	c.t.Helper()
	state := map[string]string{}
	for _, table := range decidedTables {
		rows, err := c.db.SQL().QueryContext(c.t.Context(), "SELECT * FROM "+table)
		must(c.t, err)
		columns, err := rows.Columns()
		must(c.t, err)
		var lines []string
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			must(c.t, rows.Scan(values...))
			line := ""
			for _, v := range values {
				line += fmt.Sprintf("%v\x00", *v.(*any))
			}
			lines = append(lines, line)
		}
		must(c.t, rows.Err())
		must(c.t, rows.Close())
		slices.Sort(lines)
		state[table] = fmt.Sprintf("%d rows, %x", len(lines), sha256.Sum256([]byte(strings.Join(lines, "\n"))))
	}
	return state
}

// same wants nothing changed since.
func (c *crawled) same(what string, before map[string]string) {
	c.t.Helper()
	after := c.state()
	for table, was := range before {
		if after[table] != was {
			c.t.Errorf("%s changed %s: %s, then %s", what, table, was, after[table])
		}
	}
}

// fetch asks for a page as a preview does, following where it is sent.
func (c *crawled) fetch(client *http.Client, method, path, agent string, headers ...string) int {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL+path, nil)
	must(c.t, err)
	req.Header.Set("User-Agent", agent)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := client.Do(req)
	must(c.t, err)
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	must(c.t, res.Body.Close())
	return res.StatusCode
}

// settle waits until the workers have nothing left to do.
func (c *crawled) settle() {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var n int
		must(c.t, c.db.Read().NewRaw("SELECT COUNT(*) FROM river_job WHERE state IN ('running', 'available')").Scan(c.t.Context(), &n))
		if n == 0 {
			return
		}
	}
}

// Whatever a message links to can be fetched by any program, as often as it
// likes, also with the reader's own session: nothing comes of it.
func TestPreviewsOfAMessagesLinksDecideNothing(t *testing.T) {
	c := newCrawled(t)
	links := []string{c.message.URL, "https://desk.example/signin/link?code=" + c.link}
	for _, it := range c.message.Items {
		links = append(links, it.URL)
	}
	if len(links) != 4 {
		t.Fatalf("the message links to %q", links)
	}
	c.settle()
	before := c.state()
	for _, link := range links {
		path, ok := strings.CutPrefix(link, "https://desk.example")
		if !ok {
			t.Fatalf("%s is not of the console", link)
		}
		for _, agent := range agents {
			for _, client := range []*http.Client{http.DefaultClient, c.browser} {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					status := c.fetch(client, method, path, agent, "Purpose", "prefetch", "Sec-Purpose", "prefetch;prerender", "X-Moz", "prefetch")
					if status >= 500 {
						t.Errorf("%s %s: %d", method, path, status)
					}
				}
			}
		}
		c.same("fetching "+path, before)
	}
}

// parameter is a part of a route that a request fills in; most are ids.
var (
	parameter  = regexp.MustCompile(`:[a-z]+`)
	parameters = map[string]string{":name": "console.css", ":chart": "throughput", ":page": "1"}
)

// Every page that answers GET leaves things as they are.
func TestNoGETChangesAnything(t *testing.T) {
	c := newCrawled(t)
	c.settle()
	before, n := c.state(), 0
	for _, route := range c.Routes() {
		if route.Method != http.MethodGet && route.Method != http.MethodHead {
			continue
		}
		for _, id := range []string{c.review, c.caseID, "none"} {
			path := parameter.ReplaceAllStringFunc(strings.Replace(route.Path, "*", "x", 1), func(name string) string {
				if value, ok := parameters[name]; ok {
					return value
				}
				return id
			})
			for _, query := range []string{"", "?code=" + c.link + "&q=a&verdict=approve&decision=" + c.review + "&confirm=1&_method=POST"} {
				if status := c.fetch(c.browser, http.MethodGet, path+query, agents[0], "X-HTTP-Method-Override", "POST"); status >= 500 {
					t.Errorf("GET %s: %d", path+query, status)
				}
			}
			n++
			if !strings.Contains(route.Path, ":") && !strings.Contains(route.Path, "*") {
				break
			}
		}
		c.same("GET "+route.Path, before)
	}
	if n < 30 {
		t.Errorf("only %d pages were walked", n)
	}
	if v, err := (auth.Accounts{DB: c.db}).Peek(t.Context(), c.link); err != nil || v.Email != "mei@example.com" {
		t.Errorf("the link of another person was used up: %v", err)
	}
}

// Nor does the API's: when a token was last used is all that is noted.
func TestNoGETOfTheAPIChangesAnything(t *testing.T) {
	c := newCrawled(t)
	c.settle()
	before, good := c.state(), 0
	delete(before, "tokens")
	for _, route := range c.Routes() {
		if route.Method != http.MethodGet || !strings.HasPrefix(route.Path, "/api/") {
			continue
		}
		for _, id := range []string{c.review, c.caseID} {
			path := parameter.ReplaceAllString(route.Path, id)
			switch status := c.fetch(http.DefaultClient, http.MethodGet, path, agents[0], "Authorization", "Bearer "+c.token); {
			case status >= 500:
				t.Errorf("GET %s: %d", path, status)
			case status == http.StatusOK:
				good++
			}
		}
		c.same("GET "+route.Path, before)
	}
	if good < 8 {
		t.Errorf("only %d answers were good", good)
	}
}
