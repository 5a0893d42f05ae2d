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

// docsBody is one form of a request, or one answer.
type docsBody struct{ Status, MediaType, Type, About string }

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
		all = append(all, docsBody{MediaType: mediaType, Type: typeName(op.RequestBody.Content[mediaType].Schema)})
	}
	return all
}

func answersOf(op *huma.Operation) []docsBody {
	var all []docsBody
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		a := docsBody{Status: status, About: r.Description}
		for mediaType, media := range r.Content {
			a.MediaType, a.Type = mediaType, typeName(media.Schema)
		}
		all = append(all, a)
	}
	return all
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
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
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
