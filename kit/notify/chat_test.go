package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/notify"
)

const secret = "SEC-of-the-robot"

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// chat is a server that behaves as a chat service does: it looks at the shape
// and the signature of what it gets, and answers in the service's own way.
type chat struct {
	*httptest.Server
	t      *testing.T
	kind   string
	answer string // instead of the good one
	status int
	now    time.Time
	bodies []map[string]any
}

func newChat(t *testing.T, kind string) *chat {
	c := &chat{t: t, kind: kind, now: noon}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *chat) channel(secret string) notify.Channel {
	c.t.Helper()
	ch, err := notify.New(notify.Config{Kind: c.kind, URL: c.URL + "/hook?access_token=TOKEN", Secret: secret, Clock: func() time.Time { return c.now }})
	if err != nil {
		c.t.Fatal(err)
	}
	return ch
}

func (c *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var body map[string]any
	if err != nil || json.Unmarshal(raw, &body) != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || r.URL.Query().Get("access_token") != "TOKEN" {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	c.bodies = append(c.bodies, body)
	if c.status != 0 {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(c.status)
	}
	if c.answer != "" {
		fmt.Fprint(w, c.answer)
		return
	}
	fmt.Fprint(w, map[string]func(*http.Request, map[string]any) string{
		nail.Slack: slackAnswer, nail.Feishu: feishuAnswer, nail.DingTalk: dingTalkAnswer, nail.WeCom: weComAnswer}[c.kind](r, body))
}

func slackAnswer(_ *http.Request, body map[string]any) string {
	blocks, _ := body["blocks"].([]any)
	if body["text"] == "" || len(blocks) != 2 {
		return "no_text"
	}
	return "ok"
}

func sign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func feishuAnswer(_ *http.Request, body map[string]any) string {
	at, _ := body["timestamp"].(string)
	if body["sign"] != sign(at+"\n"+secret, "") || at != strconv.FormatInt(noon.Unix(), 10) {
		return `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`
	}
	if body["msg_type"] != "post" {
		return `{"code":9499,"msg":"Bad Request"}`
	}
	return `{"code":0,"data":{},"msg":"success"}`
}

func dingTalkAnswer(r *http.Request, body map[string]any) string {
	at := r.URL.Query().Get("timestamp")
	if r.URL.Query().Get("sign") != sign(secret, at+"\n"+secret) || at != strconv.FormatInt(noon.UnixMilli(), 10) {
		return `{"errcode":310000,"errmsg":"sign not match"}`
	}
	if md, _ := body["markdown"].(map[string]any); body["msgtype"] != "markdown" || md["title"] == "" || md["text"] == "" {
		return `{"errcode":40035,"errmsg":"invalid json"}`
	}
	return `{"errcode":0,"errmsg":"ok"}`
}

func weComAnswer(_ *http.Request, body map[string]any) string {
	md, _ := body["markdown"].(map[string]any)
	text, _ := md["content"].(string)
	if body["msgtype"] != "markdown" || text == "" || len(text) > 4096 {
		return `{"errcode":40058,"errmsg":"content exceed max length"}`
	}
	return `{"errcode":0,"errmsg":"ok"}`
}

// message tells of cases whose names are as bad as names can be.
func message(lang string, items int) notify.Message {
	m := notify.Message{Key: "k1", Lang: lang, Service: "Receipts", URL: "https://desk.example/inbox", Waiting: 12, Overdue: 2, Escalated: 1, Oldest: 50 * time.Hour}
	for i := range items {
		m.Items = append(m.Items, notify.Item{Kind: "escalated", URL: fmt.Sprintf("https://desk.example/reviews/%d", i),
			Name: "<!channel> [x](http://evil.example) *a*|b\n\u202e<at id=all></at> @all " + strings.Repeat("長", 90)})
	}
	return m
}

var chats = []string{nail.Slack, nail.Feishu, nail.DingTalk, nail.WeCom}

func TestEachChatTakesAMessage(t *testing.T) {
	for _, kind := range chats {
		for _, lang := range []string{"en", "zh"} {
			c := newChat(t, kind)
			if err := c.channel(secret).Send(t.Context(), message(lang, 30)); err != nil {
				t.Errorf("%s %s: %v", kind, lang, err)
				continue
			}
			got := text(c.bodies[0])
			for _, want := range map[string][]string{"en": {"Receipts: 12 to review", "Waiting: 12, the oldest for 2 d", "Overdue: 2", "and 20 more", "https://desk.example/inbox", "decides nothing"},
				"zh": {"Receipts：12 件待审核", "待审核 12 件，最久的已等待 2 天", "等待过久", "https://desk.example/inbox", "不会作出任何决定"}}[lang] {
				if !strings.Contains(got, want) && !(kind == nail.WeCom && want == "and 20 more") {
					t.Errorf("%s %s lacks %q:\n%s", kind, lang, want, got)
				}
			}
		}
	}
}

// text is all the text in a body, as the service reads it out of the JSON.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v + "\n"
	case []any:
		var all string
		for _, x := range v {
			all += text(x)
		}
		return all
	case map[string]any:
		var all string
		for _, x := range v {
			all += text(x)
		}
		return all
	}
	return ""
}

// A case's name can neither call people nor become a link of its own.
func TestNamesOfCasesAreData(t *testing.T) {
	for kind, never := range map[string][]string{
		nail.Slack:    {"<!channel>", "|b", "\u202e", "<at "},
		nail.DingTalk: {"](http://evil", "@all", "*a*", "<at", "\u202e", "http://evil"},
		nail.WeCom:    {"](http://evil", "@all", "*a*", "<at", "\u202e", "http://evil"},
		nail.Feishu:   {"\u202e"},
	} {
		c := newChat(t, kind)
		if err := c.channel(secret).Send(t.Context(), message("en", 2)); err != nil {
			t.Fatal(kind, err)
		}
		got := text(c.bodies[0])
		for _, bad := range never {
			if strings.Contains(got, bad) {
				t.Errorf("%s says %q:\n%s", kind, bad, got)
			}
		}
		if strings.Count(got, "長") > 2*60 {
			t.Errorf("%s does not cut names:\n%s", kind, got)
		}
		if kind == nail.Feishu {
			feishuParts(t, c.bodies[0])
		}
	}
}

// feishuParts wants text and links alone: a call to people is a part of its own.
func feishuParts(t *testing.T, body map[string]any) {
	t.Helper()
	raw, _ := json.Marshal(body)
	if n := strings.Count(string(raw), `"tag":`); n != strings.Count(string(raw), `"tag":"text"`)+strings.Count(string(raw), `"tag":"a"`) {
		t.Errorf("other parts than text and links: %s", raw)
	}
}

// What a chat answers with status 200 can be a refusal; whether another try
// helps is told apart, and no error has the address.
func TestRefusalsAreRead(t *testing.T) {
	for _, c := range []struct {
		kind, answer string
		status       int
		code         kit.Code
		after        time.Duration
	}{
		{nail.Slack, "invalid_blocks", 400, kit.Invalid, 0},
		{nail.Slack, "no_service", 404, kit.Invalid, 0},
		{nail.Slack, "rate_limited", 429, kit.Unavailable, 7 * time.Second},
		{nail.Slack, "oops", 503, kit.Unavailable, 0},
		{nail.Slack, "<html>a proxy's page</html>", 200, kit.Invalid, 0},
		{nail.Slack, "see other", 302, kit.Invalid, 0},
		{nail.Feishu, `{"code":19024,"msg":"Key Words Not Found"}`, 200, kit.Invalid, 0},
		{nail.Feishu, `{"code":11232,"msg":"frequency limited"}`, 200, kit.Unavailable, time.Minute},
		{nail.Feishu, `{"StatusCode":0,"StatusMessage":"success"}`, 200, "", 0},
		{nail.Feishu, `{}`, 200, kit.Invalid, 0},
		{nail.DingTalk, `{"errcode":310000,"errmsg":"keywords not in content"}`, 200, kit.Invalid, 0},
		{nail.DingTalk, `{"errcode":130101,"errmsg":"send too fast"}`, 200, kit.Unavailable, time.Minute},
		{nail.WeCom, `{"errcode":93000,"errmsg":"invalid webhook url"}`, 200, kit.Invalid, 0},
		{nail.WeCom, `{"errcode":45009,"errmsg":"api freq out of limit"}`, 200, kit.Unavailable, time.Minute},
		{nail.WeCom, `not JSON`, 200, kit.Invalid, 0},
		{nail.WeCom, `-1`, 200, kit.Invalid, 0},
		{nail.WeCom, `{"errcode":-1,"errmsg":"system busy"}`, 200, kit.Unavailable, time.Minute},
		{nail.Slack, "Cannot POST /hook?access_token=TOKEN", 404, kit.Invalid, 0},
		{nail.Slack, "no such token: TOKEN", 503, kit.Unavailable, 0},
		{nail.DingTalk, `{"errcode":300001,"errmsg":"token TOKEN is not exist"}`, 200, kit.Invalid, 0},
		{nail.WeCom, `{"errmsg":"who is TOKEN?"}`, 200, kit.Invalid, 0},
		{nail.Feishu, `{"code":19021,"msg":"` + secret + ` does not match"}`, 200, kit.Invalid, 0},
	} {
		s := newChat(t, c.kind)
		s.answer, s.status = c.answer, c.status
		err := s.channel(secret).Send(t.Context(), message("en", 1))
		if kit.CodeOf(err) != c.code || notify.After(err) != c.after {
			t.Errorf("%s %s: %v (%s, after %s), want %s after %s", c.kind, c.answer, err, kit.CodeOf(err), notify.After(err), c.code, c.after)
		}
		if err != nil && (strings.Contains(err.Error(), "TOKEN") || strings.Contains(err.Error(), secret)) {
			t.Errorf("%s tells the address or the secret: %v", c.kind, err)
		}
	}
}

func TestALanguageThatIsNotKnownIsToldInEnglish(t *testing.T) {
	for _, kind := range chats {
		c := newChat(t, kind)
		if err := c.channel(secret).Send(t.Context(), message("fr", 1)); err != nil || !strings.Contains(text(c.bodies[0]), "Overdue: 2") {
			t.Errorf("%s: %v, %v", kind, err, c.bodies)
		}
		if content, _ := c.bodies[0]["content"].(map[string]any); kind == nail.Feishu && content["post"].(map[string]any)["en_us"] == nil {
			t.Errorf("Feishu is given no language that it knows: %v", content)
		}
	}
}

func TestAWrongSecretIsRefused(t *testing.T) {
	for _, kind := range []string{nail.Feishu, nail.DingTalk} {
		for _, wrong := range []string{"", "another"} {
			if err := newChat(t, kind).channel(wrong).Send(t.Context(), message("en", 0)); kit.CodeOf(err) != kit.Invalid {
				t.Errorf("%s with the secret %q: %v", kind, wrong, err)
			}
		}
	}
}

func TestAChatThatIsAwayIsTriedAgain(t *testing.T) {
	for _, kind := range chats {
		c := newChat(t, kind)
		ch := c.channel(secret)
		c.Close()
		err := ch.Send(t.Context(), message("en", 0))
		if kit.CodeOf(err) != kit.Unavailable || strings.Contains(err.Error(), "TOKEN") || strings.Contains(err.Error(), c.URL) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// DingTalk and WeCom shut a robot out that says more than 20 things a minute.
func TestRobotsKeepToTheirMinute(t *testing.T) {
	for _, kind := range []string{nail.DingTalk, nail.WeCom} {
		c := newChat(t, kind)
		c.answer = `{"errcode":0}`
		ch := c.channel("")
		for i := range 20 {
			c.now = noon.Add(time.Duration(i) * time.Second)
			if err := ch.Send(t.Context(), message("en", 0)); err != nil {
				t.Fatal(err)
			}
		}
		err := ch.Send(t.Context(), message("en", 0))
		if kit.CodeOf(err) != kit.Unavailable || notify.After(err) != 41*time.Second || len(c.bodies) != 20 {
			t.Errorf("%s, the 21st: %v after %s, %d got through", kind, err, notify.After(err), len(c.bodies))
		}
		c.now = noon.Add(time.Minute)
		if err := ch.Send(t.Context(), message("en", 0)); err != nil {
			t.Errorf("%s, a minute later: %v", kind, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]notify.Config{
		"no kind":          {URL: "https://a.b"},
		"another kind":     {Kind: "pager", URL: "https://a.b"},
		"no address":       {Kind: nail.Slack},
		"in the open":      {Kind: nail.Slack, URL: "http://hooks.example.com/TOKEN"},
		"no mail server":   {Kind: nail.Email, From: "a@b.c"},
		"a web server":     {Kind: nail.Email, From: "a@b.c", SMTP: "https://mail.example"},
		"no sender":        {Kind: nail.Email, SMTP: "smtp://mail.example"},
		"a spoiled sender": {Kind: nail.Email, SMTP: "smtp://mail.example", From: "a@b.c\r\nBcc: d@e.f"},
	} {
		if _, err := notify.New(c); kit.CodeOf(err) != kit.Invalid || strings.Contains(err.Error(), "TOKEN") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACallerWhoLeavesIsHeard(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newChat(t, nail.Slack).channel("").Send(ctx, message("en", 0)); kit.CodeOf(err) != kit.Unavailable {
		t.Error(err)
	}
}
