package api

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// orNull is a value that may be absent; it is null then, and documented so.
type orNull[T any] struct{ v *T }

// MarshalJSON writes the value or null.
func (o orNull[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.v) }

// Schema says that null is possible.
func (orNull[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}

// caseView is a case as programs read it.
type caseView struct {
	ID        string                     `json:"id"`
	Name      string                     `json:"name" doc:"What people call it: a file's name"`
	State     kit.State                  `json:"state" enum:"drafting,review,delivering,delivered,rejected,failed"`
	Step      string                     `json:"step" doc:"The step that has the next move, or had the last"`
	Input     json.RawMessage            `json:"input"`
	Draft     orNull[review.Draft]       `json:"draft" doc:"The latest draft"`
	Concealed string                     `json:"concealed" doc:"Says, in words, that the draft is not shown to you yet; empty when it is"`
	ReviewID  string                     `json:"review_id" doc:"The review that waits, empty when none does"`
	Cause     review.Cause               `json:"cause" enum:",role,assigned,submitted,reviewed,seated,decided,disagreed" doc:"Why you may not claim that review, empty when you may"`
	Decision  orNull[review.Decision]    `json:"decision" doc:"The decision that stands; with undecided your own"`
	Undecided orNull[workflow.Undecided] `json:"undecided" doc:"Set while decision is yours alone and others are still to decide: nothing comes of it before"`
	Delivery  orNull[workflow.Delivery]  `json:"delivery"`
	Error     orNull[workflow.CaseError] `json:"error" doc:"Why the case failed; with the code budget why it waits"`
	History   []workflow.Event           `json:"history" nullable:"false" doc:"What happened to it last, up to 100 events, oldest first"`
	Earlier   *string                    `json:"earlier" doc:"The value of after that lists what happened before that, null when nothing did"`
	CreatedAt time.Time                  `json:"created_at"`
	UpdatedAt time.Time                  `json:"updated_at"`
}

func viewCase(c *workflow.Case) caseView {
	var earlier *string
	if c.Earlier != "" {
		earlier = &c.Earlier
	}
	if c.Draft != nil {
		d := *c.Draft
		d.Fields = withEvidence(d.Fields)
		c.Draft = &d
	}
	return caseView{
		ID: c.ID, Name: c.Name, State: c.State, Step: c.Step, Input: orEmpty(c.Input), ReviewID: c.ReviewID,
		Draft: orNull[review.Draft]{c.Draft}, Concealed: c.Concealed, Decision: orNull[review.Decision]{c.Decision},
		Cause: c.Cause, Undecided: orNull[workflow.Undecided]{c.Undecided},
		Delivery: orNull[workflow.Delivery]{c.Delivery}, Error: orNull[workflow.CaseError]{c.Error},
		History: list(c.History), Earlier: earlier, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

// page is one page of a list.
type page[T any] struct {
	Items []T     `json:"items" nullable:"false"`
	Next  *string `json:"next" doc:"The value of after for the next page, null at the end"`
}

func viewPage[T any](p workflow.Page[T]) page[T] {
	v := page[T]{Items: list(p.Items)}
	if p.Next != "" {
		v.Next = &p.Next
	}
	return v
}

// reviewView is a review as a program that shows it to a person reads it.
type reviewView struct {
	ID        string                     `json:"id"`
	CaseID    string                     `json:"case_id"`
	CaseName  string                     `json:"case_name"`
	Step      string                     `json:"step"`
	State     review.State               `json:"state" enum:"open,decided"`
	Subject   string                     `json:"subject" doc:"Hash of all that is shown here, empty while the draft is concealed; a decision names it"`
	Lease     review.Lease               `json:"lease" doc:"The claim on it; a decision names its epoch"`
	Holder    orNull[review.Holder]      `json:"holder" doc:"Who holds it now"`
	Cause     review.Cause               `json:"cause" enum:",role,assigned,submitted,reviewed,seated,decided,disagreed" doc:"Why you may not claim it, empty when you may"`
	Fields    []kit.Field                `json:"fields" nullable:"false" doc:"The draft, field by field"`
	Value     json.RawMessage            `json:"value" doc:"The draft as a whole"`
	Model     kit.ModelInfo              `json:"model"`
	GaveUp    string                     `json:"gave_up" doc:"Why no valid draft came, empty when one did"`
	Blind     bool                       `json:"blind" doc:"Its fields are filled in before the draft is shown"`
	Concealed string                     `json:"concealed" doc:"Says, in words, that the draft is not shown to you yet; empty when it is"`
	Filled    orNull[review.BlindAnswer] `json:"blind_answer" doc:"What you filled in, and where the draft says something else"`
	Comment   string                     `json:"comment" doc:"Why the draft before was returned"`
	Priority  int                        `json:"priority"`
	DueAt     time.Time                  `json:"due_at"`
	Tier      string                     `json:"tier" doc:"Whose terms the draft met, empty for the policy's own"`
	Quorum    int                        `json:"quorum" doc:"How many people decide, each without seeing the others"`
	Seat      int                        `json:"seat" doc:"Which of them this review is for, from 1"`
	Assigned  orNull[review.Holder]      `json:"assigned_to"`
	Locked    []review.Lock              `json:"locked" nullable:"false" doc:"Fields that people set; a redraft leaves them"`
	Versions  []review.Version           `json:"versions" nullable:"false" doc:"What those who disagree decided, for who settles it; else empty"`
	Source    json.RawMessage            `json:"source" doc:"What the draft was made of: a document {name, media_type, text, spans, pages, original_url}, or the case's input"`
	CreatedAt time.Time                  `json:"created_at"`
}

func viewReview(r *review.Review) reviewView {
	return reviewView{
		ID: r.ID, CaseID: r.CaseID, CaseName: r.CaseName, Step: r.Step, State: r.State, Subject: r.Subject,
		Lease: r.Lease, Holder: orNull[review.Holder]{r.Holder}, Cause: r.Cause, Fields: withEvidence(r.Draft.Fields),
		Value: orEmpty(r.Draft.Value), Model: r.Draft.Model, GaveUp: r.Draft.GaveUp, Comment: r.Comment,
		Priority: r.Priority, DueAt: r.DueAt, Tier: r.Tier, Quorum: r.Quorum, Seat: r.Seat,
		Assigned: orNull[review.Holder]{r.AssignedTo}, Locked: list(r.Locked), Versions: list(r.Versions),
		Blind: r.Blind, Concealed: r.Concealed, Filled: orNull[review.BlindAnswer]{r.BlindAnswer},
		Source: source(r.CaseID, r.Input), CreatedAt: r.CreatedAt,
	}
}

// withEvidence returns fields whose lists are lists, never null.
func withEvidence(fields []kit.Field) []kit.Field {
	out := make([]kit.Field, len(fields))
	for i, f := range fields {
		f.Value = orEmpty(f.Value)
		f.Evidence = list(f.Evidence)
		out[i] = f
	}
	return out
}

// list turns a nil slice into an empty one: a client should not meet null
// where it expects a list.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// orEmpty turns absent JSON into null.
func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}
