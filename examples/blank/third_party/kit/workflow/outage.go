package workflow

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tackhammer/tackhammer/kit/store"
)

// sayAgain is how long the job queue does not say the same again.
const sayAgain = time.Minute

// outage has the log say once that the database went away, and once that it is
// back. The job queue would say so each second.
type outage struct {
	mu   sync.Mutex
	away bool
	said map[string]time.Time // what the job queue said, and when
}

// tell takes in how a heartbeat went.
func (o *outage) tell(l *slog.Logger, err error) {
	o.mu.Lock()
	was := o.away
	o.away = store.IsAway(err)
	is := o.away
	o.mu.Unlock()
	if was && !is {
		l.Warn("the database answers again")
	}
	switch {
	case is && !was:
		l.Warn("the database does not answer; work goes on when it does", "error", err)
	case err != nil && !is:
		l.Warn("heartbeat", "error", err)
	}
}

// quiet keeps the job queue's own chatter out of the log, and its warnings while
// the database is away.
func (o *outage) quiet(l *slog.Logger) *slog.Logger { return slog.New(warnings{l.Handler(), o}) }

type warnings struct {
	slog.Handler
	outage *outage
}

// Enabled reports whether a line of that level may be worth saying.
func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// Handle says what was not said within the minute.
func (w warnings) Handle(ctx context.Context, r slog.Record) error {
	if !w.outage.news(r.Message, r.Time) {
		return nil
	}
	return w.Handler.Handle(ctx, r)
}

// WithAttrs keeps the lines as few.
func (w warnings) WithAttrs(as []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(as), w.outage}
}

// WithGroup keeps the lines as few.
func (w warnings) WithGroup(name string) slog.Handler {
	return warnings{w.Handler.WithGroup(name), w.outage}
}

// news reports whether a message of the job queue is to be said.
func (o *outage) news(message string, at time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if before, said := o.said[message]; o.away || said && at.Sub(before) < sayAgain {
		return false
	}
	if o.said == nil || len(o.said) > 100 {
		o.said = map[string]time.Time{}
	}
	o.said[message] = at
	return true
}
