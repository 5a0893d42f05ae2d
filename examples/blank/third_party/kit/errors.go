package kit

import (
	"errors"
	"fmt"
	"strings"
)

// Code says, to programs, what kind of failure an error is. Exit codes and
// HTTP statuses are decided from it in one place each.
type Code string

// The codes of errors that cross a room.
const (
	Internal     Code = "internal"     // a defect or a broken disk; not the caller's doing
	Invalid      Code = "invalid"      // the caller's input breaks a rule
	NotFound     Code = "not_found"    // no such thing
	Conflict     Code = "conflict"     // the thing is not in a state for this
	Stale        Code = "stale"        // what the person saw has changed since
	LostLease    Code = "lost_lease"   // someone else holds the review now, or nobody does
	Decided      Code = "decided"      // a decision was already made
	Duplicate    Code = "duplicate"    // the same content is already a case
	Unauthorized Code = "unauthorized" // no or bad credentials
	Forbidden    Code = "forbidden"    // known, but not allowed
	TooLarge     Code = "too_large"    // over a configured limit
	Unsupported  Code = "unsupported"  // a kind of input that nothing here reads
	Unavailable  Code = "unavailable"  // a server that is needed does not answer; worth a retry
	BelowBar     Code = "below_bar"    // measured, and not good enough
)

// FieldError is one value that breaks a rule, in words for the person who
// typed it.
type FieldError struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Error names the act and the object in Message, says how to mend it in Hint,
// and carries a Code for callers.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Fields  []FieldError
	Err     error

	said, hinted words
}

// words are a sentence before it was put together, so that it can be put
// together in another language.
type words struct {
	format string
	args   []any
}

// in puts w together by the format that say gives for its own; what it quotes
// of other errors is translated with it.
func (w words) in(say func(string) string) string {
	args := make([]any, len(w.args))
	for i, a := range w.args {
		if err, ok := a.(error); ok {
			a, _ = In(err, say)
		}
		args[i] = a
	}
	return fmt.Sprintf(strings.ReplaceAll(say(w.format), "%w", "%v"), args...)
}

// In returns what err says, and its first hint or "", by the formats that say
// gives for those of Errorf and WithHint: a catalogue in another language. For
// a format that it does not know, say returns the format itself.
func In(err error, say func(format string) string) (message, hint string) {
	e, ok := err.(*Error)
	if !ok {
		return err.Error(), hintIn(err, say)
	}
	message = e.Message
	if e.said.format != "" {
		message = e.said.in(say)
	}
	return message, hintIn(err, say)
}

func hintIn(err error, say func(string) string) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.hinted.format != "" {
			return e.hinted.in(say)
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// Error returns the message, which already tells the cause.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of code c. A %w in format keeps its operand as cause.
func Errorf(c Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: c, Message: err.Error(), Err: errors.Unwrap(err), said: words{format, args}}
}

// CodeOf returns the code of the outermost Error in err's chain, Internal for
// any other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// HintOf returns the first hint in err's chain, or "".
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// FieldsOf returns the field errors of the outermost Error in err's chain.
func FieldsOf(err error) []FieldError {
	var e *Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint, e.hinted = fmt.Sprintf(format, args...), words{format, args}
	return e
}
