package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// dingTalk posts markdown to a group's custom robot, by the manual "Custom robot
// access" (open.dingtalk.com). What it takes is answered with errcode 0; a robot
// takes 20 messages a minute, and 130101 or 410100 says that there were more.
type dingTalk struct{ *hook }

// maxDingTalk is how many bytes of markdown are sent at most.
const maxDingTalk = 18000

// Send posts one message, signed where there is a secret.
func (d *dingTalk) Send(ctx context.Context, m Message) error {
	p := m.page()
	text := markdown(p, "\n\n", maxDingTalk)
	body := map[string]any{"msgtype": "markdown", "markdown": map[string]string{"title": p.title, "text": text}}
	address, err := d.signed()
	if err != nil {
		return err
	}
	return d.post(ctx, address, body, func(raw []byte) error { return d.coded(raw, 130101, 410100) })
}

// signed adds the time, in milliseconds, and its signature to the address: the
// base64 of the HMAC-SHA256, keyed by the secret, of the time, a line feed and
// the secret.
func (d *dingTalk) signed() (string, error) {
	if d.secret == "" {
		return d.url, nil
	}
	u, err := url.Parse(d.url)
	if err != nil {
		return "", d.refused(false, "its webhook is no address")
	}
	timestamp := strconv.FormatInt(d.clock().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(d.secret))
	mac.Write([]byte(timestamp + "\n" + d.secret))
	q := u.Query()
	q.Set("timestamp", timestamp)
	q.Set("sign", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// coded reads an answer of DingTalk or WeCom.
func (h *hook) coded(raw []byte, busy ...int) error {
	var answer struct {
		Code *int   `json:"errcode"`
		Msg  string `json:"errmsg"`
	}
	_ = json.Unmarshal(raw, &answer) // what is no JSON has no code
	return h.judge(raw, answer.Code, answer.Msg, busy...)
}

// markdown is a page in the little Markdown that DingTalk and WeCom read, at
// most so many bytes long. DingTalk begins a line after an empty one alone.
func markdown(p page, between string, most int) string {
	lines := []string{"### " + plainMark(p.title)}
	for _, l := range p.lines {
		lines = append(lines, plainMark(l))
	}
	for _, it := range p.items {
		lines = append(lines, "> "+plainMark(it.what)+": "+markLink(it.name, it.url))
	}
	if p.more != "" {
		lines = append(lines, plainMark(p.more))
	}
	last := markLink(p.open, p.url) + between + plainMark(p.foot)
	for i := range lines {
		lines[i] += strings.TrimPrefix(between, "\n")
	}
	return fit(lines, last, func(s string) bool { return len(s) <= most })
}

// plainMark writes the signs of Markdown, and those that make links and calls
// to people, as their wide forms: neither service knows an escape for them.
func plainMark(s string) string {
	return strings.NewReplacer("\\", "＼", "`", "｀", "*", "＊", "_", "＿", "~", "～", "#", "＃", "[", "［", "]", "］",
		"(", "（", ")", "）", "<", "＜", ">", "＞", "!", "！", "|", "｜", "@", "＠", "://", "：//", "www.", "www．").Replace(s)
}

func markLink(text, address string) string {
	return "[" + plainMark(text) + "](" + strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E").Replace(address) + ")"
}
