package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/notify"
)

// messageArgs is the job of sending a message.
type messageArgs struct {
	Message string `json:"message"`
}

// Kind names the job in the queue.
func (messageArgs) Kind() string { return "tackhammer_message" }

// messageWorker sends messages. One whose process dies after it was sent and
// before that was noted is sent twice, with the same key.
type messageWorker struct {
	river.WorkerDefaults[messageArgs]
	r *Runner
}

// Work sends one message. What is only away at present is tried again, up to
// Patience; what another try cannot mend is given up, and status tells it.
func (w *messageWorker) Work(ctx context.Context, job *river.Job[messageArgs]) error {
	err := guard("messages", func() error { return w.r.sendMessage(ctx, job.Args.Message) })
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled): // the process is ending
		return river.JobSnooze(0)
	case kit.CodeOf(err) == kit.Unavailable:
		if gone := goneFor(ctx, job.Metadata); gone < w.r.Patience {
			return river.JobSnooze(spread(max(notify.After(err), w.r.FirstRetry, min(gone/2, longestWait))))
		}
	case !permanent(err):
		return err
	}
	w.r.Logger.Error("message was given up", "message", job.Args.Message, "error", err)
	return nil
}

// sendMessage sends a message, unless it was sent already, and notes how that
// went.
func (r *Runner) sendMessage(ctx context.Context, id string) error {
	var row struct {
		Channel string `bun:"channel"`
		Body    string `bun:"body"`
		SentAt  *int64 `bun:"sent_at"`
	}
	err := r.DB.Read().NewRaw(`SELECT channel, body, sent_at FROM messages WHERE id = ?`, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.SentAt != nil {
		return nil
	}
	var m notify.Message
	if err == nil {
		err = json.Unmarshal([]byte(row.Body), &m)
	}
	if err != nil {
		return err
	}
	sent := r.sendBy(ctx, row.Channel, m)
	if sent != nil {
		r.Logger.Warn("message was not sent", "channel", row.Channel, "error", sent)
	}
	return errors.Join(sent, r.noteMessage(ctx, id, sent))
}

func (r *Runner) sendBy(ctx context.Context, channel string, m notify.Message) error {
	for _, ch := range r.Notify.Channels {
		if ch.Name == channel {
			return ch.Send(ctx, m)
		}
	}
	return kit.Errorf(kit.Invalid, "send a message by %s: there is no such channel any more", channel)
}

// noteMessage notes a try, also while the process ends: what was sent is not to
// be sent again.
func (r *Runner) noteMessage(ctx context.Context, id string, failed error) error {
	var at sql.NullInt64
	words := ""
	if failed == nil {
		at = sql.NullInt64{Int64: r.Clock().UnixMicro(), Valid: true}
	} else {
		words = plain(failed.Error())
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatEvery)
	defer cancel()
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`UPDATE messages SET attempts = attempts + 1, error = ?, sent_at = ? WHERE id = ?`, words, at, id).Exec(ctx)
		return err
	})
}

// Messages is how messages fare.
type Messages struct {
	Unsent int        `json:"unsent"`     // that wait to be sent, or were given up, within the last 30 days
	SentAt *time.Time `json:"sent_at"`    // when the last one was sent
	Error  string     `json:"last_error"` // of the newest that is unsent; "" when there is none
}

// Messages tells how messages fare.
func (r *Runner) Messages(ctx context.Context) (m Messages, err error) {
	var at int64
	err = r.DB.Read().NewRaw(`SELECT (SELECT COUNT(*) FROM messages WHERE sent_at IS NULL),
		COALESCE((SELECT error FROM messages WHERE sent_at IS NULL ORDER BY id DESC LIMIT 1), ''),
		COALESCE((SELECT MAX(sent_at) FROM messages), 0)`).Scan(ctx, &m.Unsent, &m.Error, &at)
	if at > 0 {
		m.SentAt = optional(&at)
	}
	return m, err
}
