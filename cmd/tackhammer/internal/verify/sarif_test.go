package verify

import (
	"encoding/json"
	"slices"
	"testing"
)

// What the standard requires of a log (SARIF 2.1.0, sections 3.13, 3.14, 3.19,
// 3.27 to 3.30), read from the JSON as a code host reads it.
func TestSARIFIsWhatTheStandardRequires(t *testing.T) {
	s := &session{seen: map[Finding]bool{}, rep: &Report{Kit: "edited", Left: []string{"the graph"}}}
	s.tell("raw-sql", place{file: "a b/leak.go", line: 10, column: 4}, "INSERT INTO deliveries")
	s.tell("raw-sql", place{file: "a b/leak.go", line: 12, column: 4}, "INSERT INTO deliveries")
	s.tell("other-program", place{}, "no main function")
	raw, err := s.rep.SARIF("0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	type text struct{ Text string }
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID                     string
						ShortDescription, Help text
						DefaultConfiguration   struct{ Level string }
					}
				}
			}
			OriginalURIBaseIDs map[string]any `json:"originalUriBaseIds"`
			Invocations        []struct{ ExecutionSuccessful *bool }
			Results            []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   text
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI, URIBaseID string }
						Region           *struct{ StartLine, StartColumn int }
					}
				}
				PartialFingerprints map[string]string
			}
		}
	}
	if err := json.Unmarshal(raw, &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || log.Schema == "" || len(log.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name == "" || len(run.Invocations) != 1 || run.Invocations[0].ExecutionSuccessful == nil || len(run.Results) != 3 {
		t.Fatalf("the run is %+v", run)
	}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || r.ShortDescription.Text == "" || r.Help.Text == "" || !slices.Contains([]string{"error", "warning"}, r.DefaultConfiguration.Level) {
			t.Errorf("the rule is %+v", r)
		}
	}
	prints := map[string]bool{}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule %d is not %s", r.RuleIndex, r.RuleID)
		}
		at := r.Locations[0].PhysicalLocation
		if _, known := run.OriginalURIBaseIDs[at.ArtifactLocation.URIBaseID]; !known || at.ArtifactLocation.URI == "" || r.Message.Text == "" || r.Level != "error" {
			t.Errorf("the result is %+v", r)
		}
		prints[r.PartialFingerprints["tackhammer/v1"]] = true
	}
	if len(prints) != 3 {
		t.Errorf("%d fingerprints of 3 results", len(prints))
	}
	at := run.Results[0].Locations[0].PhysicalLocation
	if at.ArtifactLocation.URI != "a%20b/leak.go" || at.Region == nil || at.Region.StartLine != 10 || at.Region.StartColumn != 4 {
		t.Errorf("the place is %+v", at)
	}
	if run.Results[2].Locations[0].PhysicalLocation.Region != nil {
		t.Error("a finding of no line has a region")
	}
}

func TestRulesAreInOrderAndComplete(t *testing.T) {
	ids := []string{}
	for _, r := range Rules() {
		ids = append(ids, r.ID)
		if r.Short == "" || r.Mend == "" || r.Severity != Error && r.Severity != Warning {
			t.Errorf("the rule is %+v", r)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(rules) {
		t.Errorf("the rules are %q", ids)
	}
}
