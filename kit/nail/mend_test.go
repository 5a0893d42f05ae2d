package nail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/nail"
)

func TestMistakesShowWhatToWrite(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"lots: yes", "review: {lots: yes}", "nail.yaml:3:16: review.lots: yes is not a group of keys; write for example lots: {size: 200}"},
		{"lots: true", "review: {lots: true}", "write for example lots: {size: 200}"},
		{"canaries: yes", "review: {canaries: yes}", "review.canaries: yes is not a number; write for example canaries: 0.01"},
		{"canaries in a tier", "review: {tiers: [{name: x, when: a, canaries: on}]}", "review.tiers[0].canaries: on is not a number; write for example canaries: 0.01"},
		{"tiers: yes", "review: {tiers: yes}", "write for example tiers: [{name: large, when: total > 5000}]"},
		{"notify: yes", "notify: yes", "write for example notify: {url: https://desk.example.com, channels: "},
		{"webhook as text", "deliver: {webhook: https://a.b/c}", "write for example webhook: {url: https://"},
		{"bar as a number", "bar: 0.9", "write for example bar: {total: 0.95}"},
		{"no value", "review: {lots: }", "review.lots: no value; write for example lots: {size: 200} or leave the key out"},
		{"an empty list", "review: {roles: []}", "review.roles: an empty list; write for example roles: [lead, admin] or leave the key out"},
		{"percent", "review: {second_look: 2%}", "nail.yaml:3:23: review.second_look: 2% is not a number; write second_look: 0.02"},
		{"percent of a bar", "bar: {total: 97.5 %}", "bar.total: 97.5 % is not a number; write total: 0.975"},
		{"percent, wide", "review: {blind: 100％}", "write blind: 1"},
		{"a key twice", "lang: en\nprice: 1\nlang: zh", "nail.yaml:5:1: lang stands twice in the same group, in line 3 and in line 5; keep one of them"},
		{"a key twice below", "review:\n  blind: 0.1\n  due: 1h\n  blind: 0.2", "blind stands twice in the same group, in line 4 and in line 6"},
		{"days and what not", "review: {due: 1dx}", "review.due: 1dx is not a duration; write one such as 10m, 72h or 3d"},
		{"days below zero", "review: {due: -1d}", "review.due: -1d is not a duration"},
		{"too many days", "review: {due: 40000d}", "review.due: 40000d is not a duration"},
	} {
		_, err := nail.Parse("nail.yaml", []byte(start+c.text+"\n"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestDurationsTakeDays(t *testing.T) {
	n := parse(t, start+"review: {escalate_after: 2d12h, due: 1d, lease: 1d, lots: {size: 9, after: '3d'}, tiers: [{name: x, when: a, due: 0d1h}]}\n"+
		"notify: {every: 1d, url: 'https://a.b', channels: [{kind: slack, url_env: S}]}\nretain: {trail: 1d6h}\n")
	day := 24 * time.Hour
	for name, d := range map[string][2]time.Duration{
		"escalate_after": {n.Review.EscalateAfter, 60 * time.Hour}, "due": {n.Review.Due, day}, "lease": {n.Review.Lease, day},
		"lots.after": {n.Review.Lots.After, 3 * day}, "tier": {n.Review.Tiers[0].Due, time.Hour}, "every": {n.Notify.Every, day},
	} {
		if d[0] != d[1] {
			t.Errorf("%s: %s, want %s", name, d[0], d[1])
		}
	}
}
