package notify

import (
	"fmt"
	"time"
)

const (
	maxItems = 10 // told one by one
	maxName  = 60 // characters of a case's name
)

// words is the catalogue: what messages say, by language. Both have the same
// keys with the same verbs.
var words = map[string]map[string]string{
	"en": {
		"title":          "%s: %d to review",
		"title.new":      "%s: news for you",
		"test":           "%s: test message",
		"arrives":        "Messages of this service arrive here.",
		"invite":         "%s: you are invited to review",
		"invited":        "The link below is yours alone and works once, within seven days. You sign in with it and may then choose a password.",
		"accept":         "Accept the invitation",
		"waiting":        "Waiting: %d, the oldest for %s",
		"overdue":        "Overdue: %d",
		"escalated":      "Escalated: %d",
		"item.assigned":  "Assigned to you",
		"item.mentioned": "You are mentioned in a comment",
		"item.escalated": "Waits too long",
		"item.lot":       "A lot is ready to be decided",
		"item.budget":    "The month's budget for the model is spent: drafting has stopped",
		"more":           "and %d more",
		"open":           "Open the console and sign in",
		"foot":           "Decisions are made in the console alone. Opening a link decides nothing.",
		"minutes":        "%d min",
		"hours":          "%d h",
		"days":           "%d d",
	},
	"zh": {
		"title":          "%s：%d 件待审核",
		"title.new":      "%s：您有新消息",
		"test":           "%s：测试消息",
		"arrives":        "本服务的通知可以送达此处。",
		"invite":         "%s：邀请您参与审核",
		"invited":        "下面的链接仅供您本人使用，七天内有效，只能使用一次。登录后可设置密码。",
		"accept":         "接受邀请",
		"waiting":        "待审核 %d 件，最久的已等待 %s",
		"overdue":        "已逾期 %d 件",
		"escalated":      "已升级 %d 件",
		"item.assigned":  "指派给您",
		"item.mentioned": "有人在评论中提到您",
		"item.escalated": "等待过久",
		"item.lot":       "有一个批次待审核",
		"item.budget":    "本月模型预算已用完，起草已暂停",
		"more":           "另有 %d 件",
		"open":           "登录控制台查看",
		"foot":           "只能在控制台内作出决定，打开链接不会作出任何决定。",
		"minutes":        "%d 分钟",
		"hours":          "%d 小时",
		"days":           "%d 天",
	},
}

// page is a message in its reader's words, before a channel gives it its form.
type page struct {
	title string
	lines []string
	items []entry
	more  string // "" when all items are told
	open  string // the words of the link to url
	url   string
	foot  string
}

// entry is one item: what it is, and the case's name, cut but not escaped.
type entry struct{ what, name, url string }

// lang is the language that m is told in: English for one that is not known.
func (m Message) lang() string {
	if words[m.Lang] == nil {
		return "en"
	}
	return m.Lang
}

// page puts m into words.
func (m Message) page() page {
	t := words[m.lang()]
	p := page{open: t["open"], url: m.URL, foot: t["foot"], title: m.title(t)}
	if m.Test {
		p.lines = append(p.lines, t["arrives"])
	}
	if m.Invite {
		p.lines, p.open = append(p.lines, t["invited"]), t["accept"]
	}
	if m.Waiting > 0 {
		p.lines = append(p.lines, fmt.Sprintf(t["waiting"], m.Waiting, span(t, m.Oldest)))
	}
	if m.Overdue > 0 {
		p.lines = append(p.lines, fmt.Sprintf(t["overdue"], m.Overdue))
	}
	if m.Escalated > 0 {
		p.lines = append(p.lines, fmt.Sprintf(t["escalated"], m.Escalated))
	}
	for i, it := range m.Items {
		if i == maxItems {
			p.more = fmt.Sprintf(t["more"], len(m.Items)-maxItems)
			break
		}
		p.items = append(p.items, entry{t["item."+it.Kind], printable(it.Name, maxName), it.URL})
	}
	return p
}

func (m Message) title(t map[string]string) string {
	service := printable(m.Service, maxName)
	switch {
	case m.Test:
		return fmt.Sprintf(t["test"], service)
	case m.Invite:
		return fmt.Sprintf(t["invite"], service)
	case m.Waiting > 0:
		return fmt.Sprintf(t["title"], service, m.Waiting)
	}
	return fmt.Sprintf(t["title.new"], service)
}

// span tells a time in its largest unit.
func span(t map[string]string, d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf(t["minutes"], max(int(d/time.Minute), 1))
	case d < 48*time.Hour:
		return fmt.Sprintf(t["hours"], int(d/time.Hour))
	}
	return fmt.Sprintf(t["days"], int(d/(24*time.Hour)))
}
