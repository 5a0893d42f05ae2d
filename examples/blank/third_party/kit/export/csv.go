package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit/workflow"
)

// columns are those that every delivery has.
var columns = []string{"id", "case_id", "case_name", "created_at", "person", "verdict"}

// cell is one field of an output, as it stands in a table.
type cell struct{ Name, Text string }

// row is a delivery on its way into a table.
type row struct {
	Fixed []string
	Cells []cell
}

// writeCSV writes deliveries as a table. Which columns there are is known only
// once the last delivery was read, so rows wait in a file meanwhile.
func writeCSV(ctx context.Context, l Lister, w io.Writer) (n int, err error) {
	spool, err := os.CreateTemp("", "deliveries-*.jsonl")
	if err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, spool.Close(), os.Remove(spool.Name()))
	}()
	var names []string
	at := map[string]int{}
	waiting := bufio.NewWriter(spool)
	n, err = Each(ctx, l, func(d workflow.Delivery) error {
		r, err := rowOf(d)
		if err != nil {
			return err
		}
		for _, c := range r.Cells {
			if _, known := at[c.Name]; !known {
				at[c.Name] = len(names)
				names = append(names, c.Name)
			}
		}
		line, err := encode(r)
		if err == nil {
			_, err = waiting.Write(line)
		}
		return err
	})
	if err == nil {
		err = waiting.Flush()
	}
	if err != nil {
		return n, err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return n, err
	}
	return n, table(spool, csv.NewWriter(w), names, at)
}

// table writes the head and the rows that waited.
func table(waiting io.Reader, w *csv.Writer, names []string, at map[string]int) error {
	head := append([]string{}, columns...)
	for _, name := range names {
		head = append(head, inert(name))
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for dec := json.NewDecoder(bufio.NewReader(waiting)); ; {
		var r row
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		record := make([]string, len(head))
		copy(record, r.Fixed)
		for _, c := range r.Cells {
			record[len(columns)+at[c.Name]] = c.Text
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// rowOf takes a delivery apart.
func rowOf(d workflow.Delivery) (row, error) {
	r := row{Fixed: []string{d.ID, d.CaseID, inert(d.CaseName), d.CreatedAt.UTC().Format(time.RFC3339),
		inert(d.Receipt.Decision.Person.Name), string(d.Receipt.Decision.Verdict)}}
	dec := json.NewDecoder(bytes.NewReader(d.Output))
	dec.UseNumber()
	err := flatten(dec, "", func(name, text string) {
		r.Cells = append(r.Cells, cell{columnName(name), text})
	})
	if err != nil {
		return r, fmt.Errorf("read the output of delivery %s: %w", d.ID, err)
	}
	return r, nil
}

// columnName keeps a field apart from the columns that every delivery has.
func columnName(field string) string {
	for _, c := range columns {
		if field == c {
			return "output." + field
		}
	}
	if field == "" {
		return "output"
	}
	return field
}

// flatten gives each value that dec reads next its name in dots, in the order
// of the text. A list is one value, written as JSON.
func flatten(dec *json.Decoder, path string, add func(name, text string)) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '[' {
			return flattenList(dec, path, add)
		}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			if err := flatten(dec, strings.TrimPrefix(path+"."+fmt.Sprint(key), "."), add); err != nil {
				return err
			}
		}
		_, err = dec.Token() // the closing brace
		return err
	case string:
		add(path, inert(v))
	case nil:
		add(path, "")
	default:
		add(path, fmt.Sprint(v)) // a number as it was written, or a boolean
	}
	return nil
}

func flattenList(dec *json.Decoder, path string, add func(name, text string)) error {
	items := []json.RawMessage{}
	for dec.More() {
		var item json.RawMessage
		if err := dec.Decode(&item); err != nil {
			return err
		}
		items = append(items, item)
	}
	if _, err := dec.Token(); err != nil { // the closing bracket
		return err
	}
	text, err := encode(items)
	add(path, strings.TrimSpace(string(text)))
	return err
}

// inert keeps a spreadsheet from taking a text for a formula: names and values
// come from documents that strangers wrote.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
