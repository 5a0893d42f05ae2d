package kit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

func TestOnlyApproveAndEditRelease(t *testing.T) {
	for _, v := range kit.Verdicts {
		want := v == kit.Approve || v == kit.Edit
		if v.Releases() != want || !v.Valid() {
			t.Errorf("%s: releases %v, valid %v", v, v.Releases(), v.Valid())
		}
	}
	if kit.Verdict("accept").Valid() || kit.Verdict("").Releases() {
		t.Error("an unknown verdict is taken for one")
	}
}

func TestIDsSortByTheTimeOfTheirMaking(t *testing.T) {
	var ids []string
	for range 1000 {
		ids = append(ids, kit.NewID())
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 1000 {
		t.Error("IDs are out of order or repeat")
	}
}

func TestErrorsKeepTheirCauseCodeAndHint(t *testing.T) {
	inner := kit.Errorf(kit.NotFound, "open x: %w", fs.ErrNotExist).WithHint("make %s", "x")
	outer := fmt.Errorf("load: %w", inner)
	if !errors.Is(outer, fs.ErrNotExist) || kit.CodeOf(outer) != kit.NotFound || kit.HintOf(outer) != "make x" {
		t.Errorf("%v has code %s, hint %q", outer, kit.CodeOf(outer), kit.HintOf(outer))
	}
	wrapped := kit.Errorf(kit.Invalid, "act: %w", outer)
	if kit.CodeOf(wrapped) != kit.Invalid || kit.HintOf(wrapped) != "make x" {
		t.Errorf("%v has code %s, hint %q", wrapped, kit.CodeOf(wrapped), kit.HintOf(wrapped))
	}
	if kit.CodeOf(nil) != "" || kit.CodeOf(errors.New("x")) != kit.Internal || kit.HintOf(nil) != "" {
		t.Error("plain errors have a code or a hint that nobody gave")
	}
	wrapped.Fields = []kit.FieldError{{Path: "total", Message: "must be a number"}}
	if f := kit.FieldsOf(fmt.Errorf("x: %w", wrapped)); len(f) != 1 || f[0].Path != "total" {
		t.Errorf("fields are %v", f)
	}
}

func TestClosest(t *testing.T) {
	known := []string{"serve", "import", "eval", "new", "审核"}
	for got, want := range map[string]string{"serv": "serve", "imprt": "import", "evla": "eval", "nwe": "new", "nex": "new", "wen": "", "审合": "审核", "x": "", "": "", "delete-everything": ""} {
		if near := kit.Closest(got, known); near != want {
			t.Errorf("closest to %q is %q, want %q", got, near, want)
		}
	}
}

func ExampleErrorf() {
	err := kit.Errorf(kit.LostLease, "claim review %d: held by another reviewer until %s", 42, "14:05").
		WithHint("take another one")
	fmt.Println(err)
	fmt.Println(kit.CodeOf(err), "-", kit.HintOf(err))
	// Output:
	// claim review 42: held by another reviewer until 14:05
	// lost_lease - take another one
}

// The vectors are those of FIPS 180-4.
func TestAHashIsSHA256InHex(t *testing.T) {
	for text, want := range map[string]string{
		"":    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	} {
		if got := kit.Hash([]byte(text)); got != want {
			t.Errorf("Hash(%q) = %s", text, got)
		}
	}
}

func TestAnErrorIsSaidInAnotherLanguage(t *testing.T) {
	words := map[string]string{"open %s: %w": "打不开 %[1]s：%[2]v", "make %s": "请先建 %s", "%s is not there": "%s 不存在"}
	say := func(format string) string {
		if w, ok := words[format]; ok {
			return w
		}
		return format
	}
	cause := kit.Errorf(kit.NotFound, "%s is not there", "x").WithHint("make %s", "x")
	message, hint := kit.In(kit.Errorf(kit.Internal, "open %s: %w", "x", cause), say)
	if message != "打不开 x：x 不存在" || hint != "请先建 x" {
		t.Errorf("%q, %q", message, hint)
	}
	if message, hint := kit.In(fmt.Errorf("plain: %w", cause), say); message != "plain: x is not there" || hint != "请先建 x" {
		t.Errorf("%q, %q", message, hint)
	}
}
