package store_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// greet is a job that adds a user in a transaction of its own.
type greet struct {
	ID string `json:"id"`
}

func (greet) Kind() string { return "greet" }

type greeter struct {
	river.WorkerDefaults[greet]
	t    *testing.T
	db   *store.DB
	done chan string
}

func (g *greeter) Work(ctx context.Context, job *river.Job[greet]) error {
	err := g.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		insertUser(ctx, g.t, tx, job.Args.ID, "person")
		return nil
	})
	g.done <- job.Args.ID
	return err
}

// A job commits with the change that asked for it, and not without it.
func TestJobsCommitWithTheirChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := &greeter{t: t, db: db, done: make(chan string, 2)}
		workers := river.NewWorkers()
		river.AddWorker(workers, g)
		client, err := river.NewClient(db.Driver(), &river.Config{
			Logger: slog.New(slog.DiscardHandler), Workers: workers,
			Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}},
		})
		if err != nil {
			t.Fatal(err)
		}
		insert := func(id string, outcome error) error {
			return db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := client.InsertTx(ctx, tx.Tx, greet{id}, nil)
				return errors.Join(err, outcome)
			})
		}
		if err := insert("lost", errors.New("no")); err == nil || count(t, db, "river_job") != 0 {
			t.Errorf("a job outlived its transaction: %v", err)
		}
		if err := insert("kept", nil); err != nil || count(t, db, "river_job") != 1 {
			t.Errorf("%d jobs, %v", count(t, db, "river_job"), err)
		}
		work(t, client, g.done, "kept")
		if n := count(t, db, "users"); n != 1 {
			t.Errorf("the job left %d users", n)
		}
	})
}

func work(t *testing.T, client *river.Client[*sql.Tx], done <-chan string, want string) {
	t.Helper()
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-done:
		if got != want {
			t.Errorf("worked %q, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Error("the job was not worked")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := client.Stop(ctx); err != nil {
		t.Error(err)
	}
}
