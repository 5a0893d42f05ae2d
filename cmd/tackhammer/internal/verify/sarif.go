package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The parts of SARIF 2.1.0 that a report needs, by the names of the standard:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool              `json:"tool"`
		Bases       map[string]sarifBase   `json:"originalUriBaseIds"`
		Invocations []sarifInvocation      `json:"invocations"`
		Results     []sarifResult          `json:"results"`
		ColumnKind  string                 `json:"columnKind"`
		Properties  map[string]interface{} `json:"properties,omitempty"`
	}
	sarifBase struct {
		Description sarifText `json:"description"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"semanticVersion"`
		URI     string      `json:"informationUri"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string       `json:"id"`
		Short   sarifText    `json:"shortDescription"`
		Help    sarifText    `json:"help"`
		Default sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level Severity `json:"level"`
	}
	sarifInvocation struct {
		OK            bool               `json:"executionSuccessful"`
		Notifications []sarifNotableText `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotableText struct {
		Level   Severity  `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        Severity          `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
)

// sarifBaseID names the app's folder: every location is relative to it.
const sarifBaseID = "SRCROOT"

// SARIF is the report in the form that code hosts read. What is of no file is
// placed at go.mod: hosts drop what has no place.
func (r *Report) SARIF(version string) ([]byte, error) {
	run := sarifRun{
		Tool:  sarifTool{sarifDriver{Name: "tackhammer verify", Version: version, URI: "https://github.com/tackhammer/tackhammer"}},
		Bases: map[string]sarifBase{sarifBaseID: {sarifText{"The app's folder"}}}, Results: []sarifResult{},
		Invocations: []sarifInvocation{{OK: true}}, ColumnKind: "unicodeCodePoints",
		Properties: map[string]any{"proven": r.OK, "kit": r.Kit, "proof": r.Proof},
	}
	for _, rule := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules,
			sarifRule{rule.ID, sarifText{sentence(rule.Short)}, sarifText{sentence(rule.Mend)}, sarifDefault{rule.Severity}})
	}
	for _, left := range r.Left {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotableText{Error, sarifText{"not looked at: " + left}})
	}
	seen := map[string]int{}
	for _, f := range r.Findings {
		run.Results = append(run.Results, f.sarif(seen))
	}
	return json.MarshalIndent(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}, "", "  ")
}

func (f Finding) sarif(seen map[string]int) sarifResult {
	file := f.File
	if file == "" {
		file = "go.mod"
	}
	// Lines move when others are edited: the fingerprint is of what is found.
	key := f.Rule + "\x00" + f.File + "\x00" + f.Words
	seen[key]++
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
	at := sarifPhysical{Artifact: sarifArtifact{(&url.URL{Path: file}).EscapedPath(), sarifBaseID}}
	if f.Line > 0 {
		at.Region = &sarifRegion{f.Line, f.Column}
	}
	return sarifResult{
		RuleID: f.Rule, Level: f.Severity, Message: sarifText{sentence(f.Words + ". To mend it: " + f.Mend)},
		RuleIndex: slices.IndexFunc(rules, func(r Rule) bool { return r.ID == f.Rule }),
		Locations: []sarifLocation{{at}}, Fingerprints: map[string]string{"tackhammer/v1": hex.EncodeToString(h[:16])},
	}
}

// sentence ends words with a full stop, as the standard wants.
func sentence(words string) string { return strings.TrimRight(words, ".") + "." }
