package model

import (
	"encoding/json"

	"github.com/tackhammer/tackhammer/kit"
)

// Carry makes the draft d a part of a larger one: into puts its value beside
// what goes along with it, such as a value that a person approved before.
//
//	type WithCode struct {
//		Entry // as approved
//		CodeDraft
//	}
//	model.Carry(d, func(c CodeDraft) WithCode { return WithCode{in.Value(), c} })
//
// T's fields have the same paths in U, as those of an embedded struct have. U's
// other fields are told as set by a person. It fails with kit.Internal when one
// of the two makes no schema, or into's value no JSON.
func Carry[T, U any](d Draft[T], into func(T) U) (Draft[U], error) {
	out := Draft[U]{Value: into(d.Value), Model: d.Model, Prompt: d.Prompt, Usage: d.Usage, GaveUp: d.GaveUp, Calibration: d.Calibration}
	own, err := SchemaOf[T]()
	if err != nil {
		return out, err
	}
	whole, err := SchemaOf[U]()
	if err != nil {
		return out, err
	}
	raw, err := json.Marshal(out.Value)
	if err != nil {
		return out, kit.Errorf(kit.Internal, "carry a draft: %w", err)
	}
	flat := whole.Flatten(raw)
	for path, value := range own.Flatten(d.Raw) {
		flat[path] = value // as it was drafted, also where it is no T
	}
	out.Raw, out.Fields = whole.Assemble(flat), carried(own, whole, d.Fields, flat)
	return out, nil
}

// carried are the fields of whole: own's as drafted, the others as set.
func carried(own, whole *Schema, drafted []kit.Field, flat map[string]json.RawMessage) []kit.Field {
	byPath := map[string]kit.Field{}
	for _, f := range drafted {
		byPath[f.Path] = f
	}
	var all []kit.Field
	for _, spec := range whole.Fields() {
		f, ok := byPath[spec.Path]
		if _, mine := own.field(spec.Path); !ok && !mine {
			f, ok = kit.Field{Path: spec.Path, Value: flat[spec.Path], Confidence: 1, Marks: []kit.Mark{kit.MarkSet}}, true
		}
		if ok {
			all = append(all, f)
		}
	}
	return all
}
