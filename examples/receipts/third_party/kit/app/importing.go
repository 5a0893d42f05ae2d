package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/line"
)

func (c Config) importCommand() *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "make cases of files and folders", ArgsUsage: "PATH…",
		Description: "Reads .txt, OCR tables (.csv), .pdf with text, .jpg and .png. A file whose content is a case\n" +
			"already is skipped; one that cannot be read is named with the reason, and the others go on.",
		Flags: shared(jsonFlag()), Action: c.with(c.importFiles),
	}
}

// imported is what came of one file.
type imported struct {
	File   string    `json:"file"`
	Result string    `json:"result"` // imported, duplicate or refused
	ID     string    `json:"id,omitempty"`
	State  kit.State `json:"state,omitempty"`
	Code   kit.Code  `json:"code,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Hint   string    `json:"hint,omitempty"`
}

func (c Config) importFiles(ctx context.Context, cc *cli.Context, s *Service) error {
	if err := line.WantArgs(cc, 1, -1); err != nil {
		return err
	}
	by, err := s.Accounts.Service(ctx, "import")
	if err != nil {
		return err
	}
	files, errs := intake.Files(cc.Args().Slice())
	var results []imported
	for _, err := range errs {
		results = append(results, refused("", err))
	}
	bar := c.progress(len(files), "importing", cc.Bool("json"))
	for _, f := range files {
		if ctx.Err() != nil {
			break
		}
		results = append(results, s.importFile(ctx, by, f.Path))
		bar.step()
	}
	bar.end()
	if cc.Bool("json") {
		if err := c.printJSON(results); err != nil {
			return err
		}
	} else {
		c.printImported(results)
	}
	return outcome(ctx, results)
}

// importFile makes a case of one file.
func (s *Service) importFile(ctx context.Context, by auth.User, path string) imported {
	f, err := os.Open(path)
	if err != nil {
		return refused(path, kit.Errorf(kit.Invalid, "read %s: %w", filepath.Base(path), err))
	}
	defer f.Close()
	done, err := s.Runner.Import(ctx, by, path, f, "", true)
	if err != nil {
		return refused(path, err)
	}
	return imported{File: path, Result: "imported", ID: done.ID, State: done.State}
}

func refused(path string, err error) imported {
	r := imported{File: path, Result: "refused", Code: kit.CodeOf(err), Reason: err.Error(), Hint: kit.HintOf(err)}
	if r.Code == kit.Duplicate {
		r.Result = "duplicate"
	}
	return r
}

// printImported tells what was skipped and refused, and sums up.
func (c Config) printImported(results []imported) {
	n := map[string]int{}
	for _, r := range results {
		n[r.Result]++
		switch r.Result {
		case "duplicate":
			fmt.Fprintf(c.Out, "skipped  %s\n", r.Reason)
		case "refused":
			fmt.Fprintf(c.Err, "refused  %s\n", r.Reason)
			if r.Hint != "" {
				fmt.Fprintf(c.Err, "         hint: %s\n", r.Hint)
			}
		}
	}
	fmt.Fprintf(c.Out, "%d imported, %d skipped as duplicates, %d refused\n", n["imported"], n["duplicate"], n["refused"])
}

// outcome fails when a file was refused, or when the user ended the import.
func outcome(ctx context.Context, results []imported) error {
	if ctx.Err() != nil {
		return kit.Errorf(kit.Unavailable, "import: interrupted after %d files", len(results)).
			WithHint("run it again: what is a case already is skipped")
	}
	n := 0
	for _, r := range results {
		if r.Result == "refused" {
			n++
		}
	}
	if n > 0 {
		return kit.Errorf(kit.Unsupported, "import: %d of %d files were refused", n, len(results))
	}
	return nil
}

// bar shows how far long work has come, where a person watches.
type bar struct {
	p *mpb.Progress
	b *mpb.Bar
}

// progress makes a bar on a terminal and nothing elsewhere.
func (c Config) progress(total int, words string, silent bool) *bar {
	if silent || total < 2 || !terminal(c.Err) {
		return &bar{}
	}
	p := mpb.New(mpb.WithOutput(c.Err), mpb.WithWidth(40))
	return &bar{p: p, b: p.AddBar(int64(total),
		mpb.PrependDecorators(decor.Name(words+" "), decor.CountersNoUnit("%d of %d")),
		mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_MMSS)))}
}

func (b *bar) step() {
	if b.b != nil {
		b.b.Increment()
	}
}

func (b *bar) end() {
	if b.p != nil {
		b.b.Abort(false)
		b.p.Wait()
	}
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
