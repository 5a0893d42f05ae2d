package api

import (
	"context"
	"mime"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// byID names a thing in the path.
type byID struct {
	ID string `path:"id" maxLength:"64"`
}

// keyset chooses a page of a list.
type keyset struct {
	After string `query:"after" maxLength:"200" doc:"The next of the page before"`
	Limit int    `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"How many at most"`
}

// whichCases chooses a page of cases. Its first keys are those of keyset: huma
// does not look into embedded types that are not exported.
type whichCases struct {
	After string `query:"after" maxLength:"200" doc:"The next of the page before"`
	Limit int    `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"How many at most"`
	State string `query:"state" enum:"drafting,review,delivering,delivered,rejected,failed" doc:"Only those that stand so."`
	Query string `query:"q" maxLength:"400" doc:"Only those that have all these words, the last by its beginning. after is another one then."`
}

func (s *server) registerCases() {
	s.registerSubmit()
	handle(s, operation{method: "GET", path: "/cases", id: "list-cases", tag: "cases",
		summary: "List cases, newest first"}, s.listCases)
	handle(s, operation{method: "GET", path: "/cases/{id}", id: "get-case", tag: "cases", errors: []int{404},
		summary: "Read a case with its draft, decision, delivery and history"}, s.getCase)
	handle(s, operation{method: "GET", path: "/cases/{id}/history", id: "list-history", tag: "cases", errors: []int{404},
		summary: "List what happened to a case, newest first",
		about: "What others do in a round that is still open is left out, and of a concealed draft all that tells of it. " +
			"The numbers and hashes of the audit trail are not served: `trail export` and `verify` have them."}, s.listHistory)
	handle(s, operation{method: "GET", path: "/cases/{id}/original", id: "get-original", tag: "cases", errors: []int{404},
		summary: "Fetch the file that a case was made of",
		about:   "404 when the case was submitted as JSON."}, s.getOriginal)
	s.huma.OpenAPI().Paths["/cases/{id}/original"].Get.Responses["200"].Content = map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
	}
}

func (s *server) listCases(ctx context.Context, _ auth.User, in *whichCases) (*body[page[workflow.CaseRow]], error) {
	p, err := s.Service.Cases(ctx, workflow.CaseFilter{State: kit.State(in.State), Query: in.Query, After: in.After, Limit: in.Limit})
	return answer(viewPage(p), err)
}

func (s *server) getCase(ctx context.Context, by auth.User, in *byID) (*body[caseView], error) {
	c, err := s.Service.Case(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(viewCase(c), nil)
}

// whichEvents chooses a page of a case's history.
type whichEvents struct {
	ID    string `path:"id" maxLength:"64"`
	After string `query:"after" maxLength:"200" doc:"The next of the page before, or the case's earlier"`
	Limit int    `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"How many at most"`
}

func (s *server) listHistory(ctx context.Context, by auth.User, in *whichEvents) (*body[page[workflow.Event]], error) {
	p, err := s.Service.History(ctx, by, in.ID, in.After, in.Limit)
	return answer(viewPage(p), err)
}

// file is an answer of bytes that somebody else wrote. The headers keep a
// browser from running anything in it.
type file struct {
	Type        string `header:"Content-Type"`
	Length      string `header:"Content-Length"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

func (s *server) getOriginal(ctx context.Context, _ auth.User, in *byID) (*file, error) {
	mediaType, data, err := s.Service.Original(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if _, _, err := mime.ParseMediaType(mediaType); err != nil {
		mediaType = "application/octet-stream"
	}
	return &file{Type: mediaType, Length: strconv.Itoa(len(data)), Disposition: "attachment",
		Policy: "default-src 'none'; sandbox", Body: data}, nil
}

// submitted is the answer to a submission.
type submitted struct {
	Status   int
	Location string `header:"Location" doc:"Where the case can be read"`
	Body     workflow.Submitted
}

func (s *server) registerSubmit() {
	handle(s, operation{method: "POST", path: "/cases", id: "submit-case", tag: "cases",
		status: http.StatusCreated, errors: []int{400, 403, 409, 413, 415},
		summary: "Submit a case, as JSON or as a file",
		about: "With an Idempotency-Key, a repeated request makes no second case: it gets 200 and the first answer. " +
			"The same key with other content is refused with 409."}, s.submit)
	op := s.huma.OpenAPI().Paths["/cases"].Post
	op.RequestBody = submitBody(s.huma.OpenAPI().Components.Schemas)
	op.Responses["200"] = &huma.Response{Description: "The first answer, for a repeated Idempotency-Key",
		Headers: op.Responses["201"].Headers, Content: op.Responses["201"].Content}
}

// submitBody documents the two forms of a submission. They are read by hand,
// since huma reads one form for each route.
func submitBody(r huma.Registry) *huma.RequestBody {
	text := &huma.Schema{Type: "string"}
	bytes := &huma.Schema{Type: "string", Format: "binary", Description: "A file of a kind that the service imports"}
	input := &huma.Schema{Type: "object", Description: "The workflow's input", AdditionalProperties: true}
	r.Map()["Submission"] = &huma.Schema{Type: "object", Required: []string{"input"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"input": input, "name": text}}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/Submission"}},
		"multipart/form-data": {Schema: &huma.Schema{Type: "object", Required: []string{"file"},
			Properties: map[string]*huma.Schema{"file": bytes}}},
	}}
}
