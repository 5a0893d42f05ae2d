package workflow

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// way is one in which somebody may come in.
type way struct {
	ended   bool   // it was revoked, or used up
	expires string // in microseconds; "" before that was noted
}

func wayIn(kind, user, which string) string { return kind + " " + user + " " + which }

// way takes in how somebody may come in, or may not any more. The first version
// did not say which token it had made: that stands for any.
func (l *lasting) way(kind string, d aboutPerson) {
	switch kind {
	case "user.reset", "user.deleted":
		l.end(d.User, "password", "identity", "token", "link")
	case "user.disabled":
		l.end(d.User, "token", "link")
	case "user.invited":
		l.end(d.User, "link")
	case "token.revoked":
		l.revoked(d)
	case "link.used":
		if d.Token != "" {
			l.ways[wayIn("link", d.User, d.Token)] = way{ended: true}
		}
	}
	switch kind {
	case "password.set":
		l.ways[wayIn("password", d.User, "")] = way{}
	case "identity.linked":
		l.ways[wayIn("identity", d.User, d.Issuer)] = way{}
	case "token.made":
		l.ways[wayIn("token", d.User, d.Token)] = way{expires: d.Expires}
	case "link.made", "user.invited", "user.reset":
		l.ways[wayIn("link", d.User, d.Token)] = way{expires: d.Expires}
	}
}

// revoked ends the tokens and links that an event names, and all where it names
// none: it was so in the first version.
func (l *lasting) revoked(d aboutPerson) {
	if d.Token == "" {
		l.end(d.User, "token", "link")
	}
	for _, which := range strings.Fields(d.Token) {
		l.ways[wayIn("token", d.User, which)], l.ways[wayIn("link", d.User, which)] = way{ended: true}, way{ended: true}
	}
}

// end ends all of somebody's ways of some kinds.
func (l *lasting) end(user string, kinds ...string) {
	for key := range l.ways {
		if slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(key, wayIn(kind, user, "")) }) {
			l.ways[key] = way{ended: true}
		}
	}
}

// wayTo is what the trail says of a way in.
func (l *lasting) wayTo(kind, user, which string) (way, bool) {
	w, known := l.ways[wayIn(kind, user, which)]
	if !known {
		w, known = l.ways[wayIn(kind, user, "")]
	}
	return w, known
}

// ways compares by what people and services may come in.
func (c *comparer) ways(ctx context.Context) error {
	var rows []struct {
		What    string `bun:"what"`
		User    string `bun:"user_id"`
		Which   string `bun:"which"`
		Expires int64  `bun:"expires"`
	}
	err := c.db.NewRaw(`SELECT CASE purpose WHEN 'link' THEN 'link' ELSE 'token' END AS what, user_id, substr(hash, 1, 16) AS which,
			COALESCE(expires_at, 0) AS expires FROM tokens WHERE used_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
		UNION ALL SELECT 'password', user_id, '', 0 FROM passwords
		UNION ALL SELECT 'identity', user_id, issuer, 0 FROM identities ORDER BY 1, 2, 3`, c.r.Clock().UnixMicro()).Scan(ctx, &rows)
	for _, row := range rows {
		w, known := c.lasting.wayTo(row.What, row.User, row.Which)
		name := row.Which + " of user " + row.User
		switch {
		case !known:
			c.tellOf(row.What, name, "the trail does not know of it")
		case w.ended:
			c.tellOf(row.What, name, "it was revoked or used up")
		case w.expires != "" && w.expires != strconv.FormatInt(row.Expires, 10):
			c.tellOf(row.What, name, "it is not good until when it was made to be")
		}
	}
	return err
}
