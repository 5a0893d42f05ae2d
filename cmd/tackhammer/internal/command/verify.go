package command

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/verify"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/whole"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "prove that nobody removed the person from an app", ArgsUsage: "[DIR]",
		Description: "Reads the source of the app in DIR, here otherwise: deliveries and approvals made by hand, statements against\n" +
			"the kit's tables, code that decides as a person. Holds third_party/kit to this release and the lock to what it\n" +
			"locks. Builds the app and runs its graph command, in an empty folder and where the system can do so without a\n" +
			"network, to see that a person reviews on every path. Exit code 0 says that all of it was proven, 1 that it\n" +
			"was not. It asks no network: run `go mod download` first.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object for scripts"},
			&cli.StringFlag{Name: "sarif", Usage: "also write the findings to `FILE` as SARIF 2.1.0, for code hosts"},
			&cli.BoolFlag{Name: "no-run", Usage: "run no code of the app; without its graph nothing is proven, and the exit code is 1"},
			&cli.BoolFlag{Name: "allow-kit-edits", Usage: "let an edited kit pass with warnings; what it does is then for people to read"},
		},
		Action: runVerify,
	}
}

func runVerify(c *cli.Context) error {
	if err := line.WantArgs(c, 0, 1); err != nil {
		return err
	}
	dir := "."
	if c.NArg() == 1 {
		dir = c.Args().First()
	}
	if said, err := scaffold.Recover(dir); err != nil {
		return err
	} else if said != "" {
		fmt.Fprintln(c.App.ErrWriter, said)
	}
	config := verify.Config{Dir: dir, Source: source(), NoRun: c.Bool("no-run"), AllowKitEdits: c.Bool("allow-kit-edits")}
	if c.String("sarif") == "" { // whose readers are programs
		config.Say = wordsOf(c)
	}
	report, err := verify.Run(c.Context, config)
	if err != nil {
		return err
	}
	if err := tellVerified(c, report); err != nil {
		return err
	}
	if report.OK {
		return nil
	}
	return notProven(report)
}

// tellVerified writes the report where it was asked for.
func tellVerified(c *cli.Context, r *verify.Report) error {
	if file := c.String("sarif"); file != "" {
		raw, err := r.SARIF(source().Release())
		if err == nil {
			err = whole.Replace(file, 0o644, func(w io.Writer) error { _, err := w.Write(append(raw, '\n')); return err })
		}
		if err != nil {
			return kit.Errorf(kit.Invalid, "write %s: %w", file, err)
		}
	}
	if !c.Bool("json") {
		printVerified(c.App.Writer, r)
		return nil
	}
	return printJSON(c.App.Writer, r)
}

// notProven says in a sentence why the exit code is not 0.
func notProven(r *verify.Report) error {
	if n := r.Count(verify.Error); n > 0 {
		return kit.Errorf(kit.Internal, "verify: not proven: findings that are errors: %d", n)
	}
	return kit.Errorf(kit.Internal, "verify: not proven: something was not looked at")
}

// printVerified prints the findings, one a line with its mend below, and what
// was shown.
func printVerified(w io.Writer, r *verify.Report) {
	p := colours(w)
	mark := map[verify.Severity]string{verify.Error: p.red(say.Text("error")), verify.Warning: p.yellow(say.Text("warning"))}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s: %s: [%s] %s\n", say.Text(f.Where()), mark[f.Severity], f.Rule, f.Words)
		if lastOf(r.Findings, f) {
			fmt.Fprintf(w, "    %s\n", line.Wrap("→ "+f.Mend, 4))
		}
	}
	for _, shown := range r.Proof {
		fmt.Fprintf(w, say.Text("shown     %s\n"), line.Wrap(shown, 10))
	}
	for _, ran := range r.Ran {
		fmt.Fprintf(w, say.Text("ran       %s\n"), line.Wrap(ran, 10))
	}
	for _, left := range r.Left {
		fmt.Fprintf(w, say.Text("not seen  %s\n"), line.Wrap(left, 10))
	}
	if r.OK {
		fmt.Fprintf(w, say.Text("%s    no path from a model to a delivery of %s goes round a person\n"), p.green(say.Text("proven")), r.App)
	}
}

// lastOf reports that f is the last of a run of findings of one rule: the mend
// is said once for all of them.
func lastOf(all []verify.Finding, f verify.Finding) bool {
	for i := range all {
		if all[i] == f {
			return i+1 == len(all) || all[i+1].Rule != f.Rule || all[i+1].Severity != f.Severity
		}
	}
	return true
}
