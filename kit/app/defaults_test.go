package app

import (
	"reflect"
	"testing"

	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/kit/review"
)

// nail.yaml and a workflow leave the same unsaid.
func TestWhatNailLeavesOutIsWhatAPolicyLeavesOut(t *testing.T) {
	const start = "name: receipts\nbuyer: a bookkeeper\njob: read receipts\n"
	for text, want := range map[string]review.Policy{
		"":                                      {},
		"review: {quorum: 2}":                   {Quorum: 2},
		"review: {lots: {size: 9}}":             {Lots: review.Lots{Size: 9}},
		"review: {due: 1h, escalate_after: 2h}": {Due: 3600e9, EscalateAfter: 7200e9},
	} {
		n, err := nail.Parse("nail.yaml", []byte(start+text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := policy(n); !reflect.DeepEqual(got, want.Defaults()) {
			t.Errorf("%s:\n%+v, want\n%+v", text, got, want.Defaults())
		}
	}
}
