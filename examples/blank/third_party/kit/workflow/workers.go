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

	sweepEvery = time.Minute
	sweepAfter = 2 * time.Minute // since the case last moved
	sweepMost  = 200             // cases at a time
)

// workerID names this process: where process numbers mean what they mean here,
// its number, and a mark that no process before it had.
func workerID() string {
	id := kit.NewID()
	return fmt.Sprintf("%s:%d:%s", place(), os.Getpid(), id[len(id)-12:])
}

// place hashes what tells one set of process numbers from another: the host,
// its start, and on Linux the namespace that a container has of its own.
func place() string {
	host, _ := os.Hostname()
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, _ := os.Readlink("/proc/self/ns/pid")
	return kit.Hash([]byte(host + "\x00" + string(boot) + "\x00" + space))[:16]
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
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatEvery)
			_ = r.leave(end) // others find out by the missing beat
			cancel()
			return
		case <-tick.C:
			if err := r.heartbeat(ctx); ctx.Err() == nil {
				r.outage.tell(r.Logger, err)
			}
		}
	}
}

// heartbeat notes that this process lives, frees the jobs of dead ones, signs
// the trail and tells people what waits when that is due, and now and then
// looks for cases that no job will move.
func (r *Runner) heartbeat(ctx context.Context) error {
	err := r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := r.databaseTime(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`INSERT INTO workers (id, seen_at) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, r.id, now.UnixMicro()).Exec(ctx)
		if err != nil {
			return err
		}
		return r.rescue(ctx, tx, now)
	})
	if err == nil {
		err = r.keepCheckpoints(ctx)
	}
	if err == nil {
		err = r.makeMessages(ctx)
	}
	if err != nil || time.Since(r.swept) < sweepEvery {
		return err
	}
	r.swept = time.Now()
	if err := r.sweepLots(ctx); err != nil {
		return err
	}
	return r.sweep(ctx)
}

// databaseTime is a time that all processes on the database agree on, however
// their clocks differ. A SQLite file has processes of one machine alone.
func (r *Runner) databaseTime(ctx context.Context, tx bun.Tx) (time.Time, error) {
	if r.DB.Engine() != store.Postgres {
		return kit.Now(), nil
	}
	var us int64
	err := tx.NewRaw(`SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)`).Scan(ctx, &us)
	return time.UnixMicro(us), err
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
		bun.List(alive)).Exec(ctx)
	return err
}

// living lists the processes that live and forgets the others.
func (r *Runner) living(ctx context.Context, tx bun.Tx, now time.Time) ([]string, error) {
	var known []struct {
		ID     string `bun:"id"`
		SeenAt int64  `bun:"seen_at"`
	}
	if err := tx.NewRaw(`SELECT id, seen_at FROM workers ORDER BY id`).Scan(ctx, &known); err != nil {
		return nil, err
	}
	var alive []string
	for _, w := range known {
		if now.Sub(time.UnixMicro(w.SeenAt)) < deadAfter && !gone(w.ID, r.id) {
			alive = append(alive, w.ID)
			continue
		}
		// One that has beaten since it was read lives.
		if _, err := tx.NewRaw(`DELETE FROM workers WHERE id = ? AND seen_at = ?`, w.ID, w.SeenAt).Exec(ctx); err != nil {
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

// sweep gives a job to each case that waits for one and has none. That must
// not be; but a job can be lost to a queue that discards it, or to hands that
// tidy up its table, and no case may be stranded by that.
func (r *Runner) sweep(ctx context.Context) error {
	job, version := `json_extract(args, '$.case')`, `json_extract(args, '$.version')`
	if r.DB.Engine() == store.Postgres {
		job, version = `args->>'case'`, `(args->>'version')::bigint`
	}
	var lost []stepArgs
	err := r.DB.Read().NewRaw(`SELECT id AS "case", step, version FROM cases
		WHERE state IN ('drafting', 'delivering') AND updated_at < ? AND (id, version) NOT IN (
			SELECT `+job+`, `+version+` FROM river_job WHERE kind = ?
			AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled')) LIMIT ?`,
		r.Clock().Add(-sweepAfter).UnixMicro(), stepArgs{}.Kind(), sweepMost).Scan(ctx, &lost)
	if err != nil {
		return err
	}
	for _, a := range lost {
		if err := r.takeUp(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// takeUp makes the missing job of a case, unless the case has moved.
func (r *Runner) takeUp(ctx context.Context, a stepArgs) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		c, err := r.lockCase(ctx, tx, a.Case)
		s := r.Workflow.step(a.Step)
		if err != nil || s == nil || !c.at(a) {
			return err
		}
		r.Logger.Warn("case had no job", "case", c.ID, "step", c.Step)
		if err := r.insertStep(ctx, tx, c, s, r.Clock()); err != nil {
			return err
		}
		return r.note(ctx, tx, machine, "case.taken_up", c.ID, map[string]string{"step": c.Step})
	})
}
