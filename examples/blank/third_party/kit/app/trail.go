package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func (c Config) trailCommand() *cli.Command {
	return &cli.Command{
		Name: "trail", Usage: "export, sign and archive the audit trail",
		Subcommands: []*cli.Command{
			{
				Name: "export", Usage: "write the trail as JSON Lines, which `trail verify` checks", Action: c.with(finds, 0, 0, c.trailExport),
				Flags: shared(
					&cli.Int64Flag{Name: "from", Usage: "the `NUMBER` of the first event; the first there is otherwise"},
					&cli.StringFlag{Name: "case", Usage: "only the events of the case with this `ID`"},
					outFlag("`FILE` to write; standard output otherwise")),
			},
			{
				Name: "verify", Usage: "check an exported or archived trail by itself, without a database", ArgsUsage: "FILE",
				Flags: []cli.Flag{jsonFlag(), keyFlag()}, Action: c.trailVerify,
			},
			{
				Name: "checkpoint", Usage: "sign the end of the trail, and print that: keep it elsewhere for `verify --checkpoint`",
				Description: "A trail whose last events were cut off is whole by itself: only a checkpoint from before, kept where nobody\n" +
					"who could do that can write, shows it. Let cron keep one each night, and give all of them to verify: the\n" +
					"newest signs what was cut before it.",
				Flags: signing(), Action: c.signs(c.trailCheckpoint),
			},
			{
				Name: "archive", Usage: "take old events out of the trail into a file, once it is safely written",
				Description: "Everything up to a checkpoint that is old enough goes, but nothing of cases that are not over. The file\n" +
					"proves itself (`trail verify`) and the database keeps a signed record of it. Run it again after a crash.",
				Flags: signing(&cli.StringFlag{Name: "older", Usage: "the least `AGE` of what goes, such as 365d; retain.trail of nail.yaml otherwise"},
					outFlag("`FILE` to write; none that is there is replaced")),
				Action: c.signs(c.trailArchive),
			},
		},
	}
}

func outFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "out", Aliases: []string{"o", "output"}, Usage: usage}
}

func keyFlag() cli.Flag {
	return &cli.StringFlag{Name: "key", Usage: "the service's public `KEY` in base64, as each receipt states it"}
}

// signing are the flags of the commands that sign and send nothing.
func signing(more ...cli.Flag) []cli.Flag {
	return shared(append([]cli.Flag{
		&cli.StringFlag{Name: "key", Usage: "`FILE` of the key that signs receipts; " + keyVariable + " (a base64 seed), else receipt.key in --data"}}, more...)...)
}

// signs opens the app with its key, and without the targets of deliveries.
func (c Config) signs(f command) cli.ActionFunc {
	return func(cc *cli.Context) error {
		o := options(cc)
		o.Stay = true
		return c.withOptions(o, works, 0, 0, f)(cc)
	}
}

func (c Config) trailExport(ctx context.Context, cc *cli.Context, s *Service) error {
	x := audit.Extract{Workflow: s.Runner.Workflow.Name(), From: cc.Int64("from"), CaseID: cc.String("case")}
	if x.From < 0 {
		return kit.Errorf(kit.Invalid, "export the trail: --from %d is no event", x.From).WithHint("events count from 1")
	}
	if x.CaseID != "" {
		if _, err := s.Runner.Case(ctx, auth.User{}, x.CaseID); err != nil {
			return err
		}
	}
	var n int64
	write := func(w io.Writer) (err error) {
		n, err = audit.Export(ctx, s.DB.Read(), w, x)
		return err
	}
	return c.writeOut(cc, write, func() string { return count(int(n), "event") })
}

func (c Config) trailVerify(cc *cli.Context) error {
	if cc.NArg() != 1 {
		return kit.Errorf(kit.Invalid, "verify a trail: name one file").WithHint("`trail export --out FILE` writes one")
	}
	keys, err := givenPublicKey(cc)
	if err != nil {
		return err
	}
	f, err := os.Open(cc.Args().First())
	if err != nil {
		return kit.Errorf(kit.Invalid, "verify a trail: %w", err)
	}
	defer f.Close()
	res, err := audit.Against{Keys: keys}.VerifyFile(audit.File{Name: cc.Args().First(), Reader: f})
	if err != nil {
		return err
	}
	v := verified{Chain: &res, trailAlone: true, Keys: res.Keys, Wrong: []string{}, Unread: []string{}}
	v.chain(res)
	if !cc.Bool("json") && len(keys) == 0 {
		defer fmt.Fprintln(c.Out, "checked with the keys that the file itself tells of; give --key to know whose they are")
	}
	return c.printVerified(cc, v)
}

func (c Config) trailCheckpoint(ctx context.Context, _ *cli.Context, s *Service) error {
	p, err := s.Runner.Checkpoint(ctx)
	if err != nil {
		return err
	}
	return c.printJSON(p)
}

// against is what the flags of verify hold the trail against.
func (s *Service) against(ctx context.Context, cc *cli.Context) (a audit.Against, done func(), err error) {
	var open []io.Closer
	done = func() {
		for _, f := range open {
			_ = f.Close() // they were read alone
		}
	}
	if a.Keys, err = s.countingKeys(ctx, cc); err != nil {
		return a, done, err
	}
	for _, path := range slices.Concat(cc.StringSlice("checkpoint"), cc.Args().Slice()) {
		p, err := readCheckpoint(path)
		if err != nil {
			return a, done, err
		}
		a.Checkpoints = append(a.Checkpoints, p)
	}
	for _, path := range cc.StringSlice("archive") {
		f, err := os.Open(path)
		if err != nil {
			return a, done, kit.Errorf(kit.Invalid, "verify: --archive: %w", err)
		}
		open = append(open, f)
		a.Archives = append(a.Archives, audit.File{Name: path, Reader: f})
	}
	return a, done, nil
}

// age is how old what is archived is at least, also in words.
func age(cc *cli.Context, n nail.Nail) (time.Duration, string, error) {
	words := cmp.Or(cc.String("older"), n.Retain.Trail)
	older, err := nail.ParseAge(words)
	if err != nil {
		return 0, words, kit.Errorf(kit.Invalid, "archive the trail: --older: %w", err).WithHint("write an age such as 365d or 2160h")
	}
	return older, words, nil
}
