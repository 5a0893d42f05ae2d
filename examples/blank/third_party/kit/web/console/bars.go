package console

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/review"
)

// voidBars is how many void bars the page of lots lists.
const voidBars = 5

// barView is a certified bar in words.
type barView struct {
	review.Certified
	Says    string     // what it promises
	Void    string     // why it holds no more; "" where it does
	HoldsAs []barPoint // what drafts must be of for it to hold
}

// barPoint is one thing that a bar holds for.
type barPoint struct {
	Label, Value string
	Hash         bool
}

// bars are those that hold, and the newest void ones.
func (d *desk) bars(c echo.Context, v *visit, void int) ([]barView, error) {
	all, err := d.Service.CertifiedBars(c.Request().Context(), void)
	views := make([]barView, len(all))
	for i, b := range all {
		views[i] = barOf(v.tongue, b)
	}
	return views, err
}

func barOf(t *tongue, b review.Certified) barView {
	view := barView{Certified: b, Says: barSays(t, b.Bar)}
	for _, p := range []barPoint{
		{"bar.model", t.drafter(b.Model.Name), false}, {"bar.server", b.Model.Server, false}, {"bar.digest", b.Model.Digest, true},
		{"bar.prompt", b.Prompt, true}, {"bar.schema", b.Schema, true}, {"bar.calibration", b.Calibration, true},
	} {
		if p.Value == "" {
			continue
		}
		if p.Hash {
			p.Value = p.Value[:min(12, len(p.Value))]
		}
		p.Label = t.T(p.Label)
		view.HoldsAs = append(view.HoldsAs, p)
	}
	if b.VoidedAt != nil {
		view.Void = whyVoid(t, b.Reason)
	}
	return view
}

// barSays is a bar's promise. One that was measured without noting of how many
// cases tells its threshold instead.
func barSays(t *tongue, b review.Bar) string {
	err, sure := t.shareOf(b.Error, false), t.shareOf(b.Confidence, false)
	if b.Cases == 0 {
		return t.T("bar.says_threshold", "Threshold", t.shareOf(b.Threshold, false), "Error", err, "Sure", sure, "Labels", b.Labels)
	}
	return t.T("bar.says", "Share", t.shareOf(float64(int(100*b.Share+0.5))/100, false), "Error", err, "Sure", sure, "Labels", b.Cases)
}

// outlivedParts are what a bar may be void for, as the service writes it.
var outlivedParts = []string{"step", "model", "prompt", "schema", "server", "calibration"}

// whyVoid says why a bar is void: in the reader's language where the service
// wrote it, and else in the words of the person who voided it.
func whyVoid(t *tongue, reason string) string {
	if reason == "another was certified in its place" {
		return t.T("bar.void.replaced")
	}
	list, ok := strings.CutPrefix(reason, "drafts are made by another ")
	list, now := strings.CutSuffix(list, " now")
	var words []string
	for part := range strings.SplitSeq(list, " and another ") {
		if ok = ok && now && slices.Contains(outlivedParts, part); ok {
			words = append(words, t.T("bar.void."+part))
		}
	}
	if !ok {
		return reason
	}
	return t.T("bar.void.outlived", "Parts", strings.Join(words, t.T("bar.void.and")))
}
