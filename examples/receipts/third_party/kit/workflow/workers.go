package workflow

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
)

const (
	beatEvery = 5 * time.Second
	deadAfter = 6 * beatEvery // without a beat
)

// workerID names this process: its host, its number there, and a mark that no
// process before it had.
func workerID() string {
	host, _ := os.Hostname()
	id := kit.NewID()
	return fmt.Sprintf("%.40s:%d:%s", strings.ReplaceAll(host, ":", "-"), os.Getpid(), id[len(id)-12:])
}

// keepBeating tells the others that this process lives, and takes up the jobs
// of those that do not.
func (r *Runner) keepBeating(ctx context.Context) {
	defer close(r.beat)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = r.leave(context.WithoutCancel(ctx)) // others find out by the missing beat
			return
		case <-tick.C:
			if err := r.heartbeat(ctx); err != nil && ctx.Err() == nil {
				r.Logger.Warn("heartbeat", "error", err)
			}
		}
	}
}

// heartbeat notes that this process lives and frees the jobs of dead ones.
func (r *Runner) heartbeat(ctx context.Context) error {
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		now := r.Clock()
		_, err := tx.NewRaw(`INSERT INTO workers (id, seen_at) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, r.id, now.UnixMicro()).Exec(ctx)
		if err != nil {
			return err
		}
		return r.rescue(ctx, tx, now)
	})
}

// leave takes this process off the list.
func (r *Runner) leave(ctx context.Context) error {
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`DELETE FROM workers WHERE id = ?`, r.id).Exec(ctx)
		return err
	})
}

// rescue makes the running jobs of dead processes available again. A job body
// that lives on regardless does no harm: its move finds the case moved.
func (r *Runner) rescue(ctx context.Context, tx bun.Tx, now time.Time) error {
	alive, err := r.living(ctx, tx, now)
	if err != nil {
		return err
	}
	last := `json_extract(attempted_by, '$[#-1]')`
	if r.DB.Engine() == store.Postgres {
		last = `attempted_by[array_upper(attempted_by, 1)]`
	}
	_, err = tx.NewRaw(`UPDATE river_job SET state = 'available' WHERE state = 'running' AND `+last+` NOT IN (?)`,
		bun.In(alive)).Exec(ctx)
	return err
}

// living lists the processes that live and forgets the others.
func (r *Runner) living(ctx context.Context, tx bun.Tx, now time.Time) ([]string, error) {
	var known []struct {
		ID     string `bun:"id"`
		SeenAt int64  `bun:"seen_at"`
	}
	if err := tx.NewRaw(`SELECT id, seen_at FROM workers ORDER BY id`+r.DB.ForUpdate()).Scan(ctx, &known); err != nil {
		return nil, err
	}
	var alive []string
	for _, w := range known {
		if now.Sub(time.UnixMicro(w.SeenAt)) < deadAfter && !gone(w.ID, r.id) {
			alive = append(alive, w.ID)
			continue
		}
		if _, err := tx.NewRaw(`DELETE FROM workers WHERE id = ?`, w.ID).Exec(ctx); err != nil {
			return nil, err
		}
	}
	return alive, nil
}

// gone reports whether the process id surely ended: it ran on this host and
// its number is free, or is ours with another mark.
func gone(id, own string) bool {
	a, b := strings.Split(id, ":"), strings.Split(own, ":")
	if len(a) != 3 || a[0] != b[0] || a[2] == b[2] {
		return false
	}
	pid, err := strconv.Atoi(a[1])
	if err != nil || a[1] == b[1] {
		return false // two runners of one process are told apart by the beat alone
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}
