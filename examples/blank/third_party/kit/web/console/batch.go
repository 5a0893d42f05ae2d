package console

import (
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// namedMost is how many cases a word after a batch names for one reason.
const namedMost = 3

// summed says what came of a batch: how many were done, and of the others which
// were left as they were for what reason.
func summed(t *tongue, act string, items []workflow.BatchItem) string {
	left, order, done := map[string][]string{}, []string{}, 0
	for _, item := range items {
		if item.Code == "" {
			done++
			continue
		}
		why := hindrance(t, act, item)
		if left[why] == nil {
			order = append(order, why)
		}
		left[why] = append(left[why], visible(firstOf(item.CaseName, t.T("batch.one"))))
	}
	var parts []string
	if done > 0 {
		parts = append(parts, strconv.Itoa(done)+" "+t.T("batch."+act))
	}
	for _, why := range order {
		parts = append(parts, t.T("batch.left", "Names", t.few(left[why]), "Why", why))
	}
	return strings.Join(parts, t.T("batch.and"))
}

// few names some cases, and how many more there are.
func (t *tongue) few(names []string) string {
	n := min(len(names), namedMost)
	words := strings.Join(names[:n], t.T("names.and"))
	if more := len(names) - n; more > 0 {
		words += t.T("batch.more", "N", more)
	}
	return words
}

// hindrance is why an act left a review as it was.
func hindrance(t *tongue, act string, item workflow.BatchItem) string {
	known, ok := t.has("batch.not." + string(item.Code))
	switch {
	case item.Code == kit.Forbidden && act == "assign":
		return t.T("batch.kept." + firstOf(string(item.Cause), string(review.OtherRole)))
	case item.Cause != "":
		return t.T("cause." + string(item.Cause))
	case item.Obstacle != "":
		return t.T("batch.in_way." + string(item.Obstacle))
	case item.Pause != nil:
		return t.T("pause.decided", "N", item.Pause.Decided)
	case item.Holder != nil:
		return t.T("cause.held", "Name", visible(item.Holder.Name))
	case ok:
		return known
	}
	return t.T("batch.failed")
}
