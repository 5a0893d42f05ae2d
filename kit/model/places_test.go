package model_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model"
)

type bill struct {
	Payer struct {
		Name  string `json:"name"`
		Since string `json:"since" jsonschema:"format=date"`
	} `json:"payer" private:"true"`
	Total json.Number `json:"total"`
	Phone *string     `json:"phone" private:"true"`
}

func TestPrivateFieldsAreThoseOfTheTag(t *testing.T) {
	s, err := model.SchemaOf[bill]()
	if err != nil {
		t.Fatal(err)
	}
	var private []string
	for _, f := range s.Fields() {
		if f.Private {
			private = append(private, f.Path)
		}
	}
	if want := []string{"payer.name", "payer.since", "phone"}; !reflect.DeepEqual(private, want) {
		t.Errorf("private are %v, want %v", private, want)
	}
	if strings.Contains(string(s.JSON()), "private") {
		t.Errorf("the model is told what is private: %s", s.JSON())
	}
}

func TestPlacesMissNone(t *testing.T) {
	s, err := model.SchemaOf[bill]()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("TOTAL 1,234.50 or 1234.5\n", 40)
	got := s.Places(text, "total", json.RawMessage("1234.50"))
	if len(got) != 80 {
		t.Fatalf("%d places of 80", len(got))
	}
	for i, p := range got {
		if want := []string{"1,234.50", "1234.5"}[i%2]; text[p[0]:p[1]] != want {
			t.Errorf("place %d is %q, want %q", i, text[p[0]:p[1]], want)
		}
	}
	if got := s.Places(text, "nothing", json.RawMessage("1")); got != nil {
		t.Errorf("a path that is no field stands at %v", got)
	}
}
