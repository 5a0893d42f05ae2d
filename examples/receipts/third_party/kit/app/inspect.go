package app

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (c Config) statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "tell how many cases stand where",
		Flags: shared(jsonFlag(), &cli.StringFlag{Name: "at", Usage: "only tell whether the program serves at `HOST:PORT`; exits with 1 when it does not"}),
		Action: func(cc *cli.Context) error {
			if !cc.IsSet("at") {
				return c.with(finds, 0, 0, c.status)(cc)
			}
			if err := line.WantArgs(cc, 0, 0); err != nil {
				return err
			}
			return c.alive(cc.Context, cc.String("at"))
		},
	}
}

func (c Config) status(ctx context.Context, cc *cli.Context, s *Service) error {
	st, err := s.Runner.Status(ctx)
	if err != nil {
		return err
	}
	messages, err := s.Runner.Messages(ctx)
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(struct {
			workflow.Status
			Messages workflow.Messages `json:"messages"`
		}{st, messages})
	}
	fmt.Fprintf(c.Out, "%s: workflow %s, model %s, %s\n", s.Nail.Name, st.Workflow, orNone(st.Model.Name), st.Database)
	for _, state := range kit.States {
		fmt.Fprintf(c.Out, "  %-10s  %d\n", state, st.Cases[state])
	}
	if st.Oldest != nil {
		fmt.Fprintf(c.Out, "the oldest review waits for %s\n", time.Since(*st.Oldest).Round(time.Second))
	}
	fmt.Fprintf(c.Out, "the audit trail has %d events\n", st.Chain.Seq)
	if st.Budget != nil {
		fmt.Fprintln(c.Out, budgetWords(*st.Budget, s.Nail.Currency))
	}
	if messages.Unsent > 0 {
		fmt.Fprintf(c.Out, "messages that were not sent: %d; the last failed with: %s\n", messages.Unsent, messages.Error)
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "(no answer)"
	}
	return s
}

func (c Config) migrateCommand() *cli.Command {
	return &cli.Command{
		Name: "migrate", Usage: "bring the database to this program's schema; serve does it too", Flags: shared(
			&cli.BoolFlag{Name: "status", Usage: "only tell how many migrations are missing"}),
		Action: c.migrate,
	}
}

func (c Config) migrate(cc *cli.Context) error {
	if err := line.WantArgs(cc, 0, 0); err != nil {
		return err
	}
	o := options(cc)
	n, err := c.nail(o.Nail)
	if err != nil {
		return err
	}
	db, err := openDB(cc.Context, o, n, cc.Bool("status"))
	if err != nil {
		return err
	}
	defer db.Close()
	missing, err := db.Pending(cc.Context)
	if err != nil {
		return err
	}
	if cc.Bool("status") {
		fmt.Fprintf(c.Out, "%d migrations are missing\n", missing)
		return nil
	}
	if err := db.Migrate(cc.Context); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%d migrations applied\n", missing)
	return nil
}
