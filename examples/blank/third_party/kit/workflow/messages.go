package workflow

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/notify"
)

// Notify says how people are told what waits.
type Notify struct {
	// Every is how often messages are made at most. Defaults to 15 minutes.
	Every time.Duration

	// URL is the console's, as readers reach it. Needed with Channels.
	URL string

	// Service is what people call the service, Lang the language ("en" or "zh")
	// of whoever has none.
	Service, Lang string

	// Channels are the ways that messages take. Defaults to none.
	Channels []NotifyChannel
}

// NotifyChannel is one way that messages take.
type NotifyChannel struct {
	notify.Channel
	Name     string // its own, and the same at each start
	Lang     string // of a group, or of people who have none
	Personal bool   // each person gets their own message; otherwise a group gets one
}

// keptMessages is how long what was sent stays in the database.
const keptMessages = 30 * 24 * time.Hour

// makeMessages makes the messages that are due, once for all processes. They
// are written together with the jobs that send them.
func (r *Runner) makeMessages(ctx context.Context) error {
	if len(r.Notify.Channels) == 0 {
		return nil
	}
	now := r.Clock()
	since := now.Add(-r.Notify.Every).UnixMicro()
	var last int64
	if err := r.DB.Read().NewRaw(`SELECT at FROM message_rounds WHERE id = 1`).Scan(ctx, &last); err != nil || last > since {
		return err
	}
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewRaw(`UPDATE message_rounds SET at = ? WHERE id = 1 AND at <= ?`, now.UnixMicro(), since).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // another process did it
		}
		m := maker{r: r, tx: tx, now: now}
		return m.round(ctx)
	})
}

// maker makes the messages of one round.
type maker struct {
	r     *Runner
	tx    bun.Tx
	now   time.Time
	queue queue
	news  []news
}

// queue is how much waits.
type queue struct {
	Waiting   int   `bun:"waiting"`
	Overdue   int   `bun:"overdue"`
	Escalated int   `bun:"escalated"`
	Oldest    int64 `bun:"oldest"`
}

// news is a notice that is still worth telling.
type news struct {
	ID       string `bun:"id"`
	Kind     string `bun:"kind"`
	UserID   string `bun:"user_id"`
	CaseID   string `bun:"case_id"`
	ReviewID string `bun:"review_id"`
	Name     string `bun:"name"`
}

func (m *maker) round(ctx context.Context) error {
	if err := m.read(ctx); err != nil {
		return err
	}
	for _, ch := range m.r.Notify.Channels {
		tell := m.group
		if ch.Personal {
			tell = m.people
		}
		if err := tell(ctx, ch); err != nil {
			return err
		}
	}
	return m.tidy(ctx)
}

// tidy marks what was told, and lets go of what is old.
func (m *maker) tidy(ctx context.Context) error {
	now, old := m.now.UnixMicro(), m.now.Add(-keptMessages).UnixMicro()
	_, err := m.tx.NewRaw(`UPDATE notices SET taken_at = ? WHERE taken_at IS NULL AND at <= ?`, now, now).Exec(ctx)
	for _, table := range []string{"notices WHERE taken_at", "messages WHERE created_at"} {
		if err == nil {
			_, err = m.tx.NewRaw("DELETE FROM "+table+" <= ?", old).Exec(ctx)
		}
	}
	return err
}

// countedMost bounds the counts that no kept counter has.
const countedMost = 10_000

// read looks at the queue and at what is new. A review that was decided, and a
// comment that was seen, are no news any more.
func (m *maker) read(ctx context.Context) error {
	err := m.tx.NewRaw(`SELECT (SELECT n FROM review_counts WHERE name = 'waiting') AS waiting,
		(SELECT COUNT(*) FROM (`+overdueRounds+` LIMIT ?) o) AS overdue,
		(SELECT COUNT(*) FROM (`+escalatedRounds+` LIMIT ?) e) AS escalated,
		COALESCE((SELECT created_at FROM reviews WHERE state = 'open' AND waits ORDER BY created_at LIMIT 1), 0) AS oldest`,
		m.now.UnixMicro(), m.now.UnixMicro(), countedMost, countedMost).Scan(ctx, &m.queue)
	if err != nil {
		return err
	}
	return m.tx.NewRaw(`SELECT n.id, n.kind, COALESCE(n.user_id, '') AS user_id, n.case_id, n.review_id, COALESCE(c.name, '') AS name
		FROM notices n LEFT JOIN cases c ON c.id = n.case_id
		WHERE n.taken_at IS NULL AND n.at <= ?
		AND NOT EXISTS (SELECT 1 FROM reviews v WHERE v.id = n.review_id AND v.state = 'decided' AND v.ended = '')
		AND (n.kind <> 'mentioned' OR EXISTS (SELECT 1 FROM mentions t JOIN comments o ON o.id = t.comment_id
			WHERE t.user_id = n.user_id AND t.seen_at IS NULL AND o.case_id = n.case_id AND o.deleted_at IS NULL))
		ORDER BY n.at, n.id LIMIT ?`, m.now.UnixMicro(), countedMost).Scan(ctx, &m.news)
}

// group makes the message of a group, unless nothing waits or nothing changed
// since its last one.
func (m *maker) group(ctx context.Context, ch NotifyChannel) error {
	msg := m.message(ch.Lang, m.queue)
	for _, n := range m.news {
		if n.UserID == "" {
			msg.Items = append(msg.Items, m.item(n))
		}
	}
	if msg.Waiting == 0 && len(msg.Items) == 0 {
		return nil
	}
	digest, err := json.Marshal(m.queue)
	if err != nil {
		return err
	}
	var before string
	err = m.tx.NewRaw(`SELECT COALESCE((SELECT digest FROM messages WHERE channel = ? ORDER BY id DESC LIMIT 1), '')`, ch.Name).Scan(ctx, &before)
	if err != nil || len(msg.Items) == 0 && before == kit.Hash(digest) {
		return err
	}
	return m.add(ctx, ch.Name, "", kit.Hash(digest), msg)
}

func (m *maker) message(lang string, q queue) notify.Message {
	msg := notify.Message{Lang: lang, Service: m.r.Notify.Service, URL: m.link("/inbox"),
		Waiting: q.Waiting, Overdue: q.Overdue, Escalated: q.Escalated}
	if q.Oldest > 0 {
		msg.Oldest = m.now.Sub(time.UnixMicro(q.Oldest))
	}
	if msg.Lang == "" {
		msg.Lang = m.r.Notify.Lang
	}
	return msg
}

func (m *maker) link(path string) string { return strings.TrimSuffix(m.r.Notify.URL, "/") + path }

// item says where a person sees what a notice is about.
func (m *maker) item(n news) notify.Item {
	it := notify.Item{Kind: n.Kind, Name: n.Name, URL: m.link("/inbox")}
	switch {
	case n.Kind == string(noticeLot):
		it.Name, it.URL = m.r.Notify.Service, m.link("/lots")
	case n.Kind == string(noticeBudget):
		it.Name, it.URL = m.r.Notify.Service, m.link("/costs")
	case n.ReviewID != "":
		it.URL = m.link("/reviews/" + n.ReviewID)
	case n.CaseID != "":
		it.URL = m.link("/cases/" + n.CaseID)
	}
	return it
}

// add writes a message and the job that sends it.
func (m *maker) add(ctx context.Context, channel, userID, digest string, msg notify.Message) error {
	msg.Key = kit.NewID()
	body, err := json.Marshal(msg)
	if err != nil {
		return err
	}
	_, err = m.tx.NewRaw(`INSERT INTO messages (id, channel, user_id, body, digest, created_at) VALUES (?, ?, NULLIF(?, ''), ?, ?, ?)`,
		msg.Key, channel, userID, string(body), digest, m.now.UnixMicro()).Exec(ctx)
	if err != nil {
		return err
	}
	return m.r.insertJob(ctx, m.tx, messageArgs{Message: msg.Key}, time.Time{}, river.InsertOpts{})
}

// reader is a person who can be written to.
type reader struct {
	ID    string `bun:"id"`
	Email string `bun:"email"`
	Role  string `bun:"role"`
	Lang  string `bun:"lang"`
	queue
}

// people makes the messages of those who have news: what is theirs, and for
// leads and admins what is everybody's.
func (m *maker) people(ctx context.Context, ch NotifyChannel) error {
	if len(m.news) == 0 {
		return nil
	}
	var readers []reader
	err := m.tx.NewRaw(`SELECT u.id, u.email, u.role, u.lang,
		(SELECT COUNT(*) FROM reviews r WHERE r.assigned_to = u.id AND r.state = 'open' AND r.waits) AS waiting,
		(SELECT COUNT(*) FROM reviews r WHERE r.assigned_to = u.id AND r.state = 'open' AND r.waits AND r.due_at < ?) AS overdue,
		COALESCE((SELECT MIN(r.created_at) FROM reviews r WHERE r.assigned_to = u.id AND r.state = 'open' AND r.waits), 0) AS oldest
		FROM users u WHERE u.kind = 'person' AND u.disabled_at IS NULL AND u.deleted_at = 0 AND u.email <> ''
		ORDER BY u.id`, m.now.UnixMicro()).Scan(ctx, &readers)
	if err != nil {
		return err
	}
	for _, p := range readers {
		if err := m.person(ctx, ch, p); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) person(ctx context.Context, ch NotifyChannel, p reader) error {
	leads := auth.Role(p.Role) == auth.Lead || auth.Role(p.Role) == auth.Admin
	var items []notify.Item
	for _, n := range m.news {
		if n.UserID == p.ID || n.UserID == "" && leads {
			items = append(items, m.item(n))
		}
	}
	if len(items) == 0 {
		return nil
	}
	if leads {
		p.Escalated = m.queue.Escalated
	}
	lang := p.Lang
	if lang == "" {
		lang = ch.Lang
	}
	msg := m.message(lang, p.queue)
	msg.To, msg.Items = p.Email, items
	return m.add(ctx, ch.Name, p.ID, "", msg)
}
