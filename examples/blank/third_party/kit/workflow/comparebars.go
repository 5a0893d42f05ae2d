package workflow

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// notedBar is what the trail says of a bar.
type notedBar struct {
	bar    review.Bar
	by     string
	void   bool
	reason string // why it is void
}

// bar takes in what an event says of a bar.
func (l *lasting) bar(e audit.Event) {
	switch e.Kind {
	case "bar.certified":
		n := notedBar{by: e.Actor}
		if json.Unmarshal(e.Data, &n.bar) == nil {
			l.bars[n.bar.ID] = n
		}
	case "bar.voided":
		var d struct{ Bar, Reason string }
		if json.Unmarshal(e.Data, &d) == nil {
			n := l.bars[d.Bar]
			n.void, n.reason = true, d.Reason
			l.bars[d.Bar] = n
		}
	}
}

// bars compares the bars, by which cases gather in lots.
func (c *comparer) bars(ctx context.Context) error {
	rows, err := review.EveryBar(ctx, c.db)
	if err != nil {
		return err
	}
	var by []struct {
		ID string `bun:"id"`
		By string `bun:"certified_by"`
	}
	if err := c.db.NewRaw(`SELECT id, certified_by FROM bars`).Scan(ctx, &by); err != nil {
		return err
	}
	certified, found := map[string]string{}, map[string]bool{}
	for _, b := range by {
		certified[b.ID] = b.By
	}
	for _, b := range rows {
		n, known := c.lasting.bars[b.ID]
		found[b.ID] = true
		switch {
		case !known:
			c.tellOf("bar", b.ID, "nobody certified it")
		case n.void != (b.VoidedAt != nil) || n.reason != b.Reason:
			c.tellOf("bar", b.ID, "whether it is void is not as it was left")
		case !sameBar(n.bar, b) || n.by != certified[b.ID]:
			c.tellOf("bar", b.ID, "it is not as it was certified")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.lasting.bars)) {
		if !found[id] {
			c.tellOf("bar", id, "it is gone")
		}
	}
	return nil
}

// sameBar compares all of two bars but whether they are void.
func sameBar(a, b review.Bar) bool {
	for _, bar := range []*review.Bar{&a, &b} {
		bar.CertifiedAt, bar.VoidedAt, bar.Reason = bar.CertifiedAt.UTC().Truncate(time.Microsecond), nil, ""
	}
	one, _ := json.Marshal(a) // numbers and texts: it cannot fail
	two, _ := json.Marshal(b)
	return string(one) == string(two)
}
