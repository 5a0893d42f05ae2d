// Package kit holds the words of a reviewed service as Go types: a case is
// made of a document, a model drafts fields with evidence, a person decides,
// and only what was decided is delivered.
//
// The package is the ground floor: it imports no other room. Start with
// Document (what came in), Field (what was drafted) and Verdict (what a person
// said of it). Errors that cross a room carry a Code, see Error.
//
//	if !v.Releases() {
//		return kit.Errorf(kit.Conflict, "deliver %s: verdict %s releases nothing", id, v)
//	}
package kit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// State is where a case stands.
type State string

// The states of a case. Delivered, Rejected and Failed are final, though a
// failed case can be retried by a person.
const (
	Drafting   State = "drafting"   // a model or a code step has the next move
	InReview   State = "review"     // a person has the next move
	Delivering State = "delivering" // decided, on its way out
	Delivered  State = "delivered"
	Rejected   State = "rejected"
	Failed     State = "failed"
)

// States lists every state in the order in which a case meets them.
var States = []State{Drafting, InReview, Delivering, Delivered, Rejected, Failed}

// Verdict is what a person says of a draft.
type Verdict string

// The verdicts of a decision.
const (
	Approve Verdict = "approve" // the draft stands as it is
	Edit    Verdict = "edit"    // the draft stands with the person's changes
	Reject  Verdict = "reject"  // nothing leaves; the case ends
	Return  Verdict = "return"  // back to the draft step, with the person's words
	Skip    Verdict = "skip"    // another person should decide
)

// Verdicts lists every verdict.
var Verdicts = []Verdict{Approve, Edit, Reject, Return, Skip}

// Releases reports whether a decision with verdict v lets a delivery out.
func (v Verdict) Releases() bool { return v == Approve || v == Edit }

// Valid reports whether v is one of Verdicts.
func (v Verdict) Valid() bool {
	for _, w := range Verdicts {
		if v == w {
			return true
		}
	}
	return false
}

// Box is a rectangle on a page: left, top, right and bottom in the units of
// the page's own size, the origin at the top left.
type Box struct {
	X0 float64 `json:"x0"`
	Y0 float64 `json:"y0"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
}

// Page is the size of one page of a document, in pixels or points.
type Page struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Span says where on its page a run of a document's text stands. Start and End
// are byte offsets into Document.Text, End exclusive; Page counts from 0.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
	Page  int `json:"page"`
	Box   Box `json:"box"`
}

// Document is what a case was made of: the text that people and models read,
// and where each run of it stands on the scan. Text is UTF-8 with lines ended
// by "\n"; runs that stand in one row of a scan share a line, parted by two
// spaces. Spans is in order of Start and empty when no layout is known.
type Document struct {
	Name      string `json:"name,omitempty"`       // file name as the user knew it
	MediaType string `json:"media_type,omitempty"` // of the original bytes
	Text      string `json:"text"`
	Spans     []Span `json:"spans,omitempty"`
	Pages     []Page `json:"pages,omitempty"`
	Blob      string `json:"blob,omitempty"` // hex SHA-256 of the original bytes, the key in the blob store
}

// Source returns the document itself, so that an input type that embeds
// Document tells where evidence is to be looked for.
func (d Document) Source() Document { return d }

// Sourced is an input that is backed by a document.
type Sourced interface{ Source() Document }

// Evidence is a place in a document's text that speaks for a value. Start and
// End are byte offsets into Document.Text, End exclusive; Line counts from 1.
// Page and Box are set when the document knows its layout.
type Evidence struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Line  int    `json:"line"`
	Text  string `json:"text"`
	Page  int    `json:"page"`
	Box   *Box   `json:"box,omitempty"`
}

// Mark is a sign on a field that asks for a closer look.
type Mark string

// The marks of a field.
const (
	MarkRepaired Mark = "repaired"  // the model's JSON had to be mended
	MarkRetried  Mark = "retried"   // the first answer did not validate
	MarkNotFound Mark = "not_found" // the value does not stand in the source
	MarkInvalid  Mark = "invalid"   // the value breaks the schema
	MarkMissing  Mark = "missing"   // no value could be drafted
	MarkByHand   Mark = "by_hand"   // a person fills it in: the model gave up
	MarkSet      Mark = "set"       // a person set it: no draft overwrites it
)

// Field is one drafted value. Path names it in dots ("total", "seller.name");
// Value is its JSON; Confidence is between 0 and 1, the higher the surer.
type Field struct {
	Path       string          `json:"path"`
	Value      json.RawMessage `json:"value"`
	Confidence float64         `json:"confidence"`
	Evidence   []Evidence      `json:"evidence"`
	Marks      []Mark          `json:"marks,omitempty"`
	Signs      *Signs          `json:"signs,omitempty"` // nil where nothing but Confidence is known
}

// Signs are what Confidence is calibrated from: what the model said of its own
// value. Log-probabilities are natural and at most 0.
type Signs struct {
	Raw    float64 `json:"raw"`              // the confidence before calibration, 0 to 1
	Tokens int     `json:"tokens,omitempty"` // of the value; 0 where no log-probabilities are known
	Mean   float64 `json:"mean,omitempty"`   // log-probability of those tokens
	Min    float64 `json:"min,omitempty"`
	P10    float64 `json:"p10,omitempty"`    // 10th percentile
	Margin float64 `json:"margin,omitempty"` // least distance to a runner-up, in nats; -1 where unknown
	Barred float64 `json:"barred,omitempty"` // largest probability of what an enum does not allow
	Agree  float64 `json:"agree,omitempty"`  // share of further samples that said the same; 0 where none were drawn
}

// ModelInfo says which model made a draft. Digest changes whenever the model
// could answer differently: the weights' digest, or the hash of the rules.
type ModelInfo struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
	Server string `json:"server,omitempty"` // the kind and version of the server that runs it, "ollama 0.17.4"; "" where none does
}

// Clock tells the time. The zero value of a Config that holds one is filled
// with Now.
type Clock func() time.Time

// Now is the time in UTC at microseconds, the precision that both database
// engines keep.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Hash returns the hex SHA-256 of b (FIPS 180-4), 64 digits.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// NewID returns a fresh identifier, a UUID version 7 (RFC 9562): it sorts by
// the time of its making.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }
