package workflow

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// keeping is what a new draft of a case leaves as it is: what people set, and
// of the draft before what they did not ask for again.
type keeping struct {
	set    map[string]json.RawMessage // by path
	before map[string]kit.Field       // of the draft before, by path; none when all is asked for
	wish   review.Wish
}

// keeping reads what the next draft of a step is to keep. Nobody decides on a
// case while it is drafted, so that it holds until the draft is stored.
func (r *Runner) keeping(ctx context.Context, db bun.IDB, caseID string, s *step) (*keeping, error) {
	k := &keeping{set: map[string]json.RawMessage{}, before: map[string]kit.Field{}}
	locks, err := review.Locks(ctx, db, caseID, s.name)
	if err != nil {
		return nil, err
	}
	for _, l := range locks {
		k.set[l.Path] = l.Value
	}
	wish, err := review.WishOf(ctx, db, caseID, r.Workflow.after(s).name)
	if err != nil || wish == nil {
		return k, err
	}
	k.wish = *wish
	if len(wish.Redraft) == 0 {
		return k, nil
	}
	k.before, err = fieldsBefore(ctx, db, caseID, s.name)
	for _, path := range wish.Redraft {
		delete(k.before, path)
	}
	return k, err
}

// fieldsBefore are those of the last draft of a step, by path.
func fieldsBefore(ctx context.Context, db bun.IDB, caseID, step string) (map[string]kit.Field, error) {
	var stored string
	err := db.NewRaw(`SELECT fields FROM drafts WHERE case_id = ? AND step = ? AND NOT canary ORDER BY id DESC LIMIT 1`,
		caseID, step).Scan(ctx, &stored)
	if err != nil {
		return nil, err
	}
	var fields []kit.Field
	byPath := map[string]kit.Field{}
	err = json.Unmarshal([]byte(stored), &fields)
	for _, f := range fields {
		byPath[f.Path] = f
	}
	return byPath, err
}

// tell is a context in which the model is told what people said and set.
func (k *keeping) tell(ctx context.Context) context.Context {
	return model.WithSettled(model.WithComment(ctx, k.wish.Comment), k.set, k.wish.Redraft)
}

// merge puts what is kept into a new draft. What a person set has their value,
// marked so, with the evidence for it.
func (k *keeping) merge(d *drafted, s *step, source kit.Document) {
	if len(k.set)+len(k.before) == 0 {
		return
	}
	values := s.schema.Flatten(d.value)
	for _, spec := range s.schema.Fields() {
		kept, ok := k.before[spec.Path]
		if value, set := k.set[spec.Path]; set {
			kept, ok = kit.Field{Path: spec.Path, Value: value, Confidence: 1, Marks: []kit.Mark{kit.MarkSet},
				Evidence: s.schema.Evidence(source, spec.Path, value)}, true
		}
		if !ok {
			continue
		}
		values[spec.Path] = kept.Value
		i := slices.IndexFunc(d.fields, func(f kit.Field) bool { return f.Path == spec.Path })
		if i < 0 {
			d.fields = append(d.fields, kept)
		} else {
			d.fields[i] = kept
		}
	}
	d.value = s.schema.Assemble(values)
}
