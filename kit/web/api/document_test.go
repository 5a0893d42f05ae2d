package api_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract is every route that clients are promised.
var contract = []string{
	"POST /cases", "GET /cases", "GET /cases/{id}", "POST /reviews/claim", "GET /reviews/{id}",
	"POST /reviews/{id}/decision", "POST /reviews/{id}/release", "POST /reviews/{id}/claim", "GET /cases/{id}/history", "GET /deliveries", "GET /status",
	"GET /reviews", "POST /reviews/{id}/blind", "GET /reviewers", "GET /cases/{id}/comments", "POST /cases/{id}/comments",
	"GET /lots", "GET /lots/{id}", "POST /lots/{id}/decision",
}

func document(t *testing.T) (client, map[string]any) {
	t.Helper()
	c := serve(t, &fake{input: `{"text":"x"}`}, tokens{}, nil)
	a := c.do("GET", "/openapi.json", "", "")
	if a.status != 200 || a.json == nil {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	return c, a.json
}

func TestDocumentHasTheContract(t *testing.T) {
	_, doc := document(t)
	if v, _ := doc["openapi"].(string); !strings.HasPrefix(v, "3.1") {
		t.Errorf("openapi %v", doc["openapi"])
	}
	var routes []string
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			routes = append(routes, strings.ToUpper(method)+" "+path)
			o := op.(map[string]any)
			for _, key := range []string{"summary", "operationId", "security", "tags"} {
				if o[key] == nil {
					t.Errorf("%s %s has no %s", method, path, key)
				}
			}
			for _, status := range []string{"401", "429", "500"} {
				if o["responses"].(map[string]any)[status] == nil {
					t.Errorf("%s %s does not tell of %s", method, path, status)
				}
			}
		}
	}
	for _, want := range contract {
		if !slices.Contains(routes, want) {
			t.Errorf("no %s in %v", want, routes)
		}
	}
	body := doc["paths"].(map[string]any)["/cases"].(map[string]any)["post"].(map[string]any)["requestBody"].(map[string]any)["content"].(map[string]any)
	if body["application/json"] == nil || body["multipart/form-data"] == nil {
		t.Errorf("bodies of POST /cases: %v", body)
	}
}

// TestAnswersMatchTheDocument validates what the API says against what it
// promises to say.
func TestAnswersMatchTheDocument(t *testing.T) {
	c, doc := document(t)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ method, path, route, status, body string }{
		{"POST", "/cases", "/cases", "201", `{"input":{}}`},
		{"GET", "/cases", "/cases", "200", ""},
		{"GET", "/cases/c1", "/cases/{id}", "200", ""},
		{"GET", "/cases/none", "/cases/{id}", "404", ""},
		{"GET", "/reviews/r1", "/reviews/{id}", "200", ""},
		{"POST", "/reviews/claim", "/reviews/claim", "200", ""},
		{"POST", "/reviews/r1/decision", "/reviews/{id}/decision", "200", `{"verdict":"approve","subject":"s","epoch":1,"key":"k"}`},
		{"POST", "/reviews/r1/decision", "/reviews/{id}/decision", "422", `{}`},
		{"POST", "/reviews/r1/release", "/reviews/{id}/release", "200", `{"epoch":1}`},
		{"POST", "/reviews/r1/claim", "/reviews/{id}/claim", "200", ""},
		{"GET", "/cases/c1/history?after=9&limit=3", "/cases/{id}/history", "200", ""},
		{"GET", "/deliveries", "/deliveries", "200", ""},
		{"GET", "/status", "/status", "200", ""},
		{"GET", "/reviews?held=me&below=0.5", "/reviews", "200", ""},
		{"POST", "/reviews/r1/blind", "/reviews/{id}/blind", "200", `{"fields":{"total":1},"epoch":1}`},
		{"GET", "/reviewers", "/reviewers", "200", ""},
		{"GET", "/reviewers?from=never", "/reviewers", "422", ""},
		{"GET", "/cases/c1/comments", "/cases/{id}/comments", "200", ""},
		{"POST", "/cases/c1/comments", "/cases/{id}/comments", "201", `{"text":"Seen"}`},
		{"GET", "/lots", "/lots", "200", ""},
		{"GET", "/lots/l1", "/lots/{id}", "200", ""},
		{"POST", "/lots/l1/decision", "/lots/{id}/decision", "200", `{"verdict":"accept","subject":"s","key":"k"}`},
	} {
		a := c.do(x.method, x.path, "mei", x.body, "Idempotency-Key", x.path)
		if want, _ := strconv.Atoi(x.status); a.status != want {
			t.Errorf("%s %s: %d, want %d\n%s", x.method, x.path, a.status, want, a.raw)
		}
		media := "application/json"
		if x.status > "400" {
			media = "application/problem+json"
		}
		at := "openapi.json#/paths/" + escape(x.route) + "/" + strings.ToLower(x.method) + "/responses/" + x.status + "/content/" + escape(media) + "/schema"
		schema, err := compiler.Compile(at)
		if err != nil {
			t.Errorf("%s %s: %v", x.method, x.path, err)
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(a.raw), &v); err != nil {
			t.Errorf("%s %s: %v", x.method, x.path, err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s %s: %v\n%s", x.method, x.path, err, a.raw)
		}
	}
}

// escape makes a key part of a JSON pointer in an address.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(key)
}

func TestDocsWorkOffline(t *testing.T) {
	c, _ := document(t)
	page := c.do("GET", "/docs", "", "")
	if page.status != 200 || strings.Contains(page.raw, "<script") || strings.Contains(page.raw, "style=") ||
		strings.Contains(strings.ReplaceAll(page.raw, " http://localhost:8080", ""), "://") {
		t.Errorf("the page needs more than itself: %d", page.status)
	}
	for _, route := range contract {
		method, path, _ := strings.Cut(route, " ")
		if !strings.Contains(page.raw, "<b>"+method+"</b> /api/v1"+path+"</h2>") {
			t.Errorf("the page lacks %s", route)
		}
	}
	for _, id := range []string{"stale", "lost_lease", "invalid", "schema-DecisionRequest"} {
		if !strings.Contains(page.raw, `id="`+id+`"`) {
			t.Errorf("the page lacks the place #%s", id)
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page.raw, -1) {
		if !strings.Contains(page.raw, `id="`+link[1]+`"`) {
			t.Errorf("a link leads to #%s, which is not there", link[1])
		}
	}
	for path, ct := range map[string]string{"/docs.css": "text/css", "/openapi.yaml": "application/vnd.oai.openapi"} {
		if a := c.do("GET", path, "", ""); a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), ct) || a.raw == "" {
			t.Errorf("%s: %d %s", path, a.status, a.header.Get("Content-Type"))
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
}
