package api

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// docsOperation is one route on the page.
type docsOperation struct {
	*huma.Operation
	Bodies  []docsBody
	Answers []docsBody
}

// docsBody is one form of a request, or one answer. Schema names its shape,
// where that is on the page.
type docsBody struct{ Status, MediaType, Schema, About string }

// docsSchema is one named shape on the page.
type docsSchema struct {
	Name       string
	Properties []docsProperty
}

// docsProperty is one key of a shape.
type docsProperty struct {
	Name, Type, About string
	Required          bool
}

// operationsOf lists the routes in the order in which a client meets them:
// by tag, then as they were registered by path.
func operationsOf(api *huma.OpenAPI) []docsOperation {
	var all []docsOperation
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		item := api.Paths[path]
		for _, op := range []*huma.Operation{item.Post, item.Get} {
			if op != nil {
				all = append(all, docsOperation{Operation: op, Bodies: bodiesOf(op), Answers: answersOf(op)})
			}
		}
	}
	rank := map[string]int{}
	for i, tag := range api.Tags {
		rank[tag.Name] = i
	}
	slices.SortStableFunc(all, func(a, b docsOperation) int {
		return cmp.Compare(rank[a.Tags[0]], rank[b.Tags[0]])
	})
	return all
}

func bodiesOf(op *huma.Operation) []docsBody {
	if op.RequestBody == nil {
		return nil
	}
	var all []docsBody
	for _, mediaType := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
		schema := op.RequestBody.Content[mediaType].Schema
		b := docsBody{MediaType: mediaType, Schema: refOf(schema)}
		if b.Schema == "" {
			b.About = "parts: " + strings.Join(slices.Sorted(maps.Keys(schema.Properties)), ", ")
		}
		all = append(all, b)
	}
	return all
}

// answersOf lists what a route answers. Failures share a line: their codes tell
// them apart.
func answersOf(op *huma.Operation) []docsBody {
	var all []docsBody
	failures := docsBody{About: "Failures, told by their code"}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		a := docsBody{Status: status, About: r.Description}
		for _, media := range r.Content {
			a.Schema = refOf(media.Schema)
		}
		if status < "400" {
			all = append(all, a)
			continue
		}
		failures.Schema = a.Schema
		failures.Status = strings.TrimSpace(failures.Status + " " + status)
	}
	return append(all, failures)
}

// refOf is the name of a shape in the document, "" for one without a name.
func refOf(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
}

func schemasOf(api *huma.OpenAPI) []docsSchema {
	var all []docsSchema
	schemas := api.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := docsSchema{Name: name}
		for _, key := range slices.Sorted(maps.Keys(schemas[name].Properties)) {
			p := schemas[name].Properties[key]
			s.Properties = append(s.Properties, docsProperty{Name: key, Type: typeName(p), About: p.Description,
				Required: slices.Contains(schemas[name].Required, key)})
		}
		all = append(all, s)
	}
	return all
}

// typeName says what a schema is, in a few words.
func typeName(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return refOf(s)
	case len(s.AnyOf) > 0:
		names := make([]string, len(s.AnyOf))
		for i, one := range s.AnyOf {
			names[i] = typeName(one)
		}
		return strings.Join(names, " or ")
	case len(s.Enum) > 0:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Enum), " ", " | "), "[]")
	case s.Type == "array":
		return "list of " + typeName(s.Items)
	case s.Type == "":
		return "any"
	}
	return orNullName(strings.TrimSpace(s.Type+" "+s.Format), s.Nullable)
}

func orNullName(name string, nullable bool) string {
	if nullable {
		return name + " or null"
	}
	return name
}
