package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
)

// Sender carries deliveries out of the service. A target may see the same
// delivery more than once; Outgoing.ID tells that it is the same.
type Sender interface {
	// Targets names where each delivery goes, in order.
	Targets() []string
	// Send brings one delivery to one target. kit.Invalid means that another
	// try cannot help.
	Send(ctx context.Context, target string, out Outgoing) error
}

// Outgoing is a delivery as a target gets it.
type Outgoing struct {
	ID        string          `json:"id"`
	CaseID    string          `json:"case_id"`
	CaseName  string          `json:"case_name"`
	Step      string          `json:"step"`
	Output    json.RawMessage `json:"output"`
	Receipt   audit.Receipt   `json:"receipt"`
	CreatedAt time.Time       `json:"created_at"`
}

// Config sets a Runner up.
type Config struct {
	DB       *store.DB      // migrated; needed
	Workflow *Workflow      // needed; must pass Check
	Signer   *audit.Signer  // signs receipts; needed
	Model    model.Provider // what Status tells about; may be nil

	// Blobs keeps the files that cases were made of. Nil means that Import is
	// not possible.
	Blobs *store.Blobs

	// Intake reads those files. Defaults to a Reader with its own defaults.
	Intake *intake.Reader

	// Printer draws the pages of PDF files. Defaults to one with its own
	// defaults.
	Printer *intake.Printer

	// Sender carries deliveries out. Nil means that they stay in the database,
	// to be read there.
	Sender Sender

	// Notify tells people what waits. Defaults to nobody.
	Notify Notify

	// Policy fills what a review step's own policy leaves out. Defaults to
	// review.Policy's defaults.
	Policy review.Policy

	// Canaries are the errors that may be put into drafts on purpose, to see
	// whether people look; the policy says how often. Drafts that several
	// people decide on carry none: one review alone would tell. Defaults to
	// none.
	Canaries []Canary

	// Rates are what nail.yaml says that things cost, and the month's budget.
	// Defaults to nothing, and no budget.
	Rates nail.Rates

	// Slots is how many drafts are made at a time: as many as the model's
	// server has slots. Defaults to 4.
	Slots int

	// Hands is how many other steps run at a time. Defaults to 8.
	Hands int

	// Tries is how often a step that fails is tried before its case does.
	// Defaults to 5.
	Tries int

	// FirstRetry is the wait before the second try; each later one doubles it,
	// up to an hour. Defaults to 2 seconds.
	FirstRetry time.Duration

	// Patience is how long a step waits for a model's server or a target that
	// does not answer (kit.Unavailable) before its case fails. Such tries are
	// not counted. Defaults to 24 hours.
	Patience time.Duration

	// StepTimeout bounds one try of a step, whose code must heed its context.
	// Defaults to 10 minutes.
	StepTimeout time.Duration

	// Clock tells the time. Defaults to kit.Now.
	Clock kit.Clock

	// Logger is told what happens. Defaults to slog.Default.
	Logger *slog.Logger
}

// defaults fills c and refuses what cannot run.
func (c Config) defaults() (Config, error) {
	if c.DB == nil || c.Workflow == nil || c.Signer == nil {
		return c, kit.Errorf(kit.Internal, "set up the runner: it needs a database, a workflow and a signer")
	}
	if c.Intake == nil {
		c.Intake = &intake.Reader{}
	}
	if c.Printer == nil {
		c.Printer = &intake.Printer{}
	}
	if c.Sender == nil {
		c.Sender = nowhere{}
	}
	if c.Clock == nil {
		c.Clock = kit.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	fill(&c.Slots, 4)
	fill(&c.Notify.Every, 15*time.Minute)
	fill(&c.Hands, 8)
	fill(&c.Tries, 5)
	fill(&c.FirstRetry, 2*time.Second)
	fill(&c.Patience, 24*time.Hour)
	fill(&c.StepTimeout, 10*time.Minute)
	for _, s := range c.Workflow.steps {
		s.policy = s.policy.Or(c.Policy).Defaults()
	}
	if err := c.Workflow.Check(); err != nil {
		return c, &kit.Error{Code: kit.Invalid, Message: err.Error(), Err: err,
			Hint: "the path of a case goes from a draft through a review to a delivery; see workflow.go"}
	}
	return c, nil
}

// fill sets a number that is zero or less.
func fill[N int | time.Duration](field *N, value N) {
	if *field <= 0 {
		*field = value
	}
}

// nowhere is the Sender of a service whose deliveries stay in the database.
type nowhere struct{}

func (nowhere) Targets() []string                            { return nil }
func (nowhere) Send(context.Context, string, Outgoing) error { return nil }

// Runner moves cases along a workflow. Its methods may be called from many
// goroutines, and many processes may run on one database.
type Runner struct {
	Config
	id     string // of this process among the workers
	swept  time.Time
	river  *river.Client[*sql.Tx]
	stop   context.CancelFunc
	beat   chan struct{} // closed when the heart has stopped
	filled chan struct{} // closed when no more cases are indexed
	outage *outage

	drafters *sync.Map     // by draft step, the name of the model that drafted last
	look     time.Duration // how long a draft waits for the budget at a time
}

// NewRunner sets a runner up without starting work: cases can be submitted, read
// and decided on.
func NewRunner(c Config) (*Runner, error) {
	c, err := c.defaults()
	if err != nil {
		return nil, err
	}
	r := &Runner{Config: c, id: workerID(), outage: new(outage), drafters: new(sync.Map), look: budgetLook}
	workers := river.NewWorkers()
	river.AddWorker(workers, &stepWorker{r: r})
	river.AddWorker(workers, work(r, func(ctx context.Context, a escalateArgs) error { return r.escalate(ctx, a.Review) }))
	river.AddWorker(workers, &messageWorker{r: r})
	river.AddWorker(workers, work(r, func(ctx context.Context, a lotArgs) error { return r.tendLot(ctx, a.Lot) }))
	r.river, err = river.NewClient(c.DB.Driver(), &river.Config{
		ID:                   r.id,
		Workers:              workers,
		Logger:               r.outage.quiet(c.Logger),
		JobTimeout:           c.StepTimeout,
		RescueStuckJobsAfter: c.StepTimeout + time.Minute,
		FetchCooldown:        20 * time.Millisecond,
		FetchPollInterval:    100 * time.Millisecond,
		SoftStopTimeout:      5 * time.Second,
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: c.Hands},
			modelQueue:         {MaxWorkers: c.Slots},
		},
	})
	return r, err
}

// Start begins to work on cases. First it takes up what a process that died
// left in the middle, and holds open reviews to four eyes where the policy asks
// for them now.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.heartbeat(ctx); err != nil {
		return err
	}
	if err := r.openFourEyes(ctx, 200); err != nil {
		return err
	}
	if err := r.river.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop, r.beat, r.filled = stop, make(chan struct{}), make(chan struct{})
	go r.keepBeating(beating)
	go func() {
		defer close(r.filled)
		r.fillSearch(beating)
	}()
	return nil
}

// Stop ends work: steps in the middle get a few seconds to end, and what does
// not is begun again at the next Start.
func (r *Runner) Stop(ctx context.Context) error {
	if r.stop == nil {
		return nil
	}
	err := r.river.Stop(ctx)
	r.stop()
	<-r.beat
	<-r.filled
	r.stop = nil
	return err
}

// change runs a transaction that appends to the trail. The trail is locked
// first, so that all such transactions take their locks in one order.
func (r *Runner) change(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ctx, err := audit.Hold(ctx, tx)
		if err != nil {
			return err
		}
		return f(ctx, tx)
	})
}

// note appends an event to the trail.
func (r *Runner) note(ctx context.Context, tx bun.Tx, actor, kind, caseID string, data any) error {
	return noteAt(ctx, tx, r.Clock(), actor, kind, caseID, data)
}

// noteAt is note with a time of its own.
func noteAt(ctx context.Context, tx bun.Tx, at time.Time, actor, kind, caseID string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_, err = audit.Append(ctx, tx, audit.Event{At: at, Actor: actor, Kind: kind, CaseID: caseID, Data: body})
	return err
}
