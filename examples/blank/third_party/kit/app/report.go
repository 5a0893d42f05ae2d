package app

import "github.com/urfave/cli/v2"

// reportCommand tells how the people of the service work, and what it costs.
func (c Config) reportCommand() *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "tell how people review, what it costs, and what a first meeting wants to see",
		Subcommands: []*cli.Command{c.reportReviewersCommand(), c.reportBlindCommand(), c.reportCostCommand(), c.reportPocCommand()},
	}
}
