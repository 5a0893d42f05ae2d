package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/web/problem"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle []byte

// publish serves the OpenAPI document and the page that reads it out. Both are
// made once, here: the page works without a script and without a network.
func (s *server) publish(group *echo.Group) error {
	doc, err := json.MarshalIndent(s.huma.OpenAPI(), "", " ")
	if err != nil {
		return kit.Errorf(kit.Internal, "write the OpenAPI document: %w", err)
	}
	yaml, err := s.huma.OpenAPI().YAML()
	if err != nil {
		return kit.Errorf(kit.Internal, "write the OpenAPI document: %w", err)
	}
	page, err := renderDocs(s.huma.OpenAPI())
	if err != nil {
		return kit.Errorf(kit.Internal, "write the page of the API: %w", err)
	}
	serve(group, "/openapi.json", "application/vnd.oai.openapi+json", doc)
	serve(group, "/openapi.yaml", "application/vnd.oai.openapi", yaml)
	serve(group, "/docs", "text/html; charset=utf-8", page)
	serve(group, "/docs.css", "text/css; charset=utf-8", docsStyle)
	s.refuseOthers(group)
	return nil
}

// refuseOthers answers what is no route of the API, so that a console beside it
// does not answer with a page.
func (s *server) refuseOthers(group *echo.Group) {
	for path, item := range s.huma.OpenAPI().Paths {
		allow := map[string]bool{http.MethodGet: item.Get != nil, http.MethodPost: item.Post != nil}
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if allow[method] {
				allowed = append(allowed, method)
			}
		}
		refuse := func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderAllow, strings.Join(allowed, ", "))
			return echo.ErrMethodNotAllowed
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if !allow[method] {
				group.Add(method, strings.NewReplacer("{", ":", "}", "").Replace(path), refuse)
			}
		}
	}
	group.RouteNotFound("", func(echo.Context) error { return echo.ErrNotFound })
	group.RouteNotFound("/*", func(echo.Context) error { return echo.ErrNotFound })
}

func serve(group *echo.Group, path, mediaType string, data []byte) {
	group.GET(path, func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Cache-Control", "public, max-age=60")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Length", strconv.Itoa(len(data)))
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		return c.Blob(http.StatusOK, mediaType, data)
	})
}

// docs is what the page shows.
type docs struct {
	Info       *huma.Info
	Prefix     string
	Operations []docsOperation
	Schemas    []docsSchema
	Codes      []problem.Problem
}

// renderDocs writes the page.
func renderDocs(api *huma.OpenAPI) ([]byte, error) {
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, docs{Info: api.Info, Prefix: Prefix, Operations: operationsOf(api),
		Schemas: schemasOf(api), Codes: problem.Codes()})
	return out.Bytes(), err
}
