package export

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit"
)

// recordsFile holds the manifest's records until the rest of it is known.
const recordsFile = ".records"

// writers write the parts of training data.
type writers struct {
	dir      string
	format   TrainingFormat
	parts    map[Part]*partFile
	counts   map[Part]int
	reworded int
	length   Length
}

// partFile is one part's file with the hash of what was written.
type partFile struct {
	file *os.File
	sum  hash.Hash
	out  *bufio.Writer
}

func newWriters(dir string, format TrainingFormat) *writers {
	return &writers{dir: dir, format: format, parts: map[Part]*partFile{}, counts: map[Part]int{}}
}

// fileName is a part's.
func (f TrainingFormat) fileName(p Part) string {
	if f == Table {
		return string(p) + ".csv"
	}
	return string(p) + ".jsonl"
}

func createPart(path string) (*partFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	return &partFile{f, sum, bufio.NewWriter(io.MultiWriter(f, sum))}, nil
}

func (p *partFile) close() (string, error) {
	err := errors.Join(p.out.Flush(), p.file.Sync(), p.file.Close())
	return hex.EncodeToString(p.sum.Sum(nil)), err
}

// tableHead names the columns of Table.
var tableHead = []string{"case", "path", "draft", "final", "changed", "verdict", "person", "when", "reason"}

// part opens the file of a part when its first example comes.
func (w *writers) part(p Part) (*partFile, error) {
	if open := w.parts[p]; open != nil {
		return open, nil
	}
	f, err := createPart(filepath.Join(w.dir, w.format.fileName(p)))
	if err != nil {
		return nil, err
	}
	w.parts[p] = f
	if w.format == Table {
		err = writeRows(f.out, [][]string{tableHead})
	}
	return f, err
}

func writeRows(out io.Writer, rows [][]string) error {
	c := csv.NewWriter(out)
	return c.WriteAll(rows)
}

// write puts an example into its part.
func (w *writers) write(e example) error {
	f, err := w.part(e.Record.Part)
	if err != nil {
		return err
	}
	w.counts[e.Record.Part]++
	w.measure(e)
	if w.format == Table {
		return writeRows(f.out, e.Rows)
	}
	line, err := encode(e.shape(w.format))
	if err == nil {
		_, err = f.out.Write(line)
	}
	return err
}

// measure notes the longest example, and whether its prompt is another than
// the draft's.
func (w *writers) measure(e example) {
	if e.Record.DraftPromptHash != "" && e.Record.PromptHash != "" && e.Record.PromptHash != e.Record.DraftPromptHash {
		w.reworded++
	}
	all := e.System + e.User + string(e.Chosen)
	w.length.Longest = max(w.length.Longest, utf8.RuneCountInString(all))
	w.length.Tokens = max(w.length.Tokens, tokens(all))
}

// tokens estimates how many tokens a text has, rather too many than too few: a
// third of its ASCII characters and each other one.
func tokens(s string) int {
	ascii, other := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			ascii++
		} else {
			other++
		}
	}
	return (ascii+2)/3 + other
}

// abandon closes what an error left open.
func (w *writers) abandon() {
	for _, f := range w.parts {
		_ = f.file.Close() // a second time where all went well
	}
}

// write reads the spool again and gives each example to its part, and its
// record to the manifest's.
func (g *gathered) write(w *writers, shares Shares) (err error) {
	spool, err := os.Open(g.spool)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(g.spool)) }()
	records, err := createPart(filepath.Join(w.dir, recordsFile))
	if err != nil {
		return err
	}
	defer func() {
		_, bad := records.close()
		err = errors.Join(err, bad)
	}()
	dec := json.NewDecoder(bufio.NewReader(spool))
	for _, k := range g.kept {
		var e example
		if err := dec.Decode(&e); err != nil {
			return err
		}
		if k.dropped {
			continue
		}
		e.Record.Part = shares.part(g.clusters.group(k.cluster))
		line, err := encode(e.Record)
		if err == nil {
			_, err = records.out.Write(line)
		}
		if err := errors.Join(err, w.write(e)); err != nil {
			return err
		}
	}
	return nil
}

// finish closes the parts and writes what stands beside them.
func (w *writers) finish(dir string, m Manifest) (Manifest, error) {
	for _, p := range Parts {
		f := w.parts[p]
		if f == nil {
			continue
		}
		sum, err := f.close()
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, FileSum{w.format.fileName(p), sum})
	}
	for _, beside := range []struct {
		name string
		body []byte
	}{{"README.md", []byte(m.card())}, {"dataset_info.json", m.datasetInfo()}} {
		if beside.body == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, beside.name), beside.body, 0o600); err != nil {
			return m, err
		}
		m.Files = append(m.Files, FileSum{beside.name, kit.Hash(beside.body)})
	}
	records := filepath.Join(dir, recordsFile)
	return m, errors.Join(writeManifest(filepath.Join(dir, ManifestFile), m, records), os.Remove(records))
}

// ManifestFile is the name of a manifest in its folder.
const ManifestFile = "manifest.json"

// writeManifest writes m with the records of a file, one a line.
func writeManifest(path string, m Manifest, records string) error {
	head, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	from, err := os.Open(records)
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := createPart(path)
	if err != nil {
		return err
	}
	_, _ = f.out.Write(bytes.TrimSuffix(head, []byte("\n}"))) // the error stays until the end
	_, _ = f.out.WriteString(",\n  \"records\": [")
	lines, before := bufio.NewScanner(from), "\n    "
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		_, _ = f.out.WriteString(before + lines.Text())
		before = ",\n    "
	}
	_, _ = f.out.WriteString("\n  ]\n}\n")
	_, err = f.close()
	return errors.Join(lines.Err(), err)
}
