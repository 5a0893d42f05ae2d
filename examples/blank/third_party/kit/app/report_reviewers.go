package app

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

// operator is who runs a command on the machine itself: whoever reads its
// database may read all figures.
var operator = auth.User{Kind: auth.PersonKind, Name: "the command line", Role: auth.Admin}

func (c Config) reportReviewersCommand() *cli.Command {
	return &cli.Command{
		Name: "reviewers", Usage: "tell how each person reviews: decisions, time, and errors put in on purpose that they caught",
		Action: c.with(finds, 0, 0, c.reportReviewers),
		Flags: shared(jsonFlag(),
			&cli.IntFlag{Name: "days", Value: 30, Usage: "the last `N` days, today included"}),
	}
}

func (c Config) reportReviewers(ctx context.Context, cc *cli.Context, s *Service) error {
	days := cc.Int("days")
	if days < 1 {
		return kit.Errorf(kit.Invalid, "report reviewers: --days %d", days).WithHint("write a number of days from 1 up")
	}
	now := kit.Now()
	all, err := s.Runner.Figures(ctx, operator, now.AddDate(0, 0, 1-days), now)
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(all)
	}
	return c.printReviewers(all, days)
}

// printReviewers prints the figures as a table.
func (c Config) printReviewers(all []review.Figures, days int) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(c.Out, "nobody decided anything in the last %d days\n", days)
		return err
	}
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "person\tdecided\tapproved\tedited\tcaught\tseconds\tsecond look\t")
	for _, f := range all {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t\n", f.Person.Name, f.Decided, interval(f.Approved), interval(f.Edited),
			caught(f.Caught), seconds(f), percent(f.SecondLook))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.Out, "\nin brackets what the share may be by chance, at 95 %; caught: errors put in on purpose that the person saw")
	return err
}

// interval is a share as a line of the table shows it.
func interval(s review.Share) string {
	if s.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %% (%.0f to %.0f)", 100*s.Part(), 100*s.Low, 100*s.High)
}

// caught is that of a few: with how many there were.
func caught(s review.Share) string {
	if s.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d, %s", s.K, s.N, interval(s))
}

func seconds(f review.Figures) string {
	if f.Decided == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", f.Seconds)
}
