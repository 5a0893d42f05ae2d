package notify

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

// Both languages say the same: the same keys, with the same values put in.
func TestBothLanguagesSayTheSame(t *testing.T) {
	verb := regexp.MustCompile(`%.`)
	for key, en := range words["en"] {
		if zh, ok := words["zh"][key]; !ok || zh == en || !slices.Equal(verb.FindAllString(en, -1), verb.FindAllString(zh, -1)) {
			t.Errorf("%s: %q and %q", key, en, zh)
		}
	}
	if len(words["en"]) != len(words["zh"]) {
		t.Error("one language has more keys")
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "1 min", 59 * time.Minute: "59 min", time.Hour: "1 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 d"} {
		if got := span(words["en"], d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

// A WeCom message of the longest lines there can be is cut by whole lines.
func TestMarkdownFits(t *testing.T) {
	p := page{title: "t", open: "open", url: "https://desk.example/inbox", foot: "foot"}
	for range maxItems {
		p.items = append(p.items, entry{"what", string(slices.Repeat([]rune("長"), 300)), "https://desk.example/" + string(slices.Repeat([]rune("a"), 200))})
	}
	got := markdown(p, "\n", maxWeCom)
	if len(got) > maxWeCom || !regexp.MustCompile(`(?s)^### t\n> what.*\)\n\[open\]\(https://desk.example/inbox\)\nfoot$`).MatchString(got) {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// A message without what waits is news, and a test or an invitation says so.
func TestTitles(t *testing.T) {
	for want, m := range map[string]Message{
		"Desk: 3 to review":               {Waiting: 3},
		"Desk: news for you":              {Items: []Item{{Kind: "mentioned"}}},
		"Desk: test message":              {Test: true},
		"Desk: you are invited to review": {Invite: true},
	} {
		if m.Service = "Desk"; m.page().title != want {
			t.Errorf("%q, want %q", m.page().title, want)
		}
	}
}
