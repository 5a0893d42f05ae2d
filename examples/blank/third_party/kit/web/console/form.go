package console

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// The decision form's names. A field's value is posted as "f." and its path,
// what its input held when the page was made as "o." and its path, and that the
// person says it is right as "c." and its path.
const (
	nowPrefix  = "f."
	basePrefix = "o."
	surePrefix = "c."
)

// posted reads what a person typed. A checkbox posts its "true" after the
// "false" that stands for it, so the last value counts.
func posted(form url.Values) edits {
	e := edits{changed: map[string]string{}, base: map[string]string{}, confirmed: map[string]bool{}, words: map[string]string{},
		subject: form.Get("subject"), redraft: form["redraft"], chose: form.Has("redraft.shown")}
	now := map[string]string{}
	for name, values := range form {
		last := lines.Replace(values[len(values)-1])
		if path, ok := strings.CutPrefix(name, nowPrefix); ok {
			now[path] = last
		} else if path, ok := strings.CutPrefix(name, basePrefix); ok {
			e.base[path] = last
		} else if path, ok := strings.CutPrefix(name, surePrefix); ok {
			e.confirmed[path] = true
		} else if verdict, ok := strings.CutPrefix(name, "words."); ok && last != "" {
			e.words[verdict] = last
		}
	}
	for path, text := range now {
		if text != e.base[path] {
			e.changed[path] = text
			delete(e.confirmed, path) // it was confirmed before it was changed
		}
	}
	return e
}

// request turns the posted form into what the service is asked. problems are
// the words at each field that cannot be what it says, by path.
func (d *desk) request(t *tongue, r *review.Review, form url.Values) (review.Request, map[string]string) {
	verdict, reason, _ := strings.Cut(form.Get("verdict"), ":")
	epoch, _ := strconv.ParseInt(form.Get("epoch"), 10, 64) // a lease that never was is refused as lost
	req := review.Request{Verdict: kit.Verdict(verdict), Subject: form.Get("subject"), Epoch: epoch, Key: form.Get("key"),
		Reason: d.reason(t, verdict, reason, form.Get("words."+verdict))}
	problems := map[string]string{}
	e := posted(form)
	switch req.Verdict {
	case kit.Approve:
		d.set(t, r, e, &req, problems)
		if len(req.Fields) > 0 {
			req.Verdict = kit.Edit
		}
	case kit.Return:
		d.redraft(t, r, e, &req, problems)
	}
	if req.Reason == "" && (req.Verdict == kit.Reject || req.Verdict == kit.Return) {
		problems["reason"] = t.T("reason.needed")
	}
	return req, problems
}

// set puts into the request what the person did with single fields.
func (d *desk) set(t *tongue, r *review.Review, e edits, req *review.Request, problems map[string]string) {
	values := d.drafted(r)
	if fields := d.changes(t, r, e, problems); len(fields) > 0 {
		req.Fields = fields
	}
	for _, spec := range d.specs(r) {
		if _, changed := req.Fields[spec.Path]; !changed && e.sure(spec.Path, written(values[spec.Path])) {
			req.Confirmed = append(req.Confirmed, spec.Path)
		}
	}
}

// redraft puts into the request which fields the model is asked for again. What
// the person set in the others goes along, and is kept.
func (d *desk) redraft(t *tongue, r *review.Review, e edits, req *review.Request, problems map[string]string) {
	if e.chose && len(e.redraft) == 0 {
		problems["reason"] = t.T("redraft.none")
	}
	for _, path := range e.redraft {
		delete(e.changed, path)
		delete(e.confirmed, path)
	}
	d.set(t, r, e, req, problems)
	known := func(spec model.FieldSpec) bool { return slices.Contains(e.redraft, spec.Path) && !locks(r, spec.Path) }
	for _, spec := range d.specs(r) {
		if known(spec) {
			req.Redraft = append(req.Redraft, spec.Path)
		}
	}
	if len(req.Redraft) == 0 && len(e.redraft) > 0 {
		problems["reason"] = t.T("redraft.none")
	}
}

// locks reports whether a person set the field earlier.
func locks(r *review.Review, path string) bool {
	return slices.ContainsFunc(r.Locked, func(l review.Lock) bool { return l.Path == path })
}

// reason says a chosen reason in the person's language, with their own words.
func (d *desk) reason(t *tongue, verdict, code, words string) string {
	words = strings.TrimSpace(lines.Replace(words))
	said, known := t.has("reason." + verdict + "." + code)
	switch {
	case !known || code == "other":
		return words
	case words == "":
		return said
	}
	return said + t.T("reason.colon") + words
}

// changes are the values that differ from the draft.
func (d *desk) changes(t *tongue, r *review.Review, e edits, problems map[string]string) map[string]json.RawMessage {
	values := d.drafted(r)
	changed := map[string]json.RawMessage{}
	for _, spec := range d.specs(r) {
		draft := written(values[spec.Path])
		now := e.of(spec.Path, draft)
		if now == draft {
			continue
		}
		raw, problem := typed(spec, now)
		switch {
		case problem != "":
			problems[spec.Path] = t.T(problem)
		case string(raw) != string(values[spec.Path]):
			changed[spec.Path] = raw
		}
	}
	return changed
}

// reasons are what a person may choose from, by verdict; the catalogue says
// them. Their order is that of the keys 1, 2, 3 …
var reasons = map[string][]string{
	"reject": {"unreadable", "foreign", "duplicate", "incomplete", "other"},
	"return": {"values", "missed", "place", "other"},
}
