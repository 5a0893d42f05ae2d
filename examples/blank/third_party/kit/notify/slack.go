package notify

import (
	"context"
	"strings"
)

// slack posts to an incoming webhook with text and blocks, by Slack's manual
// "Sending messages using incoming webhooks" (docs.slack.dev): a message that
// was taken is answered with status 200 and "ok".
type slack struct{ *hook }

// maxSection is how many characters a section's text may have.
const maxSection = 3000

// slackText is a text object. With verbatim, addresses and names in it become
// no links by themselves.
type slackText struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

// Send posts one message.
func (s *slack) Send(ctx context.Context, m Message) error {
	p := m.page()
	body := map[string]any{"text": slackEscape(p.title), "blocks": []slackBlock{
		{Type: "section", Text: mrkdwn(slackPage(p))},
		{Type: "context", Elements: []slackText{*mrkdwn(slackEscape(p.foot))}},
	}}
	return s.post(ctx, s.url, body, func(answer []byte) error {
		if got := strings.TrimSpace(string(answer)); got != "ok" {
			return s.refused(false, "it answered %s", s.heard(got))
		}
		return nil
	})
}

func mrkdwn(text string) *slackText { return &slackText{Type: "mrkdwn", Text: text, Verbatim: true} }

func slackPage(p page) string {
	lines := []string{"*" + slackEscape(p.title) + "*"}
	for _, l := range p.lines {
		lines = append(lines, slackEscape(l))
	}
	for _, it := range p.items {
		lines = append(lines, "• "+slackEscape(it.what)+": "+slackLink(it.url, it.name))
	}
	if p.more != "" {
		lines = append(lines, slackEscape(p.more))
	}
	return fit(lines, slackLink(p.url, p.open), func(s string) bool { return len([]rune(s)) <= maxSection })
}

// slackEscape writes the three signs of Slack's markup as entities.
func slackEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// slackLink links text, in which a bar would end the address.
func slackLink(url, text string) string {
	return "<" + slackEscape(url) + "|" + strings.ReplaceAll(slackEscape(text), "|", "¦") + ">"
}

// fit joins lines and last, without as many lines before last as do not fit.
func fit(lines []string, last string, fits func(string) bool) string {
	for n := len(lines); ; n-- {
		text := strings.Join(append(append([]string{}, lines[:n]...), last), "\n")
		if n == 0 || fits(text) {
			return text
		}
	}
}
