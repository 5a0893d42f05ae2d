package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Own is a target of the team's own: a function that each delivery is brought
// to, beside the folder and the webhook.
type Own struct {
	// Name is what the delivery's row and `check` call it: small letters,
	// digits and hyphens, and neither folder nor webhook.
	Name string

	// Send brings one delivery to wherever it goes, within two minutes. It may
	// see a delivery more than once; Outgoing.ID tells that it is the same. An
	// error is tried again as a webhook's is, unless its code is kit.Invalid,
	// with which the case fails until a person retries it. A panic is an error.
	Send func(ctx context.Context, out workflow.Outgoing) error
}

// ownPatience bounds one try of an own target.
const ownPatience = 2 * time.Minute

var ownName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// checkOwn refuses own targets that cannot work.
func checkOwn(all []Own) error {
	for i, o := range all {
		why := ""
		switch {
		case !ownName.MatchString(o.Name):
			why = "its name is not of small letters, digits and hyphens"
		case o.Name == FolderTarget || o.Name == WebhookTarget:
			why = "the kit has a target of that name; give it another"
		case slices.ContainsFunc(all[:i], func(p Own) bool { return p.Name == o.Name }):
			why = "there are two of that name"
		case o.Send == nil:
			why = "it has no function Send"
		default:
			continue
		}
		return kit.Errorf(kit.Invalid, "set up the target %q: %s", o.Name, why)
	}
	return nil
}

// own is the team's target of that name.
func (t *Targets) ownOf(name string) (Own, bool) {
	i := slices.IndexFunc(t.own, func(o Own) bool { return o.Name == name })
	if i < 0 {
		return Own{}, false
	}
	return t.own[i], true
}

// send brings a copy of the delivery to the target, which is left behind when
// it does not come back in time.
func (o Own) send(ctx context.Context, patience time.Duration, out workflow.Outgoing) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out.Output = bytes.Clone(out.Output)
	out.Receipt.Fields = slices.Clone(out.Receipt.Fields)
	out.Receipt.Others = slices.Clone(out.Receipt.Others)
	out.Receipt.Earlier = slices.Clone(out.Receipt.Earlier)
	done := make(chan error, 1)
	go func() { done <- o.guarded(ctx, out) }()
	select {
	case err := <-done:
		return o.told(out.ID, err)
	case <-ctx.Done():
		return o.told(out.ID, fmt.Errorf("it did not come back: %w", ctx.Err()))
	}
}

// guarded calls the function; a panic is an error.
func (o Own) guarded(ctx context.Context, out workflow.Outgoing) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
	}()
	return o.Send(ctx, out)
}

// told is the target's error with one of the two codes that the runner heeds:
// kit.Invalid ends the tries, all else is worth another one.
func (o Own) told(id string, err error) error {
	if err == nil {
		return nil
	}
	code := kit.Unavailable
	var e *kit.Error
	if errors.As(err, &e) && e.Code == kit.Invalid {
		code = kit.Invalid
	}
	return kit.Errorf(code, "bring delivery %s to %s: %w", id, o.Name, err).WithHint("%s", kit.HintOf(err))
}
