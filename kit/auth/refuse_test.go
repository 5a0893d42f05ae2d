package auth_test

import (
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Each refusal has a code for programs and says what to do instead, and nothing
// is half done.
func TestWhatCannotBeDoneSaysWhatCan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d, ctx := newDesk(db), t.Context()
		boss, mei := d.add(t, "boss@example.com", auth.Admin), d.add(t, "mei@example.com", auth.Reviewer)
		out := d.add(t, "out@example.com", auth.Reviewer)
		d.disable(t, out.ID)
		service, err := d.Service(ctx, "scanner")
		if err != nil {
			t.Fatal(err)
		}
		invite := func(by string, i auth.Invitation) error { _, _, err := d.Invite(ctx, by, i); return err }
		good := auth.Invitation{Name: "Bob", Email: "bob@example.com", Role: auth.Lead}
		with := func(spoil func(i *auth.Invitation)) auth.Invitation { i := good; spoil(&i); return i }
		second := func(_ any, err error) error { return err }
		before := len(kinds(t, db))
		for name, c := range map[string]struct {
			err  error
			code kit.Code
		}{
			"invite by a reviewer":         {invite(mei.ID, good), kit.Forbidden},
			"invite nobody":                {invite(boss.ID, with(func(i *auth.Invitation) { i.Name = " " })), kit.Invalid},
			"invite to no address":         {invite(boss.ID, with(func(i *auth.Invitation) { i.Email = "bob" })), kit.Invalid},
			"invite to a role":             {invite(boss.ID, with(func(i *auth.Invitation) { i.Role = auth.Service })), kit.Invalid},
			"invite in Latin":              {invite(boss.ID, with(func(i *auth.Invitation) { i.Lang = "la" })), kit.Invalid},
			"invite who is here":           {invite(boss.ID, with(func(i *auth.Invitation) { i.Email = "MEI@example.com" })), kit.Conflict},
			"invite a service again":       {second(d.InviteAgain(ctx, boss.ID, service.ID)), kit.Invalid},
			"invite who is out again":      {second(d.InviteAgain(ctx, boss.ID, out.ID)), kit.Forbidden},
			"reset a service":              {second(d.Reset(ctx, boss.ID, service.ID)), kit.Invalid},
			"reset nobody":                 {second(d.Reset(ctx, boss.ID, "no")), kit.NotFound},
			"reset by a reviewer":          {second(d.Reset(ctx, mei.ID, boss.ID)), kit.Forbidden},
			"a role for a service":         {second(d.SetRole(ctx, boss.ID, service.ID, auth.Admin)), kit.Invalid},
			"shut out who is out":          {second(d.Turn(ctx, boss.ID, out.ID, true)), kit.Conflict},
			"a token without a name":       {second(d.NewToken(ctx, mei.ID, "", time.Hour)), kit.Invalid},
			"a token for ever":             {second(d.NewToken(ctx, mei.ID, "laptop", 2*auth.MaxTokenLife)), kit.Invalid},
			"a token of who is out":        {second(d.TokenFor(ctx, out.Email, time.Hour)), kit.Forbidden},
			"a service's by a reviewer":    {second(d.ServiceTokenFor(ctx, mei.ID, "scanner", "", time.Hour)), kit.Forbidden},
			"a service's without a name":   {second(d.ServiceTokenFor(ctx, boss.ID, "\n", "", time.Hour)), kit.Invalid},
			"a service without a name":     {second(d.Service(ctx, "")), kit.Invalid},
			"a link that is over":          {second(d.Link(ctx, mei.Email, 0)), kit.Invalid},
			"to end another's session":     {d.EndSession(ctx, mei.ID, boss.ID, "0123456789abcdef"), kit.Forbidden},
			"to end a session that is not": {d.EndSession(ctx, mei.ID, mei.ID, "0123456789abcdef"), kit.NotFound},
			"to revoke what is not there":  {d.RevokeToken(ctx, boss.ID, mei.ID, "0123456789abcdef"), kit.NotFound},
		} {
			if kit.CodeOf(c.err) != c.code || kit.HintOf(c.err) == "" {
				t.Errorf("%s: %v (%s), hint %q", name, c.err, kit.CodeOf(c.err), kit.HintOf(c.err))
			}
		}
		if told := kinds(t, db)[before:]; len(told) != 0 {
			t.Errorf("the trail tells %v", told)
		}
	})
}
