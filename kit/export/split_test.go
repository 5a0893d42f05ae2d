package export_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit/export"
)

// drawn are corrections of few cases, texts and companies, so that many share
// one.
func drawn(t *rapid.T, n int) decided {
	var d decided
	for i := range n {
		text := fmt.Sprintf("TEXT %d\n", rapid.IntRange(0, n).Draw(t, "text"))
		if rapid.Bool().Draw(t, "spaced") { // the same text to whoever reads it
			text = " " + text + "\n"
		}
		company := fmt.Sprintf("Shop %d", rapid.IntRange(0, n).Draw(t, "company"))
		c := correction(fmt.Sprint(i), text, billJSON(company, "1"), billJSON(company, "1"))
		c.CaseID = fmt.Sprintf("c-%d", rapid.IntRange(0, 3*n).Draw(t, "case"))
		c.From = rapid.SampledFrom([]string{"", "u1", "u2"}).Draw(t, "from")
		d = append(d, c)
	}
	return d
}

// parts exports d and tells the part of each decision.
func parts(t *rapid.T, tr export.Training, d decided) map[string]export.Part {
	dir, err := os.MkdirTemp("", "split")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if _, err := tr.Write(t.Context(), d, filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "out", export.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	var m export.Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	of := map[string]export.Part{}
	for _, r := range m.Records {
		of[r.Decision] = r.Part
	}
	return of
}

// TestNothingLeaks holds that no two examples of one group, or of one text, are
// in two parts: also not by way of a third.
func TestNothingLeaks(t *testing.T) {
	tr := training(t, export.Table)
	tr.Shares = export.Shares{Train: 40, Validation: 30, Test: 30}
	rapid.Check(t, func(rt *rapid.T) {
		tr.Group = rapid.SampledFrom([]string{export.ByCase, export.ByFrom, "company"}).Draw(rt, "group")
		d := drawn(rt, rapid.IntRange(1, 25).Draw(rt, "n"))
		of := parts(rt, tr, d)
		seen := map[string]export.Part{}
		for _, c := range d {
			part, kept := of[c.ID]
			if !kept {
				continue
			}
			for _, name := range []string{"text " + squeezed(c.Input), "group " + groupOf(tr.Group, c.CaseID, c.From, c.Value)} {
				if before, known := seen[name]; known && before != part {
					rt.Fatalf("%s is in %s and in %s", name, before, part)
				}
				seen[name] = part
			}
		}
	})
}

// squeezed is a document's text without blanks.
func squeezed(input json.RawMessage) string {
	var doc struct{ Text string }
	_ = json.Unmarshal(input, &doc)
	return strings.Join(strings.Fields(doc.Text), "")
}

func groupOf(group, caseID, from string, value json.RawMessage) string {
	var b struct{ Company string }
	_ = json.Unmarshal(value, &b)
	switch {
	case group == "company":
		return b.Company
	case group == export.ByFrom && from != "":
		return from
	}
	return caseID
}

// TestAGroupStaysWhenOthersCome holds that what comes later moves nothing that
// it shares nothing with.
func TestAGroupStaysWhenOthersCome(t *testing.T) {
	tr := training(t, export.Table)
	tr.Shares = export.Shares{Train: 40, Validation: 30, Test: 30}
	rapid.Check(t, func(rt *rapid.T) {
		before := drawn(rt, rapid.IntRange(1, 15).Draw(rt, "n"))
		later := append(decided{}, before...)
		for i := range rapid.IntRange(1, 10).Draw(rt, "more") {
			c := correction(fmt.Sprintf("later-%d", i), fmt.Sprintf("LATER %d", i), billJSON("Shop", "1"), billJSON("Shop", "1"))
			later = append(later, c)
		}
		a, b := parts(rt, tr, before), parts(rt, tr, later)
		for id, part := range a {
			if b[id] != part {
				rt.Fatalf("%s moved from %s to %s", id, part, b[id])
			}
		}
	})
}

func TestThePartsHaveTheirShares(t *testing.T) {
	tr := training(t, export.Table)
	tr.Shares = export.Shares{}
	var d decided
	for i := range 2000 {
		d = append(d, correction(fmt.Sprint(i), fmt.Sprintf("TEXT %d", i), billJSON("S", "1"), billJSON("S", "1")))
	}
	_, m := written(t, tr, d)
	for part, want := range map[export.Part]int{export.Train: 1600, export.Validation: 200, export.Test: 200} {
		if got := m.Counts[part]; got < want-60 || got > want+60 { // 3.4 and more standard deviations
			t.Errorf("%d in %s, want about %d", got, part, want)
		}
	}
}
