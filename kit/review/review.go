// Package review holds the queue of drafts that wait for a person.
//
// A review is opened by the workflow, claimed by one person at a time under a
// lease, and ended by a decision that is bound to exactly what that person
// saw. The functions here work inside a caller's transaction, so that a
// decision and what follows from it are one change.
//
//	id, err := review.Claim(ctx, db, tx, user, now, leases)
//	d, repeated, err := review.Decide(ctx, db, tx, schema, user, id, request, now)
package review

import (
	"encoding/json"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Review is a draft that waits for, or holds, a person's decision.
type Review struct {
	ID          string          `json:"id"`
	CaseID      string          `json:"case_id"`
	CaseName    string          `json:"case_name"`
	Step        string          `json:"step"`
	State       State           `json:"state"`
	Subject     string          `json:"subject"` // hash of input, draft, evidence, model and prompt
	Priority    int             `json:"priority"`
	Confidence  float64         `json:"confidence"` // of the least sure field
	CreatedAt   time.Time       `json:"created_at"`
	EscalatedAt *time.Time      `json:"escalated_at,omitempty"`
	Holder      *Holder         `json:"holder,omitempty"` // nil when nobody holds it now
	Lease       Lease           `json:"lease"`
	Draft       Draft           `json:"draft"`
	Input       json.RawMessage `json:"input"`
	Comment     string          `json:"comment,omitempty"` // why the last draft was returned
}

// State is where a review stands.
type State string

// The states of a review.
const (
	Open    State = "open"
	Decided State = "decided"
)

// Holder is the person who holds a review.
type Holder struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Lease is a claim on a review. Epoch grows by one with each claim, so that a
// decision made under an older claim is known.
type Lease struct {
	Epoch     int64     `json:"epoch"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Draft is what the model drafted, as it is shown to people.
type Draft struct {
	ID        string          `json:"id"`
	Value     json.RawMessage `json:"value"`
	Fields    []kit.Field     `json:"fields"`
	Model     kit.ModelInfo   `json:"model"`
	Prompt    string          `json:"prompt_hash"`
	Usage     json.RawMessage `json:"usage,omitempty"`
	GaveUp    string          `json:"gave_up,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
}

// Request is what a person wants to decide.
type Request struct {
	Verdict kit.Verdict
	Fields  map[string]json.RawMessage // changed values by path; for Edit alone
	Reason  string                     // needed for Reject and Return
	Subject string                     // of the review as the person saw it
	Epoch   int64                      // of the person's lease
	Key     string                     // repeats of a click carry the same; needed
}

// Decision is what a person decided.
type Decision struct {
	ID        string          `json:"id"`
	ReviewID  string          `json:"review_id"`
	CaseID    string          `json:"case_id"`
	Verdict   kit.Verdict     `json:"verdict"`
	Person    Holder          `json:"person"`
	Reason    string          `json:"reason,omitempty"`
	Subject   string          `json:"subject"`
	Value     json.RawMessage `json:"value,omitempty"`   // the final value; null unless the verdict releases
	Changed   []string        `json:"changed,omitempty"` // paths that the person changed
	CreatedAt time.Time       `json:"created_at"`
	UndoneAt  *time.Time      `json:"undone_at,omitempty"`
}
