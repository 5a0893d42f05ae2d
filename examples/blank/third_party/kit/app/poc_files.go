package app

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/intake"
)

// pocFile is one file of the customer's folder.
type pocFile struct {
	Name   string `json:"name"` // from the folder on
	Kind   string `json:"kind"` // its media type; the ending of an unreadable one
	Bytes  int64  `json:"bytes"`
	Reason string `json:"reason,omitempty"` // why it could not be read
	Same   string `json:"same,omitempty"`   // the file before it with the same text
}

// pocCase is a readable file, its draft, and the right values where somebody
// told them.
type pocCase struct {
	labelled
	file   pocFile
	path   string
	answer *pocAnswer // nil where nobody did
	drafted
}

// read reads all files of the folder.
func (r *pocRun) read(ctx context.Context, c Config, folder string, silent bool) error {
	files, errs := intake.Files([]string{folder})
	for _, err := range errs {
		var u *intake.Unusable
		errors.As(err, &u) // as Files promises
		r.files = append(r.files, pocFile{Name: pocName(folder, u.Path), Kind: pocKind("", u.Path), Reason: pocReason(err)})
	}
	reads, known := c.reader(r.nail), map[string]string{}
	if err := reads.Check(); err != nil {
		return err
	}
	bar := c.progress(len(files), "reading", silent)
	defer bar.end()
	for _, f := range files {
		doc, _, err := reads.ReadFile(ctx, f.Path)
		if ctx.Err() != nil {
			return kit.Errorf(kit.Unavailable, "report poc: interrupted while reading").WithHint("run it again")
		}
		file := pocFile{Name: pocName(folder, f.Path), Kind: pocKind(doc.MediaType, f.Path), Bytes: f.Size}
		hash := export.TextHash(doc.Text)
		switch {
		case err != nil:
			file.Reason = pocReason(err)
		case known[hash] != "":
			file.Same = known[hash]
		default:
			known[hash] = file.Name
			input, err := json.Marshal(doc)
			if err != nil {
				return err
			}
			r.cases = append(r.cases, &pocCase{file: file, path: f.Path,
				labelled: labelled{Case: eval.Case{Name: file.Name, Document: doc}, Hash: hash, input: input}})
		}
		r.files = append(r.files, file)
		bar.step()
	}
	if len(r.files) == 0 {
		return kit.Errorf(kit.Invalid, "report poc: the folder %s holds no file", folder)
	}
	return nil
}

// pocName is a file's name from the folder on, fit for a line.
func pocName(folder, path string) string {
	if rel, err := filepath.Rel(folder, path); err == nil {
		path = rel
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(path, "\uFFFD"))
}

// pocKind is the media type, or the ending where nothing could be read.
func pocKind(mediaType, path string) string {
	if kind, _, _ := strings.Cut(mediaType, ";"); kind != "" {
		return kind
	}
	return strings.ToLower(filepath.Ext(path))
}

// pocReason is why a file could not be read, without its name.
func pocReason(err error) string {
	words := strings.TrimPrefix(err.Error(), "read ")
	if _, why, ok := strings.Cut(words, ": "); ok {
		words = why
	}
	return words
}
