package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/intake"
)

func (c Config) importCommand() *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "make cases of files and folders", ArgsUsage: "PATH…",
		Description: "Reads .txt, OCR tables (.csv), .pdf with text, .jpg and .png, and what the app's own importers read, which\n" +
			"`check` lists. A file whose content is a case already is skipped; one that cannot be read is named with the\n" +
			"reason, and the others go on.",
		Flags: shared(jsonFlag()), Action: c.with(makes, 1, -1, c.importFiles),
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
	by, err := s.Accounts.Service(ctx, "import")
	if err != nil {
		return err
	}
	files, errs := intake.Files(cc.Args().Slice())
	results := []imported{}
	for _, err := range errs {
		var u *intake.Unusable
		errors.As(err, &u) // as Files promises
		results = append(results, refused(u.Path, err))
	}
	bar := c.progress(len(files), "importing", cc.Bool("json"))
	var broken error
	for _, f := range files {
		one, err := s.importFile(ctx, by, f.Path)
		if broken = err; broken != nil || ctx.Err() != nil {
			break
		}
		results = append(results, one)
		bar.step()
	}
	bar.end()
	if err := c.tellImported(ctx, s, results, cc.Bool("json")); err != nil {
		return err
	}
	return outcome(ctx, results, broken)
}

func (c Config) tellImported(ctx context.Context, s *Service, results []imported, asJSON bool) error {
	if asJSON {
		return c.printJSON(results)
	}
	if c.printImported(results) > 0 && !s.works(ctx) {
		fmt.Fprintf(c.Out, "drafts are made by `%s serve` or `%s work`, and neither runs now\n", c.Name, c.Name)
	}
	return nil
}

// works reports whether a worker was seen on the database lately, and that one
// was where the database does not tell: nobody is sent to start a second.
func (s *Service) works(ctx context.Context) bool {
	var n int
	err := s.DB.Read().NewRaw(`SELECT COUNT(*) FROM workers WHERE seen_at > ?`,
		kit.Now().Add(-time.Minute).UnixMicro()).Scan(ctx, &n)
	return err != nil || n > 0
}

// importFile makes a case of one file. It fails when not the file is to blame:
// the others would fare no better.
func (s *Service) importFile(ctx context.Context, by auth.User, path string) (imported, error) {
	f, err := os.Open(path)
	if err != nil {
		return refused(path, kit.Errorf(kit.Invalid, "read %s: %w", filepath.Base(path), err)), nil
	}
	defer f.Close()
	done, err := s.Runner.Import(ctx, by, path, f, "", true)
	switch kit.CodeOf(err) {
	case "":
		return imported{File: path, Result: "imported", ID: done.ID, State: done.State}, nil
	case kit.Unavailable, kit.Internal:
		// A document that takes too long has these codes as well: then reading
		// it alone fails, too.
		if _, _, alone := s.Runner.Intake.ReadFile(ctx, path); alone == nil {
			return imported{}, err
		}
	}
	return refused(path, s.tooLarge(path, err)), nil
}

// tooLarge names the limit of nail.yaml that a file is above, where it is.
func (s *Service) tooLarge(path string, err error) error {
	info, gone := os.Stat(path)
	if kit.CodeOf(err) != kit.TooLarge || gone != nil || info.Size() <= s.Nail.MaxBytes() {
		return err
	}
	return kit.Errorf(kit.TooLarge, "%w", err).WithHint("split the file, save it smaller, or raise limits.file_mb in nail.yaml, which is %d", s.Nail.Limits.FileMB)
}

func refused(path string, err error) imported {
	r := imported{File: path, Result: "refused", Code: kit.CodeOf(err), Reason: err.Error(), Hint: kit.HintOf(err)}
	if r.Code == kit.Duplicate {
		r.Result = "duplicate"
	}
	return r
}

// words tell the reason with the file's path, where the reason has its name.
func (r imported) words() string {
	why := strings.TrimPrefix(r.Reason, "read ")
	why = strings.TrimPrefix(why, r.File+": ")
	return r.File + ": " + strings.TrimPrefix(why, filepath.Base(r.File)+": ")
}

// printImported tells what was skipped and refused, sums up, and returns how
// many were imported.
func (c Config) printImported(results []imported) int {
	n := map[string]int{}
	for _, r := range results {
		n[r.Result]++
		switch r.Result {
		case "duplicate":
			fmt.Fprintf(c.Out, "skipped  %s\n", r.words())
		case "refused":
			fmt.Fprintf(c.Err, "refused  %s\n", r.words())
			if r.Hint != "" {
				fmt.Fprintf(c.Err, "         hint: %s\n", r.Hint)
			}
		}
	}
	fmt.Fprintf(c.Out, "%d imported, %d skipped as duplicates, %d refused\n", n["imported"], n["duplicate"], n["refused"])
	return n["imported"]
}

// outcome fails when something broke, when the user ended the import, or when a
// file was refused.
func outcome(ctx context.Context, results []imported, broken error) error {
	const again = "run it again: what is a case already is skipped"
	if ctx.Err() != nil {
		return kit.Errorf(kit.Unavailable, "import: interrupted after %d files", len(results)).WithHint(again)
	}
	if broken != nil {
		return kit.Errorf(kit.CodeOf(broken), "import: stopped after %d files: %w", len(results), broken).WithHint(again)
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
