package review

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

// What a person does with a field.
const (
	fieldChanged   = "changed"
	fieldCleared   = "cleared"
	fieldConfirmed = "confirmed"
)

// judging is what a decision is made of: the draft, and what the person wants
// of it.
type judging struct {
	schema *model.Schema
	draft  string
	before map[string]json.RawMessage // the draft by path
	req    Request
}

// judge fills what a decision makes of the draft.
func (d *Decision) judge(ctx context.Context, tx bun.Tx, schema *model.Schema, l locked, req Request) error {
	if !d.Verdict.Releases() && d.Verdict != kit.Return {
		return nil
	}
	j := judging{schema: schema, req: req}
	if err := tx.NewRaw(`SELECT value FROM drafts WHERE id = ?`, l.DraftID).Scan(ctx, &j.draft); err != nil {
		return err
	}
	j.before = schema.Flatten([]byte(j.draft))
	if err := d.confirm(j); err != nil {
		return err
	}
	if d.Verdict == kit.Return {
		return d.giveBack(ctx, tx, j, l)
	}
	return d.release(j)
}

// confirm refuses to confirm what is no field of the draft.
func (d *Decision) confirm(j judging) error {
	var bad faults
	for _, path := range j.req.Confirmed {
		_, drafted := j.before[path]
		bad.add(drafted, path, "is not a field of the draft")
	}
	return bad.err("decide review " + d.ReviewID)
}

// release fills the final value.
func (d *Decision) release(j judging) error {
	for _, f := range j.schema.Fields() {
		_, drafted := j.before[f.Path]
		if _, typed := j.req.Fields[f.Path]; !drafted && !typed {
			return kit.Errorf(kit.Stale, "decide review %s: the field %s is newer than the draft", d.ReviewID, f.Path).
				WithHint("fill it in, or return the review for a new draft; nothing was decided")
		}
	}
	final, bad := j.schema.Apply([]byte(j.draft), j.req.Fields)
	if err := faults(bad).err("decide review " + d.ReviewID); err != nil {
		return err
	}
	d.Value = final
	d.tell(j)
	return nil
}

// giveBack keeps what a return says of single fields. The rest of the draft
// may break rules: it is to be made again.
func (d *Decision) giveBack(ctx context.Context, tx bun.Tx, j judging, l locked) error {
	partly, problems := j.schema.Apply([]byte(j.draft), j.req.Fields)
	var bad faults
	for _, p := range problems {
		bad.add(!j.sets(p.Path), p.Path, p.Message)
	}
	d.Redraft = slices.Compact(slices.Sorted(slices.Values(j.req.Redraft)))
	if err := d.checkRedraft(ctx, tx, j, l, &bad); err != nil {
		return err
	}
	if err := bad.err("decide review " + d.ReviewID); err != nil {
		return err
	}
	if len(j.req.Fields)+len(j.req.Confirmed) > 0 {
		d.Value = partly
		d.tell(j)
	}
	return nil
}

// checkRedraft refuses to ask the model for what is no field, or for what a
// person set.
func (d *Decision) checkRedraft(ctx context.Context, tx bun.Tx, j judging, l locked, bad *faults) error {
	locks, err := Locks(ctx, tx, l.CaseID, l.DraftStep)
	for _, path := range d.Redraft {
		known := slices.ContainsFunc(j.schema.Fields(), func(f model.FieldSpec) bool { return f.Path == path })
		bad.add(known, path, "is not a field of this form")
		held := slices.ContainsFunc(locks, func(l Lock) bool { return l.Path == path })
		bad.add(!held && !j.sets(path), path, "was set by a person: change it, or leave it")
	}
	return err
}

// sets reports whether the person sets the field, or the whole that a path
// like list[1] is part of.
func (j judging) sets(path string) bool {
	own := func(field string) bool {
		return path == field || strings.HasPrefix(path, field+"[") || strings.HasPrefix(path, field+".")
	}
	for field := range j.req.Fields {
		if own(field) {
			return true
		}
	}
	return slices.ContainsFunc(j.req.Confirmed, own)
}

// tell fills what was done with single fields.
func (d *Decision) tell(j judging) {
	after := j.schema.Flatten(d.Value)
	d.Changed = changed(j.before, after)
	d.Fields = map[string]string{}
	for _, path := range j.req.Confirmed {
		d.Fields[path] = fieldConfirmed
	}
	for path := range j.req.Fields {
		switch {
		case !slices.Contains(d.Changed, path):
			d.Fields[path] = fieldConfirmed // typed as it was drafted
		case string(after[path]) == "null":
			d.Fields[path] = fieldCleared
		default:
			d.Fields[path] = fieldChanged
		}
	}
}

// changed lists the paths whose values differ, sorted.
func changed(before, after map[string]json.RawMessage) []string {
	var paths []string
	for path, v := range after {
		if string(before[path]) != string(v) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}
