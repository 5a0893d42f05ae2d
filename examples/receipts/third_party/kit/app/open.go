package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Options are the flags that commands share.
type Options struct {
	Data    string // folder of the database, files, key and deliveries. Defaults to "data"
	DB      string // database URL or SQLite file. Defaults to app.db in Data, or with a nail that says postgres to DATABASE_URL
	Model   string // "baseline", "learned", "ollama:NAME" or "openai:NAME". Defaults to the nail's
	Nail    string // path of nail.yaml. Defaults to the one in the working folder, else the built-in
	Dev     bool   // read prompts from the working folder, again whenever they change
	Key     string // file of the key that signs receipts. Defaults to APP_RECEIPT_KEY, else to receipt.key in Data
	NewKey  bool   // sign with this key, or a new one, though the database knows another
	Verbose bool   // log each request and what else goes well, not warnings and errors alone
	Stay    bool   // deliveries stay in the database, wherever the nail sends them
}

// shared are the flags that every command has.
func shared(more ...cli.Flag) []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "data", Value: "data", Usage: "`FOLDER` of the database, the files and the deliveries"},
		&cli.StringFlag{Name: "db", Usage: "database `URL`: postgres://… or a SQLite file; DATABASE_URL where nail.yaml says postgres"},
		&cli.StringFlag{Name: "model", Usage: "who drafts: baseline, learned, ollama:`NAME` or openai:NAME; nail.yaml says it otherwise"},
		nailFlag(),
	}, more...)
}

// working are the flags of the commands that draft and deliver.
func working(more ...cli.Flag) []cli.Flag {
	return append(shared(
		&cli.BoolFlag{Name: "dev", Usage: "read prompts from the working folder, again whenever they change"},
		&cli.StringFlag{Name: "key", Usage: "`FILE` of the key that signs receipts; " + keyVariable + " (a base64 seed), else receipt.key in --data"},
		&cli.BoolFlag{Name: "verbose", Usage: "log each request; otherwise warnings and errors alone"},
		&cli.BoolFlag{Name: "new-key", Usage: "sign with another key than before, which is lost or given up"}), more...)
}

// options reads the flags.
func options(c *cli.Context) Options {
	return Options{Data: c.String("data"), DB: c.String("db"), Model: c.String("model"), Nail: c.String("nail"),
		Dev: c.Bool("dev"), Key: c.String("key"), NewKey: c.Bool("new-key"), Verbose: c.Bool("verbose")}
}

// Service is an opened app: its database, people and runner. Close ends it.
type Service struct {
	Nail     nail.Nail
	DB       *store.DB
	Accounts auth.Accounts
	Runner   *workflow.Runner
	Signer   *audit.Signer
	Model    model.Provider
	Logger   *slog.Logger
	Options
}

// use is what a command wants of the app.
type use int

const (
	finds use = iota // takes a database that is there as it is
	makes            // makes the database and its schema first
	works            // also signs and sends
)

// Open reads the nail, opens and migrates the database, chooses the model and
// sets the runner up. It starts no work.
func (c Config) Open(ctx context.Context, o Options) (*Service, error) { return c.open(ctx, o, works) }

func (c Config) open(ctx context.Context, o Options, u use) (s *Service, err error) {
	if o.Data == "" {
		o.Data = "data"
	}
	s = &Service{Options: o, Logger: c.logger(o.Verbose)}
	if s.Nail, err = c.nail(o.Nail); err != nil {
		return nil, err
	}
	if err := c.reader(s.Nail).Check(); err != nil {
		return nil, err
	}
	if s.Model, err = c.model(o, s.Nail); err != nil {
		return nil, err
	}
	if u != finds {
		c.warnOfRules(s)
	}
	if err := fits(s.Nail, c.Workflow(s.Model)); err != nil {
		return nil, err
	}
	if s.DB, err = openDB(ctx, o, s.Nail, u == finds); err != nil {
		return nil, err
	}
	s.Accounts = auth.Accounts{DB: s.DB}
	if err := s.setUp(ctx, c, u); err != nil {
		return nil, errors.Join(err, s.DB.Close())
	}
	return s, nil
}

// logger writes to the standard error.
func (c Config) logger(loud bool) *slog.Logger {
	level := slog.LevelWarn
	if loud {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: level}))
}

// setUp makes the runner, with as much as the command wants of it.
func (s *Service) setUp(ctx context.Context, c Config, u use) (err error) {
	if err := c.fit(ctx, s.DB, u); err != nil {
		return err
	}
	s.Signer = new(audit.Signer)
	set := workflow.Config{
		DB: s.DB, Workflow: c.Workflow(workflow.Calibrated(s.Model, s.DB)), Model: s.Model, Intake: c.reader(s.Nail), Policy: policy(s.Nail),
		Slots: slots(s.Model, s.Nail), Rates: s.Nail.Rates(), Logger: s.Logger, Canaries: c.Canaries,
	}
	if u != finds {
		if set.Blobs, err = store.OpenBlobs(ctx, filepath.Join(s.Data, "files")); err != nil {
			return err
		}
	}
	if u == works {
		if s.Signer, err = s.signer(ctx); err != nil {
			return err
		}
		if s.Options.Model == "" { // what a flag says holds for one run
			if err := noteModel(ctx, s.DB, s.Nail); err != nil {
				return err
			}
		}
		if set.Sender, err = c.sender(s); err != nil {
			return err
		}
		if set.Notify, err = s.notifier(); err != nil {
			return err
		}
	}
	set.Signer = s.Signer
	s.Runner, err = workflow.NewRunner(set)
	return err
}

// fit migrates the database, or says that someone has to.
func (c Config) fit(ctx context.Context, db *store.DB, u use) error {
	if u != finds {
		return db.Migrate(ctx)
	}
	n, err := db.Pending(ctx)
	if err != nil || n == 0 {
		return err
	}
	return kit.Errorf(kit.Conflict, "open the database: it lacks %d migrations", n).
		WithHint("%s migrate makes them, with the same --data and --db", c.Name)
}

// Close closes the database.
func (s *Service) Close() error { return s.DB.Close() }

// sender carries deliveries out, unless they are to stay.
func (c Config) sender(s *Service) (workflow.Sender, error) {
	if s.Stay {
		return nil, nil
	}
	return c.targets(s.Nail.Deliver, s.Data)
}

// targets is where the nail and the team's code say that deliveries go.
func (c Config) targets(d nail.Deliver, data string) (*export.Targets, error) {
	set := export.Config{Folder: d.Folder, URL: d.Webhook.URL, Own: c.Targets}
	if set.Folder != "" && !filepath.IsAbs(set.Folder) {
		set.Folder = filepath.Join(data, set.Folder)
	}
	if set.URL != "" {
		set.Secret = os.Getenv(d.Webhook.SecretEnv)
		if set.Secret == "" {
			return nil, kit.Errorf(kit.Invalid, "set up the webhook: the variable %s is empty", d.Webhook.SecretEnv).
				WithHint("set it to whsec_ and the base64 of at least 24 random bytes; the receiver checks signatures with the same")
		}
	}
	return export.New(set)
}

// reader reads files within the nail's limits, and those that the team's own
// importers know.
func (c Config) reader(n nail.Nail) *intake.Reader {
	return &intake.Reader{MaxBytes: n.MaxBytes(), Tesseract: os.Getenv("TESSERACT"),
		Languages: os.Getenv("OCR_LANGUAGES"), Importers: c.Importers}
}

// nail reads the file at path, or the one of the working folder, or the
// built-in one.
func (c Config) nail(path string) (nail.Nail, error) {
	if path != "" {
		return nail.Load(path)
	}
	if _, err := os.Stat("nail.yaml"); err == nil {
		return nail.Load("nail.yaml")
	}
	raw, err := fs.ReadFile(c.Files, "nail.yaml")
	if err != nil {
		return nail.Nail{}, kit.Errorf(kit.Internal, "read the built-in nail.yaml: %w", err)
	}
	return nail.Parse("nail.yaml", raw)
}

// prompts loads the built-in prompts, or with dev those of the working folder.
func (c Config) prompts(dev bool) (*model.Prompts, error) {
	files := c.Files
	if dev {
		files = os.DirFS(".")
	}
	p, err := model.LoadPrompts(files, "prompts")
	if err != nil {
		return nil, err
	}
	p.Dev, p.Log = dev, slog.New(slog.NewTextHandler(c.Err, nil))
	return p, nil
}

// openDB opens the database that the options and the nail name. An existing
// one is not made.
func openDB(ctx context.Context, o Options, n nail.Nail, existing bool) (*store.DB, error) {
	address, err := address(o, n)
	if err != nil {
		return nil, err
	}
	if !existing {
		if err := os.MkdirAll(o.Data, 0o700); err != nil {
			return nil, kit.Errorf(kit.Invalid, "make the data folder: %w", err).WithHint("name another with --data FOLDER")
		}
	}
	db, err := store.Open(ctx, store.Config{URL: address, Existing: existing})
	if kit.CodeOf(err) == kit.NotFound {
		return nil, kit.Errorf(kit.NotFound, "%w", err).WithHint("are --data and --db right? a new database begins with serve, import or user add")
	}
	return db, err
}

// address is the database's. DATABASE_URL counts only for a nail that says
// postgres: where there are many programs, it is often another one's.
func address(o Options, n nail.Nail) (string, error) {
	switch {
	case o.DB != "":
		return o.DB, nil
	case n.Database != "postgres":
		return filepath.Join(o.Data, "app.db"), nil
	}
	if url := os.Getenv("DATABASE_URL"); url != "" {
		return url, nil
	}
	return "", kit.Errorf(kit.Invalid, "open the database: nail.yaml says postgres, and no address is given").
		WithHint("give --db postgres://USER:PASSWORD@HOST/NAME, or set DATABASE_URL")
}
