package model

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

type codeDraft struct {
	Code *string `json:"code" jsonschema:"minLength=1,maxLength=20"`
}

type withCode struct {
	slip
	codeDraft
}

func TestCarryKeepsWhatWasApproved(t *testing.T) {
	shop := "ABC Shop"
	approved := slip{Shop: &shop, Date: "2018-03-01", Total: 12.5}
	d, err := Extract[slip, codeDraft](says(`{"code":"6420"}`), "code")(t.Context(), approved)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Carry(d, func(c codeDraft) withCode { return withCode{approved, c} })
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"shop":"ABC Shop","date":"2018-03-01","total":12.5,"code":"6420"}`; string(got.Raw) != want {
		t.Errorf("raw is %s, want %s", got.Raw, want)
	}
	if got.Value.Code == nil || *got.Value.Code != "6420" || got.Value.Total != 12.5 || got.Model != d.Model || got.Prompt != d.Prompt || got.Usage != d.Usage {
		t.Errorf("draft %+v", got)
	}
	for _, f := range got.Fields {
		if set := slices.Contains(f.Marks, kit.MarkSet); set == (f.Path == "code") || set && f.Confidence != 1 {
			t.Errorf("field %+v", f)
		}
	}
	if len(got.Fields) != 4 {
		t.Errorf("%d fields", len(got.Fields))
	}
}

func TestCarryADraftThatGaveUp(t *testing.T) {
	approved := slip{Date: "2018-03-01"}
	d, err := Extract[slip, codeDraft](says("no idea"), "code")(t.Context(), approved)
	if err != nil || d.GaveUp == "" {
		t.Fatalf("%+v, %v", d, err)
	}
	got, err := Carry(d, func(c codeDraft) withCode { return withCode{approved, c} })
	if err != nil || got.GaveUp != d.GaveUp || string(got.Raw) != `{"shop":null,"date":"2018-03-01","total":0,"code":null}` {
		t.Errorf("%s, %+v, %v", got.Raw, got, err)
	}
}

// picky is a provider for slips alone.
type picky struct{ *script }

func (p picky) Generate(ctx context.Context, r Request) (Reply, error) {
	if _, ok := r.Input.(slip); !ok {
		return Reply{}, kit.Errorf(kit.Internal, "draft: %w", ErrOtherInput)
	}
	return p.script.Generate(ctx, r)
}

func TestExtractAsksAnotherForAnotherInput(t *testing.T) {
	other := says(`{"code":"6421"}`)
	d, err := Extract[kit.Document, codeDraft](picky{says(`{"code":"6420"}`)}, "code", other)(t.Context(), slipPaper)
	if err != nil || *d.Value.Code != "6421" {
		t.Errorf("%+v, %v", d, err)
	}
	d, err = Extract[slip, codeDraft](picky{says(`{"code":"6420"}`)}, "code", other)(t.Context(), slip{})
	if err != nil || *d.Value.Code != "6420" || len(other.asked) != 1 {
		t.Errorf("its own input goes elsewhere: %+v, %v", d, err)
	}
	if _, err := Extract[kit.Document, codeDraft](picky{says("{}")}, "code")(t.Context(), slipPaper); !errors.Is(err, ErrOtherInput) {
		t.Errorf("with nobody else: %v", err)
	}
	down := says("{}")
	down.err = kit.Errorf(kit.Unavailable, "down")
	if _, err := Extract[kit.Document, codeDraft](down, "code", other)(t.Context(), slipPaper); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("a server that is down is not passed over: %v", err)
	}
}
