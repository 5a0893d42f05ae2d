package model

import (
	"bytes"
	"encoding/json"
	"reflect"

	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tackhammer/tackhammer/kit"
)

// Kind says how a field is read, shown and typed in.
type Kind string

// The kinds of a field.
const (
	Text     Kind = "text"
	LongText Kind = "longtext" // text of more than a line
	Date     Kind = "date"     // text, YYYY-MM-DD, a day of the calendar
	Number   Kind = "number"
	Integer  Kind = "integer"
	Bool     Kind = "bool"
	Enum     Kind = "enum" // text, one of FieldSpec.Enum
	JSON     Kind = "json" // a list or another thing that is edited as JSON
)

// FieldSpec describes one field of a schema: what a form needs to show it.
type FieldSpec struct {
	Path      string            // in dots: "seller.name"
	Kind      Kind              //
	Label     map[string]string // language to words: {"en": "Company", "zh": "公司"}; always has "en"
	Nullable  bool              // null is a value: there is none in the source
	Enum      []string          // the allowed values, when Kind is Enum
	MaxLength int               // in characters; 0 when unbounded
	Private   bool              // does not leave with training data
}

// Schema is the shape of a Go struct as JSON Schema. Every property is
// required and none other is allowed, so that a model must say null where it
// found nothing. It is safe for many goroutines.
type Schema struct {
	json     []byte
	fields   []FieldSpec
	root     []*node
	compiled *validator.Schema
	rules    func(raw []byte) []kit.FieldError
}

// SchemaOf reads the schema of the struct T from its tags:
//
//	Company *string     `json:"company" label:"Company" label_zh:"公司" jsonschema:"minLength=1,maxLength=80"`
//	Date    string      `json:"date" jsonschema:"format=date"`
//	Total   json.Number `json:"total" jsonschema:"minimum=0"`
//	Kind    string      `json:"kind" jsonschema:"enum=cash,enum=card"`
//
// A pointer is nullable, json.Number is a number, a text longer than 160
// characters or tagged `kind:"longtext"` is a LongText, and a field tagged
// `private:"true"` is taken out of training data. A method
// `Validate() []kit.FieldError` on T or *T adds rules across fields; it is
// asked once all fields are valid by themselves. A T that is no struct, or has
// a tag that does not fit, is a kit.Internal error: it is the program's defect.
func SchemaOf[T any]() (*Schema, error) {
	t := reflect.TypeFor[T]()
	doc, root, err := reflectSchema(t)
	if err != nil {
		return nil, err
	}
	s := &Schema{json: doc, root: root, rules: rulesOf[T]}
	s.fields = leaves(root, nil)
	if s.compiled, err = compile(doc); err != nil {
		return nil, kit.Errorf(kit.Internal, "compile the schema of %s: %w", t, err)
	}
	return s, nil
}

// Check reports whether T makes a schema, with SchemaOf's error. A program
// asks it once when it starts.
func Check[T any]() error {
	_, err := SchemaOf[T]()
	return err
}

// JSON returns the JSON Schema document, the same bytes each time.
func (s *Schema) JSON() []byte { return bytes.Clone(s.json) }

// Hash returns the hex SHA-256 of JSON.
func (s *Schema) Hash() string {
	return kit.Hash(s.json)
}

// Fields returns the fields in the order of the struct. Nested structs are
// flattened; a slice, a map and a pointer to a struct are one field of kind
// JSON.
func (s *Schema) Fields() []FieldSpec { return append([]FieldSpec(nil), s.fields...) }

// Flatten returns the JSON of each field by path. What raw lacks is absent,
// what the schema does not know is dropped; raw that is no object gives an
// empty map.
func (s *Schema) Flatten(raw []byte) map[string]json.RawMessage {
	flat := make(map[string]json.RawMessage, len(s.fields))
	for path, r := range s.ranges(raw) {
		flat[path] = json.RawMessage(bytes.Clone(raw[r.start:r.end]))
	}
	return flat
}

// Assemble builds the object that flat describes, in schema order. A field
// that flat lacks is null.
func (s *Schema) Assemble(flat map[string]json.RawMessage) []byte {
	var b bytes.Buffer
	assemble(&b, s.root, flat)
	return b.Bytes()
}

// field finds a field by its path.
func (s *Schema) field(path string) (FieldSpec, bool) {
	for _, f := range s.fields {
		if f.Path == path {
			return f, true
		}
	}
	return FieldSpec{}, false
}

// span is a run of bytes, end exclusive.
type span struct{ start, end int }

// ranges says where in raw the value of each field stands. A value that is cut
// short ends the walk; what came before it is kept.
func (s *Schema) ranges(raw []byte) map[string]span {
	return walk(raw, s.root)
}

func walk(raw []byte, nodes []*node) map[string]span {
	found := make(map[string]span)
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err == nil && tok == json.Delim('{') {
		walkObject(dec, nodes, found)
	}
	return found
}

// walkObject reads the members of an object that is already open.
func walkObject(dec *json.Decoder, nodes []*node, found map[string]span) {
	for dec.More() {
		key, err := dec.Token()
		if err != nil || !walkValue(dec, child(nodes, key), found) {
			return
		}
	}
}

// walkValue reads one value: into its members where the schema has some.
func walkValue(dec *json.Decoder, n *node, found map[string]span) bool {
	var raw json.RawMessage
	if dec.Decode(&raw) != nil {
		return false
	}
	end := int(dec.InputOffset())
	start := end - len(raw)
	switch {
	case n == nil:
	case n.kids == nil:
		found[n.spec.Path] = span{start, end}
	default:
		for path, r := range walk(raw, n.kids) {
			found[path] = span{start + r.start, start + r.end}
		}
	}
	return true
}

func child(nodes []*node, key json.Token) *node {
	for _, n := range nodes {
		if n.name == key {
			return n
		}
	}
	return nil
}

func assemble(b *bytes.Buffer, nodes []*node, flat map[string]json.RawMessage) {
	b.WriteByte('{')
	for i, n := range nodes {
		if i > 0 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(n.name)
		b.Write(key)
		b.WriteByte(':')
		assembleValue(b, n, flat)
	}
	b.WriteByte('}')
}

func assembleValue(b *bytes.Buffer, n *node, flat map[string]json.RawMessage) {
	switch value := flat[n.spec.Path]; {
	case n.kids != nil:
		assemble(b, n.kids, flat)
	case json.Valid(value):
		_ = json.Compact(b, value) // cannot fail: it is valid
	default:
		b.WriteString("null")
	}
}
