package model

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// The weights of confidence. They rank fields for a person's eye; they are no
// probability until calibrated on decisions.
const (
	unknownBase = 0.6 // no log-probabilities are known
	closeCall   = 0.9 // a runner-up was nearly as likely at some token
	notFound    = 0.5 // the value does not stand in the source
	repairedBy  = 0.8 // the JSON had to be mended
	retriedBy   = 0.9 // an earlier answer did not validate
	offList     = 0.5 // the model would rather have said what an enum does not allow
	closeMargin = 0.2 // nats between a token and its runner-up
	mostBarred  = 0.5 // probability of what an enum does not allow, up to which it is no sign
)

// confidence is the one formula:
//
//	base  = 0.5 exp(mean) + 0.25 exp(p10) + 0.25 exp(min)   of the value's own tokens
//	      = 0.6 when their log-probabilities are unknown
//	whole = base × 0.9 (close call) × 0.5 (off an enum's list) × 0.5 (not found) × 0.8 (repaired) × 0.9 (retried)
//
// and 0 for a field that is invalid, missing or to be filled by hand. Those of
// an enum are renormalised, see hold.
func confidence(t tokenStats, marks []kit.Mark) float64 {
	c := unknownBase
	if t.known {
		c = 0.5*math.Exp(t.mean) + 0.25*math.Exp(t.p10) + 0.25*math.Exp(t.min)
		if t.margin >= 0 && t.margin < closeMargin {
			c *= closeCall
		}
		if t.barred > mostBarred {
			c *= offList
		}
	}
	for _, m := range marks {
		switch m {
		case kit.MarkNotFound:
			c *= notFound
		case kit.MarkRepaired:
			c *= repairedBy
		case kit.MarkRetried:
			c *= retriedBy
		case kit.MarkInvalid, kit.MarkMissing, kit.MarkByHand:
			return 0
		}
	}
	return min(1, max(0, c))
}

// tokenStats sums up the log-probabilities of the tokens of one value.
type tokenStats struct {
	known     bool
	tokens    int
	mean, min float64
	p10       float64
	margin    float64 // least distance to a runner-up; -1 when unknown
	barred    float64 // largest probability of a runner-up that an enum does not allow
}

// signs are what confidence was made of, with the confidence itself. A provider
// that tells its own knows better.
func (s tokenStats) signs(raw float64, told *kit.Signs) *kit.Signs {
	if told != nil {
		own := *told
		own.Raw = raw
		return &own
	}
	signs := &kit.Signs{Raw: raw, Margin: -1, Barred: s.barred}
	if s.known {
		signs.Tokens, signs.Mean, signs.Min, signs.P10, signs.Margin = s.tokens, s.mean, s.min, s.p10, s.margin
	}
	return signs
}

// isLogProb refuses NaN as well.
func isLogProb(v float64) bool { return v <= 0 && !math.IsInf(v, 0) }

// statsOf sums up the tokens that overlap r. A log-probability above 0 or none
// at all makes the whole unknown: some servers send probabilities there.
func statsOf(tokens []Token, at []span, r span) tokenStats {
	var logs []float64
	s := tokenStats{margin: -1}
	for i, t := range tokens {
		if at[i].end <= r.start || at[i].start >= r.end {
			continue
		}
		if !isLogProb(t.LogProb) {
			return tokenStats{margin: -1}
		}
		logs = append(logs, t.LogProb)
		if m := t.LogProb - t.Second; t.Second < 0 && (s.margin < 0 || m < s.margin) {
			s.margin = max(0, m)
		}
	}
	s.fill(logs)
	return s
}

// fill sets what the log-probabilities say; none say nothing.
func (s *tokenStats) fill(logs []float64) {
	if len(logs) == 0 {
		return
	}
	slices.Sort(logs)
	sum := 0.0
	for _, l := range logs {
		sum += l
	}
	s.known, s.tokens, s.mean, s.min = true, len(logs), sum/float64(len(logs)), logs[0]
	s.p10 = logs[(len(logs)-1)/10]
}

// inner is the part of a JSON value that carries meaning: a string without its
// quotes.
func inner(raw string, r span) span {
	if r.end-r.start >= 2 && raw[r.start] == '"' {
		return span{r.start + 1, r.end - 1}
	}
	return r
}

// fieldsOf makes the fields of a draft in schema order.
func fieldsOf(a answer, run asking) []kit.Field {
	schema := run.request.Schema
	doc, sourced := sourceOf(run.request.Input)
	finder := newFinder(doc)
	at := alignTokens(a.reply.Output, a.reply.Tokens)
	ranges := schema.ranges([]byte(a.object))
	own := ownFields(a.reply.Fields)
	out := make([]kit.Field, 0, len(schema.fields))
	for _, spec := range schema.fields {
		f := kit.Field{Path: spec.Path, Value: json.RawMessage("null"), Evidence: []kit.Evidence{}}
		r, present := ranges[spec.Path]
		stats := tokenStats{margin: -1}
		if present && !a.invalid(spec.Path) {
			f.Value = json.RawMessage(a.object[r.start:r.end])
			f.Evidence = finder.find(spec, f.Value)
			stats = a.stats(at, r, spec)
		}
		told := own[spec.Path]
		if len(told.Evidence) > 0 {
			f.Evidence = told.Evidence
		}
		f.Marks = append(a.marks(run), a.ownMarks(spec, f, present, sourced)...)
		f.Confidence = confidence(stats, f.Marks)
		if told.Confidence > 0 && a.valid() {
			f.Confidence = min(1, told.Confidence)
		}
		f.Signs = stats.signs(f.Confidence, told.Signs)
		out = append(out, f)
	}
	return out
}

func ownFields(fields []kit.Field) map[string]kit.Field {
	own := make(map[string]kit.Field, len(fields))
	for _, f := range fields {
		own[f.Path] = f
	}
	return own
}

// stats are those of the value at r of the object; a mended object's tokens no
// longer stand where its bytes do.
func (a answer) stats(at []span, r span, spec FieldSpec) tokenStats {
	if a.at < 0 || len(a.reply.Tokens) == 0 {
		return tokenStats{margin: -1}
	}
	tokens, barred := a.reply.Tokens, 0.0
	if spec.Kind == Enum {
		tokens, barred = hold(tokens, at, a.reply.Output, span{a.at + r.start, a.at + r.end}, spec)
	}
	r = inner(a.object, r)
	s := statsOf(tokens, at, span{a.at + r.start, a.at + r.end})
	s.barred = barred
	return s
}

// marks are the signs that all fields of an answer share.
func (a answer) marks(run asking) []kit.Mark {
	var marks []kit.Mark
	if a.repaired() {
		marks = append(marks, kit.MarkRepaired)
	}
	if run.usage.Tries > 1 {
		marks = append(marks, kit.MarkRetried)
	}
	if !a.valid() {
		marks = append(marks, kit.MarkByHand)
	}
	return marks
}

// ownMarks are the signs of one field.
func (a answer) ownMarks(spec FieldSpec, f kit.Field, present, sourced bool) []kit.Mark {
	switch {
	case !present:
		return []kit.Mark{kit.MarkMissing}
	case a.invalid(spec.Path):
		return []kit.Mark{kit.MarkInvalid}
	case sourced && string(f.Value) != "null" && spec.quotable() && len(f.Evidence) == 0:
		return []kit.Mark{kit.MarkNotFound}
	}
	return nil
}

// quotable reports whether a value of this kind is copied from the source; a
// choice or a yes is a judgement.
func (f FieldSpec) quotable() bool { return f.Kind != Enum && f.Kind != Bool && f.Kind != JSON }
