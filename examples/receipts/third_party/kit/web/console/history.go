package console

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// happening is one event of a case in words.
type happening struct {
	At    time.Time
	Who   string
	What  string
	Words string // that a person or a failure gave
}

// told is what the catalogue may say of an event's data.
type told struct {
	Name    string                `json:"name"`
	Step    string                `json:"step"`
	Target  string                `json:"target"`
	Kind    string                `json:"kind"`
	Verdict string                `json:"verdict"`
	Reason  string                `json:"reason"`
	Error   string                `json:"error"`
	GaveUp  string                `json:"gave_up"`
	Changed []string              `json:"changed"`
	Model   struct{ Name string } `json:"model"`
}

// history says each event of a case, oldest first.
func (d *desk) history(ctx context.Context, t *tongue, k *workflow.Case) []happening {
	names := map[string]string{}
	steps, _ := d.Service.Choices()
	var out []happening
	for _, e := range k.History {
		if _, known := names[e.Actor]; !known {
			names[e.Actor] = d.nameOf(ctx, t, e.Actor)
		}
		out = append(out, say(t, e, names[e.Actor], func(step string) string { return d.Service.StepTitle(step, t.tag) }, len(steps) > 1))
	}
	return out
}

// say puts an event into words; title is what people call a step. A kind that the catalogue does not know is
// named as it is: history leaves nothing out. Where a case goes through several reviews, each draft and each
// review begins with its step.
func say(t *tongue, e workflow.Event, who string, title func(step string) string, several bool) happening {
	var data told
	_ = json.Unmarshal(e.Data, &data) // what cannot be read is left unsaid
	h := happening{At: e.At, Who: who, Words: firstOf(t.reason(data.Reason), data.Error, data.GaveUp)}
	key := "history." + e.Kind
	if data.Verdict != "" {
		key += "." + data.Verdict
	}
	if e.Kind == "review.opened" {
		key += "." + data.Kind
	}
	said, known := t.has(key, "Step", title(data.Step), "Target", t.target(data.Target), "Model", t.drafter(data.Model.Name), "Count", len(data.Changed))
	if !known {
		said = e.Kind
	}
	if several && data.Step != "" && (e.Kind == "draft.made" || e.Kind == "round.opened") {
		said = title(data.Step) + " · " + said
	}
	h.What = said
	return h
}

// reviewOf makes a case's latest draft look like the review that it is or was
// shown in.
func (d *desk) reviewOf(ctx context.Context, by auth.User, k *workflow.Case) *review.Review {
	shown := review.Review{Step: k.Step}
	if id := reviewID(k); id != "" {
		if r, err := d.Service.Review(ctx, by, id); err == nil { // else its fields go by their paths
			shown.Step = r.Step
		}
	}
	shown.Draft = *k.Draft
	return &shown
}

// reviewID is the review that a case waits for or was decided in.
func reviewID(k *workflow.Case) string {
	if k.ReviewID == "" && k.Decision != nil {
		return k.Decision.ReviewID
	}
	return k.ReviewID
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.4g MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.4g KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
