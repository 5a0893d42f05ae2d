package export_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func TestOwnTargetsStandBesideTheKits(t *testing.T) {
	var got []string
	note := func(_ context.Context, out workflow.Outgoing) error {
		got = append(got, out.ID)
		clear(out.Output) // a copy
		out.Receipt.Fields[0].Path = "changed"
		return nil
	}
	all := targets(t, export.Config{Folder: t.TempDir(), Own: []export.Own{{Name: "ledger", Send: note}, {Name: "mail-2", Send: note}}})
	if names := all.Targets(); !slices.Equal(names, []string{"folder", "ledger", "mail-2"}) {
		t.Errorf("targets %v", names)
	}
	out := outgoing("e1")
	out.Receipt.Fields = []audit.ReceiptField{{Path: "total"}}
	for _, name := range all.Targets() {
		if err := all.Send(t.Context(), name, out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(got) != 2 || out.Output[0] != '{' || out.Receipt.Fields[0].Path != "total" {
		t.Errorf("%v, %q, %+v", got, out.Output, out.Receipt.Fields)
	}
	if err := all.Send(t.Context(), "gone", out); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
		t.Error(err)
	}
}

func TestAnOwnTargetsErrorsAreTriedAgainButForInvalid(t *testing.T) {
	for name, c := range map[string]struct {
		send  func(context.Context, workflow.Outgoing) error
		code  kit.Code
		words string
	}{
		"any error": {func(context.Context, workflow.Outgoing) error { return errors.New("refused") }, kit.Unavailable, "refused"},
		"a code":    {func(context.Context, workflow.Outgoing) error { return kit.Errorf(kit.Conflict, "busy") }, kit.Unavailable, "busy"},
		"invalid": {func(context.Context, workflow.Outgoing) error {
			return kit.Errorf(kit.Invalid, "no such account").WithHint("open it")
		}, kit.Invalid, "no such account"},
		"a panic": {func(context.Context, workflow.Outgoing) error { panic("nil map") }, kit.Unavailable, "it panicked: nil map"},
	} {
		all := targets(t, export.Config{Own: []export.Own{{Name: "ledger", Send: c.send}}})
		err := all.Send(t.Context(), "ledger", outgoing("e1"))
		if kit.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.words) || !strings.HasPrefix(err.Error(), "bring delivery e1 to ledger: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	never := make(chan struct{})
	defer close(never)
	stuck := func(context.Context, workflow.Outgoing) error { cancel(); <-never; return nil }
	err := targets(t, export.Config{Own: []export.Own{{Name: "ledger", Send: stuck}}}).Send(ctx, "ledger", outgoing("e1"))
	if kit.CodeOf(err) != kit.Unavailable || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOwnTargetsThatCannotWorkAreRefused(t *testing.T) {
	send := func(context.Context, workflow.Outgoing) error { return nil }
	for words, all := range map[string][]export.Own{
		"small letters":                {{Name: "The ledger", Send: send}},
		"the kit has a target of that": {{Name: "webhook", Send: send}},
		`"folder": the kit has`:        {{Name: "folder", Send: send}},
		"two of that name":             {{Name: "ledger", Send: send}, {Name: "ledger", Send: send}},
		"no function Send":             {{Name: "ledger"}},
	} {
		if _, err := export.New(export.Config{Own: all}); kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}
