package export

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Format is a form in which deliveries are listed.
type Format string

// The formats of a list.
const (
	JSONL Format = "jsonl" // each delivery as JSON on a line of its own
	CSV   Format = "csv"   // a row each, the output's fields as columns
)

// ParseFormat reads a format; kit.Invalid for another word.
func ParseFormat(s string) (Format, error) {
	f := Format(strings.ToLower(s))
	if f == JSONL || f == CSV {
		return f, nil
	}
	return "", kit.Errorf(kit.Invalid, "read format: none is called %q", s).WithHint("the formats are jsonl and csv")
}

// Lister gives deliveries page by page, newest first. A workflow's runner is
// one.
type Lister interface {
	Deliveries(ctx context.Context, after string, limit int) (workflow.Page[workflow.Delivery], error)
}

// pageSize is how many deliveries are in memory at a time.
const pageSize = 200

// Deliveries writes every delivery to w, newest first, and counts them. Memory
// stays small however many there are. A CSV has the columns id, case_id,
// case_name, created_at, person and verdict, then one for each field of the
// outputs, in the order in which outputs have them; a nested field is named in
// dots, and one that is called like a column before it is named "output.NAME".
func Deliveries(ctx context.Context, l Lister, w io.Writer, f Format) (n int, err error) {
	out := bufio.NewWriter(w)
	switch f {
	case JSONL:
		n, err = Each(ctx, l, func(d workflow.Delivery) error {
			line, err := encode(d)
			if err == nil {
				_, err = out.Write(line)
			}
			return err
		})
	case CSV:
		n, err = writeCSV(ctx, l, out)
	default:
		return 0, kit.Errorf(kit.Invalid, "export deliveries: no format is called %q", f)
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return n, fmt.Errorf("export deliveries: %w", err)
	}
	return n, nil
}

// Each calls do with every delivery, newest first, until one fails, and counts
// them.
func Each(ctx context.Context, l Lister, do func(workflow.Delivery) error) (n int, err error) {
	for after := ""; ; {
		page, err := l.Deliveries(ctx, after, pageSize)
		if err != nil {
			return n, err
		}
		for _, d := range page.Items {
			if err := do(d); err != nil {
				return n, err
			}
			n++
		}
		if page.Next == "" {
			return n, nil
		}
		after = page.Next
	}
}
