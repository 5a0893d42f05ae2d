package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/internal/need"
)

// readPaper reads the words of one scan, a line each.
func readPaper(t *testing.T, file string) kit.Document {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, row := range strings.Split(strings.ToValidUTF8(string(raw), ""), "\n") {
		if cells := strings.SplitN(strings.TrimSpace(row), ",", 9); len(cells) == 9 {
			b.WriteString(cells[8] + "\n")
		}
	}
	return kit.Document{Text: b.String()}
}

// day reads the day of an answer, whichever way it is written.
func day(t *testing.T, written string) string {
	t.Helper()
	written = strings.ToLower(strings.NewReplacer("-", " ", "/", " ", ".", " ", ",", " ", "(", "", ")", "").Replace(written))
	written = strings.Join(strings.Fields(written), " ")
	for _, layout := range []string{"2 1 2006", "2 1 06", "2 Jan 2006", "2 Jan 06", "2 January 2006", "2006 1 2", "Jan 2 2006", "20060102", "02012006", "2Jan 2006", "2Jan2006"} {
		if d, err := time.Parse(layout, written); err == nil {
			return d.Format(time.DateOnly)
		}
	}
	t.Logf("no day: %q", written)
	return ""
}

// TestEvidenceOnRealReceipts looks up the right answers of real scans. What a
// scan misspells cannot be found, so the bounds are below all.
func TestEvidenceOnRealReceipts(t *testing.T) {
	dir := filepath.Join(need.Shared(t), "data", "receipts")
	keys, err := filepath.Glob(filepath.Join(dir, "key", "*.json"))
	if err != nil || len(keys) == 0 {
		t.Fatal("no answers in the receipts data")
	}
	found := map[string]int{}
	for _, key := range keys {
		var answer map[string]string
		raw, _ := os.ReadFile(key)
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatal(err)
		}
		finder := newFinder(readPaper(t, filepath.Join(dir, "box", strings.TrimSuffix(filepath.Base(key), "json")+"csv")))
		look := func(name string, kind Kind, value json.RawMessage) {
			if len(finder.find(FieldSpec{Kind: kind}, value)) > 0 {
				found[name]++
			}
		}
		look("company", Text, quote(answer["company"]))
		look("address", LongText, quote(answer["address"]))
		look("total", Number, json.RawMessage(strings.TrimLeft(answer["total"], "RM$ ")))
		look("date", Date, quote(day(t, answer["date"])))
		look("nonsense", Text, quote("Zwölf Boxkämpfer"))
		look("no total", Number, json.RawMessage("98765.43"))
	}
	t.Logf("of %d receipts found %v", len(keys), found)
	for name, least := range map[string]int{"company": 95, "address": 90, "total": 99, "date": 99} {
		if percent := 100 * found[name] / len(keys); percent < least {
			t.Errorf("%s: the evidence of %d %% was found, want %d %%", name, percent, least)
		}
	}
	if found["nonsense"]+found["no total"] > 0 {
		t.Errorf("what stands nowhere was found: %v", found)
	}
}
