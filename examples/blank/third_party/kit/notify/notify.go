// Package notify tells people what waits for them, through the chats and the
// mail that they have. A message says how much waits and links to the console,
// where one signs in; nothing can be decided by a link. The link of an
// invitation alone lets its reader in, once.
//
//	ch, err := notify.New(notify.Config{Kind: nail.Slack, URL: os.Getenv("SLACK_WEBHOOK")})
//	if err != nil {
//		return err
//	}
//	err = ch.Send(ctx, notify.Message{Lang: "en", Service: "Receipts", URL: "https://desk.example/inbox", Waiting: 3})
//
// What comes from cases, their names above all, is data: each channel escapes
// it for its own format and cuts it to size.
package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// Channel brings messages to people. It fails with kit.Unavailable when another
// try may help, and After says when; with kit.Invalid when none can. No error
// holds an address of a webhook or a password.
type Channel interface {
	Send(ctx context.Context, m Message) error
}

// Message is what one reader, or a group, is told.
type Message struct {
	Key       string        `json:"key"`     // the same each time the same message is sent
	To        string        `json:"to"`      // the reader's address; "" for a group
	Lang      string        `json:"lang"`    // "en" or "zh"; another is told in English
	Service   string        `json:"service"` // what people call the service
	URL       string        `json:"url"`     // the page where one signs in and sees what waits
	Waiting   int           `json:"waiting"` // reviews that wait
	Overdue   int           `json:"overdue"`
	Escalated int           `json:"escalated"`
	Oldest    time.Duration `json:"oldest"` // how long the oldest waits
	Items     []Item        `json:"items"`  // what there is to tell of single ones
	Test      bool          `json:"test"`   // it only shows that messages arrive
	Invite    bool          `json:"invite"` // URL is the reader's own invitation, which works once
}

// Item is one thing that a reader is told of.
type Item struct {
	Kind string `json:"kind"` // "assigned", "mentioned", "escalated", "lot" or "budget"
	Name string `json:"name"` // of the case
	URL  string `json:"url"`  // where it is seen, after signing in
}

// Config sets a channel up.
type Config struct {
	// Kind is one of nail.ChannelKinds. It has no default.
	Kind string

	// URL is the webhook of a chat: https, or http on this machine or a private
	// network. Needed, but not for e-mail.
	URL string

	// Secret signs messages of Feishu and DingTalk. Defaults to none.
	Secret string

	// SMTP is the mail server: smtp://USER:PASSWORD@HOST:587, which must offer
	// STARTTLS unless it is on this machine or a private network, or smtps://.
	SMTP string

	// From is the sender's address of e-mail.
	From string

	// TLS is how a mail server's certificate is checked.
	// Defaults to the system's way.
	TLS *tls.Config

	// Timeout bounds one try. Defaults to 15 seconds.
	Timeout time.Duration

	// Clock tells the time. Defaults to kit.Now.
	Clock kit.Clock
}

// New sets a channel up. It fails with kit.Invalid for what cannot work.
func New(c Config) (Channel, error) {
	if c.Clock == nil {
		c.Clock = kit.Now
	}
	if c.Timeout <= 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Kind == nail.Email {
		return newEmail(c)
	}
	if !nail.SafeURL(c.URL) {
		return nil, kit.Errorf(kit.Invalid, "set up messages by %s: its webhook is no address to post to", c.Kind).
			WithHint("use an https address, or http on this machine or a private network")
	}
	h := &hook{kind: c.Kind, url: c.URL, secret: c.Secret, hidden: secrets(c.URL, c.Secret), clock: c.Clock, client: &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	switch c.Kind {
	case nail.Slack:
		return &slack{h}, nil
	case nail.Feishu:
		return &feishu{h}, nil
	case nail.DingTalk:
		h.most = perMinute
		return &dingTalk{h}, nil
	case nail.WeCom:
		h.most = perMinute
		return &weCom{h}, nil
	}
	return nil, kit.Errorf(kit.Invalid, "set up messages: %q is no kind of channel", c.Kind).
		WithHint("the kinds are %s", strings.Join(nail.ChannelKinds, ", "))
}

// later is an error that says when another try may help.
type later struct {
	error
	after time.Duration
}

func (l later) Unwrap() error { return l.error }

// After is how long to wait before another try, as far as err says; 0 otherwise.
func After(err error) time.Duration {
	var l later
	if errors.As(err, &l) {
		return l.after
	}
	return 0
}
