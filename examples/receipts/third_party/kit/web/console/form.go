package console

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// The decision form's names. A field's value is posted as "f." and its path,
// what its input held when the page was made as "o." and its path.
const (
	nowPrefix  = "f."
	basePrefix = "o."
)

// posted reads what a person typed. A checkbox posts its "true" after the
// "false" that stands for it, so the last value counts.
func posted(form url.Values) edits {
	e := edits{now: map[string]string{}, base: map[string]string{}}
	for name, values := range form {
		last := lines.Replace(values[len(values)-1])
		if path, ok := strings.CutPrefix(name, nowPrefix); ok {
			e.now[path] = last
		} else if path, ok := strings.CutPrefix(name, basePrefix); ok {
			e.base[path] = last
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
	if req.Verdict == kit.Approve {
		req.Fields = d.changes(t, r, posted(form), problems)
		if len(req.Fields) > 0 {
			req.Verdict = kit.Edit
		}
	}
	if req.Reason == "" && (req.Verdict == kit.Reject || req.Verdict == kit.Return) {
		problems["reason"] = t.T("reason.needed")
	}
	return req, problems
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
