package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Receipt proves who decided what about one delivery: what the model drafted,
// what the person made of it, which output left, and where the audit trail
// stood. Hashes are hex SHA-256.
type Receipt struct {
	Delivery string          `json:"delivery"`
	Case     string          `json:"case"`
	Workflow string          `json:"workflow"`
	Step     string          `json:"step"` // the delivery step
	Decision ReceiptDecision `json:"decision"`
	Lot      *ReceiptLot     `json:"lot,omitempty"` // set when the case was not looked at by itself

	// Others are the decisions that came to the same before it, where several
	// people had to: with the one above they made the quorum, or stood when a
	// disagreement was settled.
	Others []ReceiptDecision `json:"others,omitempty"`

	// Earlier are the reviews that the case passed before that of Decision, in a
	// workflow with several, in their order.
	Earlier []ReceiptStep `json:"earlier,omitempty"`

	Fields     []ReceiptField `json:"fields"`
	Model      kit.ModelInfo  `json:"model"`
	PromptHash string         `json:"prompt_hash"` // "" where no prompt was used
	InputHash  string         `json:"input_hash"`
	OutputHash string         `json:"output_hash"` // of the delivered JSON's bytes
	Chain      Head           `json:"chain"`
	At         time.Time      `json:"at"`
	PublicKey  string         `json:"public_key"` // Ed25519, base64
	Signature  string         `json:"signature"`  // Ed25519, base64
}

// ReceiptDecision is what the person decided, and the hash of what they saw.
type ReceiptDecision struct {
	ID      string        `json:"id"`
	Verdict kit.Verdict   `json:"verdict"`
	Person  ReceiptPerson `json:"person"`
	At      time.Time     `json:"at"`
	Reason  string        `json:"reason"`
	Subject string        `json:"subject"`
}

// ReceiptStep is a review step that the case passed, and the decisions by which
// it did, those that came to the same among them.
type ReceiptStep struct {
	Step      string            `json:"step"`
	Decisions []ReceiptDecision `json:"decisions"`
}

// ReceiptLot is the lot that a person accepted, and the case with it, on a
// random sample.
type ReceiptLot struct {
	ID         string        `json:"id"`
	Size       int           `json:"size"`       // cases in it
	Sample     int           `json:"sample"`     // of those, reviewed field by field
	Wrong      int           `json:"wrong"`      // of the sample
	Bound      float64       `json:"bound"`      // the share of wrong cases in the lot, at most
	Error      float64       `json:"error"`      // the share that was promised
	Confidence float64       `json:"confidence"` // how sure the bound is
	Person     ReceiptPerson `json:"person"`     // who accepted it
	At         time.Time     `json:"at"`
}

// ReceiptPerson names who decided.
type ReceiptPerson struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ReceiptField is one field as drafted and as decided. Set tells that the draft
// had its value from a person: who settled it before the draft was made, in an
// earlier step or when they returned it. No model drafted it then.
type ReceiptField struct {
	Path  string          `json:"path"`
	Draft json.RawMessage `json:"draft"`
	Final json.RawMessage `json:"final"`
	Set   bool            `json:"set,omitempty"`
}

// signed is what the signature covers: the receipt's JSON without the
// signature, keys sorted, no spaces, numbers as they were written, and no
// character escaped that need not be. Any program can build it again from the
// receipt's JSON, however that was indented or ordered.
func (r Receipt) signed() ([]byte, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var members map[string]any
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.UseNumber()
	if err := dec.Decode(&members); err != nil {
		return nil, err
	}
	delete(members, "signature")
	return canonical(members)
}

// canonical encodes v by Go's rules for maps: keys sorted by their bytes.
func canonical(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// CheckReceipt checks, offline, that r was signed with key, that nothing in it
// changed since, and that output is what was delivered. It returns nil, or a
// kit.Invalid error that names what is wrong.
//
// A nil key stands for the one that the receipt itself holds. That is the
// weaker check: it finds a change, but whoever can make a key can forge a whole
// receipt, so say so where its result is shown.
func CheckReceipt(r Receipt, output []byte, key ed25519.PublicKey) error {
	own, err := ParsePublicKey(r.PublicKey)
	if err != nil {
		return wrong(r, "its public key is no Ed25519 key")
	}
	if key == nil {
		key = own
	}
	if !key.Equal(own) {
		return wrong(r, "it names another key (%s) than the service's (%s)", r.PublicKey, base64.StdEncoding.EncodeToString(key))
	}
	if err := r.checkSignature(output, key); err != nil {
		return err
	}
	if got := kit.Hash(output); got != r.OutputHash {
		return wrong(r, "the output is not the one that was delivered: its hash is %s, the receipt says %s%s", got, r.OutputHash, r.differing(output))
	}
	return nil
}

func (r Receipt) checkSignature(output []byte, key ed25519.PublicKey) error {
	signature, err := base64.StdEncoding.DecodeString(r.Signature)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return wrong(r, "it has no Ed25519 signature")
	}
	message, err := r.signed()
	if err != nil {
		return wrong(r, "it is not JSON: %v", err)
	}
	if !ed25519.Verify(key, message, signature) {
		return wrong(r, "the signature does not match: the receipt was changed after it was signed%s", r.differing(output))
	}
	return nil
}

func wrong(r Receipt, format string, args ...any) error {
	return kit.Errorf(kit.Invalid, "check receipt of delivery "+strings.ReplaceAll(r.Delivery, "%", "%%")+": "+format, args...)
}

// differing helps to find a change: it names the fields whose final value is
// not what output holds at the same path.
func (r Receipt) differing(output []byte) string {
	var paths []string
	for _, f := range r.Fields {
		if at, ok := lookup(output, f.Path); ok && !sameJSON(at, f.Final) {
			paths = append(paths, f.Path)
		}
	}
	if paths == nil {
		return ""
	}
	return "; output and receipt differ in " + strings.Join(paths, ", ")
}

// lookup finds the value at a dotted path of JSON objects.
func lookup(doc json.RawMessage, path string) (json.RawMessage, bool) {
	for _, name := range strings.Split(path, ".") {
		var members map[string]json.RawMessage
		if json.Unmarshal(doc, &members) != nil {
			return nil, false
		}
		next, ok := members[name]
		if !ok {
			return nil, false
		}
		doc = next
	}
	return doc, true
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
