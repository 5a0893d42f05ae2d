package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Options are the flags that every command shares.
type Options struct {
	Data  string // folder of the database, files, key and deliveries. Defaults to "data"
	DB    string // database URL or SQLite file. Defaults to app.db in Data, or DATABASE_URL with Postgres
	Model string // "baseline" or "ollama:NAME". Defaults to the nail's
	Nail  string // path of nail.yaml. Defaults to the one in the working folder, else the built-in
	Dev   bool   // read prompts from the working folder, again whenever they change
}

// shared are the flags behind Options.
func shared(more ...cli.Flag) []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "data", Value: "data", Usage: "`FOLDER` of the database, the files and the deliveries", EnvVars: []string{"DATA_DIR"}},
		&cli.StringFlag{Name: "db", Usage: "database `URL`: postgres://… or a SQLite file", EnvVars: []string{"DATABASE_URL"}},
		&cli.StringFlag{Name: "model", Usage: "who drafts: baseline or ollama:`NAME`; nail.yaml says it otherwise", EnvVars: []string{"MODEL"}},
		&cli.StringFlag{Name: "nail", Usage: "`FILE` to configure by; nail.yaml here, else the built-in one"},
	}, more...)
}

// options reads the shared flags.
func options(c *cli.Context) Options {
	return Options{Data: c.String("data"), DB: c.String("db"), Model: c.String("model"), Nail: c.String("nail"), Dev: c.Bool("dev")}
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

// Open reads the nail, opens and migrates the database, chooses the model and
// sets the runner up. It starts no work.
func (c Config) Open(ctx context.Context, o Options) (s *Service, err error) {
	s = &Service{Options: o, Logger: slog.New(slog.NewTextHandler(c.Err, nil))}
	if s.Nail, err = c.nail(o.Nail); err != nil {
		return nil, err
	}
	if s.Model, err = c.model(o, s.Nail); err != nil {
		return nil, err
	}
	if s.DB, err = openDB(ctx, o, s.Nail); err != nil {
		return nil, err
	}
	s.Accounts = auth.Accounts{DB: s.DB}
	if err := s.setUp(ctx, c); err != nil {
		return nil, errors.Join(err, s.DB.Close())
	}
	return s, nil
}

// setUp migrates the database and makes the runner.
func (s *Service) setUp(ctx context.Context, c Config) (err error) {
	if err := s.DB.Migrate(ctx); err != nil {
		return err
	}
	if s.Signer, err = audit.LoadSigner(filepath.Join(s.Data, "receipt.key")); err != nil {
		return err
	}
	blobs, err := store.OpenBlobs(ctx, filepath.Join(s.Data, "files"))
	if err != nil {
		return err
	}
	targets, err := targets(s.Nail.Deliver, s.Data)
	if err != nil {
		return err
	}
	s.Runner, err = workflow.NewRunner(workflow.Config{
		DB: s.DB, Workflow: c.Workflow(s.Model), Signer: s.Signer, Model: s.Model, Blobs: blobs, Sender: targets,
		Intake: reader(s.Nail), Policy: policy(s.Nail), Logger: s.Logger,
	})
	return err
}

// Close closes the database.
func (s *Service) Close() error { return s.DB.Close() }

// targets is where the nail says that deliveries go.
func targets(d nail.Deliver, data string) (*export.Targets, error) {
	c := export.Config{Folder: d.Folder, URL: d.Webhook.URL}
	if c.Folder != "" && !filepath.IsAbs(c.Folder) {
		c.Folder = filepath.Join(data, c.Folder)
	}
	if c.URL != "" {
		c.Secret = os.Getenv(d.Webhook.SecretEnv)
		if c.Secret == "" {
			return nil, kit.Errorf(kit.Invalid, "set up the webhook: the variable %s is empty", d.Webhook.SecretEnv).
				WithHint("set it to whsec_ and the base64 of at least 24 random bytes; the receiver checks signatures with the same")
		}
	}
	return export.New(c)
}

// policy is what nail.yaml says of reviews.
func policy(n nail.Nail) review.Policy {
	return review.Policy{Lease: n.Review.Lease, EscalateAfter: n.Review.EscalateAfter}
}

// reader reads files within the nail's limits.
func reader(n nail.Nail) *intake.Reader {
	return &intake.Reader{MaxBytes: int64(n.Limits.FileMB) << 20, Tesseract: os.Getenv("TESSERACT"),
		Languages: os.Getenv("OCR_LANGUAGES")}
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

// model chooses who drafts. The prompts are checked whoever does, so that a
// change of model finds them good.
func (c Config) model(o Options, n nail.Nail) (model.Provider, error) {
	prompts, err := c.prompts(o.Dev)
	if err != nil {
		return nil, err
	}
	chosen := o.Model
	if chosen == "" {
		chosen = n.Model
	}
	if chosen == "baseline" {
		return c.Baseline, nil
	}
	name, ok := strings.CutPrefix(chosen, "ollama:")
	if !ok || name == "" {
		return nil, kit.Errorf(kit.Invalid, "choose the model %q: it is none that is known", chosen).
			WithHint("write baseline, or ollama:NAME with a name that `ollama list` shows")
	}
	return ollama.New(ollama.Config{URL: os.Getenv("OLLAMA_HOST"), Model: name, Prompts: prompts})
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
	p.Dev = dev
	return p, nil
}

// openDB opens the database that the options and the nail name.
func openDB(ctx context.Context, o Options, n nail.Nail) (*store.DB, error) {
	address := o.DB
	if address == "" {
		if n.Database == "postgres" {
			return nil, kit.Errorf(kit.Invalid, "open the database: nail.yaml says postgres, and no address is given").
				WithHint("give --db postgres://USER:PASSWORD@HOST/NAME, or set DATABASE_URL")
		}
		address = filepath.Join(o.Data, "app.db")
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return nil, kit.Errorf(kit.Invalid, "make the data folder: %w", err).WithHint("name another with --data FOLDER")
	}
	return store.Open(ctx, store.Config{URL: address})
}
