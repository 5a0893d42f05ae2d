// Package golden reads the right answers of labelled cases: what drafts are
// measured on.
//
//	answers, err := golden.Open("golden/answers")
//	values, err := answers.Of("kopi-lima") // of golden/cases/kopi-lima.txt
package golden

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/intake"
)

// Answers are those of a folder: a file NAME.json for the case NAME, an object
// of its values, and sheets, CSV files of any name whose lines are cases and
// whose columns are paths, under the head case,PATH,…. An empty cell of a sheet
// is no answer; null says that the document does not tell.
type Answers struct {
	dir    string
	files  map[string]string // of NAME.json, by case
	sheets map[string]map[string]cell
}

// cell is a value of a sheet, and where it stands.
type cell struct {
	value json.RawMessage
	at    string // FILE:LINE
}

// Open reads the sheets of a folder and lists its files. It fails with
// kit.NotFound where there is no such folder, and with kit.Invalid, by file
// and line, where a sheet is none or says two things of one case.
func Open(dir string) (*Answers, error) {
	a := &Answers{dir: dir, files: map[string]string{}, sheets: map[string]map[string]cell{}}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, kit.Errorf(kit.NotFound, "read the answers %s: there is no such folder", dir)
	}
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "read the answers: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch strings.ToLower(filepath.Ext(path)) {
		case ".json":
			a.files[Case(path)] = path
		case ".csv":
			if err := a.addSheet(path); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// Case is the name of the case that a file is of: its own, without folder and
// ending.
func Case(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// Names are the cases that have an answer, sorted.
func (a *Answers) Names() []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a.files)), maps.Keys(a.sheets))
	slices.Sort(all)
	return slices.Compact(all)
}

// Of returns the right values of the case name, by path as kit.Field names
// them; nil where there are
// none. It fails with kit.Invalid where a sheet says another value than the
// file does.
func (a *Answers) Of(name string) (map[string]json.RawMessage, error) {
	var values map[string]json.RawMessage
	if path := a.files[name]; path != "" {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, kit.Errorf(kit.Invalid, "read the answers: %w", err)
		}
		if values, err = eval.Paths(raw); err != nil {
			return nil, kit.Errorf(kit.Invalid, "read the answers %s: %w", path, err).WithHint("write a JSON object of path: value")
		}
	}
	for path, cell := range a.sheets[name] {
		if values == nil {
			values = map[string]json.RawMessage{}
		}
		if was, told := values[path]; told && kit.Plain(was) != kit.Plain(cell.value) {
			return nil, kit.Errorf(kit.Invalid, "read the answers: %s of %s is %q in %s and %q in %s",
				path, name, kit.Plain(was), a.files[name], kit.Plain(cell.value), cell.at).WithHint("take out the wrong one")
		}
		values[path] = cell.value
	}
	return values, nil
}

// addSheet reads one sheet, as spreadsheets write it.
func (a *Answers) addSheet(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return kit.Errorf(kit.Invalid, "read the answers: %w", err)
	}
	text, err := intake.Text(file, raw)
	if err != nil {
		return err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil && err != io.EOF {
		return noSheet(file, err)
	}
	if err := checkHead(file, head); err != nil {
		return err
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return noSheet(file, err)
		}
		line, _ := r.FieldPos(0)
		if err := a.addLine(fmt.Sprintf("%s:%d", file, line), head, cells); err != nil {
			return err
		}
	}
}

// noSheet tells where a file stops being CSV.
func noSheet(file string, err error) error {
	if at := (*csv.ParseError)(nil); errors.As(err, &at) {
		file, err = fmt.Sprintf("%s:%d", file, at.Line), at.Err
	}
	return kit.Errorf(kit.Invalid, "read the answers %s: %w", file, err).
		WithHint("save the sheet as CSV with commas: each line has as many values as the head, one with a comma or a quote stands in quotes")
}

// checkHead tells what is wrong with the first line of a sheet.
func checkHead(file string, head []string) error {
	const mend = "the first line of a sheet is case and the paths of fields: case,total"
	if len(head) == 0 || !strings.EqualFold(strings.TrimSpace(head[0]), "case") {
		return kit.Errorf(kit.Invalid, "read the answers %s:1: the first column is not case", file).WithHint(mend)
	}
	for i, path := range head[1:] {
		head[i+1] = strings.TrimSpace(path)
		if head[i+1] == "" || slices.Contains(head[1:i+1], head[i+1]) {
			return kit.Errorf(kit.Invalid, "read the answers %s:1: column %d is %q: empty, or there already", file, i+2, head[i+1]).WithHint(mend)
		}
	}
	return nil
}

// addLine takes the values of one case.
func (a *Answers) addLine(at string, head, cells []string) error {
	name := strings.TrimSpace(cells[0])
	for i, path := range head[1:] {
		text := strings.TrimSpace(cells[i+1])
		if text == "" {
			continue
		}
		if name == "" {
			return kit.Errorf(kit.Invalid, "read the answers %s: a value without a case", at).WithHint("the first column names the document, without its ending")
		}
		value := json.RawMessage("null")
		if text != "null" {
			value, _ = json.Marshal(text) // a string always can
		}
		if was, told := a.sheets[name][path]; told && kit.Plain(was.value) != kit.Plain(value) {
			return kit.Errorf(kit.Invalid, "read the answers %s: %s of %s is %q, and %q in %s", at, path, name, text, kit.Plain(was.value), was.at).
				WithHint("take out the wrong one")
		}
		if a.sheets[name] == nil {
			a.sheets[name] = map[string]cell{}
		}
		a.sheets[name][path] = cell{value, at}
	}
	return nil
}
