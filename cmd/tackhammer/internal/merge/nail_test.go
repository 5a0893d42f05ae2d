package merge_test

import (
	"os"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/merge"
	"github.com/tackhammer/tackhammer/kit/nail"
)

func TestTheNailOfAnAppThatATeamEditedIsUpdated(t *testing.T) {
	base, err := os.ReadFile("../../../../examples/receipts/nail.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tuned := func(text []byte, changes ...nail.Change) []byte {
		t.Helper()
		edited, err := nail.Edit("nail.yaml", text, changes...)
		if err != nil {
			t.Fatal(err)
		}
		return edited
	}
	ours := tuned(base, nail.Change{Path: []string{"model"}, Value: "ollama:qwen3:4b"}, nail.Change{Path: []string{"bar", "total"}, Value: 0.99},
		nail.Change{Path: []string{"review", "quorum"}, Value: 2}, nail.Change{Path: []string{"price"}, Value: 0.45})
	ours = []byte(strings.ReplaceAll("# Agreed with Ms Li on 3 May.\n"+string(ours), "\n", "\r\n"))
	theirs := tuned(base, nail.Change{Path: []string{"bar", "vat"}, Value: 0.8}, nail.Change{Path: []string{"candidates"}, Value: []string{"ollama:gemma3:4b"}},
		nail.Change{Path: []string{"review", "lease"}, Value: "15m"}, nail.Change{Path: []string{"volume"}, Value: 2500})
	merged, n := merge.File("nail.yaml", base, ours, theirs, names)
	if n != 0 {
		t.Fatalf("%d conflicts\n%s", n, merged)
	}
	got, err := nail.Parse("nail.yaml", merged)
	if err != nil {
		t.Fatal(err)
	}
	if got.Model != "ollama:qwen3:4b" || got.Bar["total"].Threshold != 0.99 || got.Bar["vat"].Threshold != 0.8 || got.Review.Quorum != 2 ||
		got.Review.Lease.Minutes() != 15 || got.Volume != 2500 || got.Price != 0.45 || len(got.Candidates) != 1 {
		t.Errorf("%+v", got)
	}
	if !strings.HasPrefix(string(merged), "# Agreed with Ms Li on 3 May.\r\n") || strings.Count(string(merged), "\n") != strings.Count(string(merged), "\r\n") ||
		strings.Count(string(merged), "#") != strings.Count(string(ours), "#") {
		t.Errorf("the team's comments or line ends are gone:\n%s", merged)
	}
}
