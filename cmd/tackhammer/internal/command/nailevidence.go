package command

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/golden"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/nail"
	"github.com/tackhammer/tackhammer/templates"
)

// gather counts what stands at the places that a nail in the folder dir names.
func gather(ctx context.Context, n nail.Nail, dir string) nail.Evidence {
	e := nail.Evidence{Examples: isExample(n.Buyer)}
	files, errs := intake.Files([]string{below(dir, n.Data.Cases)})
	if len(errs) > 0 && len(files) == 0 {
		e.Problem = strings.TrimPrefix(errs[0].Error(), "read ")
		return e
	}
	answers, err := golden.Open(below(dir, n.Data.Answers))
	if err != nil && kit.CodeOf(err) != kit.NotFound { // no folder is no answer
		e.Problem = strings.TrimPrefix(err.Error(), "read ")
		return e
	}
	own, seen := foreign(), map[string]bool{}
	reader := &intake.Reader{MaxBytes: n.MaxBytes()}
	for _, f := range files {
		if ctx.Err() != nil {
			return e
		}
		if strings.EqualFold(filepath.Ext(f.Path), ".json") || f.Size == 0 {
			continue // an answer that lies beside its document, or nothing
		}
		hash, err := readable(ctx, reader, f.Path)
		if err != nil {
			e.Unread++
			e.Why = strings.TrimPrefix(err.Error(), "read ")
			continue
		}
		if seen[hash] {
			e.Doubles++
			continue
		}
		seen[hash] = true
		e.Cases++
		if !answered(answers, f.Path) {
			continue
		}
		e.Answered++
		if own[hash] {
			e.Foreign++
		}
	}
	return e
}

// below is a path of the nail, which starts at its own folder.
func below(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// pictures are read by their head alone: to read their text takes seconds.
var pictures = map[string]bool{".jpg": true, ".jpeg": true, ".png": true}

// readable fails when nothing reads the document, and returns its hash.
func readable(ctx context.Context, r *intake.Reader, path string) (string, error) {
	if pictures[strings.ToLower(filepath.Ext(path))] {
		raw, err := os.ReadFile(path)
		return hashOf(raw), err
	}
	_, raw, err := r.ReadFile(ctx, path)
	return hashOf(raw), err
}

// hashOf is that of the content, however its lines end.
func hashOf(raw []byte) string {
	return kit.Hash(bytes.TrimSpace(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))))
}

// answered reports whether a document has an answer that holds a value.
func answered(answers *golden.Answers, document string) bool {
	if answers == nil {
		return false
	}
	values, err := answers.Of(golden.Case(document))
	if err != nil {
		return false
	}
	for _, v := range values {
		if s := strings.TrimSpace(string(v)); s != "null" && s != `""` && s != "[]" && s != "{}" {
			return true
		}
	}
	return false
}

// foreign are the hashes of all documents that come with a template.
func foreign() map[string]bool {
	hashes := map[string]bool{}
	eachOfTemplates(func(name string, raw []byte) {
		if strings.Contains(name, "/golden/cases/") || strings.Contains(name, "/samples/") {
			hashes[hashOf(raw)] = true
		}
	})
	return hashes
}

// isExample reports whether a template has the same buyer.
func isExample(buyer string) bool {
	found := false
	eachOfTemplates(func(name string, raw []byte) {
		nail, _ := path.Match("nail*.yaml.tmpl", path.Base(name)) // one for each language, where they differ
		if nail && len(buyer) > 20 && bytes.Contains(raw, []byte(strings.TrimSpace(buyer))) {
			found = true
		}
	})
	return found
}

func eachOfTemplates(f func(name string, raw []byte)) {
	err := fs.WalkDir(templates.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := templates.FS.ReadFile(name)
		if err == nil {
			f(name, raw)
		}
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("read the templates: %v", err)) // they are part of the program
	}
}
