package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
)

// maxLine bounds a line of an exported trail, in bytes.
const maxLine = 64 << 20

// Extract says which part of the trail is exported.
type Extract struct {
	Workflow string // whose trail it is; needed
	From, To int64  // the first and the last event. Default to the first and the last there are
	CaseID   string // only this case's events, which then do not chain. Defaults to all
}

// line is one line of an exported trail: the head of the file, an archive of
// what was before, an event or a checkpoint.
type line struct {
	Trail      *fileHead   `json:"trail,omitempty"`
	Archive    *Archive    `json:"archive,omitempty"`
	Event      *fileEvent  `json:"event,omitempty"`
	Checkpoint *Checkpoint `json:"checkpoint,omitempty"`
}

// fileHead is the first line.
type fileHead struct {
	Version  int    `json:"version"`
	Workflow string `json:"workflow"`
	From     int64  `json:"from"` // the first event that may be in the file
	CaseID   string `json:"case_id,omitempty"`
}

// fileEvent is an event whose data are kept byte for byte: as text, where JSON
// in one line would not give the same bytes back.
type fileEvent struct {
	Event
	Data json.RawMessage `json:"data,omitempty"`
	Text string          `json:"data_text,omitempty"`
}

func toFile(e Event) *fileEvent {
	f := &fileEvent{Event: e, Data: e.Data}
	var same bytes.Buffer
	if json.Compact(&same, e.Data) != nil || !bytes.Equal(same.Bytes(), e.Data) {
		f.Data, f.Text = nil, string(e.Data)
	}
	return f
}

func (f *fileEvent) event() Event {
	e := f.Event
	if e.Data = f.Data; f.Text != "" {
		e.Data = json.RawMessage(f.Text)
	}
	return e
}

// Export writes a part of the trail to w as JSON Lines, a page at a time, and
// tells how many events it wrote. Each line holds one thing: "trail" says what
// the file has, "archive" what came before it, then each "event", and each
// "checkpoint" behind the event that it signs. VerifyFile reads such a file.
func Export(ctx context.Context, db bun.IDB, w io.Writer, x Extract) (n int64, err error) {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false) // the bytes of an event's data are in its hash
	last, err := x.begin(ctx, db, out)
	for more := true; more && err == nil; {
		var p page
		if p, err = x.page(ctx, db, last); err == nil {
			err = p.write(out)
		}
		n += int64(len(p.events))
		if more = len(p.events) > 0; more {
			last = p.events[len(p.events)-1].Seq
		}
	}
	if err != nil {
		return n, kit.Errorf(kit.CodeOf(err), "export the audit trail: %w", err)
	}
	return n, nil
}

// begin writes the head of the file, and returns the number before the first
// event.
func (x *Extract) begin(ctx context.Context, db bun.IDB, out *json.Encoder) (int64, error) {
	archive, err := lastArchive(ctx, db)
	if err != nil {
		return 0, err
	}
	x.From = max(x.From, archive.Seq+1)
	head, err := HeadOf(ctx, db)
	if err != nil {
		return 0, err
	}
	if x.To == 0 {
		x.To = head.Seq
	}
	err = out.Encode(line{Trail: &fileHead{Version: 1, Workflow: x.Workflow, From: x.From, CaseID: x.CaseID}})
	if err == nil && archive.Seq > 0 && x.From == archive.Seq+1 && x.CaseID == "" {
		err = out.Encode(line{Archive: &archive})
	}
	return x.From - 1, err
}

// page is a run of events and the checkpoints within it.
type page struct {
	events      []Event
	checkpoints map[int64]Checkpoint
}

// page reads the events after last.
func (x Extract) page(ctx context.Context, db bun.IDB, last int64) (p page, err error) {
	if x.CaseID != "" {
		p.events, err = query(ctx, db, columns+"WHERE case_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?", x.CaseID, last, x.To, pageSize)
		return p, err
	}
	return readPage(ctx, db, last, x.To)
}

func (p page) write(out *json.Encoder) error {
	for _, e := range p.events {
		if err := out.Encode(line{Event: toFile(e)}); err != nil {
			return err
		}
		if c, ok := p.checkpoints[e.Seq]; ok {
			if err := out.Encode(line{Checkpoint: &c}); err != nil {
				return err
			}
		}
	}
	return nil
}

// readPage reads the next events, and then the checkpoints of those.
func readPage(ctx context.Context, db bun.IDB, last, to int64) (page, error) {
	p := page{checkpoints: map[int64]Checkpoint{}}
	var err error
	p.events, err = query(ctx, db, columns+"WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?", last, to, pageSize)
	if err != nil || len(p.events) == 0 {
		return p, err
	}
	found, err := checkpoints(ctx, db, "WHERE seq > ? AND seq <= ?", last, p.events[len(p.events)-1].Seq)
	for _, c := range found {
		p.checkpoints[c.Seq] = c
	}
	return p, err
}

// readLines gives each line of an exported trail to f, with its number from 1.
// What is no such line is told as an error.
func readLines(r io.Reader, f func(n int64, l line, err error)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var n int64
	for lines.Scan() {
		n++
		var l line
		in := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		in.DisallowUnknownFields()
		err := in.Decode(&l)
		if err == nil && (l.things() != 1 || in.More()) {
			err = errors.New("it is no line of a trail")
		}
		f(n, l, err)
	}
	return lines.Err()
}

// things counts what a line holds: a good one holds one.
func (l line) things() (n int) {
	for _, has := range []bool{l.Trail != nil, l.Archive != nil, l.Event != nil, l.Checkpoint != nil} {
		if has {
			n++
		}
	}
	return n
}
