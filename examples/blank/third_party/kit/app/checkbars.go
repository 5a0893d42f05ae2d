package app

import (
	"context"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// present is what drafts are of now, and by what they are calibrated.
type present struct {
	model.Fit
	calibration string
}

// checkBars tells which certified bars hold for the drafts that are made now,
// and why others do not. There is nothing to tell where no bar was certified and
// nothing may pass in lots.
func (c Config) checkBars(ctx context.Context, o Options, n nail.Nail, w *workflow.Workflow) (finding, bool) {
	f := finding{Check: "certified", OK: true}
	lots := n.Review.Lots.Size > 0
	db, err := openDB(ctx, o, n, true)
	if err != nil {
		f.Words = "there is no database yet, and so no bar"
		return f, lots
	}
	defer db.Close()
	if missing, err := db.Pending(ctx); err != nil || missing > 0 {
		f.Words = "not compared: the database is not migrated"
		return f, lots
	}
	bars, err := review.Bars(ctx, db.Read(), "")
	if err == nil && len(bars) == 0 {
		f.Words, f.Warn, f.Hint = "no bar is certified: no case passes in a lot", true, c.Name+" certify finds one"
		return f, lots
	}
	if err == nil {
		var now present
		if now, err = c.present(ctx, o, n, w, db); err == nil {
			f.Words, f.Warn = holding(bars, now)
		}
	}
	if err != nil {
		f.Words = "not compared: " + err.Error()
	}
	if f.Warn {
		f.Hint = c.Name + " certify finds a bar for the present drafts; theirs passes none in a lot meanwhile"
	}
	return f, true
}

// holding says of each bar whether it holds for what is drafted now, and
// whether none does.
func holding(bars []review.Bar, now present) (words string, none bool) {
	var lines []string
	none = true
	for _, b := range bars {
		if parts := b.Differs(now.Fit, now.calibration); len(parts) > 0 {
			lines = append(lines, "the bar of "+certifiedOn(b)+" does not hold for the present drafts: another "+strings.Join(parts, ", another "))
			continue
		}
		none = false
		lines = append(lines, barSentence(b)+" ("+certifiedOn(b)+")")
	}
	return strings.Join(lines, "\n"), none
}

func certifiedOn(b review.Bar) string { return b.CertifiedAt.Format("2006-01-02") }

// present asks the model who it is, and the database how its drafts are
// calibrated. It fails with kit.Unavailable when the model's server is silent.
func (c Config) present(ctx context.Context, o Options, n nail.Nail, w *workflow.Workflow, db *store.DB) (p present, err error) {
	if o.Model != "" {
		n.Model = o.Model
	}
	m, err := c.model(o, n)
	if err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	info, err := m.Info(ctx)
	if err != nil {
		return p, err
	}
	if w.FirstSchema() == nil {
		return p, kit.Errorf(kit.Unsupported, "the workflow does not begin with a draft")
	}
	p.Fit = model.Fit{Step: w.Steps()[0].Name, Digest: info.Digest, Schema: w.FirstSchema().Hash(), Server: info.Server}
	if n.Ollama() != "" || n.OpenAIModel() != "" {
		prompts, err := c.prompts(o.Dev)
		if err != nil {
			return p, err
		}
		p.Prompt = prompts.Hash(p.Step)
	}
	stored, err := review.CalibrationFor(ctx, db.Read(), p.Fit)
	if stored != nil {
		p.calibration = stored.Hash
	}
	return p, err
}
