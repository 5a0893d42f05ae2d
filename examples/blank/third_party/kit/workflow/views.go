package workflow

import (
	"encoding/json"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Submission is a case to be made.
type Submission struct {
	Name  string          // what people call it; a file's name
	Input json.RawMessage // JSON of the workflow's input type

	// Key makes a repeated submission by the same user return the first
	// answer. Empty means no such promise.
	Key string

	// Content is the hash of the imported file. A second submission with the
	// same content fails with kit.Duplicate and names the first case. Empty
	// means that duplicates are welcome.
	Content string
}

// Submitted is the answer to a submission: for a repeated key the first one.
type Submitted struct {
	ID       string    `json:"id"`
	State    kit.State `json:"state"`
	Repeated bool      `json:"-"` // the key was seen before
}

// CaseRow is a case in a list.
type CaseRow struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	State     kit.State `json:"state"`
	Step      string    `json:"step"`
	Error     string    `json:"error,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Case is one piece of work with all that happened to it.
type Case struct {
	CaseRow
	Input json.RawMessage `json:"input"`
	Draft *review.Draft   `json:"draft"` // the latest; nil before the first
	// Concealed says, in words, that the reader is not shown what the draft
	// says yet; "" when they are.
	Concealed string `json:"concealed,omitempty"`

	ReviewID string           `json:"review_id"`       // the one that waits; "" when none does
	Cause    review.Cause     `json:"cause,omitempty"` // why the reader may not claim that one
	Decision *review.Decision `json:"decision"`        // the one that stands; nil before

	// Undecided is set where Decision is no more than the reader's own, and
	// others are still to decide in the same round.
	Undecided *Undecided `json:"undecided,omitempty"`

	Delivery *Delivery  `json:"delivery"`
	Error    *CaseError `json:"error"`
	History  []Event    `json:"history"`           // the newest 100 events, oldest first
	Earlier  string     `json:"earlier,omitempty"` // where Runner.History goes on; "" when History is all
}

// Undecided is how far a round is beside its reader's own decision.
type Undecided struct {
	Out    int `json:"out" doc:"How many others are still to decide"`
	Others int `json:"others" doc:"How many others decide, those who have decided included"`
	// Disagree is set once all decided, and disagree.
	Disagree bool `json:"disagree" doc:"Whether those who decided disagree, and somebody else settles it"`
}

// CaseError is why a case failed for good, or with the code OverBudget why it
// waits.
type CaseError struct {
	Code    kit.Code `json:"code"`
	Message string   `json:"message"`
}

// Delivery is an approved output on its way out, or arrived.
type Delivery struct {
	ID         string          `json:"id"`
	CaseID     string          `json:"case_id"`
	CaseName   string          `json:"case_name"`
	Step       string          `json:"step"`
	DecisionID string          `json:"decision_id"`
	Output     json.RawMessage `json:"output"`
	Receipt    audit.Receipt   `json:"receipt"`
	Sends      []Send          `json:"sends"`
	CreatedAt  time.Time       `json:"created_at"`
}

// Send is how far a delivery has come with one target.
type Send struct {
	Target   string     `json:"target"`
	Attempts int        `json:"attempts"`
	Error    string     `json:"error,omitempty"`
	DoneAt   *time.Time `json:"done_at"`
}

// Status is the state of the whole service.
type Status struct {
	Workflow string              `json:"workflow"`
	Model    kit.ModelInfo       `json:"model"`
	Database string              `json:"database"`
	Cases    map[kit.State]int64 `json:"cases"`
	Oldest   *time.Time          `json:"oldest_review"`    // when the longest-waiting review was made
	Budget   *Budget             `json:"budget,omitempty"` // of the month; nil without one. The API shows its amounts to leads and administrators
	Chain    *audit.Head         `json:"chain,omitempty"`  // the trail's last event; the API shows it to administrators
}

// CaseFilter chooses cases, newest first.
type CaseFilter struct {
	State kit.State // "" for all
	Query string    // words that a case must all have; "" for all
	After string    // Next of the page before
	Limit int       // Defaults to 50, at most 200
}

// Page is one page of a list. Next is the cursor of the page after, "" at the
// end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Outcome is what came of a decision.
type Outcome struct {
	Decision  review.Decision `json:"decision"`
	Case      CaseRow         `json:"case"`
	Repeated  bool            `json:"-"`                    // the key was seen before: this is the first answer
	UndoUntil *time.Time      `json:"undo_until,omitempty"` // until when Undo may take it back
	Canary    *CanaryFound    `json:"canary,omitempty"`     // what was wrong on purpose; nil when nothing was
}
