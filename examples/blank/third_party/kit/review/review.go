// Package review holds the queue of drafts that wait for a person.
//
// A review is opened by the workflow, claimed by one person at a time under a
// lease, and ended by a decision that is bound to exactly what that person
// saw. The functions here work inside a caller's transaction, so that a
// decision and what follows from it are one change.
//
//	got, err := review.Claim(ctx, db, tx, user, now, terms)
//	d, repeated, err := review.Decide(ctx, db, tx, schema, user, id, request, now, terms)
//
// A review is one person's seat at a draft; the seats at one draft are a round.
// Once its quorum has decided alike the case follows, and else one more person
// settles it (Adjudication). A blind seat is filled in before its draft is
// shown. A canary is a draft with an error put in on purpose, of which nothing
// comes. A field that a person set is locked (Lock): a redraft, which is a
// return that asks the model for some fields again, leaves it as it is.
//
// A Policy says how a step is reviewed: by how many, by whom, how soon, and
// which share of the cases is looked at more closely. Policy.For finds the terms
// that hold for one draft, and says why.
//
// Sure cases gather in a Lot where a Bar was certified: Join takes them in,
// Close draws the sample that people review, Judge notes what they find, and
// DecideLot accepts or rejects the whole. ReadFigures tells how each person
// reviews, BlindAnswers what people say of a draft before they see it.
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
	Subject     string          `json:"subject"` // hash of input, draft, evidence, model and prompt; "" while concealed
	Priority    int             `json:"priority"`
	DueAt       time.Time       `json:"due_at"`
	Tier        string          `json:"tier,omitempty"` // whose terms the draft met; "" for the policy's own
	Quorum      int             `json:"quorum"`         // how many people decide
	Seat        int             `json:"seat"`           // which of them this review is for, from 1
	AssignedTo  *Holder         `json:"assigned_to,omitempty"`
	Confidence  float64         `json:"confidence"` // of the least sure field
	CreatedAt   time.Time       `json:"created_at"`
	EscalatedAt *time.Time      `json:"escalated_at,omitempty"`
	Holder      *Holder         `json:"holder,omitempty"` // nil when nobody holds it now
	Lease       Lease           `json:"lease"`
	Cause       Cause           `json:"cause,omitempty"` // why the reader may not claim it; "" when they may
	Draft       Draft           `json:"draft"`
	Input       json.RawMessage `json:"input"`
	Comment     string          `json:"comment,omitempty"` // why the last draft was returned
	Locked      []Lock          `json:"locked,omitempty"`  // what people set before, in order of the path

	// Blind reviews are filled in before the draft is shown. Concealed says, in
	// words, that the draft is not shown to the reader yet; "" when it is.
	// BlindAnswer is what the reader filled in, nil before.
	Blind       bool         `json:"blind,omitempty"`
	Concealed   string       `json:"concealed,omitempty"`
	BlindAnswer *BlindAnswer `json:"blind_answer,omitempty"`

	// Versions are the decisions that disagree, in order of their seats: for
	// the person who settles it, and for everybody once it is settled.
	Versions []Version `json:"versions,omitempty"`
}

// Lock is a field that a person set. No later draft overwrites it.
type Lock struct {
	Path   string          `json:"path"`
	Value  json.RawMessage `json:"value"`
	Person Holder          `json:"person"`
}

// Version is what one person decided, beside others.
type Version struct {
	Decision string            `json:"decision"` // its ID
	Person   Holder            `json:"person"`
	Verdict  kit.Verdict       `json:"verdict"`
	Value    json.RawMessage   `json:"value,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"` // see Decision
	Reason   string            `json:"reason,omitempty"`
}

// Kind is what a review is for.
type Kind string

// The kinds of reviews.
const (
	First        Kind = "first"        // a seat of a quorum
	Second       Kind = "second"       // a second look at what would leave
	Adjudication Kind = "adjudication" // settles a disagreement
	Canary       Kind = "canary"       // of a draft that was altered on purpose; it releases nothing
)

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

	Calibration string `json:"calibration,omitempty"` // hash of what made the fields' confidence a probability
}

// Request is what a person wants to decide.
type Request struct {
	Verdict kit.Verdict

	// Fields are new values by path, null to clear; for Edit and Return.
	Fields map[string]json.RawMessage

	Reason  string // needed for Reject and Return
	Subject string // of the review as the person saw it
	Epoch   int64  // of the person's lease
	Key     string // repeats of a click carry the same; needed

	// Confirmed are the paths that the person says are right as drafted; for
	// Approve, Edit and Return.
	Confirmed []string `json:",omitempty"`

	// Redraft are the paths that the model is asked for again; for Return.
	// Empty means all that no person set.
	Redraft []string `json:",omitempty"`
}

// Decision is what a person decided.
type Decision struct {
	ID       string          `json:"id"`
	ReviewID string          `json:"review_id"`
	CaseID   string          `json:"case_id"`
	Verdict  kit.Verdict     `json:"verdict"`
	Person   Holder          `json:"person"`
	Reason   string          `json:"reason,omitempty"`
	Subject  string          `json:"subject"`
	Value    json.RawMessage `json:"value,omitempty"`   // the final value; of a return, the draft with what the person set in it; else null
	Changed  []string        `json:"changed,omitempty"` // paths that the person changed

	// Fields tells what the person did with single fields, by path: changed,
	// cleared or confirmed.
	Fields  map[string]string `json:"fields,omitempty"`
	Redraft []string          `json:"redraft,omitempty"` // paths that a return asks the model for again
	Stood   []string          `json:"stood,omitempty"`   // decisions that a third person, settling it, agreed with
	Seconds float64           `json:"seconds,omitempty"` // from the claim to the decision
	LotID   string            `json:"lot_id,omitempty"`  // of the accepted lot that it was made with; its case was not looked at by itself

	CreatedAt time.Time  `json:"created_at"`
	UndoneAt  *time.Time `json:"undone_at,omitempty"`
}
