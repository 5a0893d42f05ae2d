package nail

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
)

// Retain is what is kept, and how long.
type Retain struct {
	// Trail is how old events of the audit trail are at least when `trail
	// archive` takes them out, such as "365d" or "2160h". Nothing is taken out
	// by itself. Defaults to "365d".
	Trail string `yaml:"trail"`
}

// Notify is how people are told of what waits. Its zero value means not at all.
type Notify struct {
	// Every is how often messages are made, from a minute up.
	// Defaults to 15 minutes.
	Every time.Duration `yaml:"every"`

	// URL is where the console is, as readers reach it; messages link to it.
	// Needed with Channels.
	URL string `yaml:"url"`

	// Channels are the ways that messages take. Defaults to none.
	Channels []Channel `yaml:"channels"`
}

// The kinds of a channel.
const (
	Slack    = "slack"
	Feishu   = "feishu"
	DingTalk = "dingtalk"
	WeCom    = "wecom"
	Email    = "email"
)

// ChannelKinds lists the kinds of a channel.
var ChannelKinds = []string{Slack, Feishu, DingTalk, WeCom, Email}

// Channel is one way that messages take: to a group by the webhook of a chat, or
// to each person by e-mail.
type Channel struct {
	// Kind is one of ChannelKinds. It has no default.
	Kind string `yaml:"kind"`

	// Lang is the language, "en" or "zh", of a group, or of people who chose
	// none. Defaults to the nail's.
	Lang string `yaml:"lang"`

	// URLEnv names the environment variable that holds a chat's webhook.
	// Needed, but not for e-mail.
	URLEnv string `yaml:"url_env"`

	// SecretEnv names the one that holds the secret by which messages are
	// signed. For feishu and dingtalk alone. Defaults to none.
	SecretEnv string `yaml:"secret_env"`

	// SMTPEnv names the one that holds the mail server, as
	// smtp://USER:PASSWORD@HOST:587 or smtps://…:465. For email, and needed there.
	SMTPEnv string `yaml:"smtp_env"`

	// From is the sender's address. For email, and needed there.
	From string `yaml:"from"`
}

func (r *reading) checkRetain(v Retain) {
	_, err := ParseAge(v.Trail)
	r.want(err == nil, "retain.trail", v.Trail, "write an age such as 365d or 2160h")
}

func (r *reading) checkNotify(v Notify) {
	if len(v.Channels) == 0 && v.URL == "" {
		return
	}
	r.want(len(v.Channels) > 0, "notify.channels", nil, "name at least one, such as {kind: slack, url_env: SLACK_WEBHOOK}")
	r.want(v.Every >= time.Minute && v.Every <= 24*time.Hour, "notify.every", v.Every, "write a duration from 1m to 24h, such as 15m")
	r.want(SafeURL(v.URL), "notify.url", v.URL, "write the console's address, such as https://desk.example")
	for i, c := range v.Channels {
		r.checkChannel(fmt.Sprintf("notify.channels[%d].", i), c)
	}
}

func (r *reading) checkChannel(at string, c Channel) {
	r.want(slices.Contains(ChannelKinds, c.Kind), at+"kind", c.Kind, "write "+strings.Join(ChannelKinds, ", ")+" or leave the channel out")
	r.want(c.Lang == "" || c.Lang == "en" || c.Lang == "zh", at+"lang", c.Lang, "write en or zh")
	if c.Kind == Email {
		_, err := mail.ParseAddress(c.From)
		r.want(err == nil, at+"from", c.From, "write the sender's address, such as desk@example.com")
		r.want(envShape.MatchString(c.SMTPEnv), at+"smtp_env", c.SMTPEnv, "name the environment variable that holds the mail server, such as SMTP_URL")
		r.want(c.URLEnv == "", at+"url_env", c.URLEnv, "leave it out: e-mail has no webhook")
	} else {
		r.want(envShape.MatchString(c.URLEnv), at+"url_env", c.URLEnv, "name the environment variable that holds the webhook, such as SLACK_WEBHOOK")
		r.want(c.SMTPEnv == "" && c.From == "", at+"smtp_env", c.SMTPEnv, "leave it and from out: they are for e-mail")
	}
	signs := c.Kind == Feishu || c.Kind == DingTalk
	r.want(c.SecretEnv == "" || signs && envShape.MatchString(c.SecretEnv), at+"secret_env", c.SecretEnv,
		"name an environment variable, for feishu or dingtalk alone")
}
