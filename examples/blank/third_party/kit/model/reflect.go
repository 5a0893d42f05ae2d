package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	invopop "github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tackhammer/tackhammer/kit"
)

// longText is the length in characters from which a text is shown in a box of
// several lines.
const longText = 160

// node is one property of the schema: a field, or a struct with kids.
type node struct {
	name string
	spec FieldSpec
	kids []*node
}

// leaves lists the fields under nodes in order.
func leaves(nodes []*node, into []FieldSpec) []FieldSpec {
	for _, n := range nodes {
		if n.kids != nil {
			into = leaves(n.kids, into)
			continue
		}
		into = append(into, n.spec)
	}
	return into
}

// reflectSchema makes the JSON Schema of struct t and the tree of its fields.
func reflectSchema(t reflect.Type) ([]byte, []*node, error) {
	if t.Kind() != reflect.Struct {
		return nil, nil, kit.Errorf(kit.Internal, "make a schema of %s: it is no struct", t)
	}
	if loops(t, nil) {
		return nil, nil, kit.Errorf(kit.Internal, "make a schema of %s: the type holds itself", t)
	}
	r := invopop.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true, Mapper: mapNumber}
	doc := r.ReflectFromType(t)
	doc.Version = ""
	root, err := shape(t, doc, "")
	if err != nil {
		return nil, nil, err
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, nil, kit.Errorf(kit.Internal, "write the schema of %s: %w", t, err)
	}
	return raw, root, nil
}

// mapNumber makes json.Number a number; to the reflector it is a string.
func mapNumber(t reflect.Type) *invopop.Schema {
	if t == reflect.TypeFor[json.Number]() {
		return &invopop.Schema{Type: "number"}
	}
	return nil
}

// shape walks struct t beside its schema: it tells the schema what the
// reflector does not (null, and that every property is required) and returns
// the fields.
func shape(t reflect.Type, doc *invopop.Schema, prefix string) ([]*node, error) {
	var nodes []*node
	doc.Required = nil
	fields := byName(t)
	for p := doc.Properties.Oldest(); p != nil; p = p.Next() {
		f, ok := fields[p.Key]
		if !ok {
			return nil, kit.Errorf(kit.Internal, "make a schema of %s: no field for the property %q", t, p.Key)
		}
		doc.Required = append(doc.Required, p.Key)
		n, err := property(f, p.Value, p.Key, prefix)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 0 {
		return nil, kit.Errorf(kit.Internal, "make a schema of %s: it has no fields", t)
	}
	return nodes, nil
}

// property makes the node of one struct field.
func property(f reflect.StructField, doc *invopop.Schema, name, prefix string) (*node, error) {
	n := &node{name: name, spec: FieldSpec{Path: prefix + name, Label: labels(f, name), Private: f.Tag.Get("private") == "true"}}
	if strings.Contains(f.Tag.Get("json"), ",omit") {
		return nil, kit.Errorf(kit.Internal, "make a schema: field %s is tagged omitempty, but every field is always present", n.spec.Path)
	}
	if f.Type.Kind() == reflect.Struct && doc.Properties != nil {
		kids, err := shape(f.Type, doc, n.spec.Path+".")
		n.kids = inherit(kids, n.spec.Private)
		return n, err
	}
	if err := require(f.Type, doc); err != nil {
		return nil, err
	}
	n.spec.Kind = kindOf(f, doc)
	for _, v := range doc.Enum {
		n.spec.Enum = append(n.spec.Enum, fmt.Sprint(v))
	}
	if doc.MaxLength != nil {
		n.spec.MaxLength = int(*doc.MaxLength)
	}
	if f.Type.Kind() == reflect.Pointer {
		n.spec.Nullable = true
		allowNull(doc)
	}
	return n, nil
}

// inherit makes all fields of a private struct private.
func inherit(kids []*node, private bool) []*node {
	for _, k := range kids {
		k.spec.Private = k.spec.Private || private
		inherit(k.kids, k.spec.Private)
	}
	return kids
}

// require makes the structs inside lists and behind pointers as strict as
// those that are flattened.
func require(t reflect.Type, doc *invopop.Schema) error {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		if t.Kind() != reflect.Pointer {
			doc = doc.Items
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || doc == nil || doc.Properties == nil {
		return nil
	}
	_, err := shape(t, doc, "")
	return err
}

// allowNull widens a property's type by null.
func allowNull(doc *invopop.Schema) {
	if doc.Type == "" {
		return
	}
	doc.Extras = map[string]any{"type": []string{doc.Type, "null"}}
	doc.Type = ""
	if len(doc.Enum) > 0 {
		doc.Enum = append(doc.Enum, nil)
	}
}

// kindOf tells the kind of a field from its schema and its tag.
func kindOf(f reflect.StructField, doc *invopop.Schema) Kind {
	switch {
	case len(doc.Enum) > 0 && doc.Type == "string":
		return Enum
	case doc.Type == "string" && doc.Format == "date":
		return Date
	case doc.Type == "string" && isLong(f, doc):
		return LongText
	case doc.Type == "string":
		return Text
	case doc.Type == "number":
		return Number
	case doc.Type == "integer":
		return Integer
	case doc.Type == "boolean":
		return Bool
	}
	return JSON
}

func isLong(f reflect.StructField, doc *invopop.Schema) bool {
	return f.Tag.Get("kind") == string(LongText) || (doc.MaxLength != nil && *doc.MaxLength > longText)
}

// labels reads the tags label (English) and label_LANG; without any, the
// property's name in words stands in.
func labels(f reflect.StructField, name string) map[string]string {
	words := strings.ReplaceAll(name, "_", " ")
	out := map[string]string{"en": strings.ToUpper(words[:1]) + words[1:]}
	if v := f.Tag.Get("label"); v != "" {
		out["en"] = v
	}
	for _, part := range strings.Fields(string(f.Tag)) {
		if lang, _, ok := strings.Cut(strings.TrimPrefix(part, "label_"), ":"); ok && strings.HasPrefix(part, "label_") {
			out[lang] = f.Tag.Get("label_" + lang)
		}
	}
	return out
}

// byName maps the JSON names of t's fields, embedded ones included.
func byName(t reflect.Type) map[string]reflect.StructField {
	out := make(map[string]reflect.StructField)
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		if _, taken := out[name]; !taken && f.IsExported() {
			out[name] = f
		}
	}
	return out
}

// loops reports whether t holds itself: such a type has no finite form.
func loops(t reflect.Type, above []reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for _, a := range above {
		if a == t {
			return true
		}
	}
	for i := range t.NumField() {
		if loops(t.Field(i).Type, append(above, t)) {
			return true
		}
	}
	return false
}

// compile prepares doc for validation with formats asserted.
func compile(doc []byte) (*validator.Schema, error) {
	parsed, err := validator.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return nil, err
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("draft.json", parsed); err != nil {
		return nil, err
	}
	return c.Compile("draft.json")
}
