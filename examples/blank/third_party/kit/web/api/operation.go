package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tackhammer/tackhammer/kit/auth"
)

// humaConfig describes the API. The built-in pages are off: they load scripts
// from elsewhere.
func humaConfig(title string) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: title, Version: "1",
				Description: "Cases go in, a model drafts, a person decides, and only what a person decided is delivered."},
			Servers: []*huma.Server{{URL: Prefix}},
			Tags: []*huma.Tag{
				{Name: "cases", Description: "One piece of work each, from submission to delivery."},
				{Name: "reviews", Description: "Drafts that wait for a person. A person's token is needed to claim and to decide."},
				{Name: "lots", Description: "Sure cases that are decided together on a random sample."},
				{Name: "deliveries", Description: "What a person approved, with the receipt that proves it."},
				{Name: "service", Description: "How the whole service stands."},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer",
					Description: "A service's token submits and reads. A person's token also claims and decides."}},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": strict, "json": strict},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// strict reads JSON that is UTF-8 and says each thing once. The library alone would put U+FFFD in the
// place of other bytes, and store what nobody wrote.
var strict = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errors.New("the body is not UTF-8")
		}
		if name := twice(data); name != "" {
			return fmt.Errorf("%.80q stands twice in an object", name)
		}
		return huma.DefaultJSONFormat.Unmarshal(data, v)
	},
}

// schemaName calls a type in the document as clients would: Case for caseView.
func schemaName(t reflect.Type, hint string) string {
	return strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "View")
}

// operation is what a route is documented by.
type operation struct {
	method, path string
	id           string // of the operation, in kebab case
	tag          string
	summary      string
	about        string
	status       int   // of success; 200 when 0
	errors       []int // beside 401, 422, 429, 500 and 503, which any route may answer
}

// handle adds a route. Its function gets the caller; its error becomes problem
// details.
func handle[I, O any](s *server, op operation, do func(context.Context, auth.User, *I) (*O, error)) {
	if op.status == 0 {
		op.status = http.StatusOK
	}
	huma.Register(s.huma, huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{op.tag},
		Summary: op.summary, Description: op.about, DefaultStatus: op.status,
		Security: []map[string][]string{{"token": {}}},
		Errors:   append(op.errors, 401, 422, 429, 500, 503),
	}, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, caller(ctx), in)
		if err != nil {
			return nil, recorded(ctx, err)
		}
		return out, nil
	})
}

// body is an answer with a JSON body.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{Body: v}, nil
}
