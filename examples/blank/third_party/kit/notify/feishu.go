package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
)

// feishu posts rich text ("post") to a custom bot of Feishu or Lark, by the
// manual "Custom bot usage guide" (open.feishu.cn, open.larksuite.com). What it
// takes is answered with code 0; 11232 says that there were too many.
type feishu struct{ *hook }

// feishuPart is a run of text or a link; neither is read for markup.
type feishuPart struct {
	Tag  string `json:"tag"`
	Text string `json:"text"`
	Href string `json:"href,omitempty"`
}

type feishuBody struct {
	Timestamp string        `json:"timestamp,omitempty"` // seconds since 1970
	Sign      string        `json:"sign,omitempty"`
	Type      string        `json:"msg_type"`
	Content   feishuContent `json:"content"`
}

type feishuContent struct {
	Post map[string]feishuPost `json:"post"` // by language
}

type feishuPost struct {
	Title   string         `json:"title"`
	Content [][]feishuPart `json:"content"` // lines
}

// feishuLang names the languages as Feishu does.
var feishuLang = map[string]string{"en": "en_us", "zh": "zh_cn"}

// Send posts one message, signed where there is a secret.
func (f *feishu) Send(ctx context.Context, m Message) error {
	body := feishuBody{Type: "post", Content: feishuContent{Post: map[string]feishuPost{feishuLang[m.lang()]: feishuPage(m.page())}}}
	if f.secret != "" {
		body.Timestamp = strconv.FormatInt(f.clock().Unix(), 10)
		body.Sign = feishuSign(body.Timestamp, f.secret)
	}
	return f.post(ctx, f.url, body, func(raw []byte) error {
		var answer struct {
			Code   *int   `json:"code"`
			Msg    string `json:"msg"`
			Status *int   `json:"StatusCode"` // of older bots
		}
		_ = json.Unmarshal(raw, &answer) // what is no JSON has no code
		if answer.Code == nil {
			answer.Code = answer.Status
		}
		return f.judge(raw, answer.Code, answer.Msg, 11232)
	})
}

func feishuPage(p page) feishuPost {
	post := feishuPost{Title: p.title}
	line := func(parts ...feishuPart) { post.Content = append(post.Content, parts) }
	for _, l := range p.lines {
		line(feishuPart{Tag: "text", Text: l})
	}
	for _, it := range p.items {
		line(feishuPart{Tag: "text", Text: it.what + ": "}, feishuPart{Tag: "a", Text: it.name, Href: it.url})
	}
	if p.more != "" {
		line(feishuPart{Tag: "text", Text: p.more})
	}
	line(feishuPart{Tag: "a", Text: p.open, Href: p.url})
	line(feishuPart{Tag: "text", Text: p.foot})
	return post
}

// feishuSign is the base64 of the HMAC-SHA256 of nothing, keyed by the time, a
// line feed and the secret: so Feishu's manual has it.
func feishuSign(timestamp, secret string) string {
	mac := hmac.New(sha256.New, []byte(timestamp+"\n"+secret))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
