package workflow

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

const (
	maxName = 255 // bytes
	maxKey  = 200 // bytes
)

// Submit makes a case. It fails with kit.Invalid when the input is none,
// kit.Duplicate, with the first case's ID, when its content is a case already, and kit.Conflict when its
// key was used for another submission.
func (r *Runner) Submit(ctx context.Context, by auth.User, s Submission) (Submitted, error) {
	var file struct {
		Blob string `json:"blob"`
	}
	// Who knows the hash of another case's file must not get at it by a case.
	if json.Unmarshal(s.Input, &file) == nil && file.Blob != "" {
		return Submitted{}, invalid("read the input", "input.blob", "is set by the service alone, when a file comes in")
	}
	return r.take(ctx, by, s)
}

// take makes a case of what was submitted or imported.
func (r *Runner) take(ctx context.Context, by auth.User, s Submission) (Submitted, error) {
	var done Submitted
	if !utf8.ValidString(s.Key) || len(s.Key) > maxKey {
		return done, invalid("submit a case", "Idempotency-Key", "must be UTF-8 of at most 200 bytes")
	}
	if !utf8.Valid(s.Input) {
		return done, invalid("read the input", "input", "must be UTF-8")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, s.Input); err != nil {
		return done, inputError(err)
	}
	s.Input = compact.Bytes()
	if err := r.Workflow.input(s.Input); err != nil {
		return done, err
	}
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) (err error) {
		if !by.MaySubmit() {
			return kit.Errorf(kit.Forbidden, "submit a case: %s may not", by.Name)
		}
		done, err = r.submit(ctx, tx, by, s)
		return err
	})
	return done, err
}

// submit answers a repeated key, or makes the case.
func (r *Runner) submit(ctx context.Context, tx bun.Tx, by auth.User, s Submission) (Submitted, error) {
	first, err := repeated(ctx, tx, by, s)
	if err != nil || first != nil {
		if first != nil {
			return *first, err
		}
		return Submitted{}, err
	}
	if there, err := r.unique(ctx, tx, s); err != nil {
		return Submitted{ID: there}, err
	}
	c, err := r.insertCase(ctx, tx, by, s)
	if err != nil {
		return Submitted{}, err
	}
	if s.Content != "" {
		_, err := tx.NewRaw(`INSERT INTO contents (workflow, hash, case_id) VALUES (?, ?, ?)`,
			r.Workflow.name, s.Content, c.ID).Exec(ctx)
		if err != nil {
			return Submitted{}, err
		}
	}
	if s.Key != "" {
		_, err := tx.NewRaw(`INSERT INTO idempotency (user_id, key, request, case_id, state, created_at)
			VALUES (?, ?, ?, ?, ?, ?)`, by.ID, s.Key, s.hash(), c.ID, c.State, r.Clock().UnixMicro()).Exec(ctx)
		if err != nil {
			return Submitted{}, err
		}
	}
	return Submitted{ID: c.ID, State: kit.State(c.State)}, nil
}

// insertCase writes the case and sends it to the first step.
func (r *Runner) insertCase(ctx context.Context, tx bun.Tx, by auth.User, s Submission) (*current, error) {
	now, first := r.Clock(), r.Workflow.after(nil)
	c := &current{ID: kit.NewID(), Name: caseName(s.Name)}
	if c.Name == "" {
		c.Name = "case " + c.ID[len(c.ID)-8:]
	}
	_, err := tx.NewRaw(`INSERT INTO cases (id, workflow, state, step, name, input, input_hash, submitted_by, version,
		created_at, updated_at) VALUES (?, ?, 'drafting', ?, ?, ?, ?, ?, 0, ?, ?)`, c.ID, r.Workflow.name, first.name,
		c.Name, string(s.Input), kit.Hash(s.Input), by.ID, now.UnixMicro(), now.UnixMicro()).Exec(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.enter(ctx, tx, c, first, 0); err != nil {
		return nil, err
	}
	if err := r.index(ctx, tx, c.ID); err != nil {
		return nil, err
	}
	if err := review.Tally(ctx, tx, now, "case.submitted", "", 1); err != nil {
		return nil, err
	}
	return c, r.note(ctx, tx, by.ID, "case.submitted", c.ID, map[string]string{"name": c.Name, "workflow": r.Workflow.name,
		"input": kit.Hash(s.Input)})
}

// hash identifies a submission behind its key.
func (s Submission) hash() string { return kit.Hash(append([]byte(s.Name+"\x00"), s.Input...)) }

// repeated returns the first answer to the user's key, nil when it is new.
func repeated(ctx context.Context, tx bun.Tx, by auth.User, s Submission) (*Submitted, error) {
	if s.Key == "" {
		return nil, nil
	}
	var first struct {
		Request string `bun:"request"`
		CaseID  string `bun:"case_id"`
		State   string `bun:"state"`
	}
	err := tx.NewRaw(`SELECT request, case_id, state FROM idempotency WHERE user_id = ? AND key = ?`, by.ID, s.Key).Scan(ctx, &first)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if first.Request != s.hash() {
		return nil, kit.Errorf(kit.Conflict, "submit a case: the key %q was used for another one", s.Key).
			WithHint("send a new Idempotency-Key with each new case")
	}
	return &Submitted{ID: first.CaseID, State: kit.State(first.State), Repeated: true}, nil
}

// unique refuses content that is a case already, and returns that case's ID.
func (r *Runner) unique(ctx context.Context, tx bun.Tx, s Submission) (string, error) {
	if s.Content == "" {
		return "", nil
	}
	var id string
	err := tx.NewRaw(`SELECT case_id FROM contents WHERE workflow = ? AND hash = ?`, r.Workflow.name, s.Content).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return id, kit.Errorf(kit.Duplicate, "%s: the same content is case %s already", s.Name, id)
}

// caseName keeps what a list can show of a name.
func caseName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name))
	for len(name) > maxName {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

// Import makes a case of a file. With unique, a file whose content is a case
// already is refused with kit.Duplicate. The key is as in Submission.
func (r *Runner) Import(ctx context.Context, by auth.User, name string, file io.Reader, key string, unique bool) (Submitted, error) {
	if !by.MaySubmit() {
		return Submitted{}, kit.Errorf(kit.Forbidden, "import %s: %s may not submit cases", name, by.Name)
	}
	if r.Blobs == nil {
		return Submitted{}, kit.Errorf(kit.Unsupported, "import %s: this service keeps no files", name)
	}
	doc, data, err := r.Intake.Read(ctx, name, file)
	if err != nil {
		return Submitted{}, err
	}
	if _, err := r.Blobs.Put(ctx, data); err != nil {
		return Submitted{}, err
	}
	input, err := json.Marshal(doc)
	if err != nil {
		return Submitted{}, err
	}
	s := Submission{Name: doc.Name, Input: input, Key: key}
	if unique {
		s.Content = doc.Blob
	}
	return r.take(ctx, by, s)
}
