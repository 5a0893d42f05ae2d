package nail

import (
	"regexp"
	"time"
)

// Picked is what `pick` measured of the model that it wrote into the file. The
// zero value means that nothing was picked.
type Picked struct {
	// Model is the model that was measured, as Nail.Model names it.
	Model string `yaml:"model"`

	// Digest is of that model's weights or rules: where today's is another, the
	// figures are of something else.
	Digest string `yaml:"digest"`

	// At is when, in UTC: "2026-11-29T18:40:00Z".
	At string `yaml:"at"`

	// Cases is how many labelled cases there were, and Candidates how many
	// models shared the risk.
	Cases      int `yaml:"cases"`
	Candidates int `yaml:"candidates"`

	// Figures say for each field with a bar what was seen, in words.
	Figures []string `yaml:"figures"`
}

// Changes are those that write the pick into a nail.yaml, see Edit.
func (p Picked) Changes() []Change {
	return []Change{
		{Path: []string{"model"}, Value: p.Model},
		{Path: []string{"picked", "model"}, Value: p.Model},
		{Path: []string{"picked", "digest"}, Value: p.Digest},
		{Path: []string{"picked", "at"}, Value: p.At},
		{Path: []string{"picked", "cases"}, Value: p.Cases},
		{Path: []string{"picked", "candidates"}, Value: p.Candidates},
		{Path: []string{"picked", "figures"}, Value: p.Figures},
	}
}

var digestShape = regexp.MustCompile(`^[0-9A-Za-z:._-]{1,200}$`)

// checkPicked checks what pick wrote: people may have edited it.
func (r *reading) checkPicked(p Picked) {
	r.wantWritten(modelShape.MatchString(p.Model), "picked.model", p.Model, "let `pick` write this group, or take it away")
	r.wantWritten(digestShape.MatchString(p.Digest), "picked.digest", p.Digest, "let `pick` write this group, or take it away")
	_, err := time.Parse(time.RFC3339, p.At)
	r.wantWritten(err == nil, "picked.at", p.At, "write a time such as 2026-11-29T18:40:00Z")
	r.wantWritten(p.Cases >= 0, "picked.cases", p.Cases, "write a whole number from 0 up")
	r.wantWritten(p.Candidates >= 0, "picked.candidates", p.Candidates, "write a whole number from 0 up")
}
