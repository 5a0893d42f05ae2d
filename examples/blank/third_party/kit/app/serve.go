package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/web"
)

// stopping is how long work in the middle may take when the program ends.
const stopping = 20 * time.Second

// asking is how long the model's server may take to say that it has the model.
const asking = 3 * time.Second

func (c Config) serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "run the console, the API and the worker",
		Flags: working(
			&cli.StringFlag{Name: "addr", Value: "127.0.0.1:8080", Usage: "`HOST:PORT` to listen on"},
			&cli.BoolFlag{Name: "no-worker", Usage: "leave drafting and delivering to processes that run work"},
			&cli.BoolFlag{Name: "secure", Usage: "keep browsers to HTTPS and trust X-Forwarded-For of a private network: set it behind a TLS proxy"}),
		Action: c.with(works, 0, 0, c.serve),
	}
}

func (c Config) serve(ctx context.Context, cc *cli.Context, s *Service) error {
	provider, err := provider(s.Nail.Signin.OIDC)
	if err != nil {
		return err
	}
	told, err := s.notifier()
	if err != nil {
		return err
	}
	server, err := web.New(web.Config{
		Service: s.Runner, Accounts: s.Accounts, Sessions: auth.Sessions(s.DB, nil), DB: s.DB, Model: s.Model,
		Name: s.Nail.Title, Lang: s.Nail.Lang, Undo: s.undo(), MaxUpload: s.Nail.MaxBytes(),
		Secure: cc.Bool("secure"), Logger: s.Logger, Provider: provider, NoPassword: !s.Nail.Signin.Password, Mail: mailer(told), URL: told.URL,
		Kinds: endingsOf(c.Importers),
	})
	if err != nil {
		return err
	}
	works := !cc.Bool("no-worker")
	return c.ended(s.working(ctx, works, func(ctx context.Context) error {
		return server.Serve(ctx, cc.String("addr"), func(address string) {
			c.greet(ctx, s, address)
			if works {
				c.tellDrafter(ctx, s)
			}
		})
	}))
}

// ended says so when all went well.
func (c Config) ended(err error) error {
	if err == nil {
		fmt.Fprintln(c.Out, "stopped")
	}
	return err
}

// tellDrafter says who drafts, and what a model lacks that cannot do so now.
func (c Config) tellDrafter(ctx context.Context, s *Service) {
	who := cmp.Or(s.Options.Model, s.Nail.Model)
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	info, err := s.Model.Info(ctx)
	if (who == "baseline" || who == "learned") && err == nil {
		who = info.Name
	}
	fmt.Fprintf(c.Out, "drafts by %s\n", who)
	if err == nil {
		if f, ok := c.checkPicked(ctx, s.Options, s.Nail); ok && f.Warn {
			fmt.Fprintf(c.Err, "warning: %s\n  hint: %s\n", f.Words, f.Hint)
		}
		for _, f := range checkServers(ctx, s.Model) {
			if f.Warn {
				fmt.Fprintf(c.Err, "warning: not all servers answer:\n  %s\n", strings.ReplaceAll(f.Words, "\n", "\n  "))
			}
		}
		return
	}
	meanwhile := ""
	if code := kit.CodeOf(err); code == kit.Unavailable || code == kit.NotFound {
		meanwhile = ", and cases wait meanwhile"
	}
	fmt.Fprintf(c.Err, "warning: %s cannot draft now%s: %v\n", who, meanwhile, err)
	if hint := kit.HintOf(err); hint != "" {
		fmt.Fprintf(c.Err, "  hint: %s\n", hint)
	}
}

// undo is how long a decision in the console can be taken back. The console
// reads zero as its default, so none at all is negative.
func (s *Service) undo() time.Duration {
	if s.Nail.Review.Undo == 0 {
		return -1
	}
	return s.Nail.Review.Undo
}

// working runs f while the worker works, and then ends the work in order.
func (s *Service) working(ctx context.Context, work bool, f func(context.Context) error) error {
	if !work {
		return f(ctx)
	}
	if err := s.Runner.Start(ctx); err != nil {
		return err
	}
	err := f(ctx)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopping)
	defer cancel()
	return errors.Join(err, s.Runner.Stop(end))
}

// greet tells where the service is, and what a new one lacks.
func (c Config) greet(ctx context.Context, s *Service, address string) {
	fmt.Fprintf(c.Out, "%s is at http://%s, the API's manual at http://%s/api/v1/docs\n", s.Nail.Name, address, address)
	deciders, err := mayDecide(ctx, s.Accounts)
	if err != nil {
		s.Logger.Warn("list people", "error", err)
		return
	}
	if len(deciders) > 0 {
		for _, few := range tooFew(s.Nail, c.Workflow(s.Model), deciders) {
			fmt.Fprintf(c.Err, "warning: %s\n", few)
		}
		return
	}
	fmt.Fprintf(c.Out, "nobody can review yet: add a person with\n  %s user add --name NAME --email ADDRESS --role reviewer\n"+
		"and sign them in with the link that this prints:\n  %s user link ADDRESS --url http://%s\n", c.Name, c.Name, address)
}

func (c Config) workCommand() *cli.Command {
	return &cli.Command{
		Name: "work", Usage: "run a worker alone, beside `serve --no-worker`",
		Description: "Many serve and work processes may run on one PostgreSQL database. On several machines they need one\n" +
			"--data folder that all reach: it holds the imported files and the key of the receipts.",
		Flags: working(), Action: c.with(works, 0, 0, c.work),
	}
}

func (c Config) work(ctx context.Context, cc *cli.Context, s *Service) error {
	return c.ended(s.working(ctx, true, func(ctx context.Context) error {
		fmt.Fprintf(c.Out, "%s works on %s; interrupt it to stop\n", s.Nail.Name, s.DB.Engine())
		c.tellDrafter(ctx, s)
		<-ctx.Done()
		return nil
	}))
}
