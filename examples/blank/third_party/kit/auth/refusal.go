package auth

import (
	"errors"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// Refusal is a reason for which a change or a sign-in is refused, as a word
// that a page can put into the reader's language. RefusalOf finds it in an
// error.
type Refusal string

// The reasons.
const (
	TooShort    Refusal = "too_short"    // the password has fewer than minPassword characters
	TooLong     Refusal = "too_long"     // or more than maxPassword
	TooCommon   Refusal = "too_common"   // everybody guesses it first
	TooPersonal Refusal = "too_personal" // little is left of it without the name and the address
	WrongOld    Refusal = "wrong_old"    // the old password is not the one
	NotFresh    Refusal = "not_fresh"    // it needs a sign-in a moment ago
	LastAdmin   Refusal = "last_admin"   // nobody else could manage people
	Oneself     Refusal = "oneself"      // another admin has to do it
	BeenHere    Refusal = "been_here"    // a link would be theirs to come in by; a reset tells them
	Unverified  Refusal = "unverified"   // the provider does not vouch for the address
	Stranger    Refusal = "stranger"     // nobody here has the address, and its domain is not let in
	Shut        Refusal = "shut"         // disabled or deleted
	Another     Refusal = "another"      // the person is somebody else at this provider
	BadAnswer   Refusal = "bad_answer"   // the provider's answer does not fit the question
	Unreachable Refusal = "unreachable"  // the provider does not answer
	Declined    Refusal = "declined"     // the provider did not let the person in
)

var refusals = map[Refusal]string{
	TooShort:    "it has fewer than 12 characters",
	TooLong:     "it has more than 128 characters",
	TooCommon:   "it is one that is guessed first",
	TooPersonal: "it is made of the name or the address",
	WrongOld:    "the old password is another",
	NotFresh:    "it needs a fresh sign-in",
	LastAdmin:   "nobody else could manage people",
	Oneself:     "nobody does it to themselves",
	BeenHere:    "the person has come in before",
	Unverified:  "the provider does not vouch for the address",
	Stranger:    "nobody here has this address",
	Shut:        "the person is shut out",
	Another:     "the person has another account at the provider",
	BadAnswer:   "the provider's answer does not fit",
	Unreachable: "the provider does not answer",
	Declined:    "the provider did not let the person in",
}

// Refusals lists every reason, for who puts them into words.
var Refusals = slices.Sorted(maps.Keys(refusals))

// Error says the reason in English.
func (r Refusal) Error() string { return refusals[r] }

// RefusalOf is the reason in err's chain, or "".
func RefusalOf(err error) Refusal {
	var r Refusal
	errors.As(err, &r)
	return r
}

// refuse makes an error of an act and its reason.
func refuse(c kit.Code, r Refusal, act, hint string) error {
	return kit.Errorf(c, "%s: %w", act, r).WithHint("%s", hint)
}
