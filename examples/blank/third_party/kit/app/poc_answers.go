package app

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/golden"
	"github.com/tackhammer/tackhammer/kit/whole"
)

// pocAnswer is what a person, or a file, says is right of one case.
type pocAnswer struct {
	File    string                     `json:"file"`
	Text    string                     `json:"text"`              // hash of the document's text
	Model   string                     `json:"model"`             // digest of the model whose draft was shown; "" where none was
	Skipped bool                       `json:"skipped,omitempty"` // the person did not want to answer
	Values  map[string]json.RawMessage `json:"values,omitempty"`
	Seconds float64                    `json:"seconds,omitempty"` // from the draft's showing to the last field; 0 where nobody was timed
	At      time.Time                  `json:"at"`
}

// pocSource is where right values come from.
type pocSource struct {
	store  string          // folder of what was answered before, a file a case
	folder *golden.Answers // nil for none
	asker  *pocAsker       // nil where nobody can be asked
	model  string          // digest of today's
}

// answer finds or asks the right values of a case, the at-th of n. It returns
// nil where there are none, and more as false once nobody wants to go on.
func (s pocSource) answer(ctx context.Context, one *pocCase, at, n int) (a *pocAnswer, more bool, err error) {
	kept, err := s.load(one)
	switch {
	case err != nil:
		return nil, false, err
	case kept != nil:
		return kept, true, nil
	case s.folder != nil:
		a, err := s.fromFolder(one)
		return a, true, err
	case s.asker == nil:
		return nil, false, nil
	}
	a, more, err = s.asker.ask(ctx, one, at, n)
	if err != nil || a == nil {
		return nil, more, err
	}
	a.File, a.Text, a.Model, a.At = one.file.Name, one.Hash, s.model, kit.Now()
	return a, more, s.save(*a)
}

// fromFolder reads the answer that lies in the folder, if one does.
func (s pocSource) fromFolder(one *pocCase) (*pocAnswer, error) {
	values, err := s.folder.Of(golden.Case(one.file.Name))
	if values == nil {
		return nil, err
	}
	return &pocAnswer{File: one.file.Name, Text: one.Hash, Values: values}, nil
}

// path is the file of a case's answer: by its text, so that it holds wherever
// the document lies.
func (s pocSource) path(hash string) string { return filepath.Join(s.store, hash[:32]+".json") }

// load reads what was answered before, nil for nothing. How long it took says
// nothing of another model's drafts.
func (s pocSource) load(one *pocCase) (*pocAnswer, error) {
	raw, err := os.ReadFile(s.path(one.Hash))
	if os.IsNotExist(err) {
		return nil, nil
	}
	a := &pocAnswer{}
	if err == nil {
		err = json.Unmarshal(raw, a)
	}
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read the answer %s: %w", s.path(one.Hash), err).WithHint("delete that file to be asked again")
	}
	if a.Model != s.model {
		a.Seconds = 0
	}
	return a, nil
}

// save keeps an answer at once, whole.
func (s pocSource) save(a pocAnswer) error {
	if err := os.MkdirAll(s.store, 0o700); err != nil {
		return kit.Errorf(kit.Invalid, "keep the answer: %w", err).WithHint("name a folder with --data in which you may write")
	}
	err := whole.Replace(s.path(a.Text), fs.FileMode(0o600), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(a)
	})
	if err != nil {
		return kit.Errorf(kit.Internal, "keep the answer: %w", err)
	}
	return nil
}
