package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/whole"
)

// pickedFile holds the figures of the last pick, in the data folder.
const pickedFile = "picked.json"

// writeChoice writes a choice into nail.yaml, and the whole report, of a choice
// or of none, beside the data.
func (p *picking) writeChoice(cc *cli.Context, r *pickReport) error {
	if cc.Bool("dry-run") {
		return nil
	}
	if r.Chosen != "" {
		path, err := p.writeNail(picked(*r))
		if err != nil {
			return err
		}
		if path == "" {
			r.Notes = append(r.Notes, "there is no nail.yaml here to write into: the built-in one holds; write model: "+r.Chosen)
		} else {
			r.Written = append(r.Written, path)
		}
	}
	path := filepath.Join(p.options.Data, pickedFile)
	r.Written = append(r.Written, path)
	return keepReport(path, r)
}

// keepReport writes a report whole or not at all.
func keepReport(path string, report any) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = whole.Replace(path, 0o600, func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			return enc.Encode(report)
		})
	}
	if err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err).WithHint("may you write there? --data names another folder")
	}
	return nil
}

// picked are a report's figures as nail.yaml holds them.
func picked(r pickReport) nail.Picked {
	p := nail.Picked{Model: r.Chosen, Digest: r.Digest, At: r.At, Cases: r.Cases, Candidates: len(r.Candidates)}
	for _, c := range r.Candidates {
		if c.Name != r.Chosen {
			continue
		}
		p.Cases = c.Cases
		for _, f := range c.Fields {
			p.Figures = append(p.Figures, standingWords(f))
		}
	}
	return p
}

// standingWords is a field's in a few words.
func standingWords(f eval.Standing) string {
	if f.Critical == 0 {
		return fmt.Sprintf("%s: %s %.3f on %d, at least %.3f", f.Path, f.Measure, f.Value, f.Seen, f.Low)
	}
	return fmt.Sprintf("%s: %d of %d, at least %.1f %%", f.Path, f.Right, f.Seen, 100*f.Low)
}

// writeNail writes a pick into the nail's file, as it is by now, and returns
// its path, "" where the built-in nail is used.
func (p *picking) writeNail(picked nail.Picked) (string, error) {
	path := p.options.Nail
	if path == "" {
		path = "nail.yaml"
		if _, err := os.Stat(path); err != nil {
			return "", nil
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", kit.Errorf(kit.Invalid, "read %s: %w", path, err)
	}
	edited, err := nail.Edit(filepath.Base(path), raw, picked.Changes()...)
	if err != nil {
		return "", err
	}
	return path, replaceKeeping(path, edited)
}

// replaceKeeping replaces a file's content and keeps its mode. A link is
// followed.
func replaceKeeping(path string, content []byte) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err)
	}
	info, err := os.Stat(real)
	if err == nil {
		err = whole.Replace(real, info.Mode().Perm(), func(w io.Writer) error { _, err := w.Write(content); return err })
	}
	if err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err).WithHint("may you write there?")
	}
	return nil
}

// checkPicked says whether the model that drafts is still the one that was
// measured; ok is false where nothing is known to compare.
func (c Config) checkPicked(ctx context.Context, o Options, n nail.Nail) (f finding, ok bool) {
	if n.Picked.Model == "" || o.Model != "" {
		return f, false
	}
	f = finding{Check: "picked", OK: true, Hint: c.Name + " pick measures it anew"}
	if n.Picked.Model != n.Model {
		f.Warn = true
		f.Words = fmt.Sprintf("nail.yaml's figures are of %s, and %s drafts: nobody measured it", n.Picked.Model, n.Model)
		return f, true
	}
	m, err := c.provider(o, n, n.Model)
	if err != nil {
		return f, false // told by another check
	}
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	info, err := m.Info(ctx)
	if err != nil {
		return f, false // told by another check
	}
	if info.Digest != n.Picked.Digest {
		f.Warn = true
		f.Words = fmt.Sprintf("%s is not the one that was measured: it was %.12s on %s, and is %.12s now", n.Model, n.Picked.Digest, day(n.Picked.At), info.Digest)
		return f, true
	}
	f.Words, f.Hint = fmt.Sprintf("%s was measured on %s with %s", n.Model, day(n.Picked.At), count(n.Picked.Cases, "case")), ""
	return f, true
}

// day is the date of a time that nail.yaml holds.
func day(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return "a day unknown"
	}
	return t.Format(time.DateOnly)
}
