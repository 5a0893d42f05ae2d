package scaffold

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// What a killed command left beside the app goes with the next one, and nothing
// else does.
func TestStagesThatWereLeftAreSwept(t *testing.T) {
	top := t.TempDir()
	for name, age := range map[string]time.Duration{
		".app.tackhammer-ABCDEFG2":     2 * time.Hour,
		".app.tackhammer-ABCDEFG3":     time.Minute,
		".app.tackhammer-ABCDEFG4.old": 2 * time.Hour,
		".other.tackhammer-ABCDEFG5":   2 * time.Hour,
	} {
		set(t, top, filepath.Join(name, "third_party/kit/kit.go"), "x\n")
		then := time.Now().Add(-age)
		must(t, os.Chtimes(filepath.Join(top, name), then, then))
	}
	must(t, mustPlan(t, small, Spec{Template: "tiny"}).Apply(t.Context(), filepath.Join(top, "app")))
	entries, err := os.ReadDir(top)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{".app.tackhammer-ABCDEFG3", ".app.tackhammer-ABCDEFG4.old", ".other.tackhammer-ABCDEFG5", "app"}
	if !slices.Equal(names, want) {
		t.Errorf("left are %v, want %v", names, want)
	}
}
