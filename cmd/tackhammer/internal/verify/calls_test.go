package verify

import (
	"reflect"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// What is allowed, or told as a person's act, is a method that the kit has: a
// name that the kit dropped would hide that another took its place.
func TestTheListsNameMethodsOfTheKit(t *testing.T) {
	for _, c := range []struct {
		of    any
		names []string
	}{
		{(*workflow.Runner)(nil), slices.Concat(runnerReads, runnerActs)},
		{auth.Accounts{}, slices.Concat(accountsReads, accountsMints)},
		{(*store.DB)(nil), dbReads},
		{(*audit.Signer)(nil), signerReads},
	} {
		of := reflect.TypeOf(c.of)
		for i, name := range c.names {
			if _, ok := of.MethodByName(name); !ok {
				t.Errorf("%v has no method %s", of, name)
			}
			if slices.Contains(c.names[:i], name) {
				t.Errorf("%s of %v is both", name, of)
			}
		}
	}
}

// The types that are looked for are types of the kit.
func TestTheSealedTypesAreThere(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[workflow.Outgoing](), reflect.TypeFor[workflow.Delivery](), reflect.TypeFor[audit.Receipt]()} {
		if name := typ.String(); !slices.Contains(rows, name) {
			t.Errorf("%s is not looked for", name)
		}
	}
}
