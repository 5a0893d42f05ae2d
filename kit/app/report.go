package app

import "github.com/urfave/cli/v2"

// reportCommand tells how the people of the service work.
func (c Config) reportCommand() *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "tell how people review, in figures with their intervals",
		Subcommands: []*cli.Command{c.reportReviewersCommand(), c.reportBlindCommand(), c.reportPocCommand()},
	}
}
