package scaffold

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// Parse reads an answer as a person types it. It fails with kit.Invalid and
// says what is wanted.
func (q Question) Parse(typed string) (any, error) {
	typed = strings.TrimSpace(typed)
	switch q.Type {
	case "yes-no":
		switch strings.ToLower(typed) {
		case "yes", "y", "true", "是":
			return true, nil
		case "no", "n", "false", "否":
			return false, nil
		}
	case "number":
		if n, err := strconv.ParseFloat(typed, 64); err == nil {
			return q.Check(n)
		}
	default:
		return q.Check(typed)
	}
	return nil, q.refuse(strconv.Quote(typed))
}

// Check returns an answer as Spec.Answers holds it: a string, an int or a
// float64, a bool. It takes what YAML and JSON make of a number, and fails with
// kit.Invalid.
func (q Question) Check(answer any) (any, error) {
	switch v := answer.(type) {
	case string:
		if q.Type == "yes-no" {
			return q.Parse(v) // yes and no are words in YAML
		}
		if q.Type == "choice" && q.has(v) || q.Type == "text" && q.takes(v) {
			return v, nil
		}
		return nil, q.refuse(strconv.Quote(v))
	case bool:
		if q.Type == "yes-no" {
			return v, nil
		}
	default:
		if n, ok := float(v); ok && q.Type == "number" && q.within(n) {
			return whole(n), nil
		}
	}
	return nil, q.refuse(fmt.Sprint(answer))
}

func (q Question) refuse(got string) error {
	return kit.Errorf(kit.Invalid, "answer %s: %s does not fit; %s", q.Name, got, q.wants())
}

// wants says which answers fit.
func (q Question) wants() error {
	switch q.Type {
	case "yes-no":
		return kit.Errorf(kit.Invalid, "it is yes or no")
	case "choice":
		return kit.Errorf(kit.Invalid, "it is one of %s", strings.Join(q.values(), ", "))
	case "number":
		return q.wantsNumber()
	}
	if q.Pattern != "" {
		return kit.Errorf(kit.Invalid, "it is text that matches %s", q.Pattern)
	}
	return kit.Errorf(kit.Invalid, "it is one line of text, of %d characters at most", longestAnswer)
}

func (q Question) wantsNumber() error {
	kind := kit.Errorf(kit.Invalid, "a number")
	if q.Whole {
		kind = kit.Errorf(kit.Invalid, "a whole number")
	}
	switch {
	case q.Min != nil && q.Max != nil:
		return kit.Errorf(kit.Invalid, "it is %v from %v to %v", kind, whole(*q.Min), whole(*q.Max))
	case q.Min != nil:
		return kit.Errorf(kit.Invalid, "it is %v, %v at least", kind, whole(*q.Min))
	case q.Max != nil:
		return kit.Errorf(kit.Invalid, "it is %v, %v at most", kind, whole(*q.Max))
	}
	return kit.Errorf(kit.Invalid, "it is %v", kind)
}

func (q Question) values() (all []string) {
	for _, c := range q.Choices {
		all = append(all, c.Value)
	}
	return all
}

func (q Question) has(v string) bool {
	for _, c := range q.Choices {
		if c.Value == v {
			return true
		}
	}
	return false
}

// longestAnswer is in characters.
const longestAnswer = 200

// takes accepts one printable line that matches the pattern.
func (q Question) takes(v string) bool {
	if !utf8.ValidString(v) || utf8.RuneCountInString(v) > longestAnswer ||
		strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	if q.Pattern == "" {
		return true
	}
	re, err := compile(q.Pattern)
	return err == nil && re.MatchString(v)
}

// within accepts what a float64 holds exactly to the unit, within the range.
func (q Question) within(n float64) bool {
	return !math.IsNaN(n) && math.Abs(n) <= 1<<53 && (!q.Whole || n == math.Trunc(n)) &&
		(q.Min == nil || n >= *q.Min) && (q.Max == nil || n <= *q.Max)
}

// float reads any number that YAML and JSON give.
func float(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// whole makes an int of a number without a fraction, so that a template writes
// 1000000 and not 1e+06.
func whole(n float64) any {
	if n == math.Trunc(n) {
		return int(n)
	}
	return n
}

// zero is what a template reads where the question is not asked.
func (q Question) zero() any {
	switch q.Type {
	case "yes-no":
		return false
	case "number":
		return 0
	}
	return ""
}

// said is an answer as a person types it.
func said(answer any) string {
	switch answer {
	case nil:
		return ""
	case true:
		return "yes"
	case false:
		return "no"
	}
	return fmt.Sprint(answer)
}
