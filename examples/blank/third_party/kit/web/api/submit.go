package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/web/problem"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// slack is what a multipart body may hold beside its file, in bytes.
const slack = 64 << 10

// submission is a request to make a case, its body not yet read.
type submission struct {
	Key  string `header:"Idempotency-Key" maxLength:"200" doc:"Makes a repeated request return the first answer"`
	w    http.ResponseWriter
	http *http.Request
}

// Resolve keeps the request: its body has one of two forms.
func (in *submission) Resolve(ctx huma.Context) []error {
	c := humaecho.Unwrap(ctx)
	in.w, in.http = c.Response(), c.Request()
	return nil
}

func (s *server) submit(ctx context.Context, by auth.User, in *submission) (*submitted, error) {
	if err := maySubmit(by); err != nil {
		return nil, err
	}
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	case <-ctx.Done():
		return nil, kit.Errorf(kit.Unavailable, "submit a case: too many are being read: %w", ctx.Err())
	}
	done, err := s.read(ctx, by, in)
	if err != nil {
		return nil, err
	}
	out := &submitted{Status: http.StatusCreated, Location: Prefix + "/cases/" + done.ID, Body: done}
	if done.Repeated {
		out.Status = http.StatusOK
	}
	return out, nil
}

// read makes a case of the body, by its form.
func (s *server) read(ctx context.Context, by auth.User, in *submission) (workflow.Submitted, error) {
	form, params, err := mime.ParseMediaType(in.http.Header.Get("Content-Type"))
	switch {
	case err == nil && form == "application/json":
		sub, err := readJSON(http.MaxBytesReader(in.w, in.http.Body, s.MaxBytes))
		if err != nil {
			return workflow.Submitted{}, s.readError(err)
		}
		sub.Key = in.Key
		return s.Service.Submit(ctx, by, sub)
	case err == nil && form == "multipart/form-data" && params["boundary"] != "":
		name, data, err := readForm(http.MaxBytesReader(in.w, in.http.Body, s.MaxBytes+slack), params["boundary"], s.MaxBytes)
		if err != nil {
			return workflow.Submitted{}, s.readError(err)
		}
		return s.Service.Import(ctx, by, name, bytes.NewReader(data), in.Key, false)
	}
	return workflow.Submitted{}, kit.Errorf(kit.Unsupported, "submit a case: no body of type %q is read", in.http.Header.Get("Content-Type")).
		WithHint(`send application/json {"input": {…}}, or multipart/form-data with a file in the part "file"`)
}

// readError words what was wrong with a body.
func (s *server) readError(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return kit.Errorf(kit.TooLarge, "submit a case: more than %d bytes", s.MaxBytes).
			WithHint("send less, or raise limits.file_mb in nail.yaml")
	case kit.CodeOf(err) != kit.Internal:
		return err
	}
	return kit.Errorf(problem.Malformed, "submit a case: %w", err)
}

// readJSON reads {"input": {…}, "name": "…"} and nothing else.
func readJSON(r io.Reader) (workflow.Submission, error) {
	var keys map[string]json.RawMessage
	dec := json.NewDecoder(r)
	if err := dec.Decode(&keys); err != nil {
		return workflow.Submission{}, fmt.Errorf("the body is no JSON object: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return workflow.Submission{}, err
		}
		return workflow.Submission{}, fmt.Errorf("the body goes on after its JSON object")
	}
	sub := workflow.Submission{Input: keys["input"]}
	for key, raw := range keys {
		switch {
		case key == "name" && json.Unmarshal(raw, &sub.Name) == nil:
		case key == "name":
			return sub, wrong("name", "must be a string")
		case key != "input":
			return sub, wrong(key, "unknown field")
		}
	}
	if len(sub.Input) == 0 || sub.Input[0] != '{' {
		return sub, wrong("input", "must be there, as an object")
	}
	return sub, nil
}

// readForm reads the one part of a form, "file", whole before anything is made
// of it, so that a broken upload makes nothing.
func readForm(r io.Reader, boundary string, most int64) (name string, data []byte, err error) {
	form := multipart.NewReader(r, boundary)
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, fmt.Errorf("the form is broken: %w", err)
		}
		switch {
		case part.FormName() != "file":
			return "", nil, wrong(part.FormName(), `unknown part; the file goes in the part "file"`)
		case data != nil:
			return "", nil, wrong("file", "one file makes one case; send the others in requests of their own")
		case strings.TrimSpace(part.FileName()) == "":
			return "", nil, wrong("file", "has no file name, which tells people what the case is")
		}
		name = part.FileName()
		if data, err = readPart(part, most); err != nil {
			return "", nil, err
		}
	}
	if data == nil {
		return "", nil, wrong("file", "is missing")
	}
	return name, data, nil
}

func readPart(part io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(part, most+1))
	if err != nil {
		return nil, fmt.Errorf("the file breaks off: %w", err)
	}
	if int64(len(data)) > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	return data, nil
}

// wrong refuses one value of a submission.
func wrong(path, message string) error {
	e := kit.Errorf(kit.Invalid, "submit a case: %s: %s", path, message)
	e.Fields = []kit.FieldError{{Path: path, Message: message}}
	return e
}
