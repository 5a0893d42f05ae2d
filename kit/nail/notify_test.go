package nail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func TestNotifyIsRead(t *testing.T) {
	n, err := nail.Parse("nail.yaml", []byte(`
name: a
job: b
retain: {trail: 90d}
notify:
  every: 5m
  url: https://desk.example
  channels:
    - {kind: slack, url_env: SLACK_WEBHOOK, lang: zh}
    - {kind: dingtalk, url_env: DING, secret_env: DING_SECRET}
    - {kind: email, smtp_env: SMTP_URL, from: "Desk <desk@example.com>"}
`))
	if err != nil {
		t.Fatal(err)
	}
	if n.Retain.Trail != "90d" || n.Notify.Every != 5*time.Minute || len(n.Notify.Channels) != 3 ||
		n.Notify.Channels[0] != (nail.Channel{Kind: nail.Slack, URLEnv: "SLACK_WEBHOOK", Lang: "zh"}) || n.Notify.Channels[2].From != "Desk <desk@example.com>" {
		t.Errorf("read %+v %+v", n.Retain, n.Notify)
	}
}

func TestNotifyIsChecked(t *testing.T) {
	const head = "name: a\njob: b\n"
	for text, want := range map[string]string{
		"retain: {trail: 1y}":                 `nail.yaml:3:17: retain.trail: "1y" cannot be used`,
		"notify: {url: https://desk.example}": "notify.channels is missing",
		"notify: {every: 10s, url: https://a.b, channels: [{kind: slack, url_env: A}]}":                 "notify.every: 10s cannot be used",
		"notify: {url: http://desk.example, channels: [{kind: slack, url_env: A}]}":                     "notify.url",
		"notify: {channels: [{kind: slack, url_env: A}]}":                                               "notify.url is missing",
		"notify: {url: https://a.b, channels: [{kind: pager, url_env: A}]}":                             "notify.channels[0].kind: \"pager\" cannot be used; write slack, feishu",
		"notify: {url: https://a.b, channels: [{kind: slack}]}":                                         "notify.channels[0].url_env is missing",
		"notify: {url: https://a.b, channels: [{kind: slack, url_env: \"https://hooks.example\"}]}":     "notify.channels[0].url_env",
		"notify: {url: https://a.b, channels: [{kind: slack, url_env: A, secret_env: B}]}":              "notify.channels[0].secret_env",
		"notify: {url: https://a.b, channels: [{kind: slack, url_env: A, lang: fr}]}":                   "notify.channels[0].lang",
		"notify: {url: https://a.b, channels: [{kind: slack, url_env: A}, {kind: email, smtp_env: S}]}": "notify.channels[1].from is missing",
		"notify: {url: https://a.b, channels: [{kind: email, from: a@b.c}]}":                            "notify.channels[0].smtp_env is missing",
		"notify: {url: https://a.b, channels: [{kind: email, from: a@b.c, smtp_env: S, url_env: U}]}":   "notify.channels[0].url_env",
		"notify: {url: https://a.b, channels: [{kind: wecom, url_env: S, from: a@b.c}]}":                "notify.channels[0].smtp_env",
	} {
		_, err := nail.Parse("nail.yaml", []byte(head+text+"\n"))
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParseAge(t *testing.T) {
	for text, want := range map[string]time.Duration{"2d12h": 60 * time.Hour, "365d": 365 * 24 * time.Hour, "0d": 0, "36h": 36 * time.Hour} {
		if got, err := nail.ParseAge(text); err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "-1h", "1.5d", "99999999d", "soon"} {
		if got, err := nail.ParseAge(text); err == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
}
